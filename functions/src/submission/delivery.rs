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
    /// From when on it is tried again, in seconds since 1970. None if that cannot help, or did not for two weeks.
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
    /// It was sent together with others.
    Bundled,
}

impl fmt::Display for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Made => f.write_str("delivered"),
            Self::Bundled => f.write_str("delivered together with others"),
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

    /// Whether it is refused as it is written: another one to the same address may be taken.
    pub(crate) fn is_about_the_message(&self) -> bool {
        !self.retry && matches!(self.reason, DeliveryReason::Ses(_) | DeliveryReason::Unwritable)
    }
}

/// The pauses before a failed delivery is tried again, in seconds: short while an outage may end at any moment, then an
/// hour, again and again. What is due is looked up once a minute.
const LADDER: [i64; 7] = [10, 60, 2 * 60, 5 * 60, 10 * 60, 15 * 60, 3_600];

/// For how long it is tried again, in seconds.
const GIVEN_UP_AFTER: i64 = 14 * 86_400;

/// An hour and a day, in seconds.
const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

/// For how long a receiver may ask for patience before that counts as a failure, in seconds.
const THROTTLED_FOR: i64 = 15 * 60;

/// The longest pause that a receiver may ask for, in seconds.
const LONGEST_PAUSE: i64 = 6 * 3_600;

/// The pause before the next try of what has been failing for so long.
fn pause(age: i64) -> i64 {
    let mut reached = 0;
    let step = LADDER.into_iter().find(|step| {
        reached += step;
        age < reached
    });
    step.unwrap_or(LADDER[LADDER.len() - 1])
}

impl Delivery {
    /// It was made just now.
    pub(crate) fn sent(before: Option<&Self>, done: Sent, now: i64) -> Self {
        let reason = match done {
            Sent::Made => None,
            Sent::Bundled => Some(DeliveryReason::Bundled),
            Sent::Needless(reason) => Some(reason),
        };
        Self { state: DeliveryState::Sent, at: now, tries: tries(before) + 1, reason, since: None, again_at: None }
    }

    /// Something of which nothing is known but since when it has had to wait.
    pub(crate) fn waiting(since: i64) -> Self {
        Self { state: DeliveryState::Due, at: since, tries: 0, reason: None, since: Some(since), again_at: None }
    }

    /// It was not made just now: it failed, unless its receiver only takes no more for a while.
    pub(crate) fn not_made(before: Option<&Self>, error: &SendError, now: i64) -> Self {
        if error.reason.is_throttling() {
            Self::throttled(before, error, now)
        } else {
            Self::failed(before, error, now)
        }
    }

