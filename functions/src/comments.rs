//! Takes comments and shows them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use futures_util::future::try_join_all;
use http::StatusCode;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use crate::app::App;
use crate::comment::{self, Comment};
use crate::config::{Policy, Site};
use crate::form::{Code, FieldError, Fields, Form, Hidden};
use crate::keys::{Purpose, Token};
use crate::markdown;
use crate::page::Page;
use crate::spam::{Decision, Signals, Verdict, judge};
use crate::store::{Order, Part, StoreError};
use crate::submission::{Status, Submission, Wrote};
use crate::web::{self, Error, FormPage, MessagePage, Unknown, Visit, render, when};
use crate::words::{Words, fill};

/// Threads shown at once, if nothing else is asked for; and the most that can be asked for.
const LIMIT: usize = 20;
const MOST: usize = 100;

/// Replies shown with their thread; the rest is a link away.
const REPLIES: usize = 50;

/// Pages whose counts can be asked for at once.
const MOST_COUNTS: usize = 100;

/// How long a visitor can look at the own comment while it waits, in seconds.
const WAITING_SECONDS: i64 = 30 * 86_400;

/// The function's routes.
pub fn router(app: Arc<App>) -> Router {
    let routes = Router::new()
        .route("/comments", web::only("GET, HEAD, POST, OPTIONS").get(list).post(post))
        .route("/comments/count", web::only("GET, HEAD, OPTIONS").get(count))
        .route("/comments/reply", web::only("GET, HEAD").get(reply))
        .route("/comments/waiting/{token}", web::only("GET, HEAD").get(waiting));
    web::router(app, routes)
}

async fn post(State(app): State<Arc<App>>, request: Request) -> Response {
    web::serve(app, request, async |visit| {
        let mut posted = visit.fields().await?;
        let hidden = Hidden::take(&mut posted, visit.site().comments.honeypot.as_deref());
        match take(&visit, &posted, hidden.honeypot).await {
            Ok(submission) => Ok(received(&visit, hidden.next.as_deref(), &submission)),
            Err(error) => Ok(form_again(&visit, posted, hidden, &error)),
        }
    })
    .await
}

/// Stores a comment, whatever the filter says about it.
async fn take(visit: &Visit, posted: &Fields, honeypot: bool) -> Result<Submission, Error> {
    let (app, site) = (&visit.app, visit.site());
    let mut comment = Comment::read(site, posted.clone()).map_err(Error::Invalid)?;
    join_thread(visit, &mut comment).await?;
    let email = comment.email().map_or("", |email| email.as_str());
    let parent = comment.parent().map(|parent| parent.to_string()).unwrap_or_default();
    let content = [
        "comment",
        comment.page().key(),
        &parent,
        comment.author(),
        email,
        comment.url().unwrap_or(""),
        comment.text(),
    ];
    let (claim, rate) = web::claim(visit, &content).await?;
    let trusted = match site.comments.policy {
        Policy::First => app.store.trusts(&site.id, &app.author_hash(site, comment.author(), email)).await?,
        Policy::All | Policy::None => false,
    };
    let wrote = Wrote::Comment(comment);
    let signals = Signals { honeypot, repeats: claim.repeats, rate };
    let verdict = judge(&(&wrote).into(), &signals, &site.judging);
    let status = status(site, &verdict, trusted);
    let mut submission = Submission::new(claim.id, site, wrote, verdict, status);
    submission.network = visit.network();
    Ok(app.store.insert(submission).await?)
}

async fn join_thread(visit: &Visit, comment: &mut Comment) -> Result<(), Error> {
    let Some(parent) = comment.parent() else { return Ok(()) };
    let parent = visit.app.store.published(&visit.site().id, parent).await?;
    let parent = parent.as_ref().and_then(Submission::comment);
    let parent = parent.filter(|parent| parent.page().key() == comment.page().key());
    comment.join(parent.ok_or(Error::Unknown(Unknown::Parent))?);
    Ok(())
}

fn status(site: &Site, verdict: &Verdict, trusted: bool) -> Status {
    match (verdict.decision, site.comments.policy) {
        (Decision::Spam, _) => Status::Spam,
        (Decision::Unsure, _) | (Decision::Ham, Policy::All) => Status::Held,
        (Decision::Ham, Policy::None) => Status::Published,
        (Decision::Ham, Policy::First) => {
            if trusted {
                Status::Published
            } else {
                Status::Held
            }
        }
    }
}

