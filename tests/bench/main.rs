//! What the deployed packages cost: their size, how long they take from cold and beside other runtimes, CPU and memory of
//! warm calls; and the start of local mode.
//!
//! ```text
//! for name in contact comments owner notify; do
//!   cargo lambda build --release --skip-target-check --output-format zip --bin $name
//! done
//! cargo build -p deskbell && cargo bench -p deskbell-tests
//! ```
//!
//! What they are compared with is installed as `tests/baselines/README.md` says.
//!
//! (Linux: it reads `/proc`.) With `-- size`, `cold`, `warm` or `local` behind it only that. The packages run as in Lambda,
//! under a Runtime API on this machine with real API Gateway events; the table is embedded, behind TLS. How much CPU a call
//! takes says more than how long it takes, where others use the machine, too.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a measurement that cannot be made ends")]

mod baseline;
mod cold;
mod figures;
mod harness;
mod local;
mod share;
mod table;
mod warm;

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::harness::runtime;

/// An event as API Gateway sends it.
fn event(method: &str, path: &str, query: &str, body: &str) -> Value {
    json!({
        "version": "2.0", "routeKey": format!("ANY {path}"), "rawPath": path, "rawQueryString": query,
        "headers": {
            "accept": "application/json", "content-type": "application/x-www-form-urlencoded", "host": "api.example.org",
        },
        "requestContext": {
            "accountId": "0", "apiId": "x", "domainName": "api.example.org", "domainPrefix": "api", "stage": "$default",
            "requestId": uuid::Uuid::new_v4().to_string(), "routeKey": format!("ANY {path}"),
            "http": { "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.7", "userAgent": "bench" },
        },
        "body": body, "isBase64Encoded": false,
    })
}

/// A contact request, no two alike, and each from a network of its own: one may send ten in a minute.
fn lead(number: usize) -> Value {
    let text = "Could+I+come+on+Monday+afternoon%3F+My+back+hurts+again.";
    let mut event = event("POST", "/contact", "", &format!("name=Ann&email=ann@example.org&message={text}+{number}"));
    event["requestContext"]["http"]["sourceIp"] = format!("198.{}.{}.7", 18 + number / 256, number % 256).into();
    event
}

/// The unpacked packages of functions.
fn packages(names: &[&str]) -> Vec<PathBuf> {
    let home = runtime::target().join("tmp/bench-packages");
    let unpacked = names.iter().map(|name| {
        let package = runtime::package(name).expect("run `cargo lambda build …` first");
        runtime::unpacked(&package, &home.join(name))
    });
    unpacked.collect()
}

/// The sizes of programs and packages.
fn size() {
    println!("| | program, MB | package, MB |\n| --- | --- | --- |");
    let names = ["contact", "comments", "owner", "notify"];
    for (name, folder) in names.iter().zip(packages(&names)) {
        let bytes = |path: PathBuf| u32::try_from(path.metadata().expect("a file").len()).expect("no more than 4 GB");
        let megabytes = |path| f64::from(bytes(path)) / 1e6;
        let package = runtime::package(name).expect("a package");
        println!("| {name} | {:.2} | {:.2} |", megabytes(folder.join("bootstrap")), megabytes(package));
    }
    println!();
}

#[tokio::main]
async fn main() {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!("{}, load {}\n", jiff::Timestamp::now(), load.split(' ').take(3).collect::<Vec<_>>().join(" "));
    // Cargo says `--bench`, too.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|wanted| wanted == name);
    if is_wanted("size") {
        size();
    }
    if is_wanted("cold") {
        cold::measure().await;
    }
    if is_wanted("warm") {
        warm::measure().await;
    }
    if is_wanted("local") {
        local::measure();
    }
}
