//! A deployment as it is reached.

use deskbell_functions::app::Aws;
use deskbell_functions::store::Store;
use url::Url;

/// Where a deployment's table is, and who is asking.
#[derive(Debug, Clone)]
pub struct Connection {
    /// AWS, or what stands for it.
    pub aws: Aws,
    /// The table's name.
    pub table: String,
    /// Where the functions are reached, where that is known.
    pub url: Option<Url>,
    /// Where local mode has moved the sites to, if it has.
    pub pages: Option<Url>,
}

impl Connection {
    /// The table.
    #[must_use]
    pub fn store(&self) -> Store {
        Store::new(self.aws.dynamodb(), self.table.clone())
    }
}
