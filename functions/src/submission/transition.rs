//! Which status a submission may move to, and all that changes with it: pure functions of the submission as it stands.
//! Nothing here knows where submissions are kept; the store writes what a transition computed, if the submission is
//! still as it was when that was computed, and otherwise computes it anew.

use jiff::Timestamp;
use uuid::Uuid;

use super::action::Action;
use super::comment::Comment;
use super::{ModerationDecision, PreviousState, Status, Submission};
use crate::config::team::Role;
use crate::config::{Keep, Site};
use deskbell_filter::{Blocked, Verdict};

/// Why a submission stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Everything of its author was erased.
    Erased,
    /// It is not as it was when it was looked at: somebody has decided, or it was judged anew.
    Changed,
}

/// A moderator's decision, to be made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Making<'a> {
    /// What becomes of the submission.
    pub status: Status,
    /// The name of who decides.
    pub by: &'a str,
    /// When.
    pub at: Timestamp,
    /// Comments: whether the author was trusted before.
    pub trusted: bool,
    /// The owner's reply that is published with it.
    pub reply: Option<Uuid>,
    /// The hash of the sender who is blocked with it.
    pub block: Option<&'a str>,
}

impl Action {
    /// Whether it can be done about a submission as it stands.
    pub(crate) fn suits(self, submission: &Submission) -> bool {
        let is_own = submission.comment().is_some_and(Comment::is_own);
        match self {
            Self::BlockAddress => submission.email().is_some() && !is_own,
            Self::BlockNetwork => submission.network.is_some() && !is_own,
            _ => self.suits_status(submission.comment().is_some(), submission.status),
        }
    }

    /// Whether it can be done about all comments, or else leads, of a status.
    pub(crate) fn suits_status(self, comment: bool, status: Status) -> bool {
        match self {
            Self::Reply => comment,
            Self::Approve => comment && status != Status::Published,
            Self::NotSpam => !comment && matches!(status, Status::Spam | Status::Trash),
            Self::Unread => !comment && matches!(status, Status::Read | Status::Done),
            Self::Read => !comment && status == Status::Received,
            Self::Done => !comment && matches!(status, Status::Received | Status::Read),
            Self::Spam | Self::Trash => status != self.status(),
            Self::BlockAddress | Self::BlockNetwork => false,
        }
    }

    /// Whether somebody of this role may do it. A block touches messages, too, which are the owner's.
    pub(crate) fn is_for(self, role: Role) -> bool {
        role == Role::Owner || self.blocks().is_none()
    }

    /// What becomes of a submission. What is spam already stays so when its sender is blocked.
    pub(crate) fn status_for(self, submission: &Submission) -> Status {
        match submission.status {
            Status::Spam if self.blocks().is_some() => Status::Spam,
            _ => self.status(),
        }
    }

    /// What becomes of a submission that is not spam.
    pub(crate) fn status(self) -> Status {
        match self {
            Self::Approve | Self::Reply => Status::Published,
            Self::NotSpam | Self::Unread => Status::Received,
            Self::Read => Status::Read,
            Self::Done => Status::Done,
            Self::Spam => Status::Spam,
            Self::Trash | Self::BlockAddress | Self::BlockNetwork => Status::Trash,
        }
    }

    /// What of the sender it blocks.
    pub(crate) fn blocks(self) -> Option<Blocked> {
        match self {
            Self::BlockAddress => Some(Blocked::Address),
            Self::BlockNetwork => Some(Blocked::Network),
            _ => None,
        }
    }
}

/// Whether somebody of this role may undo the last decision: what only the owner can do, only the owner can undo.
#[must_use]
pub fn is_undone_by(submission: &Submission, role: Role) -> bool {
    submission.previous().is_some_and(|previous| role == Role::Owner || previous.block.is_none())
}

/// A decision about a submission as it was when the moderator saw it.
pub fn decide(now: &Submission, seen: &Submission, made: Making<'_>, keep: Keep) -> Result<Submission, Refused> {
    unchanged(now, seen)?;
    let previous = PreviousState {
        status: now.status,
        open: now.is_open(),
        trusted: made.trusted,
        reply: made.reply,
        block: made.block.map(Into::into),
    };
    let decision =
        ModerationDecision { by: made.by.into(), at: made.at.as_second(), open: false, previous: Some(previous) };
    Ok(decided(now, made.status, decision, made.at, keep))
}

