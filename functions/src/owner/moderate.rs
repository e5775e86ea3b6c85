//! The owner decides: the pages behind the signed links in a mail. One link is for one choice, another shows everything
//! that may be chosen. Opening them shows; only their buttons act. The function serves the inbox, too.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;

use super::case::{Case, UNBLOCK, find};
use super::moderate_page;
use super::reply::reply_again;
use crate::app::App;
use crate::judging::block;
use crate::keys::TokenError;
use crate::owner::decide::{self, requested};
use crate::store::StoreError;
use crate::web::{self, Error, Unknown, Visit};
use deskbell_filter::Blocked;

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
        match apply(&visit, typed.get("choice").unwrap_or_default(), reply).await {
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

async fn apply(visit: &Visit, choice: &str, reply: &str) -> Result<Response, Error> {
    let case = find(visit).await?;
    if !case.is_open() {
        return Ok(moderate_page::shown(visit, &case, None, StatusCode::CONFLICT));
    }
    if let Some(what) = choice.strip_prefix(UNBLOCK).filter(|_| case.choice.is_none()).and_then(Blocked::named) {
        block::lift(&visit.app, case.site, &case.submission, what).await?;
        return Ok(moderate_page::unblocked(visit, &case, what));
    }
    // A link for one choice does nothing else, whatever was posted.
    let choice = case.choice.map_or(choice, |action| action.word());
    let choice = match requested(choice, reply, &case.submission, visit.words()) {
        Ok(choice) => choice,
        Err(notice) => {
            return Ok(moderate_page::shown(visit, &case, Some((notice, reply)), StatusCode::UNPROCESSABLE_ENTITY));
        }
    };
    let by = &case.site.owner.name;
    match decide::apply(&visit.app, case.site, by, &case.submission, choice, reply).await {
        Ok(submission) => Ok(moderate_page::done(visit, &Case { submission, ..case }, choice)),
        Err(StoreError::Conflict) => Ok(moderate_page::shown(visit, &find(visit).await?, None, StatusCode::CONFLICT)),
        Err(StoreError::Gone) => Err(Error::Unknown(Unknown::Parent)),
        Err(error) => Err(error.into()),
    }
}

/// After its time a link leads to the inbox; programs are told as of every link.
fn too_late(visit: &Visit, error: Error) -> Result<Response, Error> {
    match error {
        Error::Link(TokenError::Expired) if !visit.json => Ok(moderate_page::expired(visit)),
        error => Err(error),
    }
}
