//! What time it is, and how long waits last. A deployed function goes by the clock on the wall; who runs all of
//! Deskbell on one machine may set its clock ahead, so that nobody has to wait for what takes its time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// A clock. Its clones are the same clock.
#[derive(Debug, Clone)]
pub struct Clock {
    /// How many milliseconds it is ahead of the clock on the wall.
    ahead: Arc<AtomicI64>,
    /// How many times sooner waits end than they should.
    pace: u32,
}

impl Default for Clock {
    fn default() -> Self {
        Self::at_pace(1)
    }
}

impl Clock {
    /// A clock by which everything that is waited for, or given a time to end in, has so many times less of it.
    #[must_use]
    pub fn at_pace(pace: u32) -> Self {
        Self { ahead: Arc::default(), pace: pace.max(1) }
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        Timestamp::now() + SignedDuration::from_millis(self.ahead.load(Ordering::SeqCst))
    }

    /// Sets it ahead. What has happened is older by that, then.
    pub fn advance(&self, by: SignedDuration) {
        self.ahead.fetch_add(i64::try_from(by.as_millis()).unwrap_or_default(), Ordering::SeqCst);
    }

    /// How long something really lasts that should last so long.
    #[must_use]
    pub fn lasts(&self, time: Duration) -> Duration {
        time / self.pace
    }
}
