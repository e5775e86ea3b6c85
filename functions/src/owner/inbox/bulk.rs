//! Applying an action to several at once: each by itself, about what was seen of it.

use super::flash::{Deed, Report, Seen};
use super::folder::Folder;
use super::session::Session;
use crate::form::Fields;
use crate::owner::decide;
use crate::store::StoreError;
use crate::submission::Submission;
use crate::submission::action::Action;
use crate::web::{Error, Visit};

/// What became of one.
enum Fate {
    Done(Seen),
    Late,
    /// It was so already, and that could be seen.
    Same,
}

/// What was ticked.
pub(super) fn picked(fields: &Fields) -> Vec<Seen> {
    let items = fields.pairs.iter().filter(|(name, _)| name == "item");
    let mut seen: Vec<Seen> = items.filter_map(|(_, value)| Seen::read(value)).collect();
    seen.dedup();
    seen
}

/// Applies an action to each of these. What others have decided meanwhile is left as it is, and what the table does
/// not take keeps nothing from what comes after it.
pub(super) async fn apply(visit: &Visit, session: &Session, deed: Deed, seen: &[Seen]) -> Result<Report, Error> {
    let mut report = Report::new(deed);
    for one in seen {
        match apply_one(visit, session, deed, *one).await {
            Ok(Fate::Done(now)) => report.done.push(now),
            Ok(Fate::Late) => report.late.push(one.id),
            Ok(Fate::Same) => {}
            Err(Error::Unavailable(error)) => {
                tracing::error!(id = %one.id, site = session.site, %error, "a decision was not stored");
                report.failed += 1;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(report)
}

async fn apply_one(visit: &Visit, session: &Session, deed: Deed, seen: Seen) -> Result<Fate, Error> {
    let Some(now) = visit.app.store.submission(&session.site, seen.id).await? else { return Ok(Fate::Late) };
    if !Folder::of(&now).is_open_to(session) {
        return Err(Error::NotAllowed);
    }
    if now.decisions != seen.decisions {
        return Ok(fate(deed, session, seen, &now));
    }
    let (app, site, by) = (&visit.app, visit.site(), session.person.name.as_str());
    let applied = match deed {
        Deed::Apply(choice) if choice.suits(&now) && choice != Action::Reply => {
            decide::apply(app, site, by, &now, choice, "").await
        }
        Deed::Apply(_) => return Ok(Fate::Same),
        Deed::Undo => decide::undo(app, site, by, &now).await,
    };
    match applied {
        Ok(now) => Ok(Fate::Done(Seen::of(&now))),
        Err(StoreError::Conflict) => {
            let now = app.store.submission(&session.site, seen.id).await?;
            Ok(now.map_or(Fate::Late, |now| fate(deed, session, seen, &now)))
        }
        Err(StoreError::Gone) => Ok(Fate::Late),
        Err(error) => Err(error.into()),
    }
}

/// What became of one about which had been decided already: done, if it was this very deed by this very person, whose
/// button was pressed twice.
fn fate(deed: Deed, session: &Session, seen: Seen, now: &Submission) -> Fate {
    let next = now.decision.as_ref().filter(|_| now.decisions == seen.decisions + 1);
    let same = next.filter(|decided| decided.by == session.person.name).is_some_and(|decided| match deed {
        Deed::Apply(choice) => now.status == choice.status() && decided.previous.is_some(),
        Deed::Undo => decided.previous.is_none(),
    });
    if same { Fate::Done(Seen::of(now)) } else { Fate::Late }
}
