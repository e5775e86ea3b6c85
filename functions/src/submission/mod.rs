//! What somebody sent and what became of it: the thing that is judged, stored, delivered and decided about.

pub mod action;
pub mod comment;
mod content;
mod decision;
pub mod delivery;
mod id;
mod labels;
pub mod lead;
pub mod markdown;
mod note;
pub mod reason;
pub mod sender;
mod status;
pub mod tally;
pub mod transition;
mod visible;

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use self::content::SubmissionContent;
pub use self::decision::{ModerationDecision, PreviousState};
pub use self::id::time_of;
pub use self::note::Note;
pub use self::status::Status;
pub use self::visible::Visible;
use crate::config::{COMMENTS_FORM, Keep, Site};
use crate::form::{Consent, Email};
use crate::submission::comment::Comment;
use crate::submission::delivery::{Channel, Delivery};
use deskbell_filter::{Decision, Label, PROOF_SOLVED, Verdict};

/// A lead or a comment with its verdict and its state, as stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Submission {
    /// UUIDv7: ids sort by the time of arrival, and hold it.
    pub id: Uuid,
    /// The site's id.
    pub site: String,
    /// What became of it.
    pub status: Status,
    /// What was sent.
    #[serde(rename = "wrote")]
    pub content: SubmissionContent,
    /// What the filter made of it.
    pub verdict: Verdict,
    /// The keyed hash of the sender's network (/24 or /48); nothing else of the address is kept.
    pub network: Option<String>,
    /// The language in which its sender was answered, where that is not the site's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
    /// How often the owner has decided. A signed link is bound to this number, so that it works once.
    #[serde(default)]
    pub decisions: u32,
    /// The last of the decisions.
    #[serde(default, rename = "decided", skip_serializing_if = "Option::is_none")]
    pub decision: Option<ModerationDecision>,
    /// What the team has noted about it, in the order of time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// Whether the visitor has shown to be a person after it was stored. That is asked for once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub second_chance: bool,
    /// What became of its deliveries, by [`crate::submission::delivery::Channel::name`]. Whatever applies and is not
    /// here is due.
    #[serde(default)]
    pub deliveries: BTreeMap<String, Delivery>,
    /// Comments: whether it is part of its page's count.
    #[serde(default)]
    pub counted: bool,
    /// First comments of a thread: how many published replies it has.
    #[serde(default)]
    pub replies: u32,
    /// When it may be deleted, in seconds since 1970; never if absent.
    pub expires_at: Option<i64>,
    /// First comments of a thread: whether everything of its author was erased, and it stands here for others' replies.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub erased: bool,
}

impl Submission {
    /// Something just received, with the id of its idempotency key.
    #[must_use]
    pub fn new(id: Uuid, site: &Site, content: SubmissionContent, verdict: Verdict, status: Status) -> Self {
        let mut submission = Self {
            id,
            site: site.id.clone(),
            status,
            content,
            verdict,
            network: None,
            lang: None,
            decisions: 0,
            decision: None,
            notes: Vec::new(),
            second_chance: false,
            deliveries: BTreeMap::new(),
            counted: false,
            replies: 0,
            expires_at: None,
            erased: false,
        };
        submission.set_status(status, Timestamp::now(), site.keep);
        submission
    }

    /// Changes the status at a time and, with it, the day on which the submission may be deleted.
    pub fn set_status(&mut self, status: Status, at: Timestamp, keep: Keep) {
        let days = match status {
            Status::Published => None,
            Status::Received | Status::Read | Status::Done => Some(keep.leads),
            Status::Held => Some(keep.held),
            Status::Spam => Some(keep.spam),
            Status::Trash => Some(keep.trash),
        };
        self.status = status;
        self.expires_at = days.map(|days| at.as_second() + i64::from(days) * 86_400);
    }

    /// When it arrived.
    #[must_use]
    pub fn received_at(&self) -> Timestamp {
        time_of(self.id)
    }

