//! Named secrets of third parties. Their values are read by the functions and written by the operator alone.

use super::error::StoreError;
use super::schema::{Item, key, s, stamped};
use super::table::Store;
use crate::config::secret::Secret;

impl Store {
    /// Keeps a secret for a site, or for all sites of the deployment, in place of what was there.
    pub async fn set_named_secret(&self, site: Option<&str>, secret: &Secret, value: &str) -> Result<(), StoreError> {
        let put = self.client.put_item().table_name(&self.table).set_item(Some(stamped(named_key(site, secret))));
        put.item("value", s(value)).send().await?;
        Ok(())
    }

    /// A secret of a site, or of all sites of the deployment.
    pub async fn named_secret(&self, site: Option<&str>, secret: &Secret) -> Result<Option<String>, StoreError> {
        let item = self.get(named_key(site, secret), false).await?;
        Ok(item.and_then(|item| item.get("value")?.as_s().ok().cloned()))
    }

    /// The names of the secrets that were set for a site, or for all sites of the deployment. Their values are not
    /// read.
    pub async fn named_secrets(&self, site: Option<&str>) -> Result<Vec<Secret>, StoreError> {
        let (pk, prefix) = secrets_at(site);
        let query = self.client.query().table_name(&self.table).expression_attribute_values(":pk", s(pk));
        let query = if prefix.is_empty() {
            query.key_condition_expression("pk = :pk")
        } else {
            let query = query.key_condition_expression("pk = :pk AND begins_with(sk, :prefix)");
            query.expression_attribute_values(":prefix", s(prefix))
        };
        let query = query.projection_expression("sk");
        // A site has a handful: less by far than a query gives at once.
        let items = query.send().await?.items.unwrap_or_default();
        let name = |item: &Item| item.get("sk")?.as_s().ok()?.strip_prefix(prefix)?.parse().ok();
        Ok(items.iter().filter_map(name).collect())
    }
}

fn named_key(site: Option<&str>, secret: &Secret) -> Item {
    let (pk, prefix) = secrets_at(site);
    key(pk, &format!("{prefix}{secret}"))
}

/// Under which partition the secrets stand, and what their sort keys begin with.
fn secrets_at(site: Option<&str>) -> (String, &'static str) {
    match site {
        Some(site) => (format!("{site}#secret"), ""),
        None => ("deployment".into(), "secret#"),
    }
}
