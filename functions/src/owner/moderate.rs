//! The owner decides: the pages behind the signed links in a mail. One link is for one choice, another shows everything
//! that may be chosen. Opening them shows; only their buttons act. The function serves the inbox, too.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;

use super::moderate_page;
use crate::app::App;
use crate::config::Site;
use crate::form::{Field, Fields, Form};
use crate::judging::block;
use crate::keys::{Purpose, Token, TokenError};
use crate::store::StoreError;
use crate::submission::Submission;
use crate::submission::choice::{self, Choice, MAX_REPLY, chosen};
use crate::submission::comment::Comment;
use crate::web::{self, Error, FormPage, Unknown, Visit};
use deskbell_filter::Blocked;

/// How the words of buttons begin that end a block. That is no decision about what was sent, so the link goes on working.
pub(super) const UNBLOCK: &str = "unblock_";

pub(super) async fn show(State(app): State<Arc<App>>, request: Request) -> Response {
    web::serve(app, request, async |visit| match find(&visit).await {
        Ok(case) => Ok(moderate_page::shown(&visit, &case, None, StatusCode::OK)),
        Err(error) => too_late(&visit, error),
    })
    .await
}

pub(super) async fn decide(State(app): State<Arc<App>>, request: Request) -> Response {
    web::serve(app, request, async |visit| {
        let typed = visit.fields().await?;
        let reply = typed.get("reply").unwrap_or_default().trim();
        match carry_out(&visit, typed.get("choice").unwrap_or_default(), reply).await {
            Err(error @ Error::Unavailable(_)) if !reply.is_empty() => {
                let action = visit.route(&format!("/moderate/{}", visit.param("token").unwrap_or_default()));
                Ok(reply_again(&visit, action, vec![("choice", "reply".into())], reply, &error))
            }
            Err(error) => too_late(&visit, error),
            Ok(done) => Ok(done),
        }
    })
    .await
}

async fn carry_out(visit: &Visit, choice: &str, reply: &str) -> Result<Response, Error> {
    let case = find(visit).await?;
    if !case.is_open() {
        return Ok(moderate_page::shown(visit, &case, None, StatusCode::CONFLICT));
    }
    if let Some(what) = choice.strip_prefix(UNBLOCK).filter(|_| case.choice.is_none()).and_then(Blocked::named) {
        block::lift(&visit.app, case.site, &case.submission, what).await?;
        return Ok(moderate_page::unblocked(visit, &case, what));
    }
    // A link for one choice does nothing else, whatever was posted.
    let choice = case.choice.map_or(choice, |choice| choice.word());
    let choice = match chosen(choice, reply, &case.submission, visit.words()) {
        Ok(choice) => choice,
        Err(notice) => {
            return Ok(moderate_page::shown(visit, &case, Some((notice, reply)), StatusCode::UNPROCESSABLE_ENTITY));
        }
    };
    let by = &case.site.owner.name;
    match choice::carry_out(&visit.app, case.site, by, &case.submission, choice, reply).await {
        Ok(submission) => Ok(moderate_page::done(visit, &Case { submission, ..case }, choice)),
        Err(StoreError::Decided) => Ok(moderate_page::shown(visit, &find(visit).await?, None, StatusCode::CONFLICT)),
        Err(StoreError::Missing) => Err(Error::Unknown(Unknown::Parent)),
        Err(error) => Err(error.into()),
    }
}

/// The reply that could not be stored, as a form that sends it again to where it came from, with what came along unseen.
pub(crate) fn reply_again(
    visit: &Visit,
    action: String,
    hidden: Vec<(&'static str, String)>,
    reply: &str,
    error: &Error,
) -> Response {
    let words = visit.words();
    let label = Some(words.your_reply.to_owned());
    let field = Field { name: "reply".into(), label, max: Some(MAX_REPLY), ..Field::default() };
    let form = Form { fields: vec![field], ..Form::default() };
    let typed = Fields { pairs: vec![("reply".into(), reply.into())], faults: Vec::new() };
    let page = FormPage {
        title: words.your_reply.to_owned(),
        action,
        form: &form,
        typed: &typed,
        hidden,
        hints: Vec::new(),
        quote: None,
    };
    page.refuse(visit, error)
}

/// After its time a link leads to the inbox; programs are told as of every link.
fn too_late(visit: &Visit, error: Error) -> Result<Response, Error> {
    match error {
        Error::Link(TokenError::Expired) if !visit.json => Ok(moderate_page::expired(visit)),
        error => Err(error),
    }
}

/// What a link is about, as it is now.
pub(super) struct Case<'a> {
    pub(super) site: &'a Site,
    pub(super) submission: Submission,
    /// The one choice that the link is for; any, if there is none.
    pub(super) choice: Option<Choice>,
    /// The number of decisions that the link was made for.
    pub(super) decisions: u32,
    /// The last second at which the link works, since 1970.
    pub(super) expires_at: i64,
    /// The comment that it answers, if it is one that does.
    pub(super) parent: Option<Submission>,
    /// What is blocked of its sender.
    pub(super) blocked: Vec<Blocked>,
}

impl Case<'_> {
    /// Whether somebody has decided since the link was made.
    pub(super) fn is_decided(&self) -> bool {
        self.submission.decisions != self.decisions
    }

    /// Whether the link can still do what it is for. Something else than a decision may have done it: a comment in doubt
    /// appears when its author has shown to be a person.
    pub(super) fn is_open(&self) -> bool {
        !self.is_decided() && self.choice.is_none_or(|choice| choice.suits(&self.submission))
    }
}

async fn find(visit: &Visit) -> Result<Case<'_>, Error> {
    let app = &visit.app;
    let Token { purpose, site, id, decisions, expires_at } = read_token(visit)?;
    let site = app.site(&site).ok_or(Error::Unknown(Unknown::Site))?;
    let submission = app.store.submission(&site.id, id).await?.ok_or(Error::Gone)?;
    let (parent, blocks) =
        futures_util::try_join!(answered(app, site, &submission), block::of(app, site, &submission))?;
    let blocked = blocks.iter().map(|block| block.what).collect();
    let choice = match purpose {
        Purpose::Choose(choice) => Some(choice),
        _ => None,
    };
    Ok(Case { site, submission, choice, decisions, expires_at, parent, blocked })
}

/// The published comment that a comment answers, if it is one that does.
pub(crate) async fn answered(
    app: &App,
    site: &Site,
    submission: &Submission,
) -> Result<Option<Submission>, StoreError> {
    match submission.comment().and_then(Comment::parent) {
        Some(parent) => app.store.published(&site.id, parent).await,
        None => Ok(None),
    }
}

fn read_token(visit: &Visit) -> Result<Token, TokenError> {
    let ours = |purpose| matches!(purpose, Purpose::Moderate | Purpose::Choose(_));
    visit.app.keys.verify_if(visit.param("token").unwrap_or_default(), ours)
}
