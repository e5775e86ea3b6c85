//! How long deliveries may take, and how many are made at a time.

use std::time::Duration;

use jiff::SignedDuration;

/// How long a delivery may take over any channel, so that nobody's slow server holds up the others.
pub(crate) const PATIENCE: Duration = Duration::from_secs(12);

/// How many submissions are delivered at a time: as fast as a new SES account may send, and not so many that those
/// who wait their turn wait for long.
pub(crate) const AT_ONCE: usize = 5;

/// After how long no more is begun, so that the function has ended what it was at before its time (60 s, in the
/// template) is up.
pub(crate) const BEGIN_WITHIN: Duration = Duration::from_secs(25);

/// How long the stream has for what it was just told, before the hourly run takes it up.
pub(crate) const STREAM_TIME: SignedDuration = SignedDuration::from_mins(15);
