//! Takes comments and shows them.

mod closing;
mod feed;
mod fragment;
mod list;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use self::feed::feed;
use self::list::{Shown, count, list};
use crate::app::App;
use crate::config::{COMMENTS, Policy, Site};
use crate::form::{Fields, Form, Hidden, dialects};
use crate::judging;
use crate::keys::{Purpose, Token};
use crate::store::StoreError;
use crate::submission::comment::Comment;
use crate::submission::markdown;
use crate::submission::{Status, Submission, Wrote};
use crate::visitor::challenge;
use crate::visitor::outcome::{self, Outcome};
use crate::visitor::second_chance;
use crate::web::{self, Error, FormPage, MessagePage, Unknown, Visit};
use crate::words::{Words, fill};
use deskbell_filter::{Decision, Verdict};

/// How long a visitor can look at the own comment while it waits, in seconds.
const WAITING_SECONDS: i64 = 30 * 86_400;

/// The function's routes.
pub fn router(app: Arc<App>) -> Router {
    let routes = Router::new()
        .route("/comments", web::only("GET, HEAD, POST, OPTIONS").get(list).post(post))
        .route("/comments/count", web::only("GET, HEAD, OPTIONS").get(count))
        .route("/comments/feed", web::only("GET, HEAD, OPTIONS").get(feed))
        .route("/comments/reply", web::only("GET, HEAD").get(reply))
        .route("/comments/waiting/{token}", web::only("GET, HEAD").get(waiting))
        .merge(challenge::routes())
        .merge(second_chance::routes());
    web::router(app, routes)
}

async fn post(State(app): State<Arc<App>>, request: Request) -> Response {
    web::serve(app, request, async |visit| {
        let mut posted = visit.fields().await?;
        let hidden = Hidden::take(&mut posted, visit.site().comments.honeypot.as_deref());
        // On the heap: taking holds all that was sent, several times over.
        match Box::pin(take(&visit, &posted, &hidden)).await {
            Ok(submission) => Ok(received(&visit, &hidden, &submission)),
            Err(error) => Ok(form_again(&visit, posted, hidden, &error)),
        }
    })
    .await
}

/// Stores a comment, whatever the filter says about it.
async fn take(visit: &Visit, posted: &Fields, hidden: &Hidden) -> Result<Submission, Error> {
    let (app, site) = (&visit.app, visit.site());
    let mut comment = Comment::read(site, posted.clone()).map_err(Error::Invalid)?;
    let parent = join_thread(visit, &mut comment).await?;
    closing::admit(app, site, &mut comment, parent.as_ref(), closing::published_by(posted)).await?;
    let wrote = Wrote::Comment(comment.clone());
    let (claim, at_hand) = judging::gather(visit, COMMENTS, hidden, &wrote).await?;
    let verdict = judging::verdict(visit, &wrote, hidden, claim, at_hand).await;
    let status = status(app, site, &comment, &verdict).await?;
    let mut submission = Submission::new(claim.id, site, wrote, verdict, status);
    submission.network = visit.network();
    Ok(app.store.insert(submission).await?)
}

/// Joins the thread of what it answers, if it answers anything, and gives that.
async fn join_thread(visit: &Visit, comment: &mut Comment) -> Result<Option<Submission>, Error> {
    let Some(id) = comment.parent() else { return Ok(None) };
    let parent = visit.app.store.published(&visit.site().id, id).await?.ok_or(Error::Unknown(Unknown::Parent))?;
    let joined = parent.comment().filter(|parent| parent.page().key() == comment.page().key());
    comment.join(joined.ok_or(Error::Unknown(Unknown::Parent))?);
    Ok(Some(parent))
}

/// What becomes of a comment that nobody has decided about, by its verdict and the site's policy.
pub(crate) async fn status(app: &App, site: &Site, comment: &Comment, verdict: &Verdict) -> Result<Status, StoreError> {
    Ok(match (verdict.decision, site.comments.on(comment.page()).policy) {
        (Decision::Spam, _) => Status::Spam,
        (Decision::Ham, Policy::None) => Status::Published,
        (Decision::Ham, Policy::First) if app.store.trusts(&site.id, &author_hash(app, site, comment)).await? => {
            Status::Published
        }
        (Decision::Ham | Decision::Unsure, _) => Status::Held,
    })
}

/// What earlier approvals of the comment's author are remembered under.
fn author_hash(app: &App, site: &Site, comment: &Comment) -> String {
    let email = comment.email().map_or("", |email| email.as_str());
    app.author_hash(site, comment.author(), email)
}

fn received(visit: &Visit, hidden: &Hidden, submission: &Submission) -> Response {
    web::is_about(submission);
    outcome::answer(visit, submission, hidden.next.as_deref())
}

