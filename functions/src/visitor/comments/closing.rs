//! Whether a page still takes comments.
//!
//! A static page has no entry in the table that says when it was published. What can be known is when its first comment
//! appeared; what its form says (`published`) comes from the visitor's browser, who could change it. So the earlier of
//! the two counts, and what a form says is not kept: who forges it refuses their own comment, or has a late one
//! taken on a page on which nobody has commented for that long, which then is judged like every other.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;

use crate::config::{Closing, Site};
use crate::form::page::Page;
use crate::store::LookedUp;
use crate::submission::comment::Comment;
use crate::submission::{Submission, time_of};
use crate::web::Error;

/// Reads when a page was published: a date, or a moment that begins with one, as in RFC 3339.
pub(super) fn published(typed: &str) -> Option<Timestamp> {
    let typed = typed.trim();
    let day = || Offset::UTC.to_timestamp(typed.get(..10)?.parse::<Date>().ok()?.at(0, 0, 0, 0)).ok();
    typed.parse().ok().or_else(day)
}

/// Whether a page closes some days after its first comment, so that one has to know when that came.
pub(super) fn by_days(site: &Site, page: &Page) -> bool {
    matches!(site.comments.on(page).closing, Closing::After(_))
}

/// Whether a page is closed now. `since`: when its first comment appeared, in seconds since 1970.
pub(super) fn is_closed(site: &Site, page: &Page, published: Option<Timestamp>, since: Option<i64>) -> bool {
    match site.comments.on(page).closing {
        Closing::Never => false,
        Closing::Now => true,
        Closing::After(days) => {
            let opened = published.map(Timestamp::as_second).into_iter().chain(since).min();
            opened.is_some_and(|opened| Timestamp::now().as_second() - opened > i64::from(days) * 86_400)
        }
    }
}

/// When the first comment appeared on the page of one that can be seen, as far as that was noted with it: else when its
/// thread began.
pub(super) fn since(submission: &Submission, comment: &Comment) -> i64 {
    let first = || time_of(comment.root().unwrap_or(submission.id)).as_second();
    comment.page_since().unwrap_or_else(first)
}

/// Whether one has to know when the page's first comment appeared, to take a comment. An answer need not look it up: it
/// was noted with what it answers.
pub(super) fn asks_since(site: &Site, comment: &Comment) -> bool {
    comment.parent().is_none() && by_days(site, comment.page())
}

/// Refuses a comment on a page that is closed, and notes when the page's first comment appeared.
pub(super) fn admit(
    site: &Site,
    comment: &mut Comment,
    found: &LookedUp,
    published: Option<Timestamp>,
) -> Result<(), Error> {
    let answered = found.parent.as_ref().and_then(|parent| Some((parent, parent.comment()?)));
    let noted = answered.map_or(found.since, |(_, answered)| answered.page_since());
    let since = answered.map_or(noted, |(parent, answered)| Some(since(parent, answered)));
    if is_closed(site, comment.page(), published, since) {
        return Err(Error::Closed);
    }
    comment.note_page_since(noted);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_as_templates_write_it() {
        let cases = [
            ("2026-03-14", Some("2026-03-14T00:00:00Z")),
            (" 2026-03-14T09:30:00+01:00 ", Some("2026-03-14T08:30:00Z")),
            ("2026-03-14T09:30:00Z", Some("2026-03-14T09:30:00Z")),
            ("2026-03-14 09:30:00", Some("2026-03-14T00:00:00Z")),
            ("2026-03-14T09:30", Some("2026-03-14T00:00:00Z")),
            ("14 March 2026", None),
            ("2026-02-30", None),
            ("{{ date }}", None),
            ("", None),
            ("ääääääääää", None),
        ];
        for (typed, expected) in cases {
            assert_eq!(published(typed).map(|time| time.to_string()).as_deref(), expected, "{typed}");
        }
    }
}
