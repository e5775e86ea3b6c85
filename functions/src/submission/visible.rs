//! What everybody may see of a comment.

use jiff::Timestamp;
use serde::Deserialize;
use uuid::Uuid;

use super::comment::Comment;
use super::content::SubmissionContent;
use super::id::time_of;
use super::status::Status;

/// What a list that everybody may see is made from. Nothing else leaves the table for it; above all, nobody's address.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Visible {
    /// The comment's id.
    pub id: Uuid,
    /// What became of it.
    pub status: Status,
    /// How many replies it has.
    #[serde(default)]
    pub replies: u32,
    #[serde(rename = "wrote")]
    content: SubmissionContent,
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
        "wrote.comment.by_team",
    ];

    /// The comment, without its author's address.
    #[must_use]
    pub fn comment(&self) -> Option<&Comment> {
        self.content.comment()
    }

    /// When it appeared: when it came, or when somebody decided that it may appear.
    #[must_use]
    pub fn appeared_at(&self) -> Timestamp {
        let decided = self.decided.as_ref().and_then(|decided| Timestamp::from_second(decided.at).ok());
        decided.map_or(time_of(self.id), |decided| decided.max(time_of(self.id)))
    }
}
