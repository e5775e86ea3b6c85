//! The secrets that a configuration needs, and which of them are in the table.

use std::error::Error;
use std::fmt::Write as _;

use deskbell_functions::app::{StartError, table_from_env};
use deskbell_functions::config::secret::Secret;
use deskbell_functions::config::{Config, Site};
use deskbell_functions::store::Store;

/// For each site its secrets. Whether they are there is only looked at where the environment names a table.
pub(super) async fn text(config: &Config) -> Result<String, Box<dyn Error>> {
    let needed: Vec<(&Site, Secret)> = config
        .sites
        .values()
        .flat_map(|site| Secret::needed(site).into_iter().map(move |secret| (site, secret)))
        .collect();
    if needed.is_empty() {
        return Ok("\nNo secrets are needed.\n".into());
    }
    let table = match table_from_env() {
        Err(StartError::Missing(variable)) => Err(variable),
        table => Ok(table?),
    };
    let mut text = "\nThese secrets are needed:\n".to_owned();
    for (site, secret) in needed {
        let found = match &table {
            Ok(table) => found(table, site, &secret).await?,
            Err(_) => "not looked at".into(),
        };
        let _ = writeln!(text, "  {:18} {secret}: {found}", site.id);
    }
    if let Err(variable) = table {
        let _ = writeln!(text, "Whether they are in the table was not looked at, for {variable} is not set.");
    }
    Ok(text)
}

async fn found(table: &Store, site: &Site, secret: &Secret) -> Result<String, Box<dyn Error>> {
    if table.named_secret(Some(&site.id), secret).await?.is_some() {
        return Ok("there, for this site".into());
    }
    if table.named_secret(None, secret).await?.is_some() {
        return Ok("there, for all sites".into());
    }
    Ok(format!("MISSING; `deskbell secret set {secret}` keeps it"))
}
