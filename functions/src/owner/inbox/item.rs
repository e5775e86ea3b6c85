//! The page of one submission: showing it, deciding, answering.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use uuid::Uuid;

use super::flash::{BulkAction, FlashMessage, SeenVersion};
use super::item_view::{Wrong, find, page, route};
use super::session::{Session, act, show};
use super::{bulk, notes};
use crate::app::App;
use crate::form::Fields;
use crate::owner::decide::{self, requested};
use crate::owner::reply::reply_again;
use crate::store::StoreError;
use crate::submission::Submission;
use crate::submission::action::Action;
use crate::web::{self, Context, Error};

pub(super) async fn show_one(State(app): State<Arc<App>>, request: Request) -> Response {
    show(app, request, async |context, session| {
        let submission = find(&context, &session).await?;
        page(&context, &session, &submission, &Wrong::default(), StatusCode::OK).await
    })
    .await
}

pub(super) async fn change_one(State(app): State<Arc<App>>, request: Request) -> Response {
    act(app, request, async |context, session, fields| match fields.get("do").unwrap_or_default() {
        "note" => notes::add(&context, &session, &fields).await,
        "delete_note" => notes::delete(&context, &session, &fields).await,
        "reply" => reply(&context, &session, &fields).await,
        _ => decide(&context, &session, &fields).await,
    })
    .await
}

async fn decide(context: &Context, session: &Session, fields: &Fields) -> Result<Response, Error> {
    let action = BulkAction::named(fields.get("do").unwrap_or_default()).ok_or(Error::Malformed)?;
    let picked = bulk::picked(fields);
    let seen = picked.first().ok_or(Error::Malformed)?;
    let report = bulk::apply(context, session, action, &[*seen]).await?;
    Ok(back(context, session, seen.id, &report))
}

/// Approves a comment and publishes the owner's answer below it. What was typed is given back whatever goes wrong.
async fn reply(context: &Context, session: &Session, fields: &Fields) -> Result<Response, Error> {
    let seen = bulk::picked(fields).first().copied().ok_or(Error::Malformed)?;
    let typed = fields.get("reply").unwrap_or_default().trim();
    match apply_reply(context, session, seen, typed).await {
        Err(error @ Error::Unavailable(_)) if !typed.is_empty() => {
            let hidden = vec![("csrf", session.csrf.clone()), ("do", "reply".to_owned()), ("item", seen.to_string())];
            Ok(reply_again(context, route(context, seen.id), hidden, typed, &error))
        }
        answered => answered,
    }
}

async fn apply_reply(context: &Context, session: &Session, seen: SeenVersion, typed: &str) -> Result<Response, Error> {
    let words = context.words();
    let now = find(context, session).await?;
    let refuse = async |now: &Submission, notice, status| {
        page(context, session, now, &Wrong { notice: Some(notice), reply: typed, ..Wrong::default() }, status).await
    };
    if now.decisions != seen.decisions {
        return refuse(&now, words.inbox.decision_conflict, StatusCode::CONFLICT).await;
    }
    if let Err(notice) = requested(Action::Reply.word(), typed, &now, words) {
        return refuse(&now, notice, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let by = &session.person;
    match decide::apply(&context.app, context.site(), by, &now, Action::Reply, typed).await {
        Ok(now) => {
            let done = vec![SeenVersion::of(&now)];
            Ok(back(
                context,
                session,
                now.id,
                &FlashMessage { done, ..FlashMessage::new(BulkAction::Apply(Action::Reply)) },
            ))
        }
        Err(StoreError::Conflict) => {
            refuse(&find(context, session).await?, words.inbox.decision_conflict, StatusCode::CONFLICT).await
        }
        Err(StoreError::Gone) => Err(Error::Gone),
        Err(error) => Err(error.into()),
    }
}

/// Back to the page, with what was done.
fn back(context: &Context, session: &Session, id: Uuid, report: &FlashMessage) -> Response {
    web::see_other(&format!("{}?report={}", route(context, id), report.sign(&context.app, session)))
}
