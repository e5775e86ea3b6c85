//! What somebody sent and what became of it: the thing that is judged, stored, rung through and decided about.

pub mod action;
pub mod comment;
pub mod delivery;
mod labels;
pub mod lead;
pub mod markdown;
pub mod reason;
pub mod sender;
pub mod tally;
pub mod transition;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::config::{COMMENTS_FORM, Keep, Site};
use crate::form::{Consent, Email};
use crate::submission::comment::Comment;
use crate::submission::delivery::{Channel, Delivery};
use crate::submission::lead::Lead;
use deskbell_filter::{Content, Decision, Label, PROOF_SOLVED, Verdict};

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
    pub wrote: Wrote,
    /// What the filter made of it.
    pub verdict: Verdict,
    /// The keyed hash of the sender's network (/24 or /48); nothing else of the address is kept.
    pub network: Option<String>,
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
    /// What became of its deliveries, by [`crate::submission::delivery::Channel::name`]. Whatever applies and is not here is due.
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

/// What a list that everybody may see is made from. Nothing else leaves the table for it; above all, nobody's address.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Visible {
    /// The comment's id.
    pub id: Uuid,
    /// What became of it.
    pub status: Status,
    /// As of a [`Submission`].
    #[serde(default)]
    pub replies: u32,
    wrote: Wrote,
    decided: Option<When>,
}

/// When something was decided.
#[derive(Debug, Clone, PartialEq, Deserialize)]
struct When {
    at: i64,
}

impl Visible {
    /// The attributes that are read. What a comment has beyond these is absent from [`Visible::comment`].
    pub(crate) const ATTRIBUTES: &[&str] = &[
        "id",
        "status",
        "replies",
        "decided.at",
        "wrote.comment.page",
        "wrote.comment.author",
        "wrote.comment.url",
        "wrote.comment.text",
        "wrote.comment.parent",
        "wrote.comment.by_owner",
    ];

    /// The comment, without its author's address.
    #[must_use]
    pub fn comment(&self) -> Option<&Comment> {
        self.wrote.comment()
    }

    /// When it appeared: when it came, or when somebody decided that it may appear.
    #[must_use]
    pub fn appeared_at(&self) -> Timestamp {
        let decided = self.decided.as_ref().and_then(|decided| Timestamp::from_second(decided.at).ok());
        decided.map_or(time_of(self.id), |decided| decided.max(time_of(self.id)))
    }
}

/// A moderator's decision about a submission.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModerationDecision {
    /// The name of whoever decided.
    pub by: String,
    /// When, in seconds since 1970.
    pub at: i64,
    /// Whether it undid the only decision that there was: then nothing is decided, and nothing to be learnt.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub open: bool,
    /// What it can be undone to.
    #[serde(rename = "was", skip_serializing_if = "Option::is_none")]
    pub previous: Option<PreviousState>,
}

/// How a submission was before a decision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PreviousState {
    /// What the submission was.
    pub status: Status,
    /// Whether nobody had decided about it.
    pub open: bool,
    /// Comments: whether the author was trusted.
    pub trusted: bool,
    /// The owner's answer that was published with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply: Option<Uuid>,
    /// The hash of the sender who was blocked with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block: Option<String>,
}

/// A note of somebody of the team, about a lead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Made by the form, so that pressing its button twice adds one note.
    pub id: Uuid,
    /// The name of whoever wrote it.
    pub by: String,
    /// When, in seconds since 1970.
    pub at: i64,
    /// Plain text.
    pub text: String,
}

impl Note {
    /// The longest note, in characters.
    pub const MAX: usize = 2_000;

    /// How many notes a lead can have, so that it stays small enough for the table.
    pub const COUNT: usize = 20;
}

/// What was sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Wrote {
    /// A contact request.
    Lead(Lead),
    /// A comment on a page.
    Comment(Comment),
}

impl Wrote {
    /// The address of whoever sent it.
    #[must_use]
    pub fn email(&self) -> Option<&Email> {
        match self {
            Self::Lead(lead) => lead.email(),
            Self::Comment(comment) => comment.email(),
        }
    }

    fn comment(&self) -> Option<&Comment> {
        match self {
            Self::Comment(comment) => Some(comment),
            Self::Lead(_) => None,
        }
    }
}

/// What became of a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// A lead that has rung, or is about to.
    Received,
    /// A lead that somebody has read.
    Read,
    /// A lead that needs nothing more.
    Done,
    /// A comment that waits for the owner.
    Held,
    /// A comment that everybody can read.
    Published,
    /// Junk, by the filter or by the owner; kept for a while.
    Spam,
    /// Thrown away by the owner; kept for a while.
    Trash,
}

