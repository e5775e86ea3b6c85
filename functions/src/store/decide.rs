//! Changing what became of a submission: one transaction, so that the page's count is exact whoever decides at once.

use std::time::Duration;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, Put, ReturnValuesOnConditionCheckFailure as OnFailure, TransactWriteItem,
    Update,
};
use jiff::Timestamp;
use uuid::Uuid;

use super::{Author, Store, StoreError, count_pk, item, key, list_of, n, page_list, s, submission_pk};
use crate::comment::Comment;
use crate::config::Site;
use crate::spam::Verdict;
use crate::submission::{Status, Submission};

/// What the owner decides.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// What becomes of the submission.
    pub status: Status,
    /// The author whose trust the decision changes.
    pub author: Option<Author>,
    /// The owner's answer, to be published with it.
    pub reply: Option<Submission>,
}

/// How often a transaction is tried when others touch the same page at the same moment.
pub(super) const TRIES: u32 = 8;

impl Store {
    /// Carries out a decision about a submission as it was when the owner saw it. If somebody has decided since,
    /// nothing is changed and the answer is [`StoreError::Decided`].
    pub async fn decide(
        &self,
        site: &Site,
        before: &Submission,
        decision: &Decision,
    ) -> Result<Submission, StoreError> {
        let decided = |now: &Submission| {
            if now.erased {
                return Err(StoreError::Missing);
            }
            if now.decisions != before.decisions {
                return Err(StoreError::Decided);
            }
            let mut after = now.clone();
            after.set_status(decision.status, site.keep);
            after.decisions += 1;
            after.counted = after.comment().is_some() && decision.status == Status::Published;
            if after.replies > 0 {
                // Others' replies hang on it; it goes when they have gone.
                after.expires_at = None;
            }
            Ok(Some(after))
        };
        self.change(before, decision, decided).await
    }

    /// Replaces an automatic verdict, and what became of the submission by it. Changes nothing if the owner has decided
    /// meanwhile; if it was judged again meanwhile, the answer is [`StoreError::Decided`].
    pub async fn settle(
        &self,
        site: &Site,
        before: &Submission,
        verdict: &Verdict,
        status: Status,
    ) -> Result<Submission, StoreError> {
        let settled = |now: &Submission| {
            if now.decisions > 0 {
                return Ok(None);
            }
            if now.status != before.status || now.verdict != before.verdict {
                return Err(StoreError::Decided);
            }
            let mut after = Submission { verdict: verdict.clone(), ..now.clone() };
            if status != now.status {
                after.set_status(status, site.keep);
                after.counted = after.comment().is_some() && status == Status::Published;
            }
            Ok(Some(after))
        };
        self.change(before, &Decision { status, author: None, reply: None }, settled).await
    }

    /// Notes that the visitor took the second chance, with the verdict and the status that come of it. Changes nothing
    /// if that was noted before, if it was judged again meanwhile, or if the owner has decided; gives the submission as
    /// it then is.
    pub async fn revise(
        &self,
        site: &Site,
        before: &Submission,
        verdict: &Verdict,
        status: Status,
    ) -> Result<Submission, StoreError> {
        let revised = |now: &Submission| {
            if now.decisions > 0 || now.second_chance || now.verdict != before.verdict {
                return Ok(None);
            }
            let mut after = Submission { verdict: verdict.clone(), second_chance: true, ..now.clone() };
            after.set_status(status, site.keep);
            after.counted = after.comment().is_some() && status == Status::Published;
            Ok(Some(after))
        };
        self.change(before, &Decision { status, author: None, reply: None }, revised).await
    }

    /// Adds a comment that was published without a decision to its page's count, once.
    pub async fn count_in(&self, submission: &Submission) -> Result<(), StoreError> {
        let unchanged = Decision { status: submission.status, author: None, reply: None };
        let counted = |now: &Submission| {
            let due = now.status == Status::Published && !now.counted;
            Ok(due.then(|| Submission { counted: true, ..now.clone() }))
        };
        self.change(submission, &unchanged, counted).await?;
        Ok(())
    }

