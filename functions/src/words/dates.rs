//! Times in words: how long ago something was, or on which day.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{InboxWords, Words, format};

/// A moment as people read it.
#[must_use]
pub fn when(time: Timestamp, words: &Words) -> String {
    time.to_zoned(TimeZone::UTC).strftime(words.time_format).to_string()
}

/// A moment as programs read it: as RFC 3339 writes it, in UTC, to the second.
#[must_use]
pub fn rfc3339(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The same, of a moment that is stored in seconds since 1970.
#[must_use]
pub fn rfc3339_second(seconds: i64) -> String {
    rfc3339(Timestamp::from_second(seconds).unwrap_or_default())
}

/// A moment as it is shown.
pub(crate) struct Moment {
    /// As `<time datetime>` has it.
    pub(crate) machine: String,
    pub(crate) words: String,
}

/// A moment, as seen from now.
pub(crate) fn ago(time: Timestamp, words: &InboxWords) -> Moment {
    Moment { machine: rfc3339(time), words: in_words(time, Timestamp::now(), words) }
}

/// A moment that is stored in seconds since 1970.
pub(crate) fn seconds_ago(seconds: i64, words: &InboxWords) -> Moment {
    ago(Timestamp::from_second(seconds).unwrap_or_default(), words)
}

/// Within a week, how long ago; before that, which day.
fn in_words(time: Timestamp, now: Timestamp, words: &InboxWords) -> String {
    let minutes = (now.as_second() - time.as_second()) / 60;
    let (count, one, many) = match minutes {
        ..1 => return words.just_now.to_owned(),
        1..60 => (minutes, words.minute_ago, words.minutes_ago),
        60..1_440 => (minutes / 60, words.hour_ago, words.hours_ago),
        1_440..10_080 => (minutes / 1_440, words.day_ago, words.days_ago),
        _ => return time.to_zoned(TimeZone::UTC).strftime(words.date_format).to_string(),
    };
    if count == 1 { one.to_owned() } else { format(many, "count", count.to_string()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::english;

    #[test]
    fn the_longer_ago_the_rougher() {
        let now: Timestamp = "2026-11-23T12:00:00Z".parse().expect("a time");
        let cases = [
            ("2026-11-23T12:00:30Z", "just now"),
            ("2026-11-23T11:59:10Z", "just now"),
            ("2026-11-23T11:58:50Z", "a minute ago"),
            ("2026-11-23T11:01:00Z", "59 minutes ago"),
            ("2026-11-23T10:30:00Z", "an hour ago"),
            ("2026-11-22T12:01:00Z", "23 hours ago"),
            ("2026-11-22T11:00:00Z", "a day ago"),
            ("2026-11-17T11:00:00Z", "6 days ago"),
            ("2026-11-16T11:00:00Z", "16 November 2026"),
        ];
        for (time, expected) in cases {
            assert_eq!(in_words(time.parse().expect("a time"), now, &english().inbox), expected, "{time}");
        }
    }
}