    /// Whether nobody has decided about it, or only what was undone.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.decisions == 0 || self.decision.as_ref().is_some_and(|decision| decision.open)
    }

    /// How it was before the last decision, if that can be undone.
    #[must_use]
    pub fn previous(&self) -> Option<&PreviousState> {
        self.decision.as_ref()?.previous.as_ref()
    }

    /// What it is by the owner's decision: the only thing that is learned from. None if the owner has not decided, or
    /// has undone it, or threw it away, which says nothing.
    #[must_use]
    pub fn label(&self) -> Option<Label> {
        match self.status {
            _ if self.is_open() => None,
            Status::Received | Status::Read | Status::Done | Status::Published => Some(Label::Ham),
            Status::Spam => Some(Label::Spam),
            Status::Held | Status::Trash => None,
        }
    }

    /// What is left when everything of its author is erased, but others' replies hang on it.
    #[must_use]
    pub fn tombstone(&self, site: &Site) -> Option<Self> {
        let comment = SubmissionContent::Comment(self.comment()?.tombstone());
        let empty = Self::new(self.id, site, comment, Verdict::owner(), Status::Trash);
        Some(Self { decisions: self.decisions + 1, replies: self.replies, expires_at: None, erased: true, ..empty })
    }

    /// A reply as the first comment of a thread of its own.
    #[must_use]
    pub fn promoted(mut self) -> Self {
        if let SubmissionContent::Comment(comment) = &mut self.content {
            comment.promote();
        }
        self
    }

    /// Joins a reply to the thread of the comment that it answers.
    pub fn follow(&mut self, parent: &Self) {
        if let (SubmissionContent::Comment(reply), Some(comment)) = (&mut self.content, parent.comment()) {
            reply.join(comment);
        }
    }

    /// Whether it is a comment that was taken down and stayed as a tombstone for replies that are gone now.
    #[must_use]
    pub fn is_needless_tombstone(&self) -> bool {
        let down = self.comment().is_some() && self.status != Status::Published;
        down && self.replies == 0 && self.expires_at.is_none()
    }

    /// Whether there is doubt that neither the one who sent it nor the owner has cleared: then a second chance is
    /// offered.
    #[must_use]
    pub fn is_doubtful(&self) -> bool {
        let solved = self.verdict.has(PROOF_SOLVED);
        self.verdict.decision != Decision::Ham && self.decisions == 0 && !self.second_chance && !solved
    }

    /// The name of the form that it was sent with.
    #[must_use]
    pub fn form(&self) -> &str {
        match &self.content {
            SubmissionContent::Lead(lead) => lead.form(),
            SubmissionContent::Comment(_) => COMMENTS_FORM,
        }
    }

    /// The address of who sent it.
    #[must_use]
    pub fn email(&self) -> Option<&Email> {
        self.content.email()
    }

    /// What became of its delivery over a channel, if anything is noted.
    #[must_use]
    pub fn delivery(&self, channel: &Channel) -> Option<&Delivery> {
        self.deliveries.get(&*channel.name())
    }

    /// Everything that was filled in, by name: what was written at length last.
    #[must_use]
    pub fn lines(&self) -> Vec<(&str, Cow<'_, str>)> {
        match &self.content {
            SubmissionContent::Lead(lead) => {
                lead.lines().into_iter().map(|(name, value)| (name, value.into())).collect()
            }
            SubmissionContent::Comment(comment) => comment.lines(),
        }
    }

    /// What who sent it agreed to.
    #[must_use]
    pub fn consents(&self) -> &[Consent] {
        match &self.content {
            SubmissionContent::Lead(lead) => lead.consents(),
            SubmissionContent::Comment(comment) => comment.consents(),
        }
    }

    /// What was written at length: the message, or the comment.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.content {
            SubmissionContent::Lead(lead) => lead.message(),
            SubmissionContent::Comment(comment) => Some(comment.text()),
        }
    }

    /// The comment in it, if it is one.
    #[must_use]
    pub fn comment(&self) -> Option<&Comment> {
        self.content.comment()
    }
}
