//! `deskbell digest`: the weekly digest of the last seven days as it stands now. Nothing is sent, and nothing counts as
//! sent.

use std::error::Error;
use std::io::Write;

use clap::Args;
use deskbell_functions::delivery::Notifier;
use deskbell_functions::delivery::digest;
use jiff::Timestamp;

use crate::connect::Deployment;
use crate::output;
use crate::settings::sites;

/// Which sites.
#[derive(Debug, Args)]
pub struct Command {
    /// The deployment.
    #[command(flatten)]
    pub deployment: Deployment,
    /// One site, by its id in the settings [default: all]
    #[arg(long)]
    pub site: Option<String>,
}

/// Prints the deployment's digests.
pub async fn run(command: &Command) -> Result<(), Box<dyn Error>> {
    let notifier = Notifier::start(&command.deployment.functions().await?).await?;
    write(command.site.as_deref(), &notifier, output::stdout()).await
}

/// Writes each site's digest.
pub async fn write(site: Option<&str>, notifier: &Notifier, mut output: impl Write) -> Result<(), Box<dyn Error>> {
    let until = Timestamp::now();
    for site in sites(&notifier.app.config, site)? {
        let time = until - digest::WEEK..until;
        let text = digest::text(notifier, site, time).await?;
        let text = text.unwrap_or_else(|| "Nothing to report; no email would be sent.\n".into());
        writeln!(output, "{}\n\n{text}", site.id)?;
    }
    Ok(())
}
