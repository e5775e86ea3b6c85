//! What was sent: a lead or a comment.

use serde::{Deserialize, Serialize};

use super::comment::Comment;
use super::lead::Lead;
use crate::form::Email;
use deskbell_filter::Content;

/// What was sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SubmissionContent {
    /// A contact request.
    Lead(Lead),
    /// A comment on a page.
    Comment(Comment),
}

impl SubmissionContent {
    /// The address of who sent it.
    #[must_use]
    pub fn email(&self) -> Option<&Email> {
        match self {
            Self::Lead(lead) => lead.email(),
            Self::Comment(comment) => comment.email(),
        }
    }

    pub(super) fn comment(&self) -> Option<&Comment> {
        match self {
            Self::Comment(comment) => Some(comment),
            Self::Lead(_) => None,
        }
    }
}

impl From<&SubmissionContent> for Content {
    fn from(content: &SubmissionContent) -> Self {
        match content {
            SubmissionContent::Lead(lead) => Self {
                author: lead.name().unwrap_or_default().into(),
                email: lead.email().map_or("", |email| email.as_str()).into(),
                url: String::new(),
                text: lead.text(),
            },
            SubmissionContent::Comment(comment) => Self {
                author: comment.author().into(),
                email: comment.email().map_or("", |email| email.as_str()).into(),
                url: comment.url().unwrap_or_default().into(),
                text: comment.text().into(),
            },
        }
    }
}
