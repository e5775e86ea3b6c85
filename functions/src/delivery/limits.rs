//! How long deliveries may take, how many are made at a time, and within an hour.

use std::time::Duration;

use jiff::SignedDuration;

use crate::config::Site;
use crate::submission::delivery::Channel;

/// How long a delivery may take over any channel, so that nobody's slow server holds up the others.
pub(crate) const PATIENCE: Duration = Duration::from_secs(12);

/// How many submissions are delivered at a time: as fast as a new SES account may send, and not so many that those
/// who wait their turn wait for long.
pub(crate) const AT_ONCE: usize = 5;

/// After how long no more is begun, so that the function has ended what it was at before its time (60 s, in the
/// template) is up.
pub(crate) const BEGIN_WITHIN: Duration = Duration::from_secs(25);

/// How long the stream has for what it was just told, before a later run takes it up.
pub(crate) const STREAM_TIME: SignedDuration = SignedDuration::from_mins(15);

/// How many deliveries a channel takes within an hour. What answers the visitor has a cap of its own, for there is
/// nobody to tell of the rest.
pub(super) fn cap(site: &Site, channel: &Channel) -> Option<u32> {
    match channel {
        Channel::Mail => Some(site.emails_per_hour),
        Channel::Further(name) => {
            let settings = site.channels.iter().find(|settings| settings.name == *name)?;
            (!settings.is_answer()).then_some(settings.per_hour)
        }
    }
}
