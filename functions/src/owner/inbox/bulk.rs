//! Applying an action to several at once: each by itself, about what was seen of it.

use super::flash::{BulkAction, FlashMessage, SeenVersion};
use super::folder::Folder;
use super::session::Session;
use crate::form::Fields;
use crate::owner::decide;
use crate::store::StoreError;
use crate::submission::action::Action;
use crate::submission::{Submission, transition};
use crate::web::{Context, Error};

/// What became of one.
enum BulkResult {
    Done(SeenVersion),
    Late,
    /// It was so already, and that could be seen.
    Same,
}

/// What was ticked.
pub(super) fn picked(fields: &Fields) -> Vec<SeenVersion> {
    let items = fields.pairs.iter().filter(|(name, _)| name == "item");
    let mut seen: Vec<SeenVersion> = items.filter_map(|(_, value)| SeenVersion::parse(value)).collect();
    seen.dedup();
    seen
}

/// Applies an action to each of these. What others have decided meanwhile is left as it is, and what the table does
/// not take keeps nothing from what comes after it.
pub(super) async fn apply(
    context: &Context,
    session: &Session,
    action: BulkAction,
    seen: &[SeenVersion],
) -> Result<FlashMessage, Error> {
    let mut report = FlashMessage::new(action);
    for one in seen {
        match apply_one(context, session, action, *one).await {
            Ok(BulkResult::Done(now)) => report.done.push(now),
            Ok(BulkResult::Late) => report.late.push(one.id),
            Ok(BulkResult::Same) => {}
            Err(Error::Unavailable(error)) => {
                tracing::error!(id = %one.id, site = session.site, %error, "decision not stored");
                report.failed += 1;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(report)
}

async fn apply_one(
    context: &Context,
    session: &Session,
    action: BulkAction,
    seen: SeenVersion,
) -> Result<BulkResult, Error> {
    let Some(now) = context.app.store.submission(&session.site, seen.id).await? else { return Ok(BulkResult::Late) };
    if !Folder::of(&now).is_open_to(session) {
        return Err(Error::NotAllowed);
    }
    if now.decisions != seen.decisions {
        return Ok(fate(action, session, seen, &now));
    }
    let (app, site, by) = (&context.app, context.site(), &session.person);
    let applied = match action {
        BulkAction::Apply(choice) if choice.suits(&now) && choice != Action::Reply => {
            if !choice.is_for(by.role) {
                return Err(Error::NotAllowed);
            }
            decide::apply(app, site, by, &now, choice, "").await
        }
        BulkAction::Apply(_) => return Ok(BulkResult::Same),
        BulkAction::Undo if now.previous().is_some() && !transition::is_undone_by(&now, by.role) => {
            return Err(Error::NotAllowed);
        }
        BulkAction::Undo => decide::undo(app, site, &by.name, &now).await,
    };
    match applied {
        Ok(now) => Ok(BulkResult::Done(SeenVersion::of(&now))),
        Err(StoreError::Conflict) => {
            let now = app.store.submission(&session.site, seen.id).await?;
            Ok(now.map_or(BulkResult::Late, |now| fate(action, session, seen, &now)))
        }
        Err(StoreError::Gone) => Ok(BulkResult::Late),
        Err(error) => Err(error.into()),
    }
}

/// What became of one about which had been decided already: done, if it was this very action by this very person, whose
/// button was pressed twice.
fn fate(action: BulkAction, session: &Session, seen: SeenVersion, now: &Submission) -> BulkResult {
    let next = now.decision.as_ref().filter(|_| now.decisions == seen.decisions + 1);
    let same = next.filter(|decided| decided.by == session.person.name).is_some_and(|decided| match action {
        BulkAction::Apply(choice) => now.status == choice.status() && decided.previous.is_some(),
        BulkAction::Undo => decided.previous.is_none(),
    });
    if same { BulkResult::Done(SeenVersion::of(now)) } else { BulkResult::Late }
}
