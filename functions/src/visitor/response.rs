//! The answer to the one who sent something, once it is stored: at once, and after a second chance.

use axum::response::Response;
use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::comments::fragment;
use super::comments::thread::PublishedComment;
use super::offer::offer;
use crate::config::Site;
use crate::keys::{Purpose, Token};
use crate::routes::{COMMENTS_WAITING, CONTACT_THANKS};
use crate::submission::Status;
use crate::submission::comment::Comment;
use crate::submission::lead::Lead;
use crate::submission::{Submission, SubmissionContent};
use crate::web::{self, Context};

/// How long a visitor can look at the own comment while it waits, in seconds.
const WAITING_SECONDS: i64 = 30 * 86_400;

/// What became of a submission, as the one who sent it may know: spam looks like what waits.
pub(crate) struct SubmissionResponse {
    /// `201` or `202`.
    pub(crate) status: StatusCode,
    /// What programs read.
    pub(crate) body: Value,
    /// Where people go on.
    pub(crate) place: String,
    /// Where programs may send them.
    pub(crate) permalink: String,
}

impl SubmissionResponse {
    /// What became of a submission. `next` is where the form asked to go afterwards; not checked yet.
    pub(crate) fn of(context: &Context, submission: &Submission, next: Option<&str>) -> Self {
        match &submission.content {
            SubmissionContent::Lead(lead) => of_lead(context, submission, lead, next),
            SubmissionContent::Comment(comment) => of_comment(context, submission, comment, next),
        }
    }
}

/// The answer to a submission that was stored. Where there is doubt, it leads to a second chance first.
pub(crate) fn answer(context: &Context, submission: &Submission, next: Option<&str>) -> Response {
    let SubmissionResponse { status, mut body, place, permalink } = SubmissionResponse::of(context, submission, next);
    let offer = offer(context, submission);
    if !context.json {
        return web::see_other(&offer.map_or(place, |offer| offer.page(next)));
    }
    if let Some(offer) = offer {
        body["second_chance"] = offer.json(next);
    }
    web::at(&permalink, web::json(status, &body))
}

/// What every sender of a lead is told, spam or not.
fn of_lead(context: &Context, submission: &Submission, lead: &Lead, next: Option<&str>) -> SubmissionResponse {
    let (site, words) = (context.site(), context.words());
    let asked = next.and_then(|next| site.own_url(next));
    let page = asked.or_else(|| site.own_url(site.forms.get(lead.form())?.thanks.as_deref()?));
    let place = page.map_or_else(|| context.route(CONTACT_THANKS.path), String::from);
    let mut body = json!({ "id": submission.id, "status": Status::Received });
    thank(&mut body, words.thanks_title, words.thanks_text);
    SubmissionResponse { status: StatusCode::CREATED, body, place: place.clone(), permalink: place }
}

/// What the author of a comment is told: spam looks like a comment that waits. People without a script are shown their
/// comment on a page of its own, for on the site's page it may stand in a frame, or not yet.
fn of_comment(context: &Context, submission: &Submission, comment: &Comment, next: Option<&str>) -> SubmissionResponse {
    let (site, words) = (context.site(), context.words());
    let asked = next.and_then(|next| site.own_url(next)).map(String::from);
    let waiting = || context.route(&COMMENTS_WAITING.path.replace("{token}", &waiting_token(context, submission)));
    let place = asked.clone().unwrap_or_else(waiting);
    // As if it were published: what waits is not taken down.
    let shown = PublishedComment::new(submission.id, Status::Published, comment);
    let published = submission.status == Status::Published;
    let on_page = published.then(|| self::place(site, submission.id, comment)).flatten();
    let status = if published { Status::Published } else { Status::Held };
    let mut body = json!({ "id": submission.id, "status": status });
    body["fragment"] = fragment::own(context, &shown, !published).into();
    if published {
        thank(&mut body, words.published_title, words.published_text);
        body["comment"] = json!(shown);
    } else {
        thank(&mut body, words.waiting_title, words.waiting_text);
    }
    let permalink = asked.or(on_page).unwrap_or_else(|| place.clone());
    let status = if published { StatusCode::CREATED } else { StatusCode::ACCEPTED };
    SubmissionResponse { status, body, place, permalink }
}

/// What the page says to which people are led.
fn thank(body: &mut Value, title: &str, message: &str) {
    body["title"] = title.into();
    body["message"] = message.into();
}

/// The address of the published comment with this id, which stands on the page of `comment`.
pub(super) fn place(site: &Site, id: Uuid, comment: &Comment) -> Option<String> {
    let mut url = site.own_url(comment.page().path())?;
    url.set_fragment(Some(&format!("comment-{id}")));
    Some(url.into())
}

fn waiting_token(context: &Context, submission: &Submission) -> String {
    context.app.keys.sign(&Token {
        purpose: Purpose::Waiting,
        site: submission.site.clone(),
        id: submission.id,
        decisions: 0,
        expires_at: Timestamp::now().as_second() + WAITING_SECONDS,
    })
}
