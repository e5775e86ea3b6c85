//! Times in words: how long ago something was, or on which day, by the clock of those who read it.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;

use super::{InboxWords, Words};

include!(concat!(env!("OUT_DIR"), "/zones.rs"));

/// A time zone, by the rules that hold there now: what is shown here is of these days. All zones take 15 KB that way, a
/// thirtieth of what their histories take.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Zone {
    name: String,
    rules: TimeZone,
}

impl Default for Zone {
    fn default() -> Self {
        Self { name: "UTC".into(), rules: TimeZone::UTC }
    }
}

impl Zone {
    /// The zone of that name in the IANA's database, such as `Europe/Berlin`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let known = |(rules, names): &(&'static str, &'static str)| {
            Some((*rules, names.split(' ').find(|known| known.eq_ignore_ascii_case(name))?))
        };
        let (rules, name) = ZONES.iter().find_map(known)?;
        Some(Self { name: name.into(), rules: TimeZone::posix(rules).ok()? })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    fn show(&self, time: Timestamp, form: &str) -> String {
        time.to_zoned(self.rules.clone()).strftime(form).to_string()
    }
}

impl TryFrom<String> for Zone {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, &'static str> {
        Self::named(&name).ok_or("expected the name of a time zone, such as Europe/Berlin")
    }
}

/// A moment as people read it.
#[must_use]
pub fn when(time: Timestamp, words: &Words, zone: &Zone) -> String {
    zone.show(time, words.time_format)
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
pub(crate) fn ago(time: Timestamp, words: &InboxWords, zone: &Zone) -> Moment {
    Moment { machine: rfc3339(time), words: in_words(time, Timestamp::now(), words, zone) }
}

/// A moment that is stored in seconds since 1970.
pub(crate) fn seconds_ago(seconds: i64, words: &InboxWords, zone: &Zone) -> Moment {
    ago(Timestamp::from_second(seconds).unwrap_or_default(), words, zone)
}

/// Within a week, how long ago; before that, which day.
fn in_words(time: Timestamp, now: Timestamp, words: &InboxWords, zone: &Zone) -> String {
    let minutes = (now.as_second() - time.as_second()) / 60;
    match minutes {
        ..1 => words.just_now.to_owned(),
        1..60 => words.minutes_ago.format("count", minutes),
        60..1_440 => words.hours_ago.format("count", minutes / 60),
        1_440..10_080 => words.days_ago.format("count", minutes / 1_440),
        _ => zone.show(time, words.date_format),
    }
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
            let utc = Zone::default();
            assert_eq!(in_words(time.parse().expect("a time"), now, &english().inbox, &utc), expected, "{time}");
        }
    }

    #[test]
    fn a_moment_is_shown_by_the_clock_of_the_site() {
        let cases = [
            ("UTC", "2026-11-23T10:56:00Z", "23 November 2026, 10:56 UTC"),
            ("Australia/Sydney", "2026-11-23T10:56:00Z", "23 November 2026, 21:56 AEDT"),
            ("australia/sydney", "2026-07-01T16:30:00Z", "2 July 2026, 02:30 AEST"),
            ("Europe/Berlin", "2026-03-29T00:59:00Z", "29 March 2026, 01:59 CET"),
            ("Europe/Berlin", "2026-03-29T01:00:00Z", "29 March 2026, 03:00 CEST"),
            ("America/Los_Angeles", "2026-11-23T03:00:00Z", "22 November 2026, 19:00 PST"),
            ("Asia/Kathmandu", "2026-11-23T10:56:00Z", "23 November 2026, 16:41 +0545"),
            ("America/St_Johns", "2026-11-23T10:56:00Z", "23 November 2026, 07:26 NST"),
            ("Pacific/Chatham", "2026-11-23T10:56:00Z", "24 November 2026, 00:41 +1345"),
        ];
        for (zone, time, expected) in cases {
            let zone = Zone::named(zone).expect(zone);
            assert_eq!(when(time.parse().expect("a time"), english(), &zone), expected, "{zone:?}");
        }
        for none in ["", "Europe", "Europe/", "Berlin", "Europe/Berlin Europe/Vienna", "+01:00"] {
            assert!(Zone::named(none).is_none(), "{none}");
        }
    }

    #[test]
    fn every_zone_has_rules_and_a_name() {
        let names: Vec<&str> = ZONES.iter().flat_map(|(_, names)| names.split(' ')).collect();
        assert!(names.len() > 400, "{}", names.len());
        for name in names {
            assert_eq!(Zone::named(name).as_ref().map(Zone::name), Some(name));
        }
    }
}
