//! `deskbell export` and `deskbell erase`: what a person asks of the owner. Like `deskbell secret` they find the table by
//! the environment that the functions have.

use std::error::Error;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use deskbell_functions::app::{App, table_from_env};
use deskbell_functions::config::{Config, Site};
use deskbell_functions::form::Email;
use deskbell_functions::rights::{self, Report};

/// How many submissions are erased before the next are looked up.
const AT_ONCE: usize = 100;

/// How long what was just sent is waited for before it is looked for once more.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// Who asks, and of which sites.
#[derive(Debug, Args)]
pub struct Whose {
    /// The person's e-mail address.
    #[arg(long, value_parser = email)]
    pub email: Email,
    /// The site's id; without it, all sites that the settings name.
    #[arg(long)]
    pub site: Option<String>,
    /// The settings that name the sites.
    #[arg(long, value_name = "FILE", default_value = "infra/deskbell.toml")]
    pub config: PathBuf,
}

/// What to erase.
#[derive(Debug, Args)]
pub struct Erase {
    /// Whose.
    #[command(flatten)]
    pub whose: Whose,
    /// Say what would be erased, and erase nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// Writes everything that is stored about the person to standard output.
pub async fn export(whose: &Whose) -> Result<(), Box<dyn Error>> {
    write_export(whose, &app(whose).await?, std::io::stdout()).await
}

/// Erases everything that the person has sent; and once more what was sent at that moment.
pub async fn erase(erase: &Erase) -> Result<(), Box<dyn Error>> {
    let app = app(&erase.whose).await?;
    carry_out(erase, &app, std::io::stdout()).await?;
    if !erase.dry_run {
        tokio::time::sleep(LOOK_AGAIN).await;
        carry_out(erase, &app, std::io::sink()).await?;
        println!("What is sent in this minute may need it once more. Letters that you got stay in your mailbox, and");
        println!("backups of the table hold what was erased for 35 days at most.");
    }
    Ok(())
}

async fn app(whose: &Whose) -> Result<App, Box<dyn Error>> {
    let path = &whose.config;
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(App::with(table_from_env()?, Config::parse(&text)?).await?)
}

/// Writes what the sites have stored about the person as one JSON document: a list with an entry for each site.
pub async fn write_export(whose: &Whose, app: &App, mut output: impl Write) -> Result<(), Box<dyn Error>> {
    let mut exports = Vec::new();
    for site in sites(whose, app)? {
        exports.push(rights::export(app, site, &whose.email, usize::MAX).await?);
    }
    writeln!(output, "{}", serde_json::to_string_pretty(&exports)?)?;
    Ok(())
}

/// Erases on each site, and says how much that was; nothing of the person.
pub async fn carry_out(erase: &Erase, app: &App, mut output: impl Write) -> Result<(), Box<dyn Error>> {
    let email = &erase.whose.email;
    for site in sites(&erase.whose, app)? {
        let (verb, report) = if erase.dry_run {
            ("would be erased", rights::would_erase(app, site, email).await?)
        } else {
            ("erased", erase_all(app, site, email).await?)
        };
        writeln!(output, "{}: {}", site.id, told(report, verb))?;
    }
    Ok(())
}

async fn erase_all(app: &App, site: &Site, email: &Email) -> Result<Report, Box<dyn Error>> {
    let mut all = Report::default();
    loop {
        all = all.and(rights::erase(app, site, email, AT_ONCE).await?);
        if !all.more {
            return Ok(all);
        }
    }
}

fn sites<'a>(whose: &'a Whose, app: &'a App) -> Result<impl Iterator<Item = &'a Site>, Box<dyn Error>> {
    let named = whose.site.as_deref();
    if let Some(unknown) = named.filter(|site| app.site(site).is_none()) {
        return Err(format!("the settings name no site {unknown:?}").into());
    }
    Ok(app.config.sites.values().filter(move |site| named.is_none_or(|named| named == site.id)))
}

/// A report in words.
fn told(report: Report, verb: &str) -> String {
    let parts = [
        (report.leads, "message"),
        (report.comments, "comment"),
        (report.tombstones, "comment whose place is left to others' replies"),
        (report.approvals, "approval of an author"),
        (report.questions, "question to Akismet"),
        (report.lessons, "lesson of the filter"),
    ];
    let parts: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| counted(*count, what)).collect();
    if parts.is_empty() { "nothing is stored".into() } else { format!("{} {verb}", parts.join(", ")) }
}

/// `2 messages`, `1 question to Akismet`.
fn counted(count: usize, what: &str) -> String {
    let (noun, rest) = what.split_once(' ').map_or((what, String::new()), |(noun, rest)| (noun, format!(" {rest}")));
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}{rest}")
}

/// Reads an address as it is typed.
pub(crate) fn email(text: &str) -> Result<Email, String> {
    Email::parse(text.trim()).ok_or_else(|| "not a whole e-mail address".into())
}
