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
        let names = names.join(" or ");
        assert!(env::var_os("DESKBELL_REQUIRE_TOOLS").is_none(), "{test} needs {names}, which is not installed");
        // Not `eprintln!`, which the test runner keeps to itself when a test passes.
        writeln!(std::io::stderr(), "SKIPPED {test}: {names} is not installed").expect("stderr");
    }
    found
}

/// A port that nobody uses at the moment, for programs that cannot choose one themselves.
pub(crate) fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port()
}
