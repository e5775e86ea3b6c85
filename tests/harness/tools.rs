//! Programs that some tests need beside Rust. Where one is missing its tests are skipped by name; where
//! `DESKBELL_REQUIRE_TOOLS` is set, as in `.ci/run`, they fail instead.

use std::env;
use std::io::Write as _;
use std::path::PathBuf;

/// The first of these programs that is there.
pub(crate) fn find(names: &[&str], test: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let found = names
        .iter()
        .find_map(|name| env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file()));
    if found.is_none() {
        missing(test, &names.join(" or "));
    }
    found
}

/// Says that a test is skipped, or fails it where nothing may be missing.
pub(crate) fn missing(test: &str, what: &str) {
    assert!(env::var_os("DESKBELL_REQUIRE_TOOLS").is_none(), "{test} needs {what}, which is not installed");
    // Not `eprintln!`, which the test runner keeps to itself when a test passes.
    writeln!(std::io::stderr(), "SKIPPED {test}: {what} is not installed").expect("stderr");
}

/// The folder of an npm package, of this major version; installed below `target` at the first call.
pub(crate) async fn package(name: &str, version: &str, test: &str) -> Option<PathBuf> {
    let npm = find(&["npm"], test)?;
    let home = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("npm-{name}-{version}"));
    let folder = home.join("node_modules").join(name);
    if !folder.is_dir() {
        std::fs::create_dir_all(&home).expect("a folder");
        let mut install = tokio::process::Command::new(npm);
        install.args(["install", "--no-package-lock", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts"]);
        install.arg("--prefix").arg(&home).arg(format!("{name}@{version}"));
        let installed = install.output().await.expect("npm runs");
        if !installed.status.success() {
            missing(test, &format!("npm's {name} {version}"));
            return None;
        }
    }
    Some(folder)
}

/// A port that nobody uses at the moment, for programs that cannot choose one themselves.
pub(crate) fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port()
}
