//! Named secrets of third parties. Their values are read by the functions and written by the operator alone.

use super::{Item, Store, StoreError, key, s};
use crate::secrets::Secret;

impl Store {
    /// Keeps a secret for a site, or for all sites of the deployment, in place of what was there.
    pub async fn set_named_secret(&self, site: Option<&str>, secret: Secret, value: &str) -> Result<(), StoreError> {
        let put = self.client.put_item().table_name(&self.table).set_item(Some(secret_key(site, secret)));
        put.item("value", s(value)).send().await?;
        Ok(())
    }

    /// A secret of a site, or of all sites of the deployment.
    pub async fn named_secret(&self, site: Option<&str>, secret: Secret) -> Result<Option<String>, StoreError> {
        let item = self.get(secret_key(site, secret), false).await?;
        Ok(item.and_then(|item| item.get("value")?.as_s().ok().cloned()))
    }

    /// The names of the secrets that were set for a site, or for all sites of the deployment.
    pub async fn named_secrets(&self, site: Option<&str>) -> Result<Vec<Secret>, StoreError> {
        let mut names = Vec::new();
        for secret in Secret::ALL {
            names.extend(self.named_secret(site, secret).await?.map(|_| secret));
        }
        Ok(names)
    }
}

fn secret_key(site: Option<&str>, secret: Secret) -> Item {
    match site {
        Some(site) => key(format!("{site}#secret"), secret.word()),
        None => key("deployment".into(), &format!("secret#{secret}")),
    }
}
