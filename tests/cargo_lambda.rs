//! cargo-lambda: the functions as it runs them on one's machine, and one of them as it deploys it.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use deskbell::local::{Functions, Trouble};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tokio::process::Child;

use crate::deployed::{Place, road};
use crate::doubles::Moto;
use crate::runtime::{package, target};
use crate::tools;
use crate::world::eventually;

/// `cargo lambda watch` with all that it starts; everything ends when this is dropped.
struct Watch {
    url: String,
    process: Child,
}

impl Watch {
    fn start(program: &Path, place: &Place) -> Self {
        let port = tools::free_port().to_string();
        let url = format!("http://127.0.0.1:{port}");
        let root = workspace();
        let mut command = Command::new(program);
        // Without the first it would follow its own output.
        command.args(["lambda", "watch", "--ignore-changes", "--invoke-address", "127.0.0.1", "--invoke-port", &port]);
        command.current_dir(root).env("DESKBELL_CONFIG", root.join("infra/deskbell.toml")).env("DESKBELL_URL", &url);
        command.env("DESKBELL_TABLE", "deskbell").env("AWS_REGION", "eu-central-1");
        command.env("AWS_ACCESS_KEY_ID", "local").env("AWS_SECRET_ACCESS_KEY", "local");
        command.env("AWS_ENDPOINT_URL", place.mail()).env("AWS_ENDPOINT_URL_DYNAMODB", place.table());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut command = tokio::process::Command::from(command);
        // A group of its own, so that the functions end with it.
        Self { url, process: command.process_group(0).spawn().expect("cargo-lambda starts") }
    }

    /// The functions as they are called without API Gateway.
    fn functions(&self) -> Functions {
        let url = self.url.clone();
        Arc::new(move |name, event| Box::pin(invoke(format!("{url}/2015-03-31/functions/{name}/invocations"), event)))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some(id) = self.process.id() {
            let _ = Command::new("kill").args(["-KILL", "--", &format!("-{id}")]).status();
        }
    }
}

async fn invoke(url: String, event: Value) -> Result<Value, Trouble> {
    let http = reqwest::Client::builder().no_proxy().build()?;
    Ok(http.post(url).json(&event).send().await?.error_for_status()?.json().await?)
}

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace")
}

#[tokio::test]
async fn cargo_lambda_watch_does_the_whole_road() {
    let test = "cargo_lambda::cargo_lambda_watch_does_the_whole_road";
    let Some(program) = tools::find(&["cargo-lambda"], test) else { return };
    // What it would build when it is first asked; that may take longer than it is waited for.
    let built = Command::new("cargo").arg("build").current_dir(workspace()).status().expect("cargo runs");
    assert!(built.success(), "the functions cannot be built");
    let mut place = Place::start().await;
    let watch = Watch::start(&program, &place);
    eventually("cargo lambda watch", async || reqwest::get(&watch.url).await.ok()).await;
    place.follow(watch.functions());
    road(&watch.url, &place).await;
}

#[tokio::test]
async fn cargo_lambda_deploy_sends_the_package_of_one_function() {
    let test = "cargo_lambda::cargo_lambda_deploy_sends_the_package_of_one_function";
    let Some(program) = tools::find(&["cargo-lambda"], test) else { return };
    if package("contact").is_none() || !target().join("lambda/contact/bootstrap").is_file() {
        tools::missing(test, "a package of contact made from this code (see .ci/run)");
        return;
    }
    let Some(moto) = Moto::start(test).await else { return };
    for version in ["1", "2"] {
        let mut command = Command::new(&program);
        command.args(["lambda", "deploy", "contact"]).current_dir(workspace()).env("AWS_ENDPOINT_URL", &moto.url);
        command.env("AWS_REGION", "eu-central-1").env("AWS_EC2_METADATA_DISABLED", "true");
        command.env("AWS_ACCESS_KEY_ID", "local").env("AWS_SECRET_ACCESS_KEY", "local");
        let deployed = command.output().expect("cargo-lambda runs");
        let told = String::from_utf8_lossy(&deployed.stderr).into_owned() + &String::from_utf8_lossy(&deployed.stdout);
        assert!(deployed.status.success(), "{told}");
        assert!(told.contains(&format!("contact:{version}")), "{told}");
    }
    let stored = reqwest::get(&format!("{}/2015-03-31/functions/contact", moto.url)).await.expect("an answer");
    let stored: Value = stored.json().await.expect("JSON");
    // It has made the same package again.
    let package = std::fs::read(target().join("lambda/contact/bootstrap.zip")).expect("a package");
    assert_eq!(stored["Configuration"]["CodeSha256"], BASE64.encode(Sha256::digest(&package)));
    assert_eq!(stored["Configuration"]["Runtime"], "provided.al2023");
}
