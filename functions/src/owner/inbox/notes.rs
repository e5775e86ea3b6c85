//! Notes about a lead: adding and deleting them.

use axum::response::Response;
use http::StatusCode;
use jiff::Timestamp;
use uuid::Uuid;

use super::item_view::{Wrong, find, page, route};
use super::session::Session;
use crate::form::{Fields, clean_text};
use crate::store::StoreError;
use crate::submission::{Note, Submission};
use crate::web::{self, Context, Error};

pub(super) async fn add(context: &Context, session: &Session, fields: &Fields) -> Result<Response, Error> {
    let (submission, words) = (lead(context, session).await?, &context.words().inbox);
    let typed = fields.get("note").unwrap_or_default();
    let text = clean_text(typed);
    let notice = if text.is_empty() {
        Some(words.note_missing)
    } else if text.chars().count() > Note::MAX {
        Some(words.note_too_long)
    } else {
        let id: Uuid = fields.get("note_id").and_then(|id| id.parse().ok()).ok_or(Error::Malformed)?;
        let note = Note { id, by: session.person.name.clone(), at: Timestamp::now().as_second(), text };
        (!context.app.store.add_note(&session.site, submission.id, &note).await.map_err(gone)?)
            .then_some(words.notes_full)
    };
    match notice {
        None => Ok(back(context, &submission)),
        Some(notice) => {
            let wrong = Wrong { notice: Some(notice), note: typed, ..Wrong::default() };
            page(context, session, &submission, &wrong, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

pub(super) async fn delete(context: &Context, session: &Session, fields: &Fields) -> Result<Response, Error> {
    let submission = lead(context, session).await?;
    let note: Uuid = fields.get("note_id").and_then(|id| id.parse().ok()).ok_or(Error::Malformed)?;
    context.app.store.delete_note(&session.site, submission.id, note).await.map_err(gone)?;
    Ok(back(context, &submission))
}

async fn lead(context: &Context, session: &Session) -> Result<Submission, Error> {
    let submission = find(context, session).await?;
    if submission.comment().is_none() { Ok(submission) } else { Err(Error::Malformed) }
}

fn gone(error: StoreError) -> Error {
    if matches!(error, StoreError::Gone) { Error::Gone } else { error.into() }
}

fn back(context: &Context, submission: &Submission) -> Response {
    web::see_other(&format!("{}#notes", route(context, submission.id)))
}
