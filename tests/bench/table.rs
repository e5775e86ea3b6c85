//! An embedded table behind TLS.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use deskbell::local::{Template, create_table};
use deskbell_functions::app::Aws;
use deskbell_functions::store::Store;
use deskbell_functions::submission::{Status, Submission};
use serde_json::json;
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::harness::item::item;
use crate::harness::runtime::{bootstrap, target};
use crate::harness::tls::{self, Authorities};

pub(crate) struct Table {
    pub(crate) store: Store,
    /// Its address behind TLS.
    pub(crate) url: String,
    /// Whom to trust.
    pub(crate) authorities: Authorities,
    database: dynoxide::Database,
}

impl Table {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let plain = format!("http://{}", listener.local_addr().expect("an address"));
        let database = dynoxide::Database::memory().expect("a table");
        tokio::spawn(dynoxide::server::serve_on(listener, database.clone()));
        let (aws, template) = (Aws::local(plain.clone(), plain.clone()), Template::built_in());
        create_table(&aws, &template.table).await.expect("a table");
        let (url, authorities) = tls::before(plain).await;
        Self { store: Store::new(aws.dynamodb(), template.table.name), url, authorities, database }
    }

    /// What starts an unpacked function on this table.
    pub(crate) fn function(&self, folder: &std::path::Path) -> Command {
        let mut command = bootstrap(folder, &self.url, &self.url, "https://deskbell.example.org");
        // As many as it trusts at AWS, and one more.
        command.env("AWS_CA_BUNDLE", &self.authorities.amazons).stdout(Stdio::null());
        command
    }

    /// Puts copies of a stored comment on a page, published.
    pub(crate) fn fill(&self, pattern: &Submission, page: &str, count: usize) {
        let items = (0..count).map(|_| published(pattern, page)).collect();
        self.database.import_items("deskbell", items, dynoxide::ImportOptions::default()).expect("imported");
    }
}

/// An item of the table.
fn published(pattern: &Submission, page: &str) -> HashMap<String, dynoxide::AttributeValue> {
    let comment = Submission { id: Uuid::now_v7(), status: Status::Published, counted: true, ..pattern.clone() };
    let mut item = item(&comment);
    item["list"] = json!({ "S": format!("studio#page#{}", page.trim_end_matches('/')) });
    item["folder"] = json!({ "S": "studio#comment#published" });
    serde_json::from_value(item).expect("an item")
}

/// Where the baselines are built and installed.
pub(crate) fn baselines() -> PathBuf {
    target().join("baselines")
}
