//! Changing a submission, and what changes with it: one transaction, so that the page's count is exact however many
//! decide at once. What it becomes is computed by [`transition`].

use aws_sdk_dynamodb::types::{
    AttributeValue, Put, ReturnValuesOnConditionCheckFailure as OnFailure, TransactWriteItem, Update,
};
use jiff::Timestamp;

use super::block::Block;
use super::error::StoreError;
use super::item::item;
use super::schema::{folder_of, key, list_of, n, replies_of, s, submission_pk};
use super::table::Store;
use super::transact::{TRIES, TransactionOutcome, pause};
use super::trust::Author;
use crate::config::Site;
use crate::submission::transition::{self, Making, Refused};
use crate::submission::{Status, Submission};
use deskbell_filter::Verdict;

/// What a moderator decides.
#[derive(Debug, Clone, PartialEq)]
pub struct Moderation {
    /// What becomes of the submission.
    pub status: Status,
    /// The name of who decides.
    pub by: String,
    /// The author whose trust it changes, and whether they are trusted so far.
    pub author: Option<(Author, bool)>,
    /// The owner's reply, to be published with it.
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

impl From<Refused> for StoreError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Erased => Self::Gone,
            Refused::Changed => Self::Conflict,
        }
    }
}

impl Store {
    /// Applies a decision about a submission as it was when the moderator saw it. If somebody has decided since,
    /// nothing is changed and the answer is [`StoreError::Conflict`].
    pub async fn decide(
        &self,
        site: &Site,
        seen: &Submission,
        moderation: &Moderation,
    ) -> Result<Submission, StoreError> {
        let Moderation { status, by, author, reply, block } = moderation;
        let making = Making {
            status: *status,
            by,
            at: Timestamp::now(),
            trusted: author.as_ref().is_some_and(|(_, trusted)| *trusted),
            reply: reply.as_ref().map(|reply| reply.id),
            block: block.as_ref().map(|block| &*block.hash),
        };
        let trust = author.as_ref().and_then(|(author, _)| Some((author, transition::trust(*status)?)));
        let beside = Beside { trust, reply: reply.as_ref(), block: block.as_ref(), unblock: None };
        self.change(seen, beside, |now| transition::decide(now, seen, making, site.keep).map(Some)).await
    }

    /// Undoes the last decision about a submission: it becomes what it was before; and its author, if one is given, is
    /// trusted as before. If somebody has decided since, or nothing can be undone, nothing is changed and the answer is
    /// [`StoreError::Conflict`].
    pub async fn undo(
        &self,
        site: &Site,
        seen: &Submission,
        by: &str,
        author: Option<&Author>,
    ) -> Result<Submission, StoreError> {
        let at = Timestamp::now();
        let trust = author.and_then(|author| Some((author, transition::undone_trust(seen)?)));
        let unblock = seen.previous().and_then(|previous| previous.block.as_deref());
        let beside = Beside { trust, unblock, ..Beside::default() };
        self.change(seen, beside, |now| transition::undo(now, seen, by, at, site.keep).map(Some)).await
    }

    /// Replaces an automatic verdict, and what became of the submission by it. Changes nothing if the owner has decided
    /// meanwhile; if it was judged again meanwhile, the answer is [`StoreError::Conflict`].
    pub async fn settle(
        &self,
        site: &Site,
        judged: &Submission,
        verdict: &Verdict,
        status: Status,
    ) -> Result<Submission, StoreError> {
        let at = Timestamp::now();
        let settled = |now: &Submission| transition::settle(now, judged, (verdict, status), at, site.keep);
        self.change(judged, Beside::default(), settled).await
    }

    /// Notes that the visitor took the second chance, with the verdict and the status that come of it. Changes nothing
    /// if that was noted before, if it was judged again meanwhile, or if the owner has decided; gives the submission as
    /// it then is.
    pub async fn revise(
        &self,
        site: &Site,
        judged: &Submission,
        verdict: &Verdict,
        status: Status,
    ) -> Result<Submission, StoreError> {
        let at = Timestamp::now();
        let revised = |now: &Submission| Ok(transition::revise(now, judged, (verdict, status), at, site.keep));
        self.change(judged, Beside::default(), revised).await
    }

    /// Adds a comment that was published without a decision to its page's count, once.
    pub async fn count_in(&self, submission: &Submission) -> Result<(), StoreError> {
        self.change(submission, Beside::default(), |now| Ok(transition::count(now))).await.map(drop)
    }

    /// Replaces a submission by what `next` makes of it, and of how it is then, should others have been quicker;
    /// nothing is written where `next` gives nothing.
    async fn change(
        &self,
        before: &Submission,
        beside: Beside<'_>,
        next: impl Fn(&Submission) -> Result<Option<Submission>, Refused>,
    ) -> Result<Submission, StoreError> {
        let (mut now, mut alone) = (before.clone(), false);
        for _ in 0..TRIES {
            let Some(after) = next(&now)? else { return Ok(now) };
            let (after, writes) = self.writes(&now, if alone { after.promoted() } else { after }, beside)?;
            match self.transact(writes).await? {
                TransactionOutcome::Done => return Ok(after),
                TransactionOutcome::Changed(newer) => now = *newer,
                // Its thread's first comment was erased, or has expired.
                TransactionOutcome::Rootless => alone = true,
                TransactionOutcome::Busy => pause().await,
            }
        }
        Err(TransactionOutcome::too_busy())
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
            ("decided", after.decision.as_ref().map(serde_dynamo::to_attribute_value).transpose()?),
        ];
        if revised {
            optional.push(("second_chance", Some(AttributeValue::Bool(true))));
        }
        if after.content != before.content {
            optional.push(("wrote", Some(serde_dynamo::to_attribute_value(&after.content)?)));
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
