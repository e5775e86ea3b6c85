//! What is to be delivered: over which channels people hear of a submission, as it stands.

use crate::config::channel_name::ChannelKind;
use crate::config::channels::{ChannelSettings, On};
use crate::config::{Doubtful, Site};
use crate::submission::delivery::{Channel, DeliveryState};
use crate::submission::{Status, Submission, SubmissionContent};
use deskbell_filter::Decision;

/// The channels that are configured and apply to a submission as it stands: every lead that is not spam is announced,
/// also one taken out of spam; so is every comment that the owner has not seen, unless it is left to the digest.
#[must_use]
pub fn due_channels(site: &Site, submission: &Submission) -> Vec<Channel> {
    let is_due = match (&submission.content, submission.status) {
        (SubmissionContent::Lead(_), Status::Received) => true,
        (SubmissionContent::Comment(comment), Status::Held | Status::Published) => {
            submission.decisions == 0 && !comment.is_own() && !is_left_to_digest(site, submission)
        }
        _ => false,
    };
    if !is_due {
        return Vec::new();
    }
    let further = further_channels(site, submission).map(|channel| Channel::Further(channel.name.clone()));
    std::iter::once(Channel::Mail).chain(further).collect()
}

/// The channels of a site that a submission goes to, in the order of the configuration, if it is delivered at all: of
/// those that answer the visitor the first one alone.
fn further_channels<'a>(site: &'a Site, submission: &'a Submission) -> impl Iterator<Item = &'a ChannelSettings> {
    let mut answered = false;
    site.channels.iter().filter(|channel| hears_of(channel, submission)).filter(move |channel| match channel.kind() {
        ChannelKind::Autoresponse => is_answered(submission) && !std::mem::replace(&mut answered, true),
        _ => true,
    })
}

/// Whether a comment waits for the digest, instead of being emailed by itself: one that looks like spam and whose
/// author was offered to show to be a person, and has not done so.
fn is_left_to_digest(site: &Site, submission: &Submission) -> bool {
    submission.comment().is_some()
        && submission.status == Status::Held
        && submission.is_doubtful()
        && submission.verdict.is_suspicious(&site.judging)
        && site.doubtful() == Doubtful::Digest
}

/// Which channels a stream record asks for: those on which the submission became due by the change that it tells of.
/// What a failed delivery writes down asks for nothing, or it would be tried again at once, endlessly.
#[must_use]
pub(crate) fn requested_channels(site: &Site, old: Option<&Submission>, new: &Submission) -> Vec<Channel> {
    let before = old.map(|old| due_channels(site, old)).unwrap_or_default();
    let became_due = |channel: &Channel| {
        let was = old.filter(|_| before.contains(channel)).map(|old| state(old, channel));
        match state(new, channel) {
            DeliveryState::Due => was != Some(DeliveryState::Due),
            DeliveryState::Failed => was.is_none(),
            DeliveryState::Sent => false,
        }
    };
    let mut due = due_channels(site, new);
    due.retain(became_due);
    due
}

pub(crate) fn state(submission: &Submission, channel: &Channel) -> DeliveryState {
    submission.delivery(channel).map_or(DeliveryState::Due, |delivery| delivery.state)
}

/// Whether a channel is told of such a thing at all.
fn hears_of(channel: &ChannelSettings, submission: &Submission) -> bool {
    match &submission.content {
        SubmissionContent::Lead(lead) => {
            let form = channel.forms.is_empty() || channel.forms.iter().any(|form| form == lead.form());
            form && channel.on.contains(&On::Leads)
        }
        SubmissionContent::Comment(_) => channel.on.contains(&On::Comments),
    }
}

/// Whether a submission is one to be answered: a lead that is certainly real and has an address.
fn is_answered(submission: &Submission) -> bool {
    let lead = match &submission.content {
        SubmissionContent::Lead(lead) => lead.email().is_some(),
        SubmissionContent::Comment(_) => false,
    };
    lead && submission.status == Status::Received && submission.verdict.decision == Decision::Ham
}
