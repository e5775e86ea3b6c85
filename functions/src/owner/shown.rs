//! A submission as the owner reads it: heading, lines.

use crate::submission::{Submission, SubmissionContent};
use crate::words::dates::{Zone, when};
use crate::words::{Words, format};

/// What it is, as a heading.
pub(crate) fn title(submission: &Submission, words: &Words) -> String {
    let (text, name) = match &submission.content {
        SubmissionContent::Lead(lead) => (words.moderate_lead, words.author(lead.name().unwrap_or_default())),
        SubmissionContent::Comment(comment) => (words.moderate_comment, words.author(comment.author())),
    };
    format(text, "name", name)
}

/// Everything that was sent, as the owner reads it.
pub(crate) fn lines(submission: &Submission, words: &Words, zone: &Zone) -> Vec<(String, String)> {
    let sent = submission.lines().into_iter().map(|(name, value)| (words.label(name), value.into_owned()));
    sent.chain([(words.label_received.to_owned(), when(submission.received_at(), words, zone))]).collect()
}
