//! What people may ask of the owner, as a page: what is stored about them, as a file for them, and that it be erased.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use url::form_urlencoded;

use super::layout::Layout;
use super::session::{Session, act, show};
use crate::app::App;
use crate::config::Site;
use crate::form::Email;
use crate::platform::render::render;
use crate::rights::{self, Report};
use crate::routes;
use crate::web::{self, Context, Error};
use crate::words::{InboxWords, Words, format};

pub(super) const ROUTE: &str = routes::INBOX_PERSON.path;

/// How many submissions are put into a file, or erased, by one request: what its time allows for, and an answer may
/// hold.
const AT_ONCE: usize = 100;

/// The longest address that is read again from a field, in characters.
const MAX: usize = 254;

#[derive(Template)]
#[template(path = "inbox/person.html")]
struct PersonTemplate<'a> {
    words: &'a Words,
    site: Option<&'a Site>,
    layout: Layout<'a>,
    action: String,
    typed: &'a str,
    /// What is wrong with what was sent.
    notice: Option<&'a str>,
    erased: Option<Erased<'a>>,
    found: Option<Found>,
}

/// What was erased.
struct Erased<'a> {
    heading: &'a str,
    lines: Vec<String>,
    /// What is left to do.
    then: &'a str,
}

/// What is stored about somebody.
struct Found {
    email: String,
    /// How much of what.
    lines: Vec<String>,
    /// Where all of it is shown, and where it is a file.
    all: String,
    file: String,
    /// Whether the file cannot hold all of it.
    part: bool,
}

/// What a page says beside what is stored.
#[derive(Default)]
struct PersonPage<'a> {
    notice: Option<&'a str>,
    erased: Option<Report>,
}

/// The address of the page, about somebody if that is known.
pub(super) fn href(context: &Context, email: Option<&Email>) -> String {
    let route = context.route(ROUTE);
    email.map_or_else(|| route.clone(), |email| format!("{route}?{}", query(email, &[])))
}

fn query(email: &Email, more: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("email", email.as_str()).extend_pairs(more).finish()
}

/// What is stored, as a page or as a file.
pub(super) async fn look(State(app): State<Arc<App>>, request: Request) -> Response {
    show(app, request, async |context, session| {
        session.owner()?;
        let typed = shortened(context.query("email").unwrap_or_default());
        match (Email::parse(&typed), context.query("format")) {
            (Some(email), Some("json")) => file(&context, &email).await,
            (Some(email), _) => page(&context, &session, &typed, Some(&email), PersonPage::default()).await,
            (None, _) => {
                let notice = (!typed.is_empty()).then_some(context.words().inbox.person_no_address);
                page(&context, &session, &typed, None, PersonPage { notice, erased: None }).await
            }
        }
    })
    .await
}

/// Erases what is stored about somebody, once the owner has said to be sure.
pub(super) async fn erase(State(app): State<Arc<App>>, request: Request) -> Response {
    act(app, request, async |context, session, fields| {
        session.owner()?;
        let typed = shortened(fields.get("email").unwrap_or_default());
        let words = &context.words().inbox;
        let Some(email) = Email::parse(&typed) else {
            let notice = Some(words.person_no_address);
            return page(&context, &session, &typed, None, PersonPage { notice, erased: None }).await;
        };
        if fields.get("sure").is_none() {
            let notice = Some(words.person_unsure);
            return page(&context, &session, &typed, Some(&email), PersonPage { notice, erased: None }).await;
        }
        let erased = Some(rights::erase(&context.app, context.site(), &email, AT_ONCE).await?);
        page(&context, &session, &typed, Some(&email), PersonPage { notice: None, erased }).await
    })
    .await
}

fn shortened(typed: &str) -> String {
    typed.trim().chars().take(MAX).collect()
}

async fn page(
    context: &Context,
    session: &Session,
    typed: &str,
    email: Option<&Email>,
    page: PersonPage<'_>,
) -> Result<Response, Error> {
    let words = context.words();
    let template = PersonTemplate {
        words,
        site: Some(context.site()),
        layout: Layout { context, session, kind: None },
        action: context.route(ROUTE),
        typed,
        notice: page.notice,
        erased: page.erased.map(|report| told(&report, &words.inbox)),
        found: match email {
            Some(email) => Some(find(context, email).await?),
            None => None,
        },
    };
    let status = if page.notice.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(web::html(status, render(&template)))
}

async fn find(context: &Context, email: &Email) -> Result<Found, Error> {
    let report = rights::would_erase(&context.app, context.site(), email).await?;
    let mut search = form_urlencoded::Serializer::new(String::new());
    let search = search.append_pair("q", email.as_str()).finish();
    Ok(Found {
        email: email.to_string(),
        lines: lines(&report, &context.words().inbox),
        all: format!("{}?{search}", context.route("/inbox/messages/new")),
        file: format!("{}?{}", context.route(ROUTE), query(email, &[("format", "json")])),
        part: report.leads + report.comments + report.tombstones > AT_ONCE,
    })
}

fn told<'a>(report: &Report, words: &'a InboxWords) -> Erased<'a> {
    Erased {
        heading: if report.is_empty() { words.person_erased_nothing } else { words.person_erased },
        lines: lines(report, words),
        then: if report.more { words.person_more } else { words.person_done },
    }
}

/// What stands in a report, one line for each kind.
fn lines(report: &Report, words: &InboxWords) -> Vec<String> {
    let kinds = [
        (report.leads, words.person_leads),
        (report.comments, words.person_comments),
        (report.tombstones, words.person_tombstones),
        (report.approvals, words.person_approvals),
        (report.questions, words.person_akismet),
        (report.lessons, words.person_learning),
    ];
    let some = kinds.into_iter().filter(|(count, _)| *count > 0);
    some.map(|(count, text)| format(text, "count", count.to_string())).collect()
}

/// All that is stored, as a file for who asked for it.
async fn file(context: &Context, email: &Email) -> Result<Response, Error> {
    let export = rights::export(&context.app, context.site(), email, AT_ONCE).await?;
    let json = serde_json::to_string_pretty(&export).map_err(|_| Error::Malformed)?;
    Ok(web::file("application/json", &format!("{}-person.json", context.site().id), json))
}
