//! Erasing what a person has sent, and what hangs on it. Each step may be done again, and whatever is done last is what
//! finds the rest; so what was interrupted is finished by doing it once more.

use aws_sdk_dynamodb::types::{
    AttributeValue, Delete, Put, ReturnValuesOnConditionCheckFailure as OnFailure, TransactWriteItem,
};
use jiff::Timestamp;

use super::error::StoreError;
use super::item::item;
use super::schema::{key, n, submission_pk};
use super::table::Store;
use super::transact::{TRIES, TransactionOutcome, pause};
use crate::config::Site;
use crate::submission::{Submission, transition};

/// What became of a submission that was to be erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erased {
    /// It is gone.
    Removed,
    /// Others' replies hang on it: a tombstone is left, with nothing of its author.
    Tombstone,
}

impl Store {
    /// Erases a submission; page and thread are counted anew in the same transaction.
    pub async fn erase(&self, site: &Site, submission: &Submission) -> Result<Erased, StoreError> {
        let (mut now, mut alone) = (submission.clone(), false);
        for _ in 0..TRIES {
            let tombstone = transition::erase(&now, site);
            let done = if tombstone.is_some() { Erased::Tombstone } else { Erased::Removed };
            match self.transact(self.erasure(&now, tombstone, alone)?).await {
                Ok(TransactionOutcome::Done) => return Ok(done),
                Ok(TransactionOutcome::Changed(newer)) => now = *newer,
                Ok(TransactionOutcome::Rootless) => alone = true,
                Ok(TransactionOutcome::Busy) => pause().await,
                // Somebody else was quicker, or its time was over.
                Err(StoreError::Gone) => return Ok(Erased::Removed),
                Err(error) => return Err(error),
            }
        }
        Err(TransactionOutcome::too_busy())
    }

    /// Removes a tombstone that no reply needs any more: from its page, and from the table in its time.
    pub async fn remove_tombstone(&self, site: &Site, submission: &Submission) -> Result<(), StoreError> {
        let (site_id, id) = (&submission.site, submission.id);
        let Some(now) = self.submission(site_id, id).await?.filter(Submission::is_needless_tombstone) else {
            return Ok(());
        };
        if now.erased {
            return self.erase(site, &now).await.map(drop);
        }
        let released = transition::release(&now, Timestamp::now(), site.keep);
        match self.transact(vec![self.put_if_unchanged(&now, &released)?]).await? {
            // Whatever has changed it comes by the stream, too.
            TransactionOutcome::Done | TransactionOutcome::Changed(_) => Ok(()),
            TransactionOutcome::Rootless | TransactionOutcome::Busy => Err(TransactionOutcome::too_busy()),
        }
    }

    /// The transaction that leaves of a submission what is given; `alone` if its thread has no first comment any more.
    fn erasure(
        &self,
        before: &Submission,
        left: Option<Submission>,
        alone: bool,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let mut writes = vec![match left {
            Some(left) => self.put_if_unchanged(before, &left)?,
            None => self.delete_if_unchanged(before)?,
        }];
        let before = if alone { before.clone().promoted() } else { before.clone() };
        if let Some(comment) = before.comment().filter(|_| before.counted) {
            writes.extend(self.count_comments(&before, comment, -1)?);
        }
        Ok(writes)
    }

    fn put_if_unchanged(&self, before: &Submission, left: &Submission) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item(left)?))
            .condition_expression(UNCHANGED)
            .expression_attribute_values(":decided", n(before.decisions))
            .expression_attribute_values(":counted", AttributeValue::Bool(before.counted))
            .expression_attribute_values(":replies", n(before.replies))
            .return_values_on_condition_check_failure(OnFailure::AllOld);
        Ok(TransactWriteItem::builder().put(put.build()?).build())
    }

    fn delete_if_unchanged(&self, before: &Submission) -> Result<TransactWriteItem, StoreError> {
        let delete = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(key(submission_pk(&before.site, before.id), "item")))
            .condition_expression(UNCHANGED)
            .expression_attribute_values(":decided", n(before.decisions))
            .expression_attribute_values(":counted", AttributeValue::Bool(before.counted))
            .expression_attribute_values(":replies", n(before.replies))
            .return_values_on_condition_check_failure(OnFailure::AllOld);
        Ok(TransactWriteItem::builder().delete(delete.build()?).build())
    }
}

/// Nobody has decided, counted it in, or replied since.
const UNCHANGED: &str = "decisions = :decided AND counted = :counted AND replies = :replies";
