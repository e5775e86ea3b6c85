//! Rings the bell: follows the table's stream and tells the owner. The only function that sends.
//!
//! A record may come again, alone or with its whole batch. Before anything is done the submission is read as it is
//! now, and what was done is noted with it; so a repetition finds nothing left to do, and one record that cannot be
//! handled keeps no other from being handled.

use aws_lambda_events::dynamodb::{Event, EventRecord};
use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};

use crate::app::Bell;
use crate::mail::MailError;
use crate::store::{self, StoreError};
use crate::submission::{Status, Submission, Wrote};

/// Handles a batch of the stream's records; names those that must come again.
pub async fn handle(bell: &Bell, event: Event) -> DynamoDbEventResponse {
    let mut response = DynamoDbEventResponse::default();
    for record in event.records {
        let sequence_number = record.change.sequence_number.clone();
        if let Err(error) = follow(bell, record).await {
            tracing::error!(%error, sequence_number, "a record must come again");
            let mut failure = DynamoDbBatchItemFailure::default();
            failure.item_identifier = sequence_number;
            response.batch_item_failures.push(failure);
        }
    }
    response
}

/// Why a record was not handled.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Mail(#[from] MailError),
}

async fn follow(bell: &Bell, record: EventRecord) -> Result<(), Failure> {
    let pk = record.change.keys.get("pk").cloned();
    let removed = record.event_name == "REMOVE";
    if removed || !matches!(pk, Some(serde_dynamo::AttributeValue::S(pk)) if store::is_submission(&pk)) {
        return Ok(());
    }
    let seen = store::submission(record.change.new_image)?;
    if !(must_ring(&seen) || must_count(&seen)) {
        return Ok(());
    }
    // The image tells what it was when it was written; what to do depends on what it is.
    let Some(now) = bell.app.store.submission(&seen.site, seen.id).await? else { return Ok(()) };
    if must_count(&now) {
        bell.app.store.count_in(&now).await?;
    }
    if must_ring(&now) { ring(bell, &now).await } else { Ok(()) }
}

/// A comment that was published as it came is not part of its page's count yet.
fn must_count(submission: &Submission) -> bool {
    submission.status == Status::Published && !submission.counted
}

/// Every lead that is not spam, also one taken out of spam; every comment that the owner has not seen.
fn must_ring(submission: &Submission) -> bool {
    let due = match (&submission.wrote, submission.status) {
        (Wrote::Lead(_), Status::Received) => true,
        (Wrote::Comment(_), Status::Held | Status::Published) => submission.decisions == 0,
        _ => false,
    };
    due && submission.notified_at.is_none()
}

async fn ring(bell: &Bell, submission: &Submission) -> Result<(), Failure> {
    let Some(site) = bell.app.site(&submission.site) else {
        tracing::error!(id = %submission.id, site = submission.site, "the site is not configured any more");
        return Ok(());
    };
    let path = bell.app.moderation_path(submission);
    let link = format!("{}{path}", bell.url.as_str().trim_end_matches('/'));
    bell.mailer.ring(site, submission, &link).await?;
    tracing::info!(id = %submission.id, site = site.id, "the owner was told");
    Ok(bell.app.store.notified(submission).await?)
}
