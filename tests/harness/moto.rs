//! A second implementation of AWS on this machine: `moto_server` of `PyPI`'s `moto`.

use std::process::Stdio;

use aws_sdk_dynamodb::types::AttributeValue;
use deskbell::local::{Options, Table};
use deskbell_functions::app::Aws;
use deskbell_functions::submission::Submission;
use tokio::process::{Child, Command};

use crate::harness::tools;
use crate::harness::world::{Desk, eventually};

/// A running server; it ends when this is dropped.
pub(crate) struct Moto {
    pub(crate) url: String,
    _process: Child,
}

impl Moto {
    pub(crate) async fn start(test: &str) -> Option<Self> {
        let program = tools::find(&["moto_server"], test)?;
        let port = tools::free_port();
        let mut command = Command::new(program);
        command.args(["-H", "127.0.0.1", "-p", &port.to_string()]).stdout(Stdio::null()).stderr(Stdio::null());
        // What cargo-lambda's first deployment of a function gives it is a policy of AWS' own.
        command.env("MOTO_IAM_LOAD_MANAGED_POLICIES", "true");
        let process = command.kill_on_drop(true).spawn().expect("moto_server starts");
        let url = format!("http://127.0.0.1:{port}");
        eventually("moto_server", async || reqwest::get(&format!("{url}/moto-api/")).await.ok()).await;
        Some(Self { url, _process: process })
    }

    /// Makes of a submission what it was before deliveries were noted.
    pub(crate) async fn forget_deliveries(&self, submission: &Submission) {
        let client = Aws::local(self.url.clone(), self.url.clone()).dynamodb();
        let update = client.update_item().table_name("deskbell").update_expression("REMOVE deliveries");
        let pk = format!("{}#submission#{}", submission.site, submission.id);
        let update = update.key("pk", AttributeValue::S(pk)).key("sk", AttributeValue::S("item".into()));
        update.send().await.expect("the table");
    }

    /// A world on its table.
    pub(crate) async fn desk(&self) -> Desk {
        Desk::with(Options { table: Table::Server(self.url.clone()), ..Options::default() }).await
    }
}
