//! Whether letters reach those who hear the bell, and those who sign in.

use std::collections::BTreeSet;

use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::operation::get_suppressed_destination::GetSuppressedDestinationError;
use deskbell_functions::app::App;
use deskbell_functions::config::{Config, Site};
use deskbell_functions::words::english;

use super::finding::Finding;
use super::mail::identities;
use super::place::Place;
use super::trouble::unanswered;

const CHECK: &str = "people";

/// Everybody whom Deskbell writes to of its own accord, once.
fn everybody(config: &Config) -> BTreeSet<String> {
    config.sites.values().flat_map(Site::people).map(|person| person.email.as_str().to_lowercase()).collect()
}

/// Looks whether anything keeps letters from them: mail to an address came back, or was called spam.
pub(super) async fn check(place: &Place) -> Vec<Finding> {
    let app = match place.app().await {
        Ok(app) => app,
        Err(error) => return vec![Finding::skipped(CHECK, format!("The table was not read: {error}"))],
    };
    let client = place.aws.ses();
    let everybody = everybody(&place.config);
    let mut findings = Vec::new();
    for email in &everybody {
        match shunned(&app, &client, email).await {
            Ok(None) => {}
            Ok(Some(finding)) => findings.push(finding),
            // Nor will the next question be answered.
            Err(finding) => return vec![finding],
        }
    }
    if findings.is_empty() {
        let found = format!("Nothing keeps letters from the {} addresses of your team.", everybody.len());
        findings.push(Finding::ok(CHECK, found));
    }
    findings
}

/// What keeps letters from an address, if anything does: Deskbell's list or SES' own.
async fn shunned(app: &App, client: &Client, email: &str) -> Result<Option<Finding>, Finding> {
    let kept = app.store.suppressed(&app.address_hash(email)).await;
    let kept =
        kept.map_err(|error| Finding::problem(CHECK, error.to_string(), "Put right what is wrong with the table."));
    if let Some(suppressed) = kept? {
        let reason = english().inbox.delivery_reason(&suppressed.reason.into());
        let found = format!("Nothing is sent to {email} any more: {reason}.");
        let advice = format!("See that its mailbox takes mail again, then: deskbell mail-again --email {email}");
        return Ok(Some(Finding::problem(CHECK, found, advice)));
    }
    match client.get_suppressed_destination().email_address(email).send().await {
        Ok(_) => Ok(Some(Finding::problem(
            CHECK,
            format!(
                "SES has {email} on its list of addresses that take no mail: it takes letters there, and drops them."
            ),
            format!(
                "See that its mailbox takes mail again, then: aws sesv2 delete-suppressed-destination --email-address {email}"
            ),
        ))),
        Err(error) if error.as_service_error().is_some_and(GetSuppressedDestinationError::is_not_found_exception) => {
            Ok(None)
        }
        Err(error) => Err(unanswered(CHECK, &error)),
    }
}

/// Those whom an account in SES' sandbox may not write to: SES knows neither the address nor its domain.
pub(super) async fn unverified(client: &Client, config: &Config) -> Vec<String> {
    let mut unverified = Vec::new();
    for email in everybody(config) {
        let mut known = false;
        for identity in identities(&email) {
            known = known || is_verified(client, identity).await;
        }
        if !known {
            unverified.push(email);
        }
    }
    unverified
}

async fn is_verified(client: &Client, identity: &str) -> bool {
    let found = client.get_email_identity().email_identity(identity).send().await;
    found.is_ok_and(|found| found.verified_for_sending_status)
}
