//! The page of what was caught, in two panes: the list, and the email that was chosen.

use askama::Template;
use axum::Json;
use axum::response::{IntoResponse as _, Response};
use http::HeaderMap;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
use url::form_urlencoded::Serializer;

use super::caught::{CaughtEmail, Mailbox, Text};
use crate::local::site::{shown, wants_json};

/// How many emails the list shows at once.
const LISTED: usize = 200;

/// What is asked for.
#[derive(Debug, Default, Deserialize)]
pub(in crate::local) struct View {
    /// The words to search for.
    #[serde(default)]
    q: String,
    /// The number of the email that is read.
    id: Option<usize>,
    /// Only emails that were caught before that of this number.
    before: Option<usize>,
}

#[derive(Template)]
#[template(path = "mail.html")]
struct MailTemplate {
    q: String,
    /// How many there are, and how many of them are found.
    all: usize,
    found: usize,
    lines: Vec<Line>,
    /// The list's next part.
    older: Option<String>,
    /// The email that is read; without a choice, the newest.
    email: Option<EmailView>,
    chosen: bool,
    /// Back to the list.
    list: String,
    texts: Vec<Text>,
}

/// An email in the list.
struct Line {
    number: usize,
    link: String,
    subject: String,
    to: String,
    time: String,
    is_read: bool,
}

/// The email that is read.
struct EmailView {
    email: CaughtEmail,
    time: String,
    newer: Option<String>,
    older: Option<String>,
}

/// What was caught: for people a page with everything, for programs the emails as JSON.
pub(in crate::local) fn page(mailbox: &Mailbox, headers: &HeaderMap, view: &View) -> Response {
    let emails = mailbox.emails();
    if wants_json(headers) { Json(emails).into_response() } else { shown(&template(&emails, mailbox.texts(), view)) }
}

fn template(emails: &[CaughtEmail], texts: Vec<Text>, view: &View) -> MailTemplate {
    let found: Vec<&CaughtEmail> = emails.iter().filter(|email| holds(email, &view.q)).collect();
    let read = view.id.and_then(|id| found.iter().position(|email| email.number == id));
    let chosen = read.is_some();
    let read = read.or_else(|| (!found.is_empty() && view.before.is_none()).then_some(0));
    let first = view.before.map_or(0, |before| found.partition_point(|email| email.number >= before));
    // What is read is in the list, however long ago it was caught.
    let first = read.filter(|read| *read >= first + LISTED).unwrap_or(first);
    let listed = found.iter().enumerate().skip(first).take(LISTED);
    let lines = listed.map(|(at, email)| line(email, view, Some(at) == read)).collect();
    let last = found.get(first + LISTED - 1).filter(|_| found.len() > first + LISTED);
    let number = |at: Option<usize>| at.and_then(|at| found.get(at)).map(|email| link(view, "id", email.number));
    MailTemplate {
        q: view.q.clone(),
        all: emails.len(),
        found: found.len(),
        lines,
        older: last.map(|last| link(view, "before", last.number)),
        email: read.map(|at| EmailView {
            email: found[at].clone(),
            time: time(found[at]),
            newer: number(at.checked_sub(1)),
            older: number(Some(at + 1)),
        }),
        chosen,
        list: if view.q.is_empty() { "/_mail".into() } else { format!("/_mail?{}", query(view, None)) },
        texts,
    }
}

fn line(email: &CaughtEmail, view: &View, is_read: bool) -> Line {
    Line {
        number: email.number,
        link: link(view, "id", email.number),
        subject: email.subject.clone(),
        to: email.to.join(", "),
        time: time(email),
        is_read,
    }
}

/// Whether all words of a search occur in an email.
fn holds(email: &CaughtEmail, q: &str) -> bool {
    let whole = [&email.subject, &email.from_name, &email.from, &email.text].map(|part| part.to_lowercase());
    let to = email.to.join(" ").to_lowercase();
    let q = q.to_lowercase();
    q.split_whitespace().all(|word| to.contains(word) || whole.iter().any(|part| part.contains(word)))
}

/// The address of the page with a number; there the list shows the line of it.
fn link(view: &View, name: &str, number: usize) -> String {
    let line = if name == "id" { format!("#email-{number}") } else { String::new() };
    format!("/_mail?{}{line}", query(view, Some((name, number))))
}

fn query(view: &View, number: Option<(&str, usize)>) -> String {
    let mut query = Serializer::new(String::new());
    if !view.q.is_empty() {
        query.append_pair("q", &view.q);
    }
    if let Some((name, number)) = number {
        query.append_pair(name, &number.to_string());
    }
    query.finish()
}

/// The time by this machine's clock.
fn time(email: &CaughtEmail) -> String {
    let at = Timestamp::from_second(email.at).unwrap_or_default();
    at.to_zoned(TimeZone::system()).strftime("%H:%M:%S").to_string()
}

/// The text messages as JSON.
pub(in crate::local) fn texts(mailbox: &Mailbox) -> Response {
    Json(mailbox.texts()).into_response()
}
