//! `deskbell`: the operator's program.

use std::error::Error;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use deskbell::connect::{self, Deployment};
use deskbell::local::{Options, SAMPLE, Table, World};
use deskbell::settings::SettingsFile;
use deskbell::{
    check, cost, data_subject, digest, doctor, output, redrive, score, secret, settings, stats, transfer, unsuppress,
};
use deskbell_functions::platform::outgoing::Services;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Contact forms and comments for static sites
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run everything on this machine, with a sample site; nothing leaves it
    Dev(Dev),
    /// Validate the settings and print what is in effect
    Check(Deployment),
    /// Find out what is wrong with a deployment, and how to fix it
    Doctor(doctor::Command),
    /// Manage the keys of third parties
    #[command(subcommand)]
    Secret(secret::Command),
    /// Retry deliveries that failed for good
    Redrive(redrive::Command),
    /// Resume email to an address that bounced or reported spam
    Unsuppress(unsuppress::Command),
    /// Export what is stored about a person, or everything, to move it to another table
    Export(transfer::Export),
    /// Import what `deskbell export --all` has written
    Import(transfer::Import),
    /// Erase everything that a person has sent; replies of others stay, below a placeholder
    Erase(data_subject::Erase),
    /// Preview the weekly digest; nothing is sent
    Digest(digest::Command),
    /// Estimate the monthly AWS bill
    Cost(cost::Command),
    /// Print daily counts of submissions, verdicts and deliveries
    Stats(stats::Command),
    /// Score texts with the spam filter: JSON lines on standard input, a line for each on standard output
    Score(Score),
}

#[derive(Args)]
struct Score {
    /// Labelled lines to apply first, as if the site's owner had decided them.
    #[arg(long, value_name = "FILE")]
    learn: Option<PathBuf>,
}

#[derive(Args)]
struct Dev {
    #[command(flatten)]
    settings: SettingsFile,
    /// Port on 127.0.0.1; 0 for a free one
    #[arg(long, default_value_t = 8787)]
    port: u16,
    /// Keep the table in memory instead of target/deskbell
    #[arg(long)]
    memory: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let command = Cli::parse().command;
    // What goes wrong inside the functions, which deployed is in their logs. The embedded table warns of every
    // condition that does not hold, and the chain of credentials of every source that has none: normal operation.
    let quiet = ["dynoxide", "aws_config"].map(|target| (target, LevelFilter::ERROR));
    let shown = Targets::new().with_default(LevelFilter::WARN).with_targets(quiet);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).without_time().log_internal_errors(false);
    tracing_subscriber::registry().with(lines).with(shown).init();
    let done = match command {
        Command::Dev(dev) => run_dev(dev).await,
        Command::Check(deployment) => run_check(&deployment).await,
        Command::Doctor(command) => Box::pin(doctor::run(&command)).await,
        Command::Secret(command) => secret::run(&command).await,
        Command::Redrive(command) => redrive::run(&command).await,
        Command::Unsuppress(command) => unsuppress::run(&command).await,
        Command::Export(command) => transfer::run_export(command).await,
        Command::Import(command) => transfer::run_import(&command).await,
        Command::Erase(command) => data_subject::run_erase(&command).await,
        Command::Digest(command) => Box::pin(digest::run(&command)).await,
        Command::Cost(command) => cost::run(&command),
        Command::Stats(command) => stats::run(&command).await,
        Command::Score(Score { learn }) => {
            score::score(std::io::stdin().lock(), output::stdout(), learn.as_deref()).map_err(Into::into)
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::say(format_args!("deskbell: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// Checks the settings; and their secrets, where it is said which table those are in.
async fn run_check(deployment: &Deployment) -> Result<(), Box<dyn Error>> {
    let (path, text) = deployment.settings_text().await?;
    let store = async || deployment.target.store().await.map_err(Into::into);
    check::check(&path, &text, deployment.target.is_named().then_some(store), output::stdout()).await
}

async fn run_dev(dev: Dev) -> Result<(), Box<dyn Error>> {
    let table = match connect::variable("AWS_ENDPOINT_URL_DYNAMODB") {
        Some(url) => Table::Server(url),
        None if dev.memory => Table::Memory,
        None => Table::File("target/deskbell/table.db".into()),
    };
    let file = dev.settings.named();
    let config = match file {
        Some(path) => {
            let text = settings::read(path)?;
            settings::parse(&text, path)?;
            text
        }
        None => SAMPLE.into(),
    };
    let ses_url = connect::variable("AWS_ENDPOINT_URL_SESV2");
    // Channels may lead to a server on this machine: for trying them out.
    let mut services = Services::from_env();
    services.reach.loopback = true;
    let caught = ses_url.is_none();
    let texts = connect::variable("AWS_ENDPOINT_URL_SNS");
    let options = Options { port: dev.port, config, table, ses_url, sns_url: texts, services, ..Options::default() };
    let world = World::start(options).await?;
    print_addresses(&world, caught)?;
    tokio::signal::ctrl_c().await?;
    world.stop().await;
    Ok(())
}

fn print_addresses(world: &World, caught: bool) -> std::io::Result<()> {
    let (mut output, url) = (output::stdout(), &world.url);
    writeln!(output, "listening on {url}\n")?;
    writeln!(output, "  Sample site      {url}/")?;
    writeln!(output, "  Contact form     {url}/contact/")?;
    writeln!(output, "  Article          {url}/blog/massage-for-back-pain/")?;
    if caught {
        writeln!(output, "  Caught emails    {url}/_mail")?;
    }
    writeln!(output, "  Stored items     {url}/_items")?;
    for site in world.app.config.sites.values() {
        // The addresses are those of the file that was named, or of the sample.
        let people: Vec<String> = site.people().map(|person| person.email.to_string()).collect();
        writeln!(output, "  Inbox            {url}{} for {}", world.app.path(&site.id, "/inbox"), people.join(", "))?;
    }
    writeln!(output, "\nPress Ctrl-C to stop.")?;
    output.flush()
}