    /// Replaces a submission by what `next` makes of it, and of how it is then, should others have been quicker;
    /// nothing is written where `next` gives nothing.
    async fn change(
        &self,
        submission: &Submission,
        decision: &Decision,
        next: impl Fn(&Submission) -> Result<Option<Submission>, StoreError>,
    ) -> Result<Submission, StoreError> {
        let (mut now, mut alone) = (submission.clone(), false);
        for _ in 0..TRIES {
            let Some(after) = next(&now)? else { return Ok(now) };
            let (after, writes) = self.writes(&now, if alone { after.promoted() } else { after }, decision)?;
            match self.transact(writes).await? {
                Outcome::Done => return Ok(after),
                Outcome::Changed(newer) => now = *newer,
                // Its thread's first comment was erased, or has expired.
                Outcome::Rootless => alone = true,
                Outcome::Busy => pause().await,
            }
        }
        Err(Outcome::too_busy())
    }

    /// Notes that the owner was told.
    pub async fn notified(&self, submission: &Submission) -> Result<(), StoreError> {
        let key = key(submission_pk(&submission.site, submission.id), "item");
        let update = self.client.update_item().table_name(&self.table).set_key(Some(key));
        update
            .update_expression("SET notified_at = :now")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":now", n(Timestamp::now().as_second()))
            .send()
            .await?;
        Ok(())
    }

    /// Sends writes, of which the first is about a submission and alone depends on how it is.
    pub(super) async fn transact(&self, writes: Vec<TransactWriteItem>) -> Result<Outcome, StoreError> {
        match self.client.transact_write_items().set_transact_items(Some(writes)).send().await {
            Ok(_) => Ok(Outcome::Done),
            Err(error) => Outcome::of(error),
        }
    }

    /// The transaction that makes `after` of `before`, and `after` with the reply counted in.
    fn writes(
        &self,
        before: &Submission,
        mut after: Submission,
        decision: &Decision,
    ) -> Result<(Submission, Vec<TransactWriteItem>), StoreError> {
        let replies = i64::from(decision.reply.is_some());
        let added = i64::from(after.counted) - i64::from(before.counted) + replies;
        let mut others =
            after.comment().map_or(Ok(Vec::new()), |comment| self.count_comments(&before.site, comment, added))?;
        if after.comment().is_some_and(|comment| comment.root().is_none()) && decision.reply.is_some() {
            after.replies += 1;
        }
        if let Some(author) = &decision.author {
            others.extend(self.change_trust(&before.site, author, decision.status)?);
        }
        if let Some(mut reply) = decision.reply.clone() {
            reply.follow(&after);
            let put = Put::builder().table_name(&self.table).set_item(Some(item(&reply)?)).build()?;
            others.push(TransactWriteItem::builder().put(put).build());
        }
        let mut writes = vec![self.change_submission(before, &after)?];
        writes.append(&mut others);
        Ok((after, writes))
    }

    /// The submission itself, if it is still as it was.
    fn change_submission(&self, before: &Submission, after: &Submission) -> Result<TransactWriteItem, StoreError> {
        let revised = after.second_chance && !before.second_chance;
        let chance = if revised { ", second_chance = :true" } else { "" };
        let first = if revised { " AND attribute_not_exists(second_chance)" } else { "" };
        let moved = if after.wrote == before.wrote { "" } else { ", wrote = :wrote" };
        let expiry = if after.expires_at.is_some() { ", expires_at = :expires" } else { " REMOVE expires_at" };
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key(submission_pk(&after.site, after.id), "item")))
            .update_expression(format!(
                "SET #status = :status, #list = :list, verdict = :verdict, decisions = :decisions, counted = :counted, replies = :replies{chance}{moved}{expiry}"
            ))
            .condition_expression(format!(
                "#status = :was AND verdict.score = :had_score AND decisions = :decided AND counted = :was_counted AND replies = :had_replies{first}"
            ))
            .expression_attribute_names("#status", "status")
            .expression_attribute_names("#list", "list")
            .expression_attribute_values(":status", s(after.status.word()))
            .expression_attribute_values(":list", s(list_of(after)))
            .expression_attribute_values(":verdict", serde_dynamo::to_attribute_value(&after.verdict)?)
            .expression_attribute_values(":decisions", n(after.decisions))
            .expression_attribute_values(":counted", AttributeValue::Bool(after.counted))
            .expression_attribute_values(":replies", n(after.replies))
            .expression_attribute_values(":was", s(before.status.word()))
            .expression_attribute_values(":had_score", n(before.verdict.score))
            .expression_attribute_values(":decided", n(before.decisions))
            .expression_attribute_values(":was_counted", AttributeValue::Bool(before.counted))
            .expression_attribute_values(":had_replies", n(before.replies))
            .return_values_on_condition_check_failure(OnFailure::AllOld);
        let update =
            if revised { update.expression_attribute_values(":true", AttributeValue::Bool(true)) } else { update };
        let update = match moved {
            "" => update,
            _ => update.expression_attribute_values(":wrote", serde_dynamo::to_attribute_value(&after.wrote)?),
        };
        let update = match after.expires_at {
            Some(at) => update.expression_attribute_values(":expires", n(at)),
            None => update,
        };
        Ok(TransactWriteItem::builder().update(update.build()?).build())
    }

    /// Counts comments that appeared, or disappeared if `added` is negative, on the page and in the thread of one.
    pub(super) fn count_comments(
        &self,
        site: &str,
        comment: &Comment,
        added: i64,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        if added == 0 {
            return Ok(Vec::new());
        }
        let page = comment.page().key();
        let thread = comment.root().map(|root| self.change_thread(site, root, page, added));
        Ok(std::iter::once(self.change_count(site, page, added)?).chain(thread.transpose()?).collect())
    }

    fn change_count(&self, site: &str, page: &str, added: i64) -> Result<TransactWriteItem, StoreError> {
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key(count_pk(site, page), "count")))
            .update_expression("ADD published :added")
            .expression_attribute_values(":added", n(added))
            .build()?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    /// The first comment of the thread: how many replies it has. A reply that appears puts it back on its page, in
    /// case that it was taken down meanwhile, so that the reply can be seen.
    fn change_thread(&self, site: &str, root: Uuid, page: &str, added: i64) -> Result<TransactWriteItem, StoreError> {
        let mut update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key(submission_pk(site, root), "item")))
            .update_expression("ADD replies :added")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":added", n(added));
        if added > 0 {
            update = update
                .update_expression("SET #list = :list REMOVE expires_at ADD replies :added")
                .expression_attribute_names("#list", "list")
                .expression_attribute_values(":list", s(page_list(site, page)));
        }
        Ok(TransactWriteItem::builder().update(update.build()?).build())
    }
}

/// Waits up to 50 ms, by chance, so that those who collided do not collide again.
pub(crate) async fn pause() {
    let chance = Uuid::new_v4().as_bytes()[0];
    tokio::time::sleep(Duration::from_millis(u64::from(chance) / 5)).await;
}

/// What became of a transaction.
pub(super) enum Outcome {
    /// Done.
    Done,
    /// The submission was not as expected any more; this is how it is now.
    Changed(Box<Submission>),
    /// The first comment of the thread is gone.
    Rootless,
    /// Others were writing the same items; it may be tried again.
    Busy,
}

impl Outcome {
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
            let newer = super::submission(first.item().cloned().ok_or(StoreError::Missing)?)?;
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
        StoreError::Unavailable("the page is being changed by many at once".into())
    }
}
