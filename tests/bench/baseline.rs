//! What the cold start is measured against: handlers of `tests/baselines` that store what they are sent by one `PutItem`.

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
    command.env("SSL_CERT_FILE", &table.authorities.all).env("AWS_CA_BUNDLE", &table.authorities.all);
    // Node has all others in its program, and would say at each start how long its version is still supported.
    command.env("NODE_EXTRA_CA_CERTS", &table.authorities.own).env("NODE_NO_WARNINGS", "1");
    // Its folder is one of this repository.
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    // What one complains about is shown.
    command.stdout(Stdio::null());
    command
}

fn rust() -> Option<Command> {
    Some(Command::new(there(baselines().join("rust/release/baseline"))?))
}

fn node() -> Option<Command> {
    let mut command = Command::new("node");
    command.arg(there(baselines().join("node/bundle/main.cjs"))?);
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
