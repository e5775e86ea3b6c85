//! Whether the functions answer, which origins they allow, and whether clocks agree.

use http::Method;
use jiff::Timestamp;

use super::finding::Finding;
use super::instance::Instance;
use crate::fetch::{Answer, fetch};

/// How far clocks may differ, in seconds: AWS refuses signatures that are five minutes off, and signed links expire.
const CLOCK_SKEW: i64 = 60;

const OTHER_ORIGIN: &str = "https://deskbell-doctor.invalid";

/// Sends what the sites' own pages send, and what another site's page would.
pub(super) async fn check(instance: &Instance) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut date = None;
    for site in instance.config.sites.values() {
        let url = instance.route(&site.id, "/comments/count?page=/");
        for origin in site.all_origins() {
            match fetch(Method::GET, &url, &[("origin", &origin)], String::new()).await {
                Ok(answer) => {
                    date = answer.header("date").map(str::to_owned).or(date);
                    findings.push(own_origin(&origin, &answer));
                    findings.extend(preflight(instance, &site.id, &origin).await);
                }
                Err(error) => {
                    let advice = "Check that this machine is online, and that the stack's output Url is this address.";
                    findings.push(Finding::problem(
                        "address",
                        format!("{} does not answer: {error}", instance.url),
                        advice,
                    ));
                    return findings;
                }
            }
        }
        findings.push(other_origin(fetch(Method::GET, &url, &[("origin", OTHER_ORIGIN)], String::new()).await));
    }
    findings.push(clock(date.as_deref(), Timestamp::now()));
    findings
}

/// The answer to a page of the site.
fn own_origin(origin: &str, answer: &Answer) -> Finding {
    let allowed = answer.header("access-control-allow-origin");
    let again = "Deploy again: this origin is not in the deskbell.toml that the functions have. If that does not help, check \
                 url and origins in it.";
    match answer.status {
        200 if allowed == Some(origin) => Finding::ok("origin", format!("{origin} is allowed.")),
        200 => Finding::problem("origin", format!("Scripts on {origin} may not read the answers (CORS)."), again),
        403 => Finding::problem("origin", format!("{origin} is refused."), again),
        404 => Finding::problem("origin", format!("The deployment does not know the site of {origin}."), again),
        status => Finding::problem(
            "address",
            format!("The functions answer {status}."),
            "Read the log of the function comments: a function that cannot start logs why in one line.",
        ),
    }
}

/// Whether browsers let scripts of this origin send forms: they send a preflight request first.
async fn preflight(instance: &Instance, site: &str, origin: &str) -> Option<Finding> {
    let asking = [
        ("origin", origin),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "content-type"),
    ];
    let answer = fetch(Method::OPTIONS, &instance.route(site, "/contact"), &asking, String::new()).await.ok()?;
    let may = answer.header("access-control-allow-origin") == Some(origin) && answer.status < 300;
    // That the origin is refused at all was found before.
    (!may && answer.status != 403).then(|| {
        Finding::problem(
            "origin",
            format!("Scripts on {origin} may not send forms: OPTIONS /contact answers {}.", answer.status),
            "Deploy again, and remove what answers OPTIONS before the functions, such as the API's CorsConfiguration.",
        )
    })
}

/// The answer to a page of another site.
fn other_origin(answer: Result<Answer, String>) -> Finding {
    match answer {
        Ok(answer) if answer.status == 403 && answer.header("access-control-allow-origin").is_none() => {
            Finding::ok("origin", "Other origins are refused.")
        }
        Ok(_) => Finding::problem(
            "origin",
            "Other origins are allowed, too.",
            "Remove what answers with CORS headers before the functions, such as the API's CorsConfiguration.",
        ),
        Err(error) => Finding::problem("address", format!("No answer: {error}"), "Try again."),
    }
}

/// Compares the clock of who answered with this machine's, which is at `now`.
fn clock(date: Option<&str>, now: Timestamp) -> Finding {
    let there = date.and_then(|date| jiff::fmt::rfc2822::parse(date).ok());
    let Some(there) = there else { return Finding::skipped("clock", "The answers have no Date header.") };
    let skew = now.as_second() - there.timestamp().as_second();
    if skew.abs() <= CLOCK_SKEW {
        return Finding::ok("clock", "This machine's clock is right.");
    }
    Finding::problem(
        "clock",
        format!("This machine's clock is {} s {}.", skew.abs(), if skew > 0 { "fast" } else { "slow" }),
        "Set the clock, best by NTP: AWS refuses what is signed at the wrong time.",
    )
}