/// The answer to every comment: spam gets the same as one that waits.
fn received(visit: &Visit, next: Option<&str>, submission: &Submission) -> Response {
    tracing::info!(id = %submission.id, site = submission.site, decision = ?submission.verdict.decision, "comment stored");
    let published = submission.status == Status::Published;
    match submission.comment() {
        Some(comment) if visit.json && published => {
            let shown = Shown::new(submission, comment);
            web::created(&json!({ "id": submission.id, "status": Status::Published, "comment": shown }))
        }
        _ if visit.json => web::json(StatusCode::ACCEPTED, &json!({ "id": submission.id, "status": Status::Held })),
        comment => {
            let asked = next.and_then(|next| visit.site().own_url(next));
            let place = comment.filter(|_| published).and_then(|comment| place(visit.site(), submission, comment));
            let waiting = || visit.route(&format!("/comments/waiting/{}", waiting_token(visit, submission)));
            web::see_other(&asked.map(String::from).or(place).unwrap_or_else(waiting))
        }
    }
}

/// The address of a published comment on its page.
fn place(site: &Site, submission: &Submission, comment: &Comment) -> Option<String> {
    let mut url = site.own_url(comment.page().path())?;
    url.set_fragment(Some(&format!("comment-{}", submission.id)));
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

fn form_again(visit: &Visit, posted: Fields, hidden: Hidden, error: &Error) -> Response {
    let mut typed = comment::rename_aliases(posted);
    let mut unseen: Vec<(&'static str, String)> = hidden.next.into_iter().map(|next| ("_next", next)).collect();
    for name in ["page", "parent"] {
        unseen.extend(typed.take(&[name]).map(|value| (name, value)));
    }
    let form = comment::form(&visit.site().comments);
    let title = visit.words().comment_title.clone();
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
    let hints = vec![("email", words.email_hint.as_str()), ("comment", words.comment_hint.as_str())];
    FormPage { title, action: visit.route("/comments"), form, typed, hidden, hints, quote }
}

/// The form for a reply, for those without JavaScript.
async fn reply(State(app): State<Arc<App>>, request: Request) -> Response {
    web::serve(app, request, async |visit| {
        let parent = visit.query("parent").and_then(|id| id.parse().ok()).ok_or(Error::Unknown(Unknown::Parent))?;
        let parent =
            visit.app.store.published(&visit.site().id, parent).await?.ok_or(Error::Unknown(Unknown::Parent))?;
        let comment = parent.comment().ok_or(Error::Unknown(Unknown::Parent))?;
        let title = fill(&visit.words().reply_to, "name", name(comment.author(), visit.words()));
        let hidden = vec![("page", comment.page().to_string()), ("parent", parent.id.to_string())];
        let (form, typed) = (comment::form(&visit.site().comments), Fields::default());
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
            (&words.published_title, &words.published_text)
        } else {
            (&words.waiting_title, &words.waiting_text)
        };
        let page = if published { place(site, &submission, comment) } else { None };
        let page = page.or_else(|| site.own_url(comment.page().path()).map(String::from));
        let message = MessagePage {
            title,
            paragraphs: vec![text, &words.your_comment],
            quote: Some(markdown::render(comment.text())),
            link: page.map(|page| (page, words.back_to_page.as_str())),
        };
        Ok(message.show(&visit, StatusCode::OK))
    })
    .await
}

async fn list(State(app): State<Arc<App>>, request: Request) -> Response {
    web::serve(app, request, async |visit| {
        let asked = Asked::read(&visit)?;
        let (store, site) = (&visit.app.store, &visit.site().id);
        let (count, threads) = futures_util::try_join!(store.count(site, &asked.page), threads(&visit, &asked))?;
        let (threads, next) = threads;
        if !visit.accepts_html() {
            let body = json!({ "page": asked.page, "count": count, "comments": threads, "next": next });
            return Ok(web::public(&visit.headers, "application/json", body.to_string()));
        }
        let fragment = fragment(&visit, &asked, &threads, next);
        let body = if visit.is_navigation() { whole_page(&visit, &asked.page, &fragment) } else { fragment };
        Ok(web::public(&visit.headers, "text/html; charset=utf-8", body))
    })
    .await
}

async fn count(State(app): State<Arc<App>>, request: Request) -> Response {
    web::serve(app, request, async |visit| {
        let asked: Vec<&str> = visit.query.iter().filter(|(name, _)| name == "page").map(|(_, page)| &**page).collect();
        if asked.is_empty() {
            return Err(invalid("page", Code::Required));
        }
        if asked.len() > MOST_COUNTS {
            return Err(invalid("page", Code::TooMany(MOST_COUNTS)));
        }
        let pages: Option<Vec<Page>> = asked.iter().map(|page| Page::on(visit.site(), page)).collect();
        let pages = pages.ok_or_else(|| invalid("page", Code::Page))?;
        let counts = visit.app.store.counts(&visit.site().id, &pages).await?;
        let counts: BTreeMap<&str, u64> = asked.into_iter().zip(counts).collect();
        Ok(web::public(&visit.headers, "application/json", json!({ "counts": counts }).to_string()))
    })
    .await
}

/// What `GET /comments` was asked for.
struct Asked {
    page: Page,
    /// The thread whose replies are asked for, instead of the page's threads.
    parent: Option<Uuid>,
    after: Option<Uuid>,
    limit: usize,
    order: Order,
}

impl Asked {
    fn read(visit: &Visit) -> Result<Self, Error> {
        let page = visit.query("page").ok_or_else(|| invalid("page", Code::Required))?;
        let page = Page::on(visit.site(), page).ok_or_else(|| invalid("page", Code::Page))?;
        let id = |name: &'static str| {
            let typed = visit.query(name).filter(|typed| !typed.is_empty());
            typed.map(|typed| typed.parse().map_err(|_| invalid(name, Code::Choice))).transpose()
        };
        let limit = visit.query("limit").map(|limit| limit.parse().ok().filter(|limit| (1..=MOST).contains(limit)));
        let order = match visit.query("order") {
            None | Some("oldest") => Order::Oldest,
            Some("newest") => Order::Newest,
            Some(_) => return Err(invalid("order", Code::Choice)),
        };
        Ok(Self {
            page,
            parent: id("parent")?,
            after: id("after")?,
            limit: limit.unwrap_or(Some(LIMIT)).ok_or_else(|| invalid("limit", Code::Number))?,
            order,
        })
    }

    /// The address that continues after `next`.
    fn more(&self, visit: &Visit, parent: Option<Uuid>, next: Uuid) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("page", self.page.path());
        if let Some(parent) = parent {
            query.append_pair("parent", &parent.to_string());
        }
        if self.order == Order::Newest {
            query.append_pair("order", "newest");
        }
        if self.limit != LIMIT {
            query.append_pair("limit", &self.limit.to_string());
        }
        query.append_pair("after", &next.to_string());
        visit.link(&format!("/comments?{}", query.finish()))
    }
}

