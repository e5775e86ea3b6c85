//! What became of a delivery, and when a failed one is tried again.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::reason::DeliveryReason;
use crate::config::channel_name::ChannelName;

/// A way on which people hear of a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Channel {
    /// Mail to the owner.
    Mail,
    /// Another one, that the site has configured.
    Further(ChannelName),
}

impl Channel {
    /// The name under which it stands in `Submission::deliveries`: letters, digits and dashes.
    #[must_use]
    pub fn name(&self) -> Cow<'static, str> {
        match self {
            Self::Mail => "mail".into(),
            Self::Further(name) => name.to_string().into(),
        }
    }

    /// Whether the stream is to bring a record again whose delivery failed. All that is behind it in the stream waits
    /// meanwhile: that is right if nobody's mail is taken, and wrong if one site's webhook is down, which the hourly
    /// run tries again.
    pub(crate) fn holds_the_stream(&self) -> bool {
        match self {
            Self::Mail => true,
            Self::Further(_) => false,
        }
    }
}

/// What became of a delivery over one channel. A channel that applies and of which nothing is noted is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// How it stands.
    pub state: DeliveryState,
    /// Since when, in seconds since 1970.
    pub at: i64,
    /// How often it was tried.
    pub tries: u32,
    /// Why the last try failed, or why there was nothing to be sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<DeliveryReason>,
    /// When it failed for the first time since it was due, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<i64>,
    /// Failed ones: from when on the hourly run tries again, in seconds since 1970. None if that cannot help, or did
    /// not for two weeks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again_at: Option<i64>,
}

/// How a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryState {
    /// To be made.
    Due,
    /// Made.
    Sent,
    /// Tried in vain.
    Failed,
}

/// That a delivery is done with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// It was sent.
    Made,
    /// There was nothing to be sent, for this reason.
    Needless(DeliveryReason),
}

impl fmt::Display for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Made => f.write_str("delivered"),
            Self::Needless(reason) => write!(f, "nothing to be delivered: {reason}"),
        }
    }
}

/// Why something could not be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct SendError {
    /// Whether trying again can help.
    pub retry: bool,
    /// Why.
    pub reason: DeliveryReason,
}

impl SendError {
    /// It may work another time.
    #[must_use]
    pub fn again(reason: DeliveryReason) -> Self {
        Self { retry: true, reason }
    }

    /// It will not work another time either, unless somebody changes something.
    #[must_use]
    pub fn never(reason: DeliveryReason) -> Self {
        Self { retry: false, reason }
    }
}

/// The shortest pause before the hourly run tries again, in seconds: less than an hour, so that it is the next one.
const SHORTEST: i64 = 45 * 60;

/// The longest pause, in seconds.
const LONGEST: i64 = 86_400;

/// For how long it is tried again, in seconds.
const GIVEN_UP_AFTER: i64 = 14 * 86_400;

impl Delivery {
    /// It was made just now.
    pub(crate) fn sent(before: Option<&Self>, done: Sent, now: i64) -> Self {
        let reason = match done {
            Sent::Made => None,
            Sent::Needless(reason) => Some(reason),
        };
        Self { state: DeliveryState::Sent, at: now, tries: tries(before) + 1, reason, since: None, again_at: None }
    }

    /// It failed just now. The longer it has been failing, the longer it rests: an hour, two, four, then a day.
    pub(crate) fn failed(before: Option<&Self>, error: &SendError, now: i64) -> Self {
        let since = before.and_then(|before| before.since).unwrap_or(now);
        let age = now - since;
        let again = error.retry && age < GIVEN_UP_AFTER;
        Self {
            state: DeliveryState::Failed,
            at: now,
            tries: tries(before) + 1,
            reason: Some(error.reason.clone()),
            since: Some(since),
            again_at: again.then(|| now + age.clamp(SHORTEST, LONGEST)),
        }
    }

    /// Whether it is to be made, or made once more.
    #[must_use]
    pub fn is_open(&self) -> bool {
        match self.state {
            DeliveryState::Due => true,
            DeliveryState::Sent => false,
            DeliveryState::Failed => self.again_at.is_some(),
        }
    }
}

fn tries(before: Option<&Delivery>) -> u32 {
    before.map_or(0, |before| before.tries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_rests_longer_each_time_and_is_given_up_after_two_weeks() {
        let error = SendError::again(DeliveryReason::NoConnection);
        let mut failed = Delivery::failed(None, &error, 0);
        let mut hours = Vec::new();
        while let Some(at) = failed.again_at {
            // The run of the next full hour.
            let run = (at + 3_599) / 3_600 * 3_600;
            hours.push(run / 3_600);
            failed = Delivery::failed(Some(&failed), &error, run);
        }
        assert_eq!(hours[..7], [1, 2, 4, 8, 16, 32, 56]);
        assert_eq!(hours.last(), Some(&(14 * 24 + 8)), "{hours:?}");
        assert_eq!((failed.tries, failed.is_open()), (u32::try_from(hours.len()).expect("few") + 1, false));
    }

    #[test]
    fn what_cannot_help_is_not_tried_again() {
        let failed = Delivery::failed(None, &SendError::never(DeliveryReason::Rejected(404)), 5);
        assert_eq!((failed.state, failed.again_at, failed.is_open()), (DeliveryState::Failed, None, false));
        let sent = Delivery::sent(Some(&failed), Sent::Made, 9);
        assert_eq!((sent.tries, sent.reason, sent.since), (2, None, None));
    }
}
