//! What the API's throttles let through at most: the bill of a month in which somebody uses them up without a pause.

use super::actions::{Action, CHALLENGE, COMMENT, COUNTS, FEED, HOURLY, MESSAGE, MINUTELY, PAGE, VIEW};
use crate::local::{Route, Template};

/// The seconds of a month.
const MONTH: f64 = 30.0 * 86_400.0;

/// A month of it, and how many requests a second that is.
pub(super) fn month() -> (Action, u32) {
    let routes = Template::built_in().routes;
    let month = routes.iter().map(|route| dearest(route).times(f64::from(route.per_second) * MONTH));
    let month = month.fold(HOURLY.and(MINUTELY), Action::and);
    // It is a month by itself, not one of a year.
    let month = Action { stored: month.stored / super::KEPT_MONTHS, ..month };
    (month, routes.iter().map(|route| route.per_second).sum())
}

/// The dearest that a stranger can ask of a route. What arrives is one email in the end, for those to an owner are
/// bounded.
fn dearest(route: &Route) -> Action {
    let path = route.path.strip_prefix("/{site}").unwrap_or(&route.path);
    let posted = route.method == "POST";
    match path {
        "/comments" if posted => Action { emails: 0.0, ..COMMENT },
        "/comments" => VIEW,
        "/comments/count" => COUNTS,
        "/comments/feed" => FEED,
        "/challenge" => CHALLENGE,
        path if posted && (path.starts_with("/contact") || path.starts_with("/f/")) => {
            Action { emails: 0.0, ..MESSAGE }
        }
        _ => PAGE,
    }
}
