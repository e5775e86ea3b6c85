//! What the cold start is measured against: handlers of `tests/baselines` that store what they are sent by one `PutItem`, each
//! with its runtime's own interface to Lambda.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::table::{Table, baselines};

/// A baseline's name, how often it is started, and its program with its arguments; none where it is not installed.
pub(crate) fn all(table: &Table) -> Vec<(&'static str, Command)> {
    let known = [("Rust, default features", rust()), ("Node 20", node()), ("Python 3.11", python())];
    let mut found = Vec::new();
    for (name, program) in known {
        match program {
            Some(command) => found.push((name, in_place(command, table))),
            None => println!("{name}: not measured, because it is not installed (see tests/baselines/README.md)"),
        }
    }
    found
}

/// The program with what Lambda says in the environment.
fn in_place(mut command: Command, table: &Table) -> Command {
    let path = std::env::var_os("PATH").unwrap_or_default();
    command.env_clear().env("PATH", path).env("HOME", "/tmp").env("TZ", ":UTC").env("_HANDLER", "handler.handler");
    command.env("AWS_REGION", "eu-central-1").env("AWS_DEFAULT_REGION", "eu-central-1");
    command.env("AWS_ACCESS_KEY_ID", "local").env("AWS_SECRET_ACCESS_KEY", "local");
    command.env("AWS_ENDPOINT_URL_DYNAMODB", &table.url).env("AWS_EC2_METADATA_DISABLED", "true");
    for authorities in ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "AWS_CA_BUNDLE"] {
        command.env(authorities, &table.authorities);
    }
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn rust() -> Option<Command> {
    Some(Command::new(there(baselines().join("rust/release/baseline"))?))
}

fn node() -> Option<Command> {
    let folder = baselines().join("node");
    let mut command = Command::new("node");
    command.arg(there(folder.join("node_modules/aws-lambda-ric/bin/index.mjs"))?).arg("handler.handler");
    command.current_dir(there(folder.join("bundle"))?);
    Some(command)
}

fn python() -> Option<Command> {
    let mut command = Command::new(there(baselines().join("python/bin/python"))?);
    command.args(["-m", "awslambdaric", "handler.handler"]);
    command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("baselines/python"));
    Some(command)
}

fn there(path: PathBuf) -> Option<PathBuf> {
    path.exists().then_some(path)
}
