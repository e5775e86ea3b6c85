//! How much came in on a day, and what became of it: numbers alone, which stay when everything else is erased.
//!
//! `notify` leaves a mark for each submission, from the stream: replaced as a whole, so that a record that comes three
//! times counts once. Once nothing of a day can come any more, the hourly run adds its marks up to the day's numbers.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use crate::app::App;
use crate::config::Site;
use crate::store::{Store, StoreError};
use crate::submission::Submission;
use crate::submission::tally::{Mark, Tally};

/// For how many days after its own what becomes of a day's submissions counts. The stream keeps its records for one.
const COUNTED_DAYS: i32 = 2;

/// How many days that may be added up are looked after: the hourly run may have been stopped for as long.
const LOOK_BACK_DAYS: i32 = 3;

/// How long whatever began before midnight may take.
const SETTLING: SignedDuration = SignedDuration::from_mins(15);

/// Marks what a record of the stream says of a submission, unless the record before said the same. `number` is the
/// record's: what an earlier one says is not marked after a later one.
pub(crate) async fn count(
    app: &App,
    number: Option<&str>,
    before: Option<&Submission>,
    seen: &Submission,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (Some(mark), Some(number)) = (Mark::of(seen), number) else { return Ok(()) };
    let day = day_of(seen.received_at());
    // What is imported came in long ago.
    if before.and_then(Mark::of) == Some(mark) || days_between(day, day_of(now)) > COUNTED_DAYS {
        return Ok(());
    }
    app.store.mark(&seen.site, seen.id, day, number, &mark).await
}

/// Adds up the days of which nothing can come any more, unless that was done. What is there to be added up is all there
/// ever will be, so doing it twice changes nothing.
pub(crate) async fn add_up(store: &Store, site: &Site, now: Timestamp) -> Result<(), StoreError> {
    let last = days_before(day_of(now - SETTLING), COUNTED_DAYS + 1);
    let first = days_before(last, LOOK_BACK_DAYS - 1);
    let known = store.tallies(&site.id, first, last).await?;
    for day in first.series(1.day()).take_while(|day| *day <= last).filter(|day| !known.contains_key(day)) {
        let tally = store.marked(&site.id, day).await?;
        if tally != Tally::default() {
            store.keep_tally(&site.id, day, &tally).await?;
        }
    }
    Ok(())
}

/// The numbers of the last so many days, today's included, in their order. A day that is not added up yet is counted.
pub async fn days(store: &Store, site: &str, count: u16, now: Timestamp) -> Result<Vec<(Date, Tally)>, StoreError> {
    let today = day_of(now);
    let first = days_before(today, i32::from(count.max(1)) - 1);
    let counted_from = days_before(today, COUNTED_DAYS + LOOK_BACK_DAYS + 1);
    let known = store.tallies(site, first, today).await?;
    let mut days = Vec::new();
    for day in first.series(1.day()).take_while(|day| *day <= today) {
        let tally = match known.get(&day) {
            Some(tally) => *tally,
            None if day >= counted_from => store.marked(site, day).await?,
            None => Tally::default(),
        };
        days.push((day, tally));
    }
    Ok(days)
}

fn day_of(time: Timestamp) -> Date {
    time.to_zoned(TimeZone::UTC).date()
}

fn days_before(day: Date, days: i32) -> Date {
    day.saturating_sub(days.days())
}

/// How many days later the second one is; at least 0.
fn days_between(day: Date, later: Date) -> i32 {
    later.since(day).map_or(0, |span| span.get_days()).max(0)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn days_are_those_of_utc_and_their_distance_is_never_negative() {
        let time = "2026-03-01T00:30:00+02:00".parse().expect("a time");
        assert_eq!(day_of(time), date(2026, 2, 28));
        assert_eq!(days_before(date(2026, 3, 2), 3), date(2026, 2, 27));
        assert_eq!(days_between(date(2025, 12, 30), date(2026, 3, 2)), 62);
        assert_eq!(days_between(date(2026, 3, 2), date(2026, 3, 1)), 0);
    }
}
