//! The keys that third parties gave the owner. They are set by `deskbell secret set` and stand in the table, never in
//! `deskbell.toml`; a function reads one when it first needs it.

use std::fmt;

use crate::app::cache::Cache;
use crate::config::secret::Secret;
use crate::store::{Store, StoreError};

/// The secrets that this container has read.
#[derive(Debug, Default)]
pub struct Secrets(Cache<Option<Value>>);

/// A secret that does not show itself where values are printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Value(String);

impl Value {
    /// The secret itself, for the one who gave it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a secret")
    }
}

impl Secrets {
    /// A site's secret: its own, or the one that all sites of the deployment share; none if neither was set.
    pub async fn get(&self, store: &Store, site: &str, secret: &Secret) -> Result<Option<Value>, StoreError> {
        let read = async || {
            let own = store.named_secret(Some(site), secret);
            let (own, shared) = futures_util::try_join!(own, store.named_secret(None, secret))?;
            Ok(own.or(shared).map(Value))
        };
        self.0.get(&format!("{site}#{secret}"), read).await
    }
}
