//! What a moderator decided about a submission, and what it was before.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::status::Status;

/// A moderator's decision about a submission.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModerationDecision {
    /// The name of who decided.
    pub by: String,
    /// When, in seconds since 1970.
    pub at: i64,
    /// Whether it undid the only decision that there was: then nothing is decided, and nothing to be learned.
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