/// The last decision undone, by the person of that name: the submission is what it was before. Only once, and only as
/// it was when that person saw it.
pub fn undo(now: &Submission, seen: &Submission, by: &str, at: Timestamp, keep: Keep) -> Result<Submission, Refused> {
    let previous = seen.previous().ok_or(Refused::Changed)?;
    unchanged(now, seen)?;
    let decision = ModerationDecision { by: by.into(), at: at.as_second(), open: previous.open, previous: None };
    Ok(decided(now, previous.status, decision, at, keep))
}

/// A later verdict in the place of one that waited for Akismet. Nothing changes once a moderator has decided.
pub fn settle(
    now: &Submission,
    judged: &Submission,
    (verdict, status): (&Verdict, Status),
    at: Timestamp,
    keep: Keep,
) -> Result<Option<Submission>, Refused> {
    if now.decisions > 0 {
        return Ok(None);
    }
    if now.status != judged.status || now.verdict != judged.verdict {
        return Err(Refused::Changed);
    }
    let after = Submission { verdict: verdict.clone(), ..now.clone() };
    Ok(Some(if status == now.status { after } else { moved(after, status, at, keep) }))
}

/// Whether a later verdict may move a submission. A lead was notified about already and stays where it is.
#[must_use]
pub fn settles_status(submission: &Submission) -> bool {
    submission.comment().is_some() && submission.status == Status::Held
}

/// The second chance, taken: with the verdict and the status that come of it. Nothing changes if it was taken before,
/// or if it was judged anew or decided about meanwhile.
#[must_use]
pub fn revise(
    now: &Submission,
    judged: &Submission,
    (verdict, status): (&Verdict, Status),
    at: Timestamp,
    keep: Keep,
) -> Option<Submission> {
    if now.decisions > 0 || now.second_chance || now.verdict != judged.verdict {
        return None;
    }
    let after = Submission { verdict: verdict.clone(), second_chance: true, ..now.clone() };
    Some(moved(after, status, at, keep))
}

/// Whether what is stored answers for the same content, sent again by the same sender. Not what was taken for spam, nor
/// what somebody has decided about, for something better: that would be lost. Whatever is spam itself loses nothing.
#[must_use]
pub fn answers_for(stored: &Submission, again: &Submission) -> bool {
    again.status == Status::Spam || (stored.status != Status::Spam && stored.decisions == 0)
}

/// A comment that was published without a decision, as a part of its page's count; none if it is one, or is not to be.
#[must_use]
pub fn count(now: &Submission) -> Option<Submission> {
    is_uncounted(now).then(|| Submission { counted: true, ..now.clone() })
}

/// Whether it was published as it came, and is not part of its page's count yet.
#[must_use]
pub fn is_uncounted(submission: &Submission) -> bool {
    submission.status == Status::Published && !submission.counted
}

/// What is left of a submission when everything of its author is erased: nothing, or a tombstone where others' replies
/// hang on it.
#[must_use]
pub fn erase(now: &Submission, site: &Site) -> Option<Submission> {
    now.tombstone(site).filter(|_| now.replies > 0)
}

/// A tombstone that no reply needs any more: it expires like whatever else has its status.
#[must_use]
pub fn release(now: &Submission, at: Timestamp, keep: Keep) -> Submission {
    let mut after = now.clone();
    after.set_status(now.status, at, keep);
    after
}

/// What a decision makes of the trust in an author, if anything: one whose comment is approved is trusted from then on,
/// one whose comment is spam no longer.
#[must_use]
pub fn trust(status: Status) -> Option<bool> {
    match status {
        Status::Published => Some(true),
        Status::Spam => Some(false),
        Status::Received | Status::Read | Status::Done | Status::Held | Status::Trash => None,
    }
}

/// What undoing the last decision makes of the trust in the author: none if the decision left it as it was.
#[must_use]
pub fn undone_trust(decided: &Submission) -> Option<bool> {
    let before = decided.previous()?.trusted;
    trust(decided.status).is_some_and(|trusted| trusted != before).then_some(before)
}

fn unchanged(now: &Submission, seen: &Submission) -> Result<(), Refused> {
    match now {
        _ if now.erased => Err(Refused::Erased),
        _ if now.decisions != seen.decisions => Err(Refused::Changed),
        _ => Ok(()),
    }
}

fn decided(now: &Submission, status: Status, decision: ModerationDecision, at: Timestamp, keep: Keep) -> Submission {
    let after = Submission { decision: Some(decision), decisions: now.decisions + 1, ..now.clone() };
    let mut after = moved(after, status, at, keep);
    if after.replies > 0 {
        // Others' replies hang on it; it goes when they have gone.
        after.expires_at = None;
    }
    after
}