/// What the author of a comment is told: spam looks like a comment that waits.
pub(crate) fn outcome(visit: &Visit, submission: &Submission, comment: &Comment, next: Option<&str>) -> Outcome {
    let asked = next.and_then(|next| visit.site().own_url(next)).map(String::from);
    let waiting = || visit.route(&format!("/comments/waiting/{}", waiting_token(visit, submission)));
    if submission.status == Status::Published {
        let shown = Shown::new(submission.id, submission.status, comment);
        return Outcome {
            status: StatusCode::CREATED,
            body: json!({ "id": submission.id, "status": Status::Published, "comment": shown }),
            place: asked.or_else(|| place(visit.site(), submission.id, comment)).unwrap_or_else(waiting),
        };
    }
    Outcome {
        status: StatusCode::ACCEPTED,
        body: json!({ "id": submission.id, "status": Status::Held }),
        place: asked.unwrap_or_else(waiting),
    }
}

/// The address of the published comment with this id, which stands on the page of `comment`.
fn place(site: &Site, id: Uuid, comment: &Comment) -> Option<String> {
    let mut url = site.own_url(comment.page().path())?;
    url.set_fragment(Some(&format!("comment-{id}")));
    Some(url.into())
}

fn waiting_token(visit: &Visit, submission: &Submission) -> String {
    visit.app.keys.sign(&Token {
        purpose: Purpose::Waiting,
        site: submission.site.clone(),
        id: submission.id,
        decisions: 0,
        expires_at: Timestamp::now().as_second() + WAITING_SECONDS,
    })
}

fn form_again(visit: &Visit, mut typed: Fields, hidden: Hidden, error: &Error) -> Response {
    dialects::name_comment(&mut typed);
    let mut unseen = hidden.carried(matches!(error, Error::Invalid(_)));
    for name in ["page", "parent", "published"] {
        unseen.extend(typed.take(&[name]).map(|value| (name, value)));
    }
    let form = visit.site().comments.form();
    let title = visit.words().comment_title.to_owned();
    form_page(visit, title, &form, &typed, unseen, None).refuse(visit, error)
}

fn form_page<'a>(
    visit: &Visit,
    title: String,
    form: &'a Form,
    typed: &'a Fields,
    hidden: Vec<(&'static str, String)>,
    quote: Option<String>,
) -> FormPage<'a> {
    let words = visit.words();
    let hints = vec![("email", words.email_hint), ("comment", words.comment_hint)];
    FormPage { title, action: visit.route("/comments"), form, typed, hidden, hints, quote }
}

/// The form for a reply, for those without JavaScript.
async fn reply(State(app): State<Arc<App>>, request: Request) -> Response {
    web::serve(app, request, async |visit| {
        let parent = visit.query("parent").and_then(|id| id.parse().ok()).ok_or(Error::Unknown(Unknown::Parent))?;
        let parent =
            visit.app.store.published(&visit.site().id, parent).await?.ok_or(Error::Unknown(Unknown::Parent))?;
        let comment = parent.comment().ok_or(Error::Unknown(Unknown::Parent))?;
        let published = visit.query("published").and_then(closing::published);
        if closing::is_closed(visit.site(), comment.page(), published, Some(closing::since(&parent, comment))) {
            return Err(Error::Closed);
        }
        let title = fill(visit.words().reply_to, "name", name(comment.author(), visit.words()));
        let mut hidden = vec![("page", comment.page().to_string()), ("parent", parent.id.to_string())];
        hidden.extend(published.map(|published| ("published", published.to_string())));
        let (form, typed) = (visit.site().comments.form(), Fields::default());
        let quote = Some(markdown::render(comment.text()));
        Ok(form_page(&visit, title, &form, &typed, hidden, quote).show(&visit))
    })
    .await
}

/// The own comment, as long as it waits. Spam looks the same to the one who sent it.
async fn waiting(State(app): State<Arc<App>>, request: Request) -> Response {
    web::serve(app, request, async |visit| {
        let token = visit.app.keys.verify(Purpose::Waiting, visit.param("token").unwrap_or_default())?;
        let site = visit.app.site(&token.site).ok_or(Error::Unknown(Unknown::Site))?;
        let submission = visit.app.store.submission(&site.id, token.id).await?;
        let submission = submission.ok_or(Error::Unknown(Unknown::Address))?;
        let comment = submission.comment().ok_or(Error::Unknown(Unknown::Address))?;
        let words = visit.words();
        let published = submission.status == Status::Published;
        let (title, text) = if published {
            (words.published_title, words.published_text)
        } else {
            (words.waiting_title, words.waiting_text)
        };
        let page = if published { place(site, submission.id, comment) } else { None };
        let page = page.or_else(|| site.own_url(comment.page().path()).map(String::from));
        let message = MessagePage {
            title,
            paragraphs: vec![text, words.your_comment],
            quote: Some(markdown::render(comment.text())),
            link: page.map(|page| (page, words.back_to_page)),
            more: Vec::new(),
        };
        Ok(message.show(&visit, StatusCode::OK))
    })
    .await
}

/// An author's name as people read it.
fn name<'a>(author: &'a str, words: &'static Words) -> &'a str {
    if author.is_empty() { words.anonymous } else { author }
}
