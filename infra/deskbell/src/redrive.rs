//! `deskbell redrive`: makes failed deliveries due again, which the deployed `notify` then sends.

use std::error::Error;
use std::io::Write;

use clap::Args;
use deskbell_functions::config::Config;
use deskbell_functions::delivery;
use deskbell_functions::store::Store;

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

/// Runs the command on the deployment.
pub async fn run(command: &Command) -> Result<(), Box<dyn Error>> {
    let (config, store) = command.deployment.connect().await?;
    redrive(command.site.as_deref(), &config, &store, output::stdout()).await
}

/// Makes what failed due again, and writes how much that was.
pub async fn redrive(
    site: Option<&str>,
    config: &Config,
    store: &Store,
    mut output: impl Write,
) -> Result<(), Box<dyn Error>> {
    for site in sites(config, site)? {
        let due = delivery::redrive(store, &site.id).await?;
        writeln!(output, "{}: {due} to be sent again", site.id)?;
    }
    Ok(())
}
