//! What `deskbell doctor` says of the stack that was deployed, as far as the emulator knows what it asks.

use std::collections::BTreeMap;
use std::time::Duration;

use deskbell::doctor::{Command, Environment, State, examine, report};
use deskbell::settings::SettingsFile;

use crate::harness::ministack::Ministack;
use crate::infra::cargo_lambda::workspace;
use crate::infra::doctor::names::Names;

/// What is not well, and why.
const KNOWN: [(&str, &str); 6] = [
    // Only some systems know names below `localhost`; where they do, what browsers ask first is refused.
    ("address", "does not answer"),
    // Neither is done by ministack.
    ("expiry", "the table's TTL is off"),
    ("backups", "no continuous backups"),
    // The region has none.
    ("budget", "cannot create a budget in eu-north-1"),
    // The name server of the test has no records of this domain.
    ("dkim", "3 of 3 records are missing"),
    ("dmarc", "example.org has no DMARC record"),
];

/// Looks at the stack; all is well, but for what is named above.
pub(super) async fn check(aws: &Ministack) {
    let names = Names::start().await;
    let settings = SettingsFile { file: Some(workspace().join("infra/deskbell.toml")), ..SettingsFile::default() };
    let command = Command { stack: Some("deskbell".into()), settings, dns: Some(names.address), ..Command::default() };
    let mut account = aws.aws();
    account.sns_url = Some(aws.url.clone());
    let environment = Environment {
        aws: Ok(account),
        source: "the test".into(),
        endpoint: Some(aws.url.clone()),
        timeout: Duration::from_secs(20),
        patience: Duration::from_secs(20),
    };
    let findings = examine(&command, &environment).await;
    let unwell = findings.iter().filter(|finding| matches!(finding.state, State::Warning | State::Problem));
    let unwell: BTreeMap<&str, &str> = unwell.map(|finding| (finding.check, &*finding.found)).collect();
    let is_known =
        |check: &str, found: &str| KNOWN.iter().any(|(known, words)| *known == check && found.contains(words));
    let learned = "delete what ministack has learned from KNOWN";
    let agrees = unwell.len() == KNOWN.len() && unwell.iter().all(|(check, found)| is_known(check, found));
    assert!(agrees, "{learned}, or mend this:\n{}", report(&findings));
}
