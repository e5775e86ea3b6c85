//! By what SES knows an address, and whose addresses Deskbell writes to.

use std::collections::BTreeSet;

use aws_sdk_sesv2::Client;
use deskbell_functions::config::{Config, Site};

/// The identities by which SES may know an address: its domain, those above it, and the address alone.
pub(super) fn identities(address: &str) -> Vec<&str> {
    let domain = domain_of(address);
    let above = std::iter::successors(Some(domain), |domain| Some(domain.split_once('.')?.1));
    above.filter(|domain| domain.contains('.')).chain([address]).collect()
}

/// What stands behind the @.
pub(super) fn domain_of(address: &str) -> &str {
    address.rsplit_once('@').map_or(address, |(_, domain)| domain)
}

/// Everybody who gets email from Deskbell beside visitors, once.
pub(super) fn recipients(config: &Config) -> BTreeSet<String> {
    config.sites.values().flat_map(Site::people).map(|person| person.email.as_str().to_lowercase()).collect()
}

/// Those whom an account in SES' sandbox may not write to: SES knows neither the address nor its domain.
pub(super) async fn unverified(client: &Client, config: &Config) -> Vec<String> {
    let mut unverified = Vec::new();
    for email in recipients(config) {
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
