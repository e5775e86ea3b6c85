//! Transactions about a submission, and what became of one that others got in the way of.

use std::time::Duration;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{CancellationReason, TransactWriteItem};
use uuid::Uuid;

use super::error::StoreError;
use super::item;
use super::table::Store;
use crate::submission::Submission;

/// How often a transaction is tried when others touch the same items at the same moment.
pub(super) const TRIES: u32 = 8;

impl Store {
    /// Sends writes, of which the first is about a submission and alone depends on how it is.
    pub(super) async fn transact(&self, writes: Vec<TransactWriteItem>) -> Result<TransactionOutcome, StoreError> {
        match self.client.transact_write_items().set_transact_items(Some(writes)).send().await {
            Ok(_) => Ok(TransactionOutcome::Done),
            Err(error) => TransactionOutcome::of(error),
        }
    }
}

/// Waits up to 50 ms, by chance, so that those who collided do not collide again.
pub(crate) async fn pause() {
    let chance = Uuid::new_v4().as_bytes()[0];
    tokio::time::sleep(Duration::from_millis(u64::from(chance) / 5)).await;
}

/// What became of a transaction.
pub(super) enum TransactionOutcome {
    /// Done.
    Done,
    /// The submission was not as expected any more; this is how it is now.
    Changed(Box<Submission>),
    /// The first comment of the thread is gone.
    Rootless,
    /// Others were writing the same items; it may be tried again.
    Busy,
}

impl TransactionOutcome {
    fn of<R>(error: SdkError<TransactWriteItemsError, R>) -> Result<Self, StoreError>
    where
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        let reasons = match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(canceled)) => canceled.cancellation_reasons(),
            _ => return Err(error.into()),
        };
        let failed = |reason: &CancellationReason| reason.code() == Some("ConditionalCheckFailed");
        if let Some(first) = reasons.first().filter(|reason| failed(reason)) {
            let newer = item::submission(first.item().cloned().ok_or(StoreError::Gone)?)?;
            return Ok(Self::Changed(Box::new(newer)));
        }
        if reasons.iter().any(failed) {
            return Ok(Self::Rootless);
        }
        if reasons.iter().any(|reason| reason.code() == Some("TransactionConflict")) {
            return Ok(Self::Busy);
        }
        Err(error.into())
    }

    /// What is said after so many tries.
    pub(super) fn too_busy() -> StoreError {
        StoreError::Contended("the page")
    }
}
