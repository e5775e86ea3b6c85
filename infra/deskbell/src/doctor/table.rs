//! The table, its stream, and what protects it; and the secrets in it.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::describe_table::DescribeTableError;
use aws_sdk_dynamodb::types::{
    PointInTimeRecoveryStatus, StreamViewType, TableDescription, TableStatus, TimeToLiveStatus,
};
use deskbell_functions::config::secret::Secret;

use super::aws_error::unanswered;
use super::finding::Finding;
use super::instance::Instance;

const DEPLOY: &str = "Deploy the template again: somebody has changed the table by hand.";

/// Looks at the table; at what protects it only where it can be lost.
pub(super) async fn check(instance: &Instance) -> Vec<Finding> {
    let client = instance.aws.dynamodb();
    let described = client.describe_table().table_name(&instance.table).send().await;
    let table = match described {
        Ok(described) => described.table,
        Err(error) if error.as_service_error().is_some_and(DescribeTableError::is_resource_not_found_exception) => {
            let found = format!("There is no table {}.", instance.table);
            return vec![Finding::problem(
                "table",
                found,
                "Deploy the template again, or restore the table from a backup.",
            )];
        }
        Err(error) => return vec![unanswered("table", &error)],
    };
    let Some(table) = table else { return Vec::new() };
    let mut findings = vec![status(instance, &table), stream(&table), expiry(&client, instance).await];
    if instance.stack.is_some() {
        findings.push(protection(&table));
        findings.push(backups(&client, instance).await);
    }
    findings
}

fn status(instance: &Instance, table: &TableDescription) -> Finding {
    match table.table_status() {
        Some(TableStatus::Active | TableStatus::Updating) | None => {
            Finding::ok("table", format!("{} exists.", instance.table))
        }
        Some(status) => Finding::problem(
            "table",
            format!("{} is {}.", instance.table, status.as_str()),
            "Wait until it is ready, or look in the DynamoDB console what is wrong.",
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
        None => Finding::problem("stream", "The table's stream is off, so nobody is notified.", DEPLOY),
    }
}

async fn expiry(client: &Client, instance: &Instance) -> Finding {
    let described = client.describe_time_to_live().table_name(&instance.table).send().await;
    let ttl = match described {
        Ok(described) => described.time_to_live_description,
        Err(error) => return unanswered("expiry", &error),
    };
    let on = ttl.as_ref().and_then(|ttl| ttl.time_to_live_status());
    let attribute = ttl.as_ref().and_then(|ttl| ttl.attribute_name());
    match (on, attribute) {
        (Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling), Some("expires_at")) => {
            Finding::ok("expiry", "What has expired is deleted.")
        }
        _ => Finding::problem("expiry", "Nothing ever expires: the table's TTL is off.", DEPLOY),
    }
}

fn protection(table: &TableDescription) -> Finding {
    match table.deletion_protection_enabled() {
        Some(true) => Finding::ok("protection", "The table cannot be deleted by mistake."),
        _ => Finding::warning("protection", "The table can be deleted by mistake.", DEPLOY),
    }
}

async fn backups(client: &Client, instance: &Instance) -> Finding {
    let described = client.describe_continuous_backups().table_name(&instance.table).send().await;
    let described = match described {
        Ok(described) => described.continuous_backups_description,
        Err(error) => return unanswered("backups", &error),
    };
    let recovery = described.as_ref().and_then(|backups| backups.point_in_time_recovery_description());
    match recovery.and_then(|recovery| recovery.point_in_time_recovery_status()) {
        Some(PointInTimeRecoveryStatus::Enabled) => {
            Finding::ok("backups", "The table can be restored to any second of the last 35 days.")
        }
        _ => Finding::warning("backups", "The table has no continuous backups.", DEPLOY),
    }
}

/// Whether the secrets that the settings need are set.
pub(super) async fn secrets(instance: &Instance) -> Vec<Finding> {
    let store = instance.store();
    let mut findings = Vec::new();
    for site in instance.config.sites.values() {
        for secret in Secret::needed(site) {
            let own = store.named_secret(Some(&site.id), &secret).await;
            let found = match own {
                Ok(Some(_)) => Ok(true),
                Ok(None) => store.named_secret(None, &secret).await.map(|secret| secret.is_some()),
                Err(error) => Err(error),
            };
            findings.push(match found {
                Ok(true) => Finding::ok("secret", format!("{secret} is set, for {}.", site.id)),
                Ok(false) => Finding::problem(
                    "secret",
                    format!("{secret} is not set, for {}.", site.id),
                    format!("Set it: deskbell secret set {secret}"),
                ),
                Err(error) => Finding::problem("secret", error.to_string(), "Fix what is wrong with the table."),
            });
        }
    }
    if findings.is_empty() {
        findings.push(Finding::ok("secret", "None needed."));
    }
    findings
}
