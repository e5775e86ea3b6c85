//! Whether the functions answer, whom they let speak to them, and whether clocks agree.

use http::Method;
use jiff::Timestamp;

use super::finding::Finding;
use super::http::{Answer, ask};
use super::place::Place;

/// How far clocks may be apart, in seconds: AWS refuses signatures that are five minutes off, and signed links end.
const APART: i64 = 60;

const ELSEWHERE: &str = "https://deskbell-doctor.invalid";

/// Asks as the sites' own pages do, and as a stranger's page would.
pub(super) async fn check(place: &Place) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut date = None;
    for site in place.config.sites.values() {
        let url = place.route(&site.id, "/comments/count?page=/");
        for origin in site.all_origins() {
            match ask(Method::GET, &url, &[("origin", &origin)], String::new()).await {
                Ok(answer) => {
                    date = answer.header("date").map(str::to_owned).or(date);
                    findings.push(own(&origin, &answer));
                    findings.extend(sends(place, &site.id, &origin).await);
                }
                Err(error) => {
                    let advice =
                        "Look whether this machine is online, and whether the stack's output Url is this address.";
                    findings.push(Finding::problem(
                        "address",
                        format!("{} does not answer: {error}", place.url),
                        advice,
                    ));
                    return findings;
                }
            }
        }
        findings.push(foreign(ask(Method::GET, &url, &[("origin", ELSEWHERE)], String::new()).await));
    }
    findings.push(clock(date.as_deref(), Timestamp::now()));
    findings
}

/// What a page of the site's was answered.
fn own(origin: &str, answer: &Answer) -> Finding {
    let leave = answer.header("access-control-allow-origin");
    let again = "Deploy again: the functions carry a deskbell.toml in which this origin is not the site's. If that does not \
                 help, look at url and origins in it.";
    match answer.status {
        200 if leave == Some(origin) => Finding::ok("origin", format!("Pages of {origin} are answered.")),
        200 => Finding::problem("origin", format!("Scripts of {origin} may not read the answers."), again),
        403 => Finding::problem("origin", format!("Pages of {origin} are refused."), again),
        404 => Finding::problem("origin", format!("The site of {origin} is not known there."), again),
        status => Finding::problem(
            "address",
            format!("The functions answer {status}."),
            "Read the log of the function comments: a function that cannot start says why in one line.",
        ),
    }
}

/// What is in the way of scripts of this origin that send forms: browsers ask first.
async fn sends(place: &Place, site: &str, origin: &str) -> Option<Finding> {
    let asking = [
        ("origin", origin),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "content-type"),
    ];
    let answer = ask(Method::OPTIONS, &place.route(site, "/contact"), &asking, String::new()).await.ok()?;
    let may = answer.header("access-control-allow-origin") == Some(origin) && answer.status < 300;
    // That the origin is refused altogether was said before.
    (!may && answer.status != 403).then(|| {
        Finding::problem(
            "origin",
            format!("Scripts of {origin} may not send forms: OPTIONS /contact is answered {}.", answer.status),
            "Deploy again, and remove what answers OPTIONS before the functions, such as CorsConfiguration of the API.",
        )
    })
}

/// What a stranger's page was answered.
fn foreign(answer: Result<Answer, String>) -> Finding {
    match answer {
        Ok(answer) if answer.status == 403 && answer.header("access-control-allow-origin").is_none() => {
            Finding::ok("origin", "Pages of strangers are refused.")
        }
        Ok(_) => Finding::problem(
            "origin",
            "Pages of strangers are answered, too.",
            "Remove what answers with CORS headers before the functions, such as CorsConfiguration of the API.",
        ),
        Err(error) => Finding::problem("address", format!("It does not answer any more: {error}"), "Try again."),
    }
}

/// Compares the clock of whoever answered with this machine's, which is at `now`.
fn clock(date: Option<&str>, now: Timestamp) -> Finding {
    let there = date.and_then(|date| jiff::fmt::rfc2822::parse(date).ok());
    let Some(there) = there else { return Finding::skipped("clock", "The answers bear no date.") };
    let apart = now.as_second() - there.timestamp().as_second();
    if apart.abs() <= APART {
        return Finding::ok("clock", "This machine's clock is right.");
    }
    Finding::problem(
        "clock",
        format!("This machine's clock is {} s {}.", apart.abs(), if apart > 0 { "fast" } else { "slow" }),
        "Set the clock, best by NTP: AWS refuses what is signed at the wrong time.",
    )
}
