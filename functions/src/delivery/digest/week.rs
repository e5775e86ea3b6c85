//! What a week brought, read from the table: as much of it as is shown, and of the rest how much it is, up to a bound.

use std::ops::Range;

use jiff::Timestamp;

use crate::config::Site;
use crate::store::{List, Store, StoreError, id_at};
use crate::submission::comment::Comment;
use crate::submission::delivery::DeliveryState;
use crate::submission::reason::DeliveryReason;
use crate::submission::{Status, Submission};

/// The most submissions of a kind that are read. Beyond that it is "more than".
const MOST: usize = 2_000;

/// How many are read at a time: about as many as DynamoDB gives at once.
const PART: usize = 500;

/// The most comments that wait, and failed deliveries, that are counted.
const MOST_WAITING: usize = 100;

/// How much of the spam is shown.
const LIKELY: usize = 3;

/// The score from which on spam is certain.
const CERTAIN: f64 = 0.999;

/// What the names of findings begin with that tell of something that the owner blocks: words, an address, a network.
const BLOCKED: &str = "block";

/// What came in, and what there is to do.
pub(super) struct Week {
    /// From when on, and up to when.
    pub(super) time: Range<Timestamp>,
    /// Messages that are not spam.
    pub(super) leads: Count,
    /// Comments that everybody can read, without the owner's own.
    pub(super) published: Count,
    /// Comments that wait, whenever they came in: how many, and those that were read, the newest first.
    pub(super) waiting: (Count, Vec<Submission>),
    /// Deliveries that failed.
    pub(super) undelivered: Count,
    /// Why, and how often, the most frequent first.
    pub(super) reasons: Vec<(DeliveryReason, usize)>,
    /// What the filter put into the spam folder and nobody has decided about: how much, and what of it is most likely
    /// real, the likeliest first.
    pub(super) spam: (Count, Vec<Submission>),
}

/// How many there are: exactly, or more than that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) known: usize,
    pub(super) more: bool,
}

impl Week {
    /// Reads a site's week.
    pub(super) async fn read(store: &Store, site: &Site, time: Range<Timestamp>) -> Result<Self, StoreError> {
        let leads = [Status::Received, Status::Read, Status::Done].map(List::Leads);
        let leads = found(store, site, &leads, &time).await?.count();
        let published = found(store, site, &[List::Comments(Status::Published)], &time).await?;
        let published = published.only(|one| !one.comment().is_some_and(Comment::is_own)).count();
        let spam = [List::Leads(Status::Spam), List::Comments(Status::Spam)];
        let spam = found(store, site, &spam, &time).await?.only(|one| one.label().is_none());
        let spam = (spam.count(), spam.only(may_be_real).least_spammy(LIKELY));
        let waiting = store.list(&site.id, List::Comments(Status::Held), None, MOST_WAITING).await?;
        let waiting = (Count { known: waiting.submissions.len(), more: waiting.next.is_some() }, waiting.submissions);
        let undelivered = store.undelivered(&site.id, None, MOST_WAITING + 1).await?;
        let failed = || undelivered.iter().filter(|one| one.delivery.state == DeliveryState::Failed);
        let reasons = reasons(failed().filter_map(|one| one.delivery.reason.as_ref()));
        // Beyond those that were read others may have failed.
        let more = undelivered.len() > MOST_WAITING;
        let undelivered = Count { known: failed().count().min(MOST_WAITING), more };
        Ok(Self { time, leads, published, waiting, undelivered, reasons, spam })
    }

    /// Whether there is nothing to tell: what has been waiting since an earlier week was told then.
    pub(super) fn is_empty(&self) -> bool {
        let (_, waiting) = &self.waiting;
        let none = |count: Count| count.known == 0;
        none(self.leads)
            && none(self.published)
            && none(self.undelivered)
            && none(self.spam.0)
            && !waiting.iter().any(|one| one.received_at() >= self.time.start)
    }
}

/// Whether spam may be real after all: not what is as good as certain, nor what the owner has blocked.
fn may_be_real(spam: &Submission) -> bool {
    let verdict = &spam.verdict;
    verdict.score < CERTAIN && !verdict.reasons.iter().any(|reason| reason.name.starts_with(BLOCKED))
}

/// Different reasons, and how often each was given, the most frequent first.
fn reasons<'a>(given: impl Iterator<Item = &'a DeliveryReason>) -> Vec<(DeliveryReason, usize)> {
    let mut reasons: Vec<(DeliveryReason, usize)> = Vec::new();
    for reason in given {
        match reasons.iter_mut().find(|(known, _)| known == reason) {
            Some((_, times)) => *times += 1,
            None => reasons.push((reason.clone(), 1)),
        }
    }
    reasons.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
    reasons
}

/// Submissions of a time, and whether there are more.
#[derive(Default)]
struct Found {
    submissions: Vec<Submission>,
    more: bool,
}

impl Found {
    fn only(mut self, fits: impl Fn(&Submission) -> bool) -> Self {
        self.submissions.retain(fits);
        self
    }

    fn count(&self) -> Count {
        Count { known: self.submissions.len(), more: self.more }
    }

    /// Those with the lowest scores, and of equal ones the newest.
    fn least_spammy(mut self, most: usize) -> Vec<Submission> {
        let order = |a: &Submission, b: &Submission| a.verdict.score.total_cmp(&b.verdict.score).then(b.id.cmp(&a.id));
        self.submissions.sort_unstable_by(order);
        self.submissions.truncate(most);
        self.submissions
    }
}

/// What stands in some lists and came in at that time, [`MOST`] of it.
async fn found(store: &Store, site: &Site, lists: &[List], time: &Range<Timestamp>) -> Result<Found, StoreError> {
    let mut found = Found::default();
    for list in lists {
        let mut after = Some(id_at(time.start, u8::MIN));
        while let Some(than) = after {
            let part = store.newer(&site.id, *list, than, PART).await?;
            found.submissions.extend(part.submissions.into_iter().filter(|one| one.received_at() < time.end));
            found.more |= part.next.is_some() && found.submissions.len() >= MOST;
            after = part.next.filter(|_| !found.more);
        }
    }
    Ok(found)
}