fn invalid(field: &str, code: Code) -> Error {
    Error::Invalid(vec![FieldError::new(field, code)])
}

/// A published comment as everybody may see it.
#[derive(Debug, Clone, Serialize)]
struct Shown {
    id: Uuid,
    parent: Option<Uuid>,
    author: String,
    url: Option<String>,
    html: String,
    created: String,
    /// Taken down; stands here for the replies to it, and says nothing.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    removed: bool,
    #[serde(skip)]
    received: Timestamp,
}

impl Shown {
    fn new(submission: &Submission, comment: &Comment) -> Self {
        let removed = submission.status != Status::Published;
        let unless_removed = |text: &str| if removed { String::new() } else { text.to_owned() };
        Self {
            id: submission.id,
            parent: comment.parent(),
            author: unless_removed(comment.author()),
            url: comment.url().filter(|_| !removed).map(str::to_owned),
            html: markdown::render(&unless_removed(comment.text())),
            created: submission.received_at().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            removed,
            received: submission.received_at(),
        }
    }

    fn all(part: &Part) -> Vec<Self> {
        let comments = part.submissions.iter().filter_map(|found| Some((found, found.comment()?)));
        let seen = comments.filter(|(found, _)| found.status == Status::Published || found.replies > 0);
        seen.map(|(found, comment)| Self::new(found, comment)).collect()
    }
}

