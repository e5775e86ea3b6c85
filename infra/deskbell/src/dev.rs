//! `deskbell dev`: local mode, for the sample site or for one's own.

use std::error::Error;
use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use deskbell_functions::platform::outgoing::Services;
use url::Url;

use crate::local::{Options, Pages, SAMPLE, Table, World};
use crate::settings::{self, SettingsFile};
use crate::{connect, output};

/// Where tables are kept.
const TABLES: &str = "target/deskbell";

/// How local mode runs.
#[derive(Debug, Args)]
pub struct Command {
    #[command(flatten)]
    settings: SettingsFile,
    /// Port on 127.0.0.1; 0 for a free one
    #[arg(long, default_value_t = 8787)]
    port: u16,
    /// Keep the table in memory instead of target/deskbell
    #[arg(long)]
    memory: bool,
    /// Start without sample comments and messages
    #[arg(long)]
    empty: bool,
    /// Serve the built site in this folder, at the next port
    #[arg(long, value_name = "DIR")]
    serve: Option<PathBuf>,
    /// Send visitors back to the site at this address, where your generator serves it, not to the one in the settings
    #[arg(long, value_name = "URL", conflicts_with = "serve")]
    site_url: Option<Url>,
}

impl Command {
    /// The name of the settings, for people, and their text.
    fn settings(&self) -> Result<(String, String), String> {
        let Some(path) = self.settings.named() else {
            return Ok(("the settings (name a file: --config FILE)".into(), SAMPLE.into()));
        };
        let text = settings::read(path)?;
        settings::parse(&text, path)?;
        Ok((path.display().to_string(), text))
    }

    fn pages(&self) -> Pages {
        match (&self.serve, &self.site_url) {
            // Any other port, where this one is any, too.
            (Some(folder), _) if self.port == 0 => Pages::Folder(folder.clone(), 0),
            (Some(folder), _) => Pages::Folder(folder.clone(), self.port.checked_add(1).unwrap_or_default()),
            (None, Some(url)) => Pages::At(url.clone()),
            (None, None) if self.settings.named().is_some() => Pages::Elsewhere,
            (None, None) => Pages::Sample,
        }
    }

    fn table(&self) -> Table {
        match connect::variable("AWS_ENDPOINT_URL_DYNAMODB") {
            Some(url) => Table::Server(url),
            None if self.memory => Table::Memory,
            None => Table::File(Path::new(TABLES).join(self.table_name()).with_extension("db")),
        }
    }

    /// The sample's table, or one by the name of the settings file: sites may have the same name here and there.
    fn table_name(&self) -> &OsStr {
        self.settings.named().and_then(Path::file_stem).unwrap_or(OsStr::new("table"))
    }
}

/// Runs it until Ctrl-C.
pub async fn run(command: Command) -> Result<(), Box<dyn Error>> {
    let (file, config) = command.settings()?;
    // Channels may lead to a server on this machine: for trying them out.
    let mut services = Services::from_env();
    services.reach.loopback = true;
    let (pages, table) = (command.pages(), command.table());
    // A table on another server is somebody's.
    let seeds = !command.empty && !matches!(table, Table::Server(_));
    let options = Options {
        port: command.port,
        config,
        pages: pages.clone(),
        local_pages: true,
        log_requests: Some(file),
        table,
        ses_url: connect::variable("AWS_ENDPOINT_URL_SESV2"),
        sns_url: connect::variable("AWS_ENDPOINT_URL_SNS"),
        services,
        ..Options::default()
    };
    let caught = options.ses_url.is_none();
    let world = World::start(options).await?;
    if seeds && let Err(error) = world.seed().await {
        output::say(format_args!("the sample comments and messages were refused: {error}"));
    }
    print_addresses(&world, &pages, caught)?;
    tokio::signal::ctrl_c().await?;
    world.stop().await;
    Ok(())
}

fn print_addresses(world: &World, pages: &Pages, caught: bool) -> std::io::Result<()> {
    let (mut output, url) = (output::stdout(), &world.url);
    writeln!(output, "listening on {url}\n")?;
    if matches!(pages, Pages::Sample) {
        writeln!(output, "  Sample site      {url}/")?;
        writeln!(output, "  Contact form     {url}/contact/")?;
        writeln!(output, "  Article          {url}/blog/massage-for-back-pain/")?;
    }
    for site in world.app.config.sites.values() {
        match pages {
            Pages::Sample => {}
            Pages::Folder(folder, _) => writeln!(output, "  Your site        {} from {}", site.url, folder.display())?,
            Pages::At(_) | Pages::Elsewhere => writeln!(output, "  Your site        {} (not served here)", site.url)?,
        }
    }
    if caught {
        writeln!(output, "  Caught emails    {url}/_mail")?;
    }
    writeln!(output, "  Stored items     {url}/_items")?;
    for site in world.app.config.sites.values() {
        // The addresses are those of the file that was named, or of the sample.
        let people: Vec<String> = site.people().map(|person| person.email.to_string()).collect();
        writeln!(output, "  Inbox            {url}{} for {}", world.app.path(&site.id, "/inbox"), people.join(", "))?;
    }
    if !matches!(pages, Pages::Sample) {
        writeln!(output, "\nFor your pages: deskbell snippet. Pages at any port of this machine may send.")?;
    }
    writeln!(output, "\nPress Ctrl-C to stop.")?;
    output.flush()
}
