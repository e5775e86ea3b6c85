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

use super::{Author, Block, Store, StoreError, folder_of, item, key, list_of, n, replies_of, s, submission_pk};
use crate::config::Site;
use crate::submission::{Decided, Status, Submission, Was};
use deskbell_filter::Verdict;

/// What the owner decides.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// What becomes of the submission.
    pub status: Status,
    /// The name of whoever decides.
    pub by: String,
    /// The author whose trust it changes, and whether they are trusted so far.
    pub author: Option<(Author, bool)>,
    /// The owner's answer, to be published with it.
    pub reply: Option<Submission>,
    /// The sender who is blocked with it.
    pub block: Option<Block>,
}

/// What changes beside a submission.
#[derive(Debug, Clone, Copy, Default)]
struct Beside<'a> {
    /// An author, and whether they are trusted from now on.
    trust: Option<(&'a Author, bool)>,
    reply: Option<&'a Submission>,
    block: Option<&'a Block>,
    /// The hash of a sender who is blocked no longer.
    unblock: Option<&'a str>,
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
            let was = Was {
                status: now.status,
                open: now.is_open(),
                trusted: decision.author.as_ref().is_some_and(|(_, trusted)| *trusted),
                reply: decision.reply.as_ref().map(|reply| reply.id),
                block: decision.block.as_ref().map(|block| block.hash.clone()),
            };
            let by = Decided { was: Some(was), ..decided_by(&decision.by) };
            Ok(Some(after_decision(now, site, decision.status, by)))
        };
        let author = decision.author.as_ref().map(|(author, _)| author);
        let trust = author.and_then(|author| Some((author, changes_trust(decision.status)?)));
        let (reply, block) = (decision.reply.as_ref(), decision.block.as_ref());
        self.change(before, Beside { trust, reply, block, unblock: None }, decided).await
    }

    /// Takes the last decision about a submission back: it becomes what it was before; and its author, if one is given, is
    /// trusted as before. If somebody has decided since, or nothing can be taken back, nothing is changed and the answer
    /// is [`StoreError::Decided`].
    pub async fn take_back(
        &self,
        site: &Site,
        before: &Submission,
        by: &str,
        author: Option<&Author>,
    ) -> Result<Submission, StoreError> {
        let was = before.decided.as_ref().and_then(|decided| decided.was.as_ref()).ok_or(StoreError::Decided)?;
        let taken_back = |now: &Submission| {
            if now.erased {
                return Err(StoreError::Missing);
            }
            if now.decisions != before.decisions {
                return Err(StoreError::Decided);
            }
            Ok(Some(after_decision(now, site, was.status, Decided { open: was.open, ..decided_by(by) })))
        };
        let changed = changes_trust(before.status).is_some_and(|trusted| trusted != was.trusted);
        let trust = author.filter(|_| changed).map(|author| (author, was.trusted));
        self.change(before, Beside { trust, unblock: was.block.as_deref(), ..Beside::default() }, taken_back).await
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
        self.change(before, Beside::default(), settled).await
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
        self.change(before, Beside::default(), revised).await
    }

    /// Adds a comment that was published without a decision to its page's count, once.
    pub async fn count_in(&self, submission: &Submission) -> Result<(), StoreError> {
        let counted = |now: &Submission| {
            let due = now.status == Status::Published && !now.counted;
            Ok(due.then(|| Submission { counted: true, ..now.clone() }))
        };
        self.change(submission, Beside::default(), counted).await?;
        Ok(())
    }

    /// Replaces a submission by what `next` makes of it, and of how it is then, should others have been quicker;
    /// nothing is written where `next` gives nothing.
    async fn change(
        &self,
        submission: &Submission,
        beside: Beside<'_>,
        next: impl Fn(&Submission) -> Result<Option<Submission>, StoreError>,
    ) -> Result<Submission, StoreError> {
        let (mut now, mut alone) = (submission.clone(), false);
        for _ in 0..TRIES {
            let Some(after) = next(&now)? else { return Ok(now) };
            let (after, writes) = self.writes(&now, if alone { after.promoted() } else { after }, beside)?;
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
        beside: Beside<'_>,
    ) -> Result<(Submission, Vec<TransactWriteItem>), StoreError> {
        let replies = i64::from(beside.reply.is_some());
        let added = i64::from(after.counted) - i64::from(before.counted) + replies;
        let mut others =
            after.comment().map_or(Ok(Vec::new()), |comment| self.count_comments(before, comment, added))?;
        if after.comment().is_some_and(|comment| comment.root().is_none()) && beside.reply.is_some() {
            after.replies += 1;
        }
        if let Some((author, trusted)) = beside.trust {
            others.push(self.change_trust(&before.site, author, trusted)?);
        }
        if let Some(mut reply) = beside.reply.cloned() {
            reply.follow(&after);
            let put = Put::builder().table_name(&self.table).set_item(Some(item(&reply)?)).build()?;
            others.push(TransactWriteItem::builder().put(put).build());
        }
        others.extend(beside.block.map(|block| self.put_block(&before.site, block)).transpose()?);
        others.extend(beside.unblock.map(|hash| self.delete_block(&before.site, hash)).transpose()?);
        let mut writes = vec![self.change_submission(before, &after)?];
        writes.append(&mut others);
        Ok((after, writes))
    }

    /// The submission itself, if it is still as it was.
    fn change_submission(&self, before: &Submission, after: &Submission) -> Result<TransactWriteItem, StoreError> {
        let revised = after.second_chance && !before.second_chance;
        let first = if revised { " AND attribute_not_exists(second_chance)" } else { "" };
        let mut optional = vec![
            ("expires_at", after.expires_at.map(n)),
            ("folder", folder_of(after).map(s)),
            ("page", replies_of(after).map(s)),
            ("decided", after.decided.as_ref().map(serde_dynamo::to_attribute_value).transpose()?),
        ];
        if revised {
            optional.push(("second_chance", Some(AttributeValue::Bool(true))));
        }
        if after.wrote != before.wrote {
            optional.push(("wrote", Some(serde_dynamo::to_attribute_value(&after.wrote)?)));
        }
        let (set, removed): (Vec<_>, Vec<_>) = optional.into_iter().partition(|(_, value)| value.is_some());
        let names = set.iter().fold(String::new(), |names, (name, _)| format!("{names}, {name} = :{name}"));
        let removed = removed.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        let remove = if removed.is_empty() { String::new() } else { format!(" REMOVE {removed}") };
        let mut update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key(submission_pk(&after.site, after.id), "item")))
            .update_expression(format!(
                "SET #status = :status, #list = :list, verdict = :verdict, decisions = :decisions, counted = :counted, replies = :replies{names}{remove}"
            ))
            .condition_expression(format!(
                "#status = :was AND verdict.score = :had_score AND decisions = :had_decisions AND counted = :was_counted AND replies = :had_replies{first}"
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
            .expression_attribute_values(":had_decisions", n(before.decisions))
            .expression_attribute_values(":was_counted", AttributeValue::Bool(before.counted))
            .expression_attribute_values(":had_replies", n(before.replies))
            .return_values_on_condition_check_failure(OnFailure::AllOld);
        for (name, value) in set.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            update = update.expression_attribute_values(format!(":{name}"), value);
        }
        Ok(TransactWriteItem::builder().update(update.build()?).build())
    }
}

/// What a decision makes of the trust in an author, if anything: one whose comment is approved is trusted from then on,
/// one whose comment is spam no longer.
fn changes_trust(status: Status) -> Option<bool> {
    match status {
        Status::Published => Some(true),
        Status::Spam => Some(false),
        Status::Received | Status::Read | Status::Done | Status::Held | Status::Trash => None,
    }
}

/// A decision that is made now.
fn decided_by(name: &str) -> Decided {
    Decided { by: name.into(), at: Timestamp::now().as_second(), open: false, was: None }
}

/// A submission about which has been decided once more.
fn after_decision(now: &Submission, site: &Site, status: Status, decided: Decided) -> Submission {
    let mut after = Submission { decided: Some(decided), ..now.clone() };
    after.set_status(status, site.keep);
    after.decisions += 1;
    after.counted = after.comment().is_some() && status == Status::Published;
    if after.replies > 0 {
        // Others' replies hang on it; it goes when they have gone.
        after.expires_at = None;
    }
    after
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
