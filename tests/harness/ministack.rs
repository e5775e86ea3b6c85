//! An implementation of AWS by others, `ministack` of `PyPI`: it takes the whole stack, runs the programs as Lambda does, and
//! enforces their roles. It is asked by AWS' own SDK for Python, which is installed beside it.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;

use aws_sdk_dynamodb::config::Credentials;
use deskbell_functions::app::Aws;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::Mutex;

use crate::harness::tools;
use crate::harness::world::eventually;

/// A region in which CloudFormation cannot create budgets.
pub(crate) const REGION: &str = "eu-north-1";

/// The account that everything is in.
pub(crate) const ACCOUNT: &str = "000000000000";

/// The key of the account's root, and its secret.
pub(crate) const ROOT: &str = "test";

/// A running emulator; it ends with everything that it has started when this is dropped.
pub(crate) struct Ministack {
    pub(crate) url: String,
    pub(crate) address: SocketAddr,
    /// A folder that goes with it.
    pub(crate) folder: TempDir,
    process: Child,
    sdk: Mutex<Sdk>,
}

/// The program that asks.
struct Sdk {
    calls: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    _process: Child,
}

/// An email that was handed to SES.
#[derive(Debug, Clone)]
pub(crate) struct Email {
    pub(crate) to: String,
    pub(crate) subject: String,
    pub(crate) text: String,
}

impl Ministack {
    pub(crate) async fn start(test: &str) -> Option<Self> {
        let program = tools::find(&["ministack"], test)?;
        let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        let address = SocketAddr::from(([127, 0, 0, 1], tools::free_port()));
        let url = format!("http://{address}");
        let mut command = bare(&program, &folder, &url);
        command.env("BIND_HOST", "127.0.0.1").env("GATEWAY_PORT", address.port().to_string());
        // Roles are enforced; nothing else is listened on; what failed is tried again soon.
        command.env("AUTH", "true").env("IOT_MTLS_ENABLED", "0").env("LAMBDA_ASYNC_RETRY_BASE_SECONDS", "0.05");
        command.env("MINISTACK_REGION", REGION);
        // What it and the functions say, for whoever wonders why a test fails.
        let log = std::fs::File::create(concat!(env!("CARGO_TARGET_TMPDIR"), "/ministack.log")).expect("a file");
        command.stdout(log.try_clone().expect("a file")).stderr(log);
        let process = command.process_group(0).kill_on_drop(true).spawn().expect("ministack starts");
        let python = program.with_file_name("python3");
        let sdk = Mutex::new(Sdk::start(bare(&python, &folder, &url)));
        let started = Self { url, address, folder, process, sdk };
        eventually("ministack", async || reqwest::get(started.at("/_ministack/health")).await.ok()).await;
        Some(started)
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// Asks a service something, as Python names it; gives the answer or what is wrong.
    pub(crate) async fn ask(&self, service: &str, operation: &str, parameters: Value) -> Result<Value, String> {
        self.sdk
            .lock()
            .await
            .ask(&json!({ "service": service, "operation": operation, "parameters": parameters }))
            .await
    }

    /// The same, where nothing may be wrong.
    pub(crate) async fn get(&self, service: &str, operation: &str, parameters: Value) -> Value {
        self.ask(service, operation, parameters).await.unwrap_or_else(|wrong| panic!("{operation}: {wrong}"))
    }

    /// What was handed to SES.
    pub(crate) async fn emails(&self) -> Vec<Email> {
        let told = reqwest::get(self.at("/_ministack/ses/messages")).await.expect("an answer");
        let told: Value = told.json().await.expect("JSON");
        let accounts =
            told["messages"].as_object().expect("accounts").values().flat_map(|one| one.as_array().expect("emails"));
        let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned();
        let read = |email: &Value| Email {
            to: text(&email["To"][0]),
            subject: text(&email["Subject"]),
            text: text(&email["BodyText"]),
        };
        accounts.map(read).collect()
    }

    /// How Deskbell's own code speaks to it, as the account's root.
    pub(crate) fn aws(&self) -> Aws {
        let credentials = Credentials::new(ROOT, ROOT, None, None, "test");
        Aws { region: REGION.into(), credentials, ..Aws::local(self.url.clone(), self.url.clone()) }
    }
}

impl Drop for Ministack {
    fn drop(&mut self) {
        // The functions' processes are of its group.
        let Some(group) = self.process.id() else { return };
        let _ = std::process::Command::new("kill").args(["-KILL", "--", &format!("-{group}")]).status();
    }
}

impl Sdk {
    fn start(mut command: Command) -> Self {
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/harness/aws.py")).kill_on_drop(true);
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("python starts");
        let (calls, answers) = (process.stdin.take().expect("its input"), process.stdout.take().expect("its output"));
        Self { calls, answers: BufReader::new(answers).lines(), _process: process }
    }

    async fn ask(&mut self, call: &Value) -> Result<Value, String> {
        self.calls.write_all(format!("{call}\n").as_bytes()).await.expect("python reads");
        let line = self.answers.next_line().await.expect("an answer").unwrap_or_else(|| panic!("no answer to {call}"));
        let mut told: Value = serde_json::from_str(&line).expect("JSON");
        match told.get("error").and_then(Value::as_str) {
            Some(wrong) => Err(wrong.to_owned()),
            None => Ok(told["answer"].take()),
        }
    }
}

/// A program with nothing of this process' environment, for which AWS is at `url`: what the emulator has in its environment,
/// the functions have.
fn bare(program: &Path, folder: &TempDir, url: &str) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", folder.path()).env("TMPDIR", folder.path());
    command.env("AWS_ENDPOINT_URL", url).env("AWS_REGION", REGION).env("AWS_DEFAULT_REGION", REGION);
    command.env("AWS_ACCESS_KEY_ID", ROOT).env("AWS_SECRET_ACCESS_KEY", ROOT).env("AWS_EC2_METADATA_DISABLED", "true");
    command
}
