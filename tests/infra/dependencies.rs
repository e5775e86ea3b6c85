//! What comes with the functions, and what must not: each of these would add to the start of every function, or make it
//! larger, and one switched-on default feature of an SDK brings them back.

use std::process::Command;

/// A crate, its versions, and why it is not wanted.
const UNWANTED: [(&str, &str, &str); 6] = [
    ("aws-lc-rs", "", "its first random byte costs half a second of a small function's processor"),
    ("aws-lc-sys", "", "the same"),
    ("hyper", "0.14", "a second HTTP"),
    ("h2", "0.3", "a second HTTP/2"),
    ("rustls", "0.21", "a second TLS"),
    ("p256", "", "signatures that no service of ours asks for"),
];

#[test]
fn one_http_and_one_tls_come_with_the_functions() {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let tree = Command::new(cargo)
        .args(["tree", "--package", "deskbell-functions", "--edges", "normal", "--prefix", "none", "--offline"])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .output()
        .expect("cargo runs");
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let tree = String::from_utf8(tree.stdout).expect("text");
    let has = |name: &str, version: &str| tree.lines().any(|line| line.starts_with(&format!("{name} v{version}")));
    assert!(has("ring", "0.17") && has("rustls", "0.23") && has("hyper", "1."), "{tree}");
    for (name, version, why) in UNWANTED {
        assert!(!has(name, version), "{name} {version}: {why}");
    }
}
