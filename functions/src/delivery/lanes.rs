//! Which services are out of order just now. What goes over one and the same service is a lane; once so many deliveries
//! in a row have failed on one, those that follow are not tried but put off at once, so that an outage takes no time
//! from what goes over other lanes, nor from the table's stream.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::config::channel_name::{ChannelKind, ChannelName};
use crate::submission::delivery::{Channel, SendError};

/// How many failures in a row close a lane.
pub(super) const FAILURES: u32 = 5;

/// For how long after the last failure a lane stays closed.
const CLOSED_FOR: SignedDuration = SignedDuration::from_secs(30);

/// The name of a lane: the email service is one for all sites, and carries the answers to visitors, too; everything
/// else is a site's own.
pub(super) fn lane(site: &str, channel: &str) -> String {
    let mail = Channel::Mail.name();
    let answers = channel.parse().is_ok_and(|name: ChannelName| name.kind() == ChannelKind::Autoresponse);
    if channel == mail || answers { mail.into_owned() } else { format!("{site}#{channel}") }
}

/// What this container knows of the lanes.
#[derive(Debug, Default)]
pub(crate) struct Lanes(Mutex<HashMap<String, Failing>>);

#[derive(Debug)]
struct Failing {
    times: u32,
    last: SendError,
    at: Timestamp,
}

impl Lanes {
    /// Why a lane is closed, if it is.
    pub(super) fn closed(&self, lane: &str, now: Timestamp) -> Option<SendError> {
        let lanes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let failing = lanes.get(lane).filter(|failing| failing.times >= FAILURES && now < failing.at + CLOSED_FOR)?;
        Some(failing.last.clone())
    }

    /// Takes note of how a delivery went. One that was refused for good has reached the service, too.
    pub(super) fn note<T>(&self, lane: &str, went: &Result<T, SendError>, now: Timestamp) {
        let mut lanes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match went {
            Err(error) if error.retry => {
                let times = lanes.get(lane).map_or(0, |failing| failing.times) + 1;
                lanes.insert(lane.to_owned(), Failing { times, last: error.clone(), at: now });
            }
            _ => drop(lanes.remove(lane)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::submission::reason::DeliveryReason;

    #[test]
    fn a_lane_is_closed_by_failures_in_a_row_and_opens_again_by_itself() {
        let (lanes, now) = (Lanes::default(), Timestamp::UNIX_EPOCH);
        let failed: Result<(), _> = Err(SendError::again(DeliveryReason::Timeout));
        for went in [&failed, &failed, &Ok(()), &failed, &Err(SendError::never(DeliveryReason::Gone)), &failed] {
            lanes.note("mail", went, now);
            assert_eq!(lanes.closed("mail", now), None);
        }
        (1..FAILURES).for_each(|_| lanes.note("mail", &failed, now));
        assert_eq!(lanes.closed("mail", now), failed.clone().err());
        assert_eq!(lanes.closed("studio#slack", now), None);
        assert_eq!(lanes.closed("mail", now + CLOSED_FOR), None);
    }

    #[test]
    fn all_sites_have_one_email_service_and_other_channels_of_their_own() {
        assert_eq!((lane("a", "mail"), lane("a", "slack")), ("mail".into(), "a#slack".into()));
        assert_eq!((lane("a", "autoresponse"), lane("b", "autoresponse-de")), ("mail".into(), "mail".into()));
    }
}
