//! The secrets that the settings need, and which of them are in the table.

use std::error::Error;
use std::fmt::Write as _;

use deskbell_functions::config::secret::Secret;
use deskbell_functions::config::{Config, Site};
use deskbell_functions::store::Store;

/// For each site its secrets, looked up in the table where there is one.
pub(super) async fn text(
    config: &Config,
    table: Option<impl AsyncFnOnce() -> Result<Store, Box<dyn Error>>>,
) -> Result<String, Box<dyn Error>> {
    let needed: Vec<(&Site, Secret)> = config
        .sites
        .values()
        .flat_map(|site| Secret::needed(site).into_iter().map(move |secret| (site, secret)))
        .collect();
    if needed.is_empty() {
        return Ok("\nNo secrets needed.\n".into());
    }
    let table = match table {
        Some(connect) => Some(connect().await?),
        None => None,
    };
    let mut text = "\nSecrets needed:\n".to_owned();
    for (site, secret) in needed {
        let found = match &table {
            Some(table) => found(table, site, &secret).await?,
            None => "not checked".into(),
        };
        let _ = writeln!(text, "  {:18} {secret}: {found}", site.id);
    }
    if table.is_none() {
        text += "To look for them in the table, run: export DESKBELL_TABLE=TABLE; or add --local.\n";
    }
    Ok(text)
}

async fn found(table: &Store, site: &Site, secret: &Secret) -> Result<String, Box<dyn Error>> {
    if table.named_secret(Some(&site.id), secret).await?.is_some() {
        return Ok("set, for this site".into());
    }
    if table.named_secret(None, secret).await?.is_some() {
        return Ok("set, for all sites".into());
    }
    Ok(format!("MISSING; set it with `deskbell secret set {secret}`"))
}