/// A first comment and the replies in its thread, the oldest first.
#[derive(Debug, Clone, Serialize)]
struct Thread {
    #[serde(flatten)]
    first: Shown,
    replies: Vec<Shown>,
    /// After which reply the rest of them begins; `parent` and `after` of the query that gives them.
    more_replies: Option<Uuid>,
}

/// The threads asked for, each with its first replies, and after which id the next ones begin.
async fn threads(visit: &Visit, asked: &Asked) -> Result<(Vec<Thread>, Option<Uuid>), StoreError> {
    let (store, site) = (&visit.app.store, &visit.site().id);
    let part = match asked.parent {
        Some(parent) => store.replies(site, parent, asked.after, asked.limit).await?,
        None => store.page(site, &asked.page, asked.order, asked.after, asked.limit).await?,
    };
    let none = Part { submissions: Vec::new(), next: None };
    let replies = part.submissions.iter().map(async |first| {
        if first.replies == 0 { Ok(none.clone()) } else { store.replies(site, first.id, None, REPLIES).await }
    });
    let replies = try_join_all(replies).await?;
    let replies: HashMap<Uuid, Part> = part.submissions.iter().map(|first| first.id).zip(replies).collect();
    let threads = Shown::all(&part).into_iter().map(|first| {
        let answers = replies.get(&first.id);
        Thread {
            replies: answers.map(Shown::all).unwrap_or_default(),
            more_replies: answers.and_then(|answers| answers.next),
            first,
        }
    });
    Ok((threads.collect(), part.next))
}

#[derive(Template)]
#[template(path = "comments.html")]
struct FragmentTemplate<'a> {
    words: &'a Words,
    threads: Vec<ThreadView<'a>>,
    more: Option<String>,
}

struct ThreadView<'a> {
    first: CommentView<'a>,
    replies: Vec<CommentView<'a>>,
    more: Option<String>,
}

struct CommentView<'a> {
    id: Uuid,
    author: &'a str,
    url: Option<&'a str>,
    html: &'a str,
    created: &'a str,
    when: String,
    removed: bool,
    reply_href: String,
    reply_label: String,
    /// Whom it answers, unless that is plain from where it stands.
    replying_to: Option<(Uuid, &'a str)>,
}

#[derive(Template)]
#[template(path = "comments_page.html")]
struct PageTemplate<'a> {
    words: &'a Words,
    site: Option<&'a Site>,
    fragment: &'a str,
    page_url: String,
}

/// The comments as HTML to be put into a page.
fn fragment(visit: &Visit, asked: &Asked, threads: &[Thread], next: Option<Uuid>) -> String {
    let views = threads.iter().map(|thread| {
        let replying_to = |reply: &Shown| {
            let other = thread.replies.iter().find(|other| reply.parent == Some(other.id))?;
            Some((other.id, name(&other.author, visit.words())))
        };
        ThreadView {
            first: CommentView::new(visit, &thread.first, None),
            replies: thread.replies.iter().map(|reply| CommentView::new(visit, reply, replying_to(reply))).collect(),
            more: thread.more_replies.map(|after| asked.more(visit, Some(thread.first.id), after)),
        }
    });
    render(&FragmentTemplate {
        words: visit.words(),
        threads: views.collect(),
        more: next.map(|next| asked.more(visit, asked.parent, next)),
    })
}

impl<'a> CommentView<'a> {
    fn new(visit: &Visit, shown: &'a Shown, replying_to: Option<(Uuid, &'a str)>) -> Self {
        let author = name(&shown.author, visit.words());
        Self {
            id: shown.id,
            author,
            url: shown.url.as_deref(),
            html: &shown.html,
            created: &shown.created,
            when: when(shown.received, visit.words()),
            removed: shown.removed,
            reply_href: visit.link(&format!("/comments/reply?parent={}", shown.id)),
            reply_label: fill(&visit.words().reply_to, "name", author),
            replying_to,
        }
    }
}

/// The comments as a page of their own: for a frame on a page that is read without JavaScript.
fn whole_page(visit: &Visit, page: &Page, fragment: &str) -> String {
    let page_url = visit.site().own_url(page.path()).map(String::from).unwrap_or_default();
    render(&PageTemplate { words: visit.words(), site: Some(visit.site()), fragment, page_url })
}

fn name<'a>(author: &'a str, words: &'static Words) -> &'a str {
    if author.is_empty() { &words.anonymous } else { author }
}
