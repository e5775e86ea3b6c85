//! Erasing what a person has sent, and what hangs on it. Each step may be done again, and whatever is done last is what
//! finds the rest; so what was interrupted is finished by doing it once more.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::types::{
    AttributeValue, Delete, Put, ReturnValue, ReturnValuesOnConditionCheckFailure as OnFailure, TransactWriteItem,
};
use futures_util::future::try_join_all;
use jiff::Timestamp;
use uuid::Uuid;

use super::delivery::undelivered_pk;
use super::transact::{Outcome, TRIES, pause};
use super::{Item, Store, StoreError, claim_key, item, key, n, s, submission_pk};
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
                Ok(Outcome::Done) => return Ok(done),
                Ok(Outcome::Changed(newer)) => now = *newer,
                Ok(Outcome::Rootless) => alone = true,
                Ok(Outcome::Busy) => pause().await,
                // Somebody else was quicker, or its time was over.
                Err(StoreError::Gone) => return Ok(Erased::Removed),
                Err(error) => return Err(error),
            }
        }
        Err(Outcome::too_busy())
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
            Outcome::Done | Outcome::Changed(_) => Ok(()),
            Outcome::Rootless | Outcome::Busy => Err(Outcome::too_busy()),
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

    /// Until when it is known that content with this hash was seen, in seconds since 1970, if it is what is stored under
    /// this id.
    pub async fn claimed(&self, site: &str, content: &str, id: Uuid) -> Result<Option<i64>, StoreError> {
        let item = self.get(claim_key(site, content), false).await?.unwrap_or_default();
        let same = item.get("id") == Some(&s(id));
        Ok(item.get("expires_at").filter(|_| same).and_then(|at| at.as_n().ok()?.parse().ok()))
    }

    /// Forgets that deliveries of a submission failed; gives how many.
    pub async fn forget_all_undelivered(&self, site: &str, id: Uuid) -> Result<usize, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :id)")
            .expression_attribute_values(":pk", s(undelivered_pk(site)))
            .expression_attribute_values(":id", s(format!("{id}#")));
        let items = query.send().await?.items.unwrap_or_default();
        let channels = items.iter().filter_map(|item| item.get("sk")?.as_s().ok()?.split_once('#'));
        let forgetting = channels.map(|(_, channel)| self.forget_undelivered(site, id, channel));
        Ok(try_join_all(forgetting).await?.len())
    }

    /// Deletes an item; gives whether it was there.
    pub(super) async fn delete(&self, key: Item) -> Result<bool, StoreError> {
        let delete = self.client.delete_item().table_name(&self.table).set_key(Some(key));
        let deleted = delete.return_values(ReturnValue::AllOld).send().await?;
        Ok(deleted.attributes.is_some_and(|item| !item.is_empty()))
    }

    /// Forgets that content with this hash was seen, if it was what is stored under this id.
    pub async fn forget_claim(&self, site: &str, content: &str, id: Uuid) -> Result<(), StoreError> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(claim_key(site, content)))
            .condition_expression("id = :id")
            .expression_attribute_values(":id", s(id));
        match delete.send().await.map_err(SdkError::into_service_error) {
            Ok(_) | Err(DeleteItemError::ConditionalCheckFailedException(_)) => Ok(()),
            Err(error) => Err(StoreError::unavailable(&error)),
        }
    }
}

/// Nobody has decided, counted it in, or replied since.
const UNCHANGED: &str = "decisions = :decided AND counted = :counted AND replies = :replies";
