//! The table, its stream, and what protects it; and the secrets in it.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::describe_table::DescribeTableError;
use aws_sdk_dynamodb::types::{
    PointInTimeRecoveryStatus, StreamViewType, TableDescription, TableStatus, TimeToLiveStatus,
};
use deskbell_functions::config::secret::Secret;

use super::finding::Finding;
use super::place::Place;
use super::trouble::unanswered;

const DEPLOY: &str = "Deploy the template again: somebody has changed the table by hand.";

/// Looks at the table; at what protects it only where it can be lost.
pub(super) async fn check(place: &Place) -> Vec<Finding> {
    let client = place.aws.dynamodb();
    let described = client.describe_table().table_name(&place.table).send().await;
    let table = match described {
        Ok(described) => described.table,
        Err(error) if error.as_service_error().is_some_and(DescribeTableError::is_resource_not_found_exception) => {
            let found = format!("There is no table {}.", place.table);
            return vec![Finding::problem(
                "table",
                found,
                "Deploy the template again, or restore the table from a backup.",
            )];
        }
        Err(error) => return vec![unanswered("table", &error)],
    };
    let Some(table) = table else { return Vec::new() };
    let mut findings = vec![there(place, &table), stream(&table), ends(&client, place).await];
    if place.stack.is_some() {
        findings.push(protected(&table));
        findings.push(recoverable(&client, place).await);
    }
    findings
}

fn there(place: &Place, table: &TableDescription) -> Finding {
    match table.table_status() {
        Some(TableStatus::Active | TableStatus::Updating) | None => {
            Finding::ok("table", format!("{} is there.", place.table))
        }
        Some(status) => Finding::problem(
            "table",
            format!("{} is {}.", place.table, status.as_str()),
            "Wait until it is ready, or ask AWS what is wrong with it.",
        ),
    }
}

fn stream(table: &TableDescription) -> Finding {
    let stream = table.stream_specification().filter(|stream| stream.stream_enabled);
    match stream.and_then(|stream| stream.stream_view_type()) {
        Some(StreamViewType::NewAndOldImages) => Finding::ok("stream", "The table's stream is on."),
        Some(other) => {
            Finding::problem("stream", format!("The table's stream carries {} only.", other.as_str()), DEPLOY)
        }
        None => Finding::problem("stream", "The table's stream is off, so nothing rings.", DEPLOY),
    }
}

async fn ends(client: &Client, place: &Place) -> Finding {
    let described = client.describe_time_to_live().table_name(&place.table).send().await;
    let ttl = match described {
        Ok(described) => described.time_to_live_description,
        Err(error) => return unanswered("expiry", &error),
    };
    let on = ttl.as_ref().and_then(|ttl| ttl.time_to_live_status());
    let attribute = ttl.as_ref().and_then(|ttl| ttl.attribute_name());
    match (on, attribute) {
        (Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling), Some("expires_at")) => {
            Finding::ok("expiry", "What is kept long enough is deleted.")
        }
        _ => Finding::problem("expiry", "Nothing is ever deleted: the table's TTL is off.", DEPLOY),
    }
}

fn protected(table: &TableDescription) -> Finding {
    match table.deletion_protection_enabled() {
        Some(true) => Finding::ok("protection", "The table cannot be deleted by mistake."),
        _ => Finding::warning("protection", "The table can be deleted by mistake.", DEPLOY),
    }
}

async fn recoverable(client: &Client, place: &Place) -> Finding {
    let described = client.describe_continuous_backups().table_name(&place.table).send().await;
    let backups = match described {
        Ok(described) => described.continuous_backups_description,
        Err(error) => return unanswered("backups", &error),
    };
    let recovery = backups.as_ref().and_then(|backups| backups.point_in_time_recovery_description());
    match recovery.and_then(|recovery| recovery.point_in_time_recovery_status()) {
        Some(PointInTimeRecoveryStatus::Enabled) => {
            Finding::ok("backups", "The table can be restored to any second of the last 35 days.")
        }
        _ => Finding::warning("backups", "The table has no continuous backups.", DEPLOY),
    }
}

/// Whether the secrets that the settings need are there.
pub(super) async fn secrets(place: &Place) -> Vec<Finding> {
    let store = place.store();
    let mut findings = Vec::new();
    for site in place.config.sites.values() {
        for secret in Secret::needed(site) {
            let own = store.named_secret(Some(&site.id), &secret).await;
            let found = match own {
                Ok(Some(_)) => Ok(true),
                Ok(None) => store.named_secret(None, &secret).await.map(|secret| secret.is_some()),
                Err(error) => Err(error),
            };
            findings.push(match found {
                Ok(true) => Finding::ok("secret", format!("{secret} is there, for {}.", site.id)),
                Ok(false) => Finding::problem(
                    "secret",
                    format!("{secret} is not there, for {}.", site.id),
                    format!("Keep it in the table: deskbell secret set {secret}"),
                ),
                Err(error) => Finding::problem("secret", error.to_string(), "Put right what is wrong with the table."),
            });
        }
    }
    if findings.is_empty() {
        findings.push(Finding::ok("secret", "None is needed."));
    }
    findings
}