impl Status {
    /// The word that is stored and shown to machines.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Read => "read",
            Self::Done => "done",
            Self::Held => "held",
            Self::Published => "published",
            Self::Spam => "spam",
            Self::Trash => "trash",
        }
    }
}

impl Submission {
    /// Something just received, with the id that was claimed for it.
    #[must_use]
    pub fn new(id: Uuid, site: &Site, wrote: Wrote, verdict: Verdict, status: Status) -> Self {
        let mut submission = Self {
            id,
            site: site.id.clone(),
            status,
            wrote,
            verdict,
            network: None,
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

    /// What it is by the owner's decision: the only thing that is learnt from. None if the owner has not decided, or
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
        let comment = Wrote::Comment(self.comment()?.tombstone());
        let empty = Self::new(self.id, site, comment, Verdict::owner(), Status::Trash);
        Some(Self { decisions: self.decisions + 1, replies: self.replies, expires_at: None, erased: true, ..empty })
    }

    /// A reply as the first comment of a thread of its own.
    #[must_use]
    pub fn promoted(mut self) -> Self {
        if let Wrote::Comment(comment) = &mut self.wrote {
            comment.promote();
        }
        self
    }

    /// Joins a reply to the thread of the comment that it answers.
    pub fn follow(&mut self, parent: &Self) {
        if let (Wrote::Comment(reply), Some(comment)) = (&mut self.wrote, parent.comment()) {
            reply.join(comment);
        }
    }

    /// Whether it is a comment that was taken down and stayed as a tombstone for replies that are gone now.
    #[must_use]
    pub fn is_needless_tombstone(&self) -> bool {
        let down = self.comment().is_some() && self.status != Status::Published;
        down && self.replies == 0 && self.expires_at.is_none()
    }

    /// Whether there is doubt that neither the one who sent it nor the owner has cleared: then a second chance is offered.
    #[must_use]
    pub fn is_doubtful(&self) -> bool {
        let solved = self.verdict.has(PROOF_SOLVED);
        self.verdict.decision != Decision::Ham && self.decisions == 0 && !self.second_chance && !solved
    }

    /// The name of the form that it was sent with.
    #[must_use]
    pub fn form(&self) -> &str {
        match &self.wrote {
            Wrote::Lead(lead) => lead.form(),
            Wrote::Comment(_) => COMMENTS_FORM,
        }
    }

    /// The address of whoever sent it.
    #[must_use]
    pub fn email(&self) -> Option<&Email> {
        self.wrote.email()
    }

    /// What became of its delivery over a channel, if anything is noted.
    #[must_use]
    pub fn delivery(&self, channel: &Channel) -> Option<&Delivery> {
        self.deliveries.get(&*channel.name())
    }

    /// Everything that was filled in, by name: what was written at length last.
    #[must_use]
    pub fn lines(&self) -> Vec<(&str, &str)> {
        match &self.wrote {
            Wrote::Lead(lead) => lead.lines(),
            Wrote::Comment(comment) => comment.lines(),
        }
    }

    /// What whoever sent it agreed to.
    #[must_use]
    pub fn consents(&self) -> &[Consent] {
        match &self.wrote {
            Wrote::Lead(lead) => lead.consents(),
            Wrote::Comment(comment) => comment.consents(),
        }
    }

    /// What was written at length: the message, or the comment.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.wrote {
            Wrote::Lead(lead) => lead.message(),
            Wrote::Comment(comment) => Some(comment.text()),
        }
    }

    /// The comment in it, if it is one.
    #[must_use]
    pub fn comment(&self) -> Option<&Comment> {
        self.wrote.comment()
    }
}

/// The time that is written in an id.
#[must_use]
pub fn time_of(id: Uuid) -> Timestamp {
    let (seconds, nanos) = id.get_timestamp().map_or((0, 0), |time| time.to_unix());
    let nanos = i32::try_from(nanos).unwrap_or_default();
    Timestamp::new(i64::try_from(seconds).unwrap_or_default(), nanos).unwrap_or_default()
}

impl From<&Wrote> for Content {
    fn from(wrote: &Wrote) -> Self {
        match wrote {
            Wrote::Lead(lead) => Self {
                author: lead.name().unwrap_or_default().into(),
                email: lead.email().map_or("", |email| email.as_str()).into(),
                url: String::new(),
                text: lead.text(),
            },
            Wrote::Comment(comment) => Self {
                author: comment.author().into(),
                email: comment.email().map_or("", |email| email.as_str()).into(),
                url: comment.url().unwrap_or_default().into(),
                text: comment.text().into(),
            },
        }
    }
}
