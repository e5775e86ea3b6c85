//! `deskbell digest`: what the owners would read of the last seven days. Nothing is sent, and nothing counts as told. Like
//! `deskbell secret` it finds the table by the environment that the functions have.

use std::error::Error;
use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use deskbell_functions::app::Settings;
use deskbell_functions::config::Config;
use deskbell_functions::delivery::Notifier;
use deskbell_functions::delivery::digest;
use jiff::{SignedDuration, Timestamp};

/// Which sites.
#[derive(Debug, Args)]
pub struct Command {
    /// The site's id; without it, all sites that the settings name.
    #[arg(long)]
    pub site: Option<String>,
    /// The settings that name the sites.
    #[arg(long, value_name = "FILE", default_value = "infra/deskbell.toml")]
    pub config: PathBuf,
}

/// Prints the digests of the table that the environment names.
pub async fn run(command: &Command) -> Result<(), Box<dyn Error>> {
    let path = &command.config;
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let bell = Notifier::start(&Settings::of(Config::parse(&text)?)?).await?;
    carry_out(command.site.as_deref(), &bell, std::io::stdout()).await
}

/// Writes each site's digest.
pub async fn carry_out(site: Option<&str>, bell: &Notifier, mut output: impl Write) -> Result<(), Box<dyn Error>> {
    let sites = &bell.app.config.sites;
    if let Some(unknown) = site.filter(|site| !sites.contains_key(*site)) {
        return Err(format!("the settings name no site {unknown:?}").into());
    }
    let until = Timestamp::now();
    for (id, of) in sites.iter().filter(|(id, _)| site.is_none_or(|site| site == *id)) {
        let time = until - SignedDuration::from_hours(7 * 24)..until;
        let text = digest::text(bell, of, time).await?;
        writeln!(
            output,
            "{id}\n\n{}",
            text.unwrap_or_else(|| "Nothing happened, and nothing would be sent.\n".into())
        )?;
    }
    Ok(())
}
