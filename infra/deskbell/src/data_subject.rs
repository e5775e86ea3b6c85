//! `deskbell export --email` and `deskbell erase`: requests of data subjects, to see or to erase what is stored about
//! them.

use std::error::Error;
use std::io::Write;
use std::time::Duration;

use clap::Args;
use deskbell_functions::app::App;
use deskbell_functions::config::Site;
use deskbell_functions::form::Email;
use deskbell_functions::rights::{self, Report};

use crate::connect::Deployment;
use crate::output;
use crate::settings::sites;

/// How many submissions are erased before the next are looked up.
const BATCH: usize = 100;

/// How long after the first run the second one erases what was sent meanwhile.
const SECOND_RUN: Duration = Duration::from_secs(5);

/// About whom, and on which sites.
#[derive(Debug, Args)]
pub struct Person {
    /// The person's email address
    #[arg(long, value_parser = email)]
    pub email: Email,
    /// One site, by its id in the settings [default: all]
    #[arg(long)]
    pub site: Option<String>,
}

/// What to erase.
#[derive(Debug, Args)]
pub struct Erase {
    /// The deployment.
    #[command(flatten)]
    pub deployment: Deployment,
    /// Whose data.
    #[command(flatten)]
    pub person: Person,
    /// Print what would be erased, and erase nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// Erases everything that the person has sent; and once more what was sent at that moment.
pub async fn run_erase(erase: &Erase) -> Result<(), Box<dyn Error>> {
    let app = erase.deployment.app().await?;
    let mut output = output::stdout();
    write_erase(erase, &app, &mut output).await?;
    if !erase.dry_run {
        tokio::time::sleep(SECOND_RUN).await;
        write_erase(erase, &app, std::io::sink()).await?;
        writeln!(
            output,
            "If the person sends something right now, run this once more. Emails that you got stay in your mailbox;"
        )?;
        writeln!(output, "backups of the table keep what was erased for up to 35 days.")?;
    }
    Ok(())
}

/// Writes what the sites have stored about the person as one JSON document: a list with an entry for each site.
pub async fn write_export(person: &Person, app: &App, mut output: impl Write) -> Result<(), Box<dyn Error>> {
    let mut exports = Vec::new();
    for site in sites(&app.config, person.site.as_deref())? {
        exports.push(rights::export(app, site, &person.email, usize::MAX).await?);
    }
    writeln!(output, "{}", serde_json::to_string_pretty(&exports)?)?;
    Ok(())
}

/// Erases on each site, and writes how much that was; nothing about the person.
pub async fn write_erase(erase: &Erase, app: &App, mut output: impl Write) -> Result<(), Box<dyn Error>> {
    let email = &erase.person.email;
    for site in sites(&app.config, erase.person.site.as_deref())? {
        let (verb, report) = if erase.dry_run {
            ("would be erased", rights::would_erase(app, site, email).await?)
        } else {
            ("erased", erase_all(app, site, email).await?)
        };
        writeln!(output, "{}: {}", site.id, summary(report, verb))?;
    }
    Ok(())
}

async fn erase_all(app: &App, site: &Site, email: &Email) -> Result<Report, Box<dyn Error>> {
    let mut all = Report::default();
    loop {
        all = all.and(rights::erase(app, site, email, BATCH).await?);
        if !all.more {
            return Ok(all);
        }
    }
}

/// A report in words.
fn summary(report: Report, verb: &str) -> String {
    let parts = [
        (report.leads, "message", "messages"),
        (report.comments, "comment", "comments"),
        (report.tombstones, "comment with replies (a placeholder stays)", "comments with replies (placeholders stay)"),
        (report.approvals, "approved author", "approved authors"),
        (report.questions, "Akismet check", "Akismet checks"),
        (report.lessons, "decision learned by the filter", "decisions learned by the filter"),
    ];
    let counted = |(count, one, several): (usize, &str, &str)| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        count => Some(format!("{count} {several}")),
    };
    let parts: Vec<String> = parts.into_iter().filter_map(counted).collect();
    if parts.is_empty() { "nothing is stored".into() } else { format!("{} {verb}", parts.join(", ")) }
}

/// Reads an address as it is typed.
pub(crate) fn email(text: &str) -> Result<Email, String> {
    Email::parse(text.trim()).ok_or_else(|| "not an email address".into())
}
