//! Takes comments and shows them.

mod closing;
mod colours;
mod feed;
mod form;
pub(super) mod fragment;
mod list;
pub(super) mod thread;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;

use self::feed::feed;
use self::form::form_page;
use self::list::{count, count_posted, list};
use crate::app::App;
use crate::config::COMMENTS_FORM;
use crate::form::{Fields, Hidden, dialects};
use crate::judging::{Incoming, policy};
use crate::keys::Purpose;
use crate::routes::{COMMENTS, COMMENTS_COUNT, COMMENTS_FEED, COMMENTS_REPLY, COMMENTS_WAITING};
use crate::store::Lookup;
use crate::submission::comment::{Comment, PARENT};
use crate::submission::markdown;
use crate::submission::{Status, Submission, SubmissionContent};
use crate::visitor::challenge;
use crate::visitor::embed;
use crate::visitor::response::{self, place};
use crate::visitor::second_chance;
use crate::web::{self, Context, Error, MessagePage, Unknown};
use crate::words::format;

/// The function's routes.
pub fn router(app: Arc<App>) -> Router {
    let routes = Router::new()
        .route(COMMENTS.path, web::only(&COMMENTS).get(list).post(post))
        .route(COMMENTS_COUNT.path, web::only(&COMMENTS_COUNT).get(count).post(count_posted))
        .route(COMMENTS_FEED.path, web::only(&COMMENTS_FEED).get(feed))
        .route(COMMENTS_REPLY.path, web::only(&COMMENTS_REPLY).get(reply))
        .route(COMMENTS_WAITING.path, web::only(&COMMENTS_WAITING).get(waiting))
        .merge(challenge::routes())
        .merge(embed::routes())
        .merge(second_chance::routes());
    web::router(app, routes)
}

async fn post(State(app): State<Arc<App>>, request: Request) -> Response {
    web::serve_form(app, request, async |mut context| {
        let mut posted = context.fields()?;
        context.speak_as_posted(&posted);
        let hidden = Hidden::take(&mut posted, context.site().comments.honeypot.as_deref());
        dialects::name_comment(&mut posted);
        // On the heap: taking holds all that was sent, several times over.
        match Box::pin(take(&context, &posted, &hidden)).await {
            Ok(submission) => Ok(received(&context, &hidden, &submission)),
            Err(error) => Ok(form_again(&context, posted, hidden, error)),
        }
    })
    .await
}

/// Stores a comment, whatever the filter says about it.
async fn take(context: &Context, posted: &Fields, hidden: &Hidden) -> Result<Submission, Error> {
    context.admit(posted)?;
    let (app, site) = (&context.app, context.site());
    let mut comment = Comment::read(site, posted.clone()).map_err(Error::Invalid)?;
    let (sent, sender) = (SubmissionContent::Comment(comment.clone()), context.sender());
    let (sender, lang) = (&sender, context.other_language());
    let incoming = Incoming { app, site, form: COMMENTS_FORM, sender, hidden, content: &sent, lang };
    let author = app.author(site, &comment).filter(|_| policy::asks_for_trust(site, &comment));
    let page = closing::asks_since(site, &comment).then(|| comment.page());
    let wanted = Lookup {
        author: author.as_ref().map(|author| &*author.hash),
        parent: comment.parent(),
        page,
        ..Lookup::default()
    };
    let known = incoming.gather(wanted).await?;
    join_thread(&mut comment, known.found.parent.as_ref())?;
    // What cannot be read counts as not said: that is no visitor's mistake.
    let published = posted.get("published").and_then(closing::published);
    closing::admit(site, &mut comment, &known.found, published)?;
    let judged = incoming.judge(&known).await;
    let status = policy::comment_status(site, &comment, &judged.verdict, known.found.trusted);
    Ok(incoming.store(&known, SubmissionContent::Comment(comment), judged, status).await?)
}

/// Joins the thread of what it answers, if it answers anything.
fn join_thread(comment: &mut Comment, parent: Option<&Submission>) -> Result<(), Error> {
    if comment.parent().is_some() {
        let parent = parent.and_then(Submission::comment);
        let same_page = parent.filter(|parent| parent.page().is(comment.page()));
        comment.join(same_page.ok_or(Error::Unknown(Unknown::Parent))?);
    }
    Ok(())
}

fn received(context: &Context, hidden: &Hidden, submission: &Submission) -> Response {
    web::is_about(submission);
    response::answer(context, submission, hidden.next.as_deref())
}

fn form_again(context: &Context, mut typed: Fields, hidden: Hidden, error: Error) -> Response {
    let mut unseen = hidden.carried(error.is_early());
    let error = if context.json { error } else { as_people_read(error) };
    // What is gone would be refused again and again, so what was typed comes back as a first comment.
    let orphaned = matches!(error, Error::Unknown(Unknown::Parent));
    for name in ["page", PARENT, "published"] {
        let value = typed.take(name).filter(|_| !(orphaned && name == PARENT));
        unseen.extend(value.map(|value| (name, value)));
    }
    let form = context.site().comments.form();
    let title = context.words().comment_title.to_owned();
    form_page(context, title, &form, &typed, unseen, None).refuse(context, &error)
}

/// A mistake as people read it: first what they can correct, and then that what they answer is gone, or never was, for
/// nobody has typed that.
fn as_people_read(error: Error) -> Error {
    let Error::Invalid(mut errors) = error else { return error };
    errors.retain(|error| error.field != PARENT);
    if errors.is_empty() { Error::Unknown(Unknown::Parent) } else { Error::Invalid(errors) }
}

/// The form for a reply, for those without JavaScript.
async fn reply(State(app): State<Arc<App>>, request: Request) -> Response {
    web::serve(app, request, async |context| {
        let parent = context.query(PARENT).and_then(|id| id.parse().ok()).ok_or(Error::Unknown(Unknown::Parent))?;
        let parent =
            context.app.store.published(&context.site().id, parent).await?.ok_or(Error::Unknown(Unknown::Parent))?;
        let comment = parent.comment().ok_or(Error::Unknown(Unknown::Parent))?;
        let published = context.query("published").and_then(closing::published);
        if closing::is_closed(context.site(), comment.page(), published, Some(closing::since(&parent, comment))) {
            return Err(Error::Closed);
        }
        let title = format(context.words().reply_to, "name", context.words().author(comment.author()));
        let mut hidden = vec![("page", comment.page().to_string()), (PARENT, parent.id.to_string())];
        hidden.extend(published.map(|published| ("published", published.to_string())));
        let (form, typed) = (context.site().comments.form(), Fields::default());
        let quote = Some(markdown::render(comment.text()));
        Ok(form_page(&context, title, &form, &typed, hidden, quote).show(&context))
    })
    .await
}

/// The own comment, as long as it waits. Spam looks the same to the one who sent it.
async fn waiting(State(app): State<Arc<App>>, request: Request) -> Response {
    web::serve(app, request, async |context| {
        let token = context.app.keys.verify(Purpose::Waiting, context.param("token").unwrap_or_default())?;
        let site = context.app.site(&token.site).ok_or(Error::Unknown(Unknown::Site))?;
        let submission = context.app.store.submission(&site.id, token.id).await?;
        let submission = submission.ok_or(Error::Unknown(Unknown::Address))?;
        let comment = submission.comment().ok_or(Error::Unknown(Unknown::Address))?;
        let words = context.words();
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
        Ok(message.show(&context, StatusCode::OK))
    })
    .await
}
