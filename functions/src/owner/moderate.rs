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
use crate::web::{self, Context, Error, Unknown};
use deskbell_filter::Blocked;

pub(super) async fn show(State(app): State<Arc<App>>, request: Request) -> Response {
    web::serve(app, request, async |context| match find(&context).await {
        Ok(case) => Ok(moderate_page::shown(&context, &case, None, StatusCode::OK)),
        Err(error) => too_late(&context, error),
    })
    .await
}

pub(super) async fn decide(State(app): State<Arc<App>>, request: Request) -> Response {
    web::serve(app, request, async |context| {
        let typed = context.fields()?;
        let reply = typed.get("reply").unwrap_or_default().trim();
        match apply(&context, typed.get("choice").unwrap_or_default(), reply).await {
            Err(error @ Error::Unavailable(_)) if !reply.is_empty() => {
                let action = context.route(&format!("/moderate/{}", context.param("token").unwrap_or_default()));
                Ok(reply_again(&context, action, vec![("choice", "reply".into())], reply, &error))
            }
            Err(error) => too_late(&context, error),
            Ok(done) => Ok(done),
        }
    })
    .await
}

async fn apply(context: &Context, choice: &str, reply: &str) -> Result<Response, Error> {
    let case = find(context).await?;
    if !case.is_open() {
        return Ok(moderate_page::shown(context, &case, None, StatusCode::CONFLICT));
    }
    if let Some(what) = choice.strip_prefix(UNBLOCK).filter(|_| case.action.is_none()).and_then(Blocked::named) {
        block::lift(&context.app, case.site, &case.submission, what).await?;
        return Ok(moderate_page::unblocked(context, &case, what));
    }
    // A link for one choice does nothing else, whatever was posted.
    let choice = case.action.map_or(choice, |action| action.word());
    let choice = match requested(choice, reply, &case.submission, context.words()) {
        Ok(choice) => choice,
        Err(notice) => {
            return Ok(moderate_page::shown(context, &case, Some((notice, reply)), StatusCode::UNPROCESSABLE_ENTITY));
        }
    };
    // The links go to the owner.
    let by = case.site.owner();
    match decide::apply(&context.app, case.site, &by, &case.submission, choice, reply).await {
        Ok(submission) => Ok(moderate_page::done(context, &Case { submission, ..case }, choice)),
        Err(StoreError::Conflict) => {
            Ok(moderate_page::shown(context, &find(context).await?, None, StatusCode::CONFLICT))
        }
        Err(StoreError::Gone) => Err(Error::Unknown(Unknown::Parent)),
        Err(error) => Err(error.into()),
    }
}

/// After its time a link leads to the inbox; programs are told as of every link.
fn too_late(context: &Context, error: Error) -> Result<Response, Error> {
    match error {
        Error::Link(TokenError::Expired) if !context.json => Ok(moderate_page::expired(context)),
        error => Err(error),
    }
}
