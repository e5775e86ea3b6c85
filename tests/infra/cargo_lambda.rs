//! cargo-lambda: the functions as it runs them on one's machine, and one of them as it deploys it.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use deskbell::local::{Functions, InvocationError};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::process::Child;

use crate::harness::moto::Moto;
use crate::harness::runtime::{package, target};
use crate::harness::tools;
use crate::harness::world::{answer, eventually};
use crate::infra::deployed::{Place, walkthrough};

/// How long cargo-lambda may take to end.
const DEADLINE: Duration = Duration::from_secs(10);

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
        let mut command = outside(program);
        command.args(["lambda", "watch", "--ignore-changes", "--invoke-address", "127.0.0.1", "--invoke-port", &port]);
        command.current_dir(root).env("DESKBELL_CONFIG", root.join("infra/deskbell.toml")).env("DESKBELL_URL", &url);
        command.env("DESKBELL_TABLE", "deskbell").env("AWS_REGION", "eu-central-1");
        command.env("AWS_ACCESS_KEY_ID", "local").env("AWS_SECRET_ACCESS_KEY", "local");
        command.env("AWS_ENDPOINT_URL", place.mail()).env("AWS_ENDPOINT_URL_DYNAMODB", place.table());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut command = tokio::process::Command::from(command);
        // A group of its own, so that nothing that it has started is left over.
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
        let Some(id) = self.process.id() else { return };
        let signal =
            |name: &str, whom: String| Command::new("kill").args([name, "--", &whom]).stderr(Stdio::null()).status();
        // It gives each function a group of its own, and ends them when it is asked to end.
        let _ = signal("-TERM", id.to_string());
        let until = Instant::now() + DEADLINE;
        while matches!(self.process.try_wait(), Ok(None)) && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = signal("-KILL", format!("-{id}"));
    }
}

async fn invoke(url: String, event: Value) -> Result<Value, InvocationError> {
    let http = reqwest::Client::builder().no_proxy().build()?;
    Ok(http.post(url).json(&event).send().await?.error_for_status()?.json().await?)
}

/// A program that runs cargo as from a shell: by what cargo tells a test of its package, libraries would be built anew.
pub(crate) fn outside(program: &Path) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        if ["CARGO_MANIFEST_", "CARGO_PKG_"].iter().any(|told| name.to_string_lossy().starts_with(told)) {
            command.env_remove(name);
        }
    }
    command
}

pub(crate) fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace")
}

#[tokio::test]
async fn cargo_lambda_watch_serves_the_whole_way_of_a_submission() {
    let test = "infra::cargo_lambda::cargo_lambda_watch_serves_the_whole_way_of_a_submission";
    let Some(program) = tools::find(&["cargo-lambda"], test) else { return };
    // What it would build when it is first asked; that may take longer than it is waited for.
    let built = outside(Path::new("cargo")).arg("build").current_dir(workspace()).status().expect("cargo runs");
    assert!(built.success(), "the functions cannot be built");
    let mut place = Place::start().await;
    let watch = Watch::start(&program, &place);
    eventually("cargo lambda watch", async || reqwest::get(&watch.url).await.ok()).await;
    place.follow(&watch.functions());
    walkthrough(&watch.url, &place).await;
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    for (path, needle) in [("/inbox/sign-in", "name=\"csrf\""), ("/studio/privacy", "Example Studio")] {
        let page = answer(http.get(format!("{}{path}", watch.url)).header("accept", "text/html")).await;
        assert!(page.status == 200 && page.body.contains(needle), "{path}: {page:?}");
    }
    // Nothing else is taken for one of the functions.
    assert_eq!(answer(http.get(format!("{}/studio", watch.url))).await.status, 404);
}

/// As the README says, with a name as CloudFormation gives one. The stack, which has set the rest, is here the first deployment.
#[tokio::test]
async fn cargo_lambda_deploy_replaces_the_program_of_one_function_and_nothing_else() {
    let test = "infra::cargo_lambda::cargo_lambda_deploy_replaces_the_program_of_one_function_and_nothing_else";
    let Some(program) = tools::find(&["cargo-lambda"], test) else { return };
    if package("contact").is_none() || !target().join("lambda/contact/bootstrap").is_file() {
        tools::missing(test, "a package of contact made from this code (see .ci/run)");
        return;
    }
    let Some(moto) = Moto::start(test).await else { return };
    let stack: &[&str] = &["--memory", "256", "--timeout", "10", "--env-var", "DESKBELL_TABLE=deskbell"];
    for (version, settings) in [("1", stack), ("2", &[])] {
        let told = deploy(&program, &moto, settings);
        assert!(told.contains(&format!("version: {version}")), "{told}");
    }
    // It is the signature's scope that tells the region.
    let signed = "AWS4-HMAC-SHA256 Credential=local/20260101/eu-central-1/lambda/aws4_request, SignedHeaders=host, Signature=none";
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let asked = http.get(format!("{}/2015-03-31/functions/{FUNCTION}", moto.url)).header("authorization", signed);
    let stored: Value = asked.send().await.expect("an answer").json().await.expect("JSON");
    let stored = &stored["Configuration"];
    // It has made the same package again.
    let package = std::fs::read(target().join("lambda/contact/bootstrap.zip")).expect("a package");
    assert_eq!(stored["CodeSha256"], BASE64.encode(Sha256::digest(&package)));
    assert_eq!(stored["Runtime"], "provided.al2023");
    assert_eq!((&stored["MemorySize"], &stored["Timeout"]), (&json!(256), &json!(10)));
    assert_eq!(stored["Environment"]["Variables"], json!({ "DESKBELL_TABLE": "deskbell" }));
}

const FUNCTION: &str = "deskbell-ContactFunction-1A2B3C4D5E6F";

/// Deploys the program of contact; gives what cargo-lambda says.
fn deploy(program: &Path, moto: &Moto, settings: &[&str]) -> String {
    let mut command = Command::new(program);
    command.args(["lambda", "deploy", "--binary-name", "contact"]).args(settings).arg(FUNCTION);
    command.current_dir(workspace()).env("AWS_ENDPOINT_URL", &moto.url);
    command.env("AWS_REGION", "eu-central-1").env("AWS_EC2_METADATA_DISABLED", "true");
    command.env("AWS_ACCESS_KEY_ID", "local").env("AWS_SECRET_ACCESS_KEY", "local");
    let deployed = command.output().expect("cargo-lambda runs");
    let told = String::from_utf8_lossy(&deployed.stderr).into_owned() + &String::from_utf8_lossy(&deployed.stdout);
    assert!(deployed.status.success(), "{told}");
    told
}