    /// It failed just now. The longer it has been failing, the longer it rests.
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
            again_at: again.then(|| now + pause(age).max(error.reason.asked_pause().min(LONGEST_PAUSE))),
        }
    }

    /// The receiver takes no more just now. That is no failure, nor a try, unless it goes on for long.
    fn throttled(before: Option<&Self>, error: &SendError, now: i64) -> Self {
        let since = before.and_then(|before| before.since).unwrap_or(now);
        let failed = before.is_some_and(|before| before.state == DeliveryState::Failed);
        if failed || now - since >= THROTTLED_FOR {
            return Self::failed(before, error, now);
        }
        Self {
            state: DeliveryState::Due,
            at: now,
            tries: tries(before),
            reason: Some(error.reason.clone()),
            since: Some(since),
            again_at: Some(now + LADDER[0].max(error.reason.asked_pause().min(LONGEST_PAUSE))),
        }
    }

    /// It was made, and came back. It rests for hours, longer each time, for it is not told at once that it came back
    /// again; what was sent more than two weeks ago (`age` in seconds) is given up.
    pub(crate) fn returned(made: &Self, error: &SendError, age: i64, now: i64) -> Self {
        let pause = HOUR.saturating_mul(1 << made.tries.saturating_sub(1).min(5)).min(DAY);
        let again = error.retry && !error.reason.is_about_content() && age < GIVEN_UP_AFTER;
        Self { again_at: again.then_some(now + pause), ..Self::failed(Some(made), error, now) }
    }

    /// It was made, and has not arrived yet. If nothing else is heard until a time, it has.
    pub(crate) fn late(made: &Self, code: String, now: i64, until: i64) -> Self {
        let (state, reason) = (DeliveryState::Failed, Some(DeliveryReason::Delayed(code)));
        Self { state, at: now, tries: made.tries, reason, since: Some(now), again_at: Some(until) }
    }

    /// It was late, and nothing else was heard.
    pub(crate) fn arrived(late: &Self, now: i64) -> Self {
        Self { state: DeliveryState::Sent, at: now, tries: late.tries, reason: None, since: None, again_at: None }
    }

    /// Whether it was made and is late.
    #[must_use]
    pub fn is_late(&self) -> bool {
        self.state == DeliveryState::Failed && matches!(self.reason, Some(DeliveryReason::Delayed(_)))
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
    fn what_fails_is_tried_again_within_minutes_then_hourly_and_is_given_up_after_two_weeks() {
        let error = SendError::again(DeliveryReason::NoConnection);
        let mut failed = Delivery::failed(None, &error, 0);
        let mut pauses = Vec::new();
        while let Some(at) = failed.again_at {
            pauses.push(at - failed.at);
            failed = Delivery::failed(Some(&failed), &error, at);
        }
        assert_eq!(pauses[..9], [10, 60, 120, 300, 600, 900, 3_600, 3_600, 3_600]);
        assert_eq!(failed.at / 86_400, 14, "{failed:?}");
        assert_eq!((failed.tries, failed.is_open()), (u32::try_from(pauses.len()).expect("few") + 1, false));
    }

    #[test]
    fn an_outage_of_two_minutes_is_over_for_everything_within_five_minutes_of_its_end() {
        // What is due is looked up once a minute, at any second of it, and whatever came at any time of the outage.
        for look in 0..60 {
            for began in 0..120 {
                let mut failed = Delivery::failed(None, &SendError::again(DeliveryReason::Timeout), began);
                loop {
                    let due = failed.again_at.expect("tried again");
                    let at = (due - look + 59).div_euclid(60) * 60 + look;
                    if at >= 120 {
                        assert!(at <= 120 + 5 * 60, "{began}, {look}: {at}");
                        break;
                    }
                    failed = Delivery::failed(Some(&failed), &SendError::again(DeliveryReason::Timeout), at);
                }
            }
        }
    }

    #[test]
    fn who_asks_for_patience_gets_it_and_has_not_failed_unless_for_long() {
        let error = SendError::again(DeliveryReason::Ses("TooManyRequestsException".into()));
        let mut waiting = Delivery::throttled(None, &error, 0);
        while waiting.state == DeliveryState::Due {
            assert_eq!((waiting.tries, waiting.is_open()), (0, true));
            waiting = Delivery::throttled(Some(&waiting), &error, waiting.again_at.expect("again"));
        }
        assert_eq!((waiting.at, waiting.tries), (THROTTLED_FOR, 1));
        let asked = SendError::again(DeliveryReason::TooManyRequests(Some(120)));
        assert_eq!(Delivery::throttled(None, &asked, 0).again_at, Some(120));
        let endless = SendError::again(DeliveryReason::TooManyRequests(Some(u64::MAX)));
        assert_eq!(Delivery::failed(None, &endless, 0).again_at, Some(LONGEST_PAUSE));
    }

    #[test]
    fn what_is_not_made_has_failed_unless_its_receiver_takes_no_more_for_a_while() {
        let throttled = SendError::again(DeliveryReason::Ses("TooManyRequestsException".into()));
        let down = SendError::again(DeliveryReason::ServerError(503));
        let cases = [
            (None, &throttled, DeliveryState::Due, 1_000),
            (Some(900), &throttled, DeliveryState::Due, 900),
            (Some(100), &throttled, DeliveryState::Failed, 100),
            (None, &down, DeliveryState::Failed, 1_000),
            (Some(900), &down, DeliveryState::Failed, 900),
        ];
        for (since, error, state, expected) in cases {
            let not_made = Delivery::not_made(since.map(Delivery::waiting).as_ref(), error, 1_000);
            assert_eq!((not_made.state, not_made.since), (state, Some(expected)), "{since:?}, {error}");
            assert!(not_made.again_at.is_some(), "{since:?}, {error}");
        }
    }

    #[test]
    fn what_cannot_help_is_not_tried_again() {
        let failed = Delivery::failed(None, &SendError::never(DeliveryReason::Rejected(404)), 5);
        assert_eq!((failed.state, failed.again_at, failed.is_open()), (DeliveryState::Failed, None, false));
        let sent = Delivery::sent(Some(&failed), Sent::Made, 9);
        assert_eq!((sent.tries, sent.reason, sent.since), (2, None, None));
    }
}
