//! `deskbell redrive`: what could not be delivered is due again, and the deployed `notify` sends it. Like `deskbell secret`
//! it finds the table by the environment that the functions have.

use std::error::Error;
use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use deskbell_functions::app::table_from_env;
use deskbell_functions::config::Config;
use deskbell_functions::delivery;
use deskbell_functions::store::Store;

/// Which sites.
#[derive(Debug, Args)]
pub struct Redrive {
    /// The site's id; without it, all sites that the settings name.
    #[arg(long)]
    pub site: Option<String>,
    /// The settings that name the sites.
    #[arg(long, value_name = "FILE", default_value = "infra/deskbell.toml")]
    pub config: PathBuf,
}

/// Carries it out on the table that the environment names.
pub async fn run(which: &Redrive) -> Result<(), Box<dyn Error>> {
    let path = &which.config;
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    carry_out(which.site.as_deref(), &Config::parse(&text)?, &table_from_env()?, std::io::stdout()).await
}

/// Makes what failed due again, and says how much that was.
pub async fn carry_out(
    site: Option<&str>,
    config: &Config,
    store: &Store,
    mut output: impl Write,
) -> Result<(), Box<dyn Error>> {
    if let Some(unknown) = site.filter(|site| !config.sites.contains_key(*site)) {
        return Err(format!("the settings name no site {unknown:?}").into());
    }
    for id in config.sites.keys().filter(|id| site.is_none_or(|site| site == *id)) {
        let due = delivery::redrive(store, id).await?;
        writeln!(output, "{id}: {due} to be sent again")?;
    }
    Ok(())
}
