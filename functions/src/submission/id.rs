//! Ids of submissions: UUIDv7, which hold the time of arrival.

use jiff::Timestamp;
use uuid::Uuid;

/// The time that is written in an id.
#[must_use]
pub fn time_of(id: Uuid) -> Timestamp {
    let (seconds, nanos) = id.get_timestamp().map_or((0, 0), |time| time.to_unix());
    let nanos = i32::try_from(nanos).unwrap_or_default();
    Timestamp::new(i64::try_from(seconds).unwrap_or_default(), nanos).unwrap_or_default()
}
