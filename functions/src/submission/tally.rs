//! How much came in on a day, and what became of it: numbers alone, which stay when everything else is erased.

use serde::{Deserialize, Serialize};

use super::delivery::DeliveryState;
use super::{Submission, SubmissionContent};
use deskbell_filter::Decision;

/// A day's numbers (UTC), or those of several.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tally {
    /// Contact requests.
    pub leads: u64,
    /// Comments, without the owner's and the team's own.
    pub comments: u64,
    /// Of both, what the filter took for real.
    pub ham: u64,
    /// What it was not certain of.
    pub unsure: u64,
    /// What it took for spam.
    pub spam: u64,
    /// Deliveries that were made, over all channels, of what came in on the day.
    pub delivered: u64,
    /// Deliveries that were not made within two days.
    pub failed: u64,
}

/// What is counted of a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    kind: SubmissionKind,
    decision: Decision,
    delivered: u64,
    failed: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum SubmissionKind {
    Lead,
    Comment,
}

impl Mark {
    /// What counts of a submission; nothing of what the owner or the team wrote.
    #[must_use]
    pub fn of(submission: &Submission) -> Option<Self> {
        let kind = match &submission.content {
            SubmissionContent::Lead(_) => SubmissionKind::Lead,
            SubmissionContent::Comment(comment) if comment.is_own() => return None,
            SubmissionContent::Comment(_) => SubmissionKind::Comment,
        };
        let (mut delivered, mut failed) = (0, 0);
        for delivery in submission.deliveries.values() {
            match delivery.state {
                DeliveryState::Sent => delivered += u64::from(delivery.reason.is_none()),
                DeliveryState::Failed => failed += 1,
                DeliveryState::Due => {}
            }
        }
        Some(Self { kind, decision: submission.verdict.decision, delivered, failed })
    }
}

impl Tally {
    /// Counts a submission in.
    pub fn add(&mut self, mark: &Mark) {
        match mark.kind {
            SubmissionKind::Lead => self.leads += 1,
            SubmissionKind::Comment => self.comments += 1,
        }
        match mark.decision {
            Decision::Ham => self.ham += 1,
            Decision::Unsure => self.unsure += 1,
            Decision::Spam => self.spam += 1,
        }
        self.delivered += mark.delivered;
        self.failed += mark.failed;
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            leads: self.leads + other.leads,
            comments: self.comments + other.comments,
            ham: self.ham + other.ham,
            unsure: self.unsure + other.unsure,
            spam: self.spam + other.spam,
            delivered: self.delivered + other.delivered,
            failed: self.failed + other.failed,
        }
    }
}
