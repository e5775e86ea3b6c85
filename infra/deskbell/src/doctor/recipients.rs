//! Whether email reaches the owners and the team.

use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::operation::get_suppressed_destination::GetSuppressedDestinationError;
use deskbell_functions::app::App;
use deskbell_functions::words::english;

use super::aws_error::unanswered;
use super::finding::Finding;
use super::identity::recipients;
use super::instance::Instance;

const CHECK: &str = "recipients";

/// Looks for addresses on a suppression list: email bounced, or was reported as spam.
pub(super) async fn check(instance: &Instance) -> Vec<Finding> {
    let app = match instance.app().await {
        Ok(app) => app,
        Err(error) => return vec![Finding::skipped(CHECK, format!("Cannot read the table: {error}"))],
    };
    let client = instance.aws.ses();
    let recipients = recipients(&instance.config);
    let mut findings = Vec::new();
    for email in &recipients {
        match suppressed(&app, &client, email).await {
            Ok(None) => {}
            Ok(Some(finding)) => findings.push(finding),
            // Nor will the next question be answered.
            Err(finding) => return vec![finding],
        }
    }
    if findings.is_empty() {
        let found = format!("None of your team's {} addresses is on a suppression list.", recipients.len());
        findings.push(Finding::ok(CHECK, found));
    }
    findings
}

/// On which suppression list an address is, if on any: Deskbell's or SES' own.
async fn suppressed(app: &App, client: &Client, email: &str) -> Result<Option<Finding>, Finding> {
    let listed = app.store.suppressed(&app.address_hash(email)).await;
    let listed =
        listed.map_err(|error| Finding::problem(CHECK, error.to_string(), "Fix what is wrong with the table."));
    if let Some(suppressed) = listed? {
        let reason = english().inbox.delivery_reason(&suppressed.reason.into());
        let found = format!("No email is sent to {email}: {reason}.");
        let advice = format!("Make its mailbox accept mail again, then run: deskbell unsuppress --email {email}");
        return Ok(Some(Finding::problem(CHECK, found, advice)));
    }
    match client.get_suppressed_destination().email_address(email).send().await {
        Ok(_) => Ok(Some(Finding::problem(
            CHECK,
            format!("{email} is on SES' suppression list: SES accepts email to it and drops it."),
            format!(
                "Make its mailbox accept mail again, then run: aws sesv2 delete-suppressed-destination --email-address {email}"
            ),
        ))),
        Err(error) if error.as_service_error().is_some_and(GetSuppressedDestinationError::is_not_found_exception) => {
            Ok(None)
        }
        Err(error) => Err(unanswered(CHECK, &error)),
    }
}