/// In another status, with what follows from it.
fn moved(mut submission: Submission, status: Status, at: Timestamp, keep: Keep) -> Submission {
    submission.set_status(status, at, keep);
    submission.counted = submission.comment().is_some() && status == Status::Published;
    submission
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::config::Config;
    use crate::config::team::Person;
    use crate::submission::SubmissionContent;
    use deskbell_filter::Decision;

    const AT: i64 = 1_800_000_000;

    fn at() -> Timestamp {
        Timestamp::from_second(AT).expect("a time")
    }

    fn config() -> Config {
        Config::parse(
            "mail = { from = \"deskbell@mail.example.net\" }\n[sites.s]\nname = \"S\"\nurl = \"https://www.example.org\"\n\
             owner = { name = \"M\", email = \"mara@example.org\" }\nkeep = { leads = 1, held = 2, spam = 3, trash = 4 }",
        )
        .expect("valid")
    }

    /// A lead or a comment of a status, about which nobody has decided, with an address and a network to block.
    fn submission(comment: bool, status: Status) -> Submission {
        let config = config();
        let site = &config.sites["s"];
        let content = if comment {
            let page = site.page("/a").expect("a page");
            json!({ "comment": { "page": page, "author": "Ann", "email": "ann@example.com", "text": "x" } })
        } else {
            json!({ "lead": { "form": "default", "email": "ann@example.com" } })
        };
        let content: SubmissionContent = serde_json::from_value(content).expect("what was sent");
        let verdict = Verdict { score: 0.5, decision: Decision::Unsure, reasons: Vec::new() };
        let mut submission = Submission::new(Uuid::now_v7(), site, content, verdict, status);
        submission.network = Some("network".into());
        submission.counted = comment && status == Status::Published;
        submission
    }

    fn keep() -> Keep {
        config().sites["s"].keep
    }

    fn making(status: Status) -> Making<'static> {
        Making { status, by: "Mara", at: at(), trusted: false, reply: None, block: None }
    }

    /// How long something of a status is kept, in days.
    fn days(status: Status) -> Option<i64> {
        match status {
            Status::Published => None,
            Status::Received | Status::Read | Status::Done => Some(1),
            Status::Held => Some(2),
            Status::Spam => Some(3),
            Status::Trash => Some(4),
        }
    }

    fn expiry(status: Status) -> Option<i64> {
        days(status).map(|days| AT + days * 86_400)
    }

    /// Leads and comments of every status.
    fn both() -> impl Iterator<Item = (bool, Status)> {
        [false, true].into_iter().flat_map(|comment| Status::ALL.iter().map(move |status| (comment, *status)))
    }

    /// What each action makes of each status; `-` where it is not offered. In the order of [`Action::ALL`].
    #[rustfmt::skip]
    const LEADS: [(Status, &str); 7] = [
        (Status::Received,  "- - -        -        read done spam trash trash trash"),
        (Status::Read,      "- - -        received -    done spam trash trash trash"),
        (Status::Done,      "- - -        received -    -    spam trash trash trash"),
        (Status::Held,      "- - -        -        -    -    spam trash trash trash"),
        (Status::Published, "- - -        -        -    -    spam trash trash trash"),
        (Status::Spam,      "- - received -        -    -    -    trash spam  spam"),
        (Status::Trash,     "- - received -        -    -    spam -     trash trash"),
    ];

    #[rustfmt::skip]
    const COMMENTS: [(Status, &str); 7] = [
        (Status::Received,  "published published - - - - spam trash trash trash"),
        (Status::Read,      "published published - - - - spam trash trash trash"),
        (Status::Done,      "published published - - - - spam trash trash trash"),
        (Status::Held,      "published published - - - - spam trash trash trash"),
        (Status::Published, "-         published - - - - spam trash trash trash"),
        (Status::Spam,      "published published - - - - -    trash spam  spam"),
        (Status::Trash,     "published published - - - - spam -     trash trash"),
    ];

    /// Every kind, status and action with what comes of it.
    fn cases() -> Vec<(bool, Status, Action, Option<Status>)> {
        let named: BTreeMap<&str, Status> = Status::ALL.iter().map(|status| (status.word(), *status)).collect();
        let mut cases = Vec::new();
        for (comment, table) in [(false, LEADS), (true, COMMENTS)] {
            assert_eq!(table.map(|(status, _)| status), Status::ALL);
            for (status, row) in table {
                let row: Vec<&str> = row.split_whitespace().collect();
                assert_eq!(row.len(), Action::ALL.len());
                for (action, word) in Action::ALL.iter().copied().zip(row) {
                    cases.push((comment, status, action, named.get(word).copied()));
                }
            }
        }
        cases
    }

    #[test]
    fn every_action_is_offered_where_the_table_says_and_makes_what_it_says() {
        for (comment, status, action, expected) in cases() {
            let before = submission(comment, status);
            let case = format!("{} of a {} comment: {comment}", action.word(), status.word());
            assert_eq!(action.suits(&before).then(|| action.status_for(&before)), expected, "{case}");
            let Some(expected) = expected else { continue };
            let block = action.blocks().map(|_| "hash");
            let after = decide(&before, &before, Making { block, ..making(expected) }, keep()).expect("decided");
            assert_eq!((after.status, after.expires_at), (expected, expiry(expected)), "{case}");
            assert_eq!((after.decisions, after.is_open()), (1, false), "{case}");
            assert_eq!(after.counted, comment && expected == Status::Published, "{case}");
            let previous = after.previous().expect("to be undone");
            assert_eq!((previous.status, previous.open, previous.trusted), (status, true, false), "{case}");
            assert_eq!(previous.block.as_deref(), block, "{case}");
            let decision = after.decision.as_ref().expect("decided");
            assert_eq!((&*decision.by, decision.at, decision.open), ("Mara", AT, false), "{case}");
            assert_eq!(after.verdict, before.verdict, "{case}");
        }
    }

    #[test]
    fn every_action_is_undone_once() {
        for (comment, status, action, after) in cases() {
            let Some(after) = after else { continue };
            let case = format!("{} of a {} comment: {comment}", action.word(), status.word());
            let before = submission(comment, status);
            let decided = decide(&before, &before, making(after), keep()).expect("decided");
            let undone = undo(&decided, &decided, "Jo", at(), keep()).expect("undone");
            assert_eq!((undone.status, undone.expires_at), (status, expiry(status)), "{case}");
            assert_eq!((undone.decisions, undone.is_open(), undone.label()), (2, true, None), "{case}");
            assert_eq!(undone.counted, comment && status == Status::Published, "{case}");
            assert_eq!(undo(&undone, &undone, "Jo", at(), keep()), Err(Refused::Changed), "{case}");
            assert_eq!(undo(&undone, &decided, "Jo", at(), keep()), Err(Refused::Changed), "{case}");
            // Of two decisions the last one is undone, and the first one stands again.
            let twice = decide(&decided, &decided, making(Status::Trash), keep()).expect("decided");
            let once = undo(&twice, &twice, "Jo", at(), keep()).expect("undone");
            assert_eq!((once.status, once.is_open(), once.decisions), (after, false, 3), "{case}");
        }
    }

    #[test]
    fn nothing_is_offered_to_block_that_is_unknown_or_the_owners() {
        for status in Status::ALL.iter().copied() {
            let mut bare = submission(true, status);
            bare.network = None;
            assert!(Action::BlockAddress.suits(&bare) && !Action::BlockNetwork.suits(&bare));
            let config = config();
            let to = submission(true, Status::Published);
            for role in [Role::Owner, Role::Moderator] {
                let by = Person { role, ..config.sites["s"].people().next().expect("the owner") };
                let reply = Comment::teams_reply(&by, to.id, to.comment().expect("one"), "Thanks".into());
                let own = Submission { content: SubmissionContent::Comment(reply), ..submission(true, status) };
                assert!(!Action::BlockAddress.suits(&own) && !Action::BlockNetwork.suits(&own));
                assert_eq!(Action::Trash.suits(&own), status != Status::Trash);
            }
        }
    }

    #[test]
    fn what_has_changed_or_was_erased_is_not_decided_about() {
        for (comment, status) in both() {
            let seen = submission(comment, status);
            let now = decide(&seen, &seen, making(Status::Spam), keep()).expect("decided");
            assert_eq!(decide(&now, &seen, making(Status::Trash), keep()), Err(Refused::Changed));
            assert_eq!(undo(&seen, &seen, "Jo", at(), keep()), Err(Refused::Changed), "nothing to undo");
            let erased = Submission { erased: true, ..seen.clone() };
            assert_eq!(decide(&erased, &seen, making(Status::Trash), keep()), Err(Refused::Erased));
            let erased = Submission { erased: true, ..now.clone() };
            assert_eq!(undo(&erased, &now, "Jo", at(), keep()), Err(Refused::Erased));
        }
    }

    #[test]
    fn later_verdicts_and_second_chances_move_what_nobody_decided_about() {
        let ham = Verdict::owner();
        for (comment, from) in both() {
            let judged = submission(comment, from);
            assert_eq!(settles_status(&judged), comment && from == Status::Held);
            for to in Status::ALL.iter().copied() {
                let case = format!("{} to {}, comment: {comment}", from.word(), to.word());
                let counted = comment && to == Status::Published;
                let settled = settle(&judged, &judged, (&ham, to), at(), keep()).expect("as it was").expect("changed");
                assert_eq!((settled.status, &settled.verdict, settled.decisions), (to, &ham, 0), "{case}");
                assert_eq!(settled.counted, counted, "{case}");
                if from == to {
                    assert_eq!(settled.expires_at, judged.expires_at, "{case}");
                } else {
                    assert_eq!(settled.expires_at, expiry(to), "{case}");
                }
                let revised = revise(&judged, &judged, (&ham, to), at(), keep()).expect("changed");
                assert_eq!((revised.status, revised.second_chance, revised.counted), (to, true, counted), "{case}");
                assert_eq!((revised.expires_at, &revised.verdict), (expiry(to), &ham), "{case}");
                // Once; and not by a verdict that is not there any more.
                assert_eq!(revise(&revised, &judged, (&ham, to), at(), keep()), None, "{case}");
                assert_eq!(revise(&settled, &judged, (&ham, to), at(), keep()), None, "{case}");
                let late = settle(&settled, &judged, (&ham, to), at(), keep());
                assert_eq!(late, Err(Refused::Changed), "{case}");
                // Nor against a decision.
                let decided = decide(&judged, &judged, making(Status::Trash), keep()).expect("decided");
                assert_eq!(settle(&decided, &judged, (&ham, to), at(), keep()), Ok(None), "{case}");
                assert_eq!(revise(&decided, &judged, (&ham, to), at(), keep()), None, "{case}");
            }
        }
    }

    #[test]
    fn nothing_bad_or_decided_answers_for_something_better() {
        for (comment, before) in both() {
            let stored = submission(comment, before);
            let decided = decide(&stored, &stored, making(before), keep()).expect("decided");
            for after in Status::ALL.iter().copied() {
                let again = submission(comment, after);
                let case = format!("{} for {}", before.word(), after.word());
                assert_eq!(answers_for(&decided, &again), after == Status::Spam, "{case}, decided");
                let fine = after == Status::Spam || before != Status::Spam;
                assert_eq!(answers_for(&stored, &again), fine, "{case}");
            }
        }
    }

    #[test]
    fn what_is_published_as_it_came_is_counted_once() {
        for status in Status::ALL.iter().copied() {
            let came = Submission { counted: false, ..submission(true, status) };
            let counted = count(&came);
            assert_eq!(counted.is_some(), status == Status::Published, "{}", status.word());
            assert_eq!(counted.as_ref().and_then(count), None);
        }
    }

    #[test]
    fn a_tombstone_stays_while_replies_hang_on_it() {
        let config = config();
        let site = &config.sites["s"];
        for status in Status::ALL.iter().copied() {
            assert_eq!(erase(&submission(false, status), site), None, "leads have no replies");
            assert_eq!(erase(&submission(true, status), site), None);
            let thread = Submission { replies: 2, ..submission(true, status) };
            let tombstone = erase(&thread, site).expect("a tombstone");
            assert!(tombstone.erased && tombstone.email().is_none() && tombstone.expires_at.is_none());
            assert_eq!((tombstone.replies, tombstone.decisions, tombstone.status), (2, 1, Status::Trash));
            // What is taken down stays for them, too, and expires when they have gone.
            let down = decide(&thread, &thread, making(Status::Trash), keep()).expect("decided");
            assert_eq!((down.expires_at, down.is_needless_tombstone()), (None, false));
            let alone = Submission { replies: 0, ..down };
            assert!(alone.is_needless_tombstone());
            assert_eq!(release(&alone, at(), keep()).expires_at, expiry(Status::Trash));
        }
    }

    #[test]
    fn trust_follows_what_is_published_and_what_is_spam() {
        for (status, expected) in
            Status::ALL.iter().copied().zip([None, None, None, None, Some(true), Some(false), None])
        {
            assert_eq!(trust(status), expected, "{}", status.word());
            for trusted in [false, true] {
                let before = submission(true, Status::Held);
                let made = Making { trusted, ..making(status) };
                let decided = decide(&before, &before, made, keep()).expect("decided");
                let changed = expected.is_some_and(|now| now != trusted);
                assert_eq!(undone_trust(&decided), changed.then_some(trusted), "{} {trusted}", status.word());
            }
        }
        assert_eq!(undone_trust(&submission(true, Status::Held)), None);
    }
}
