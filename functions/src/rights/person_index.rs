//! Files what people send under their email addresses, from the table's stream.

use crate::app::App;
use crate::store::StoreError;
use crate::submission::Submission;

/// Files a submission as it was `written`, unless it was filed already as it was `before`: when it comes, and when the
/// day changes on which it goes. What was written may be gone or changed since, or a record may come late; so the
/// submission is looked up afterwards, and nothing is left that points to nothing.
pub(crate) async fn index_person(
    app: &App,
    before: Option<&Submission>,
    written: &Submission,
) -> Result<(), StoreError> {
    let (site, id) = (&written.site, written.id);
    let Some(person) = app.person(written) else { return Ok(()) };
    if before.is_some_and(|before| before.expires_at == written.expires_at) {
        return Ok(());
    }
    app.store.index_by_person(&person, written).await?;
    match app.store.submission(site, id).await? {
        Some(now) if app.person(&now).as_ref() != Some(&person) => app.store.unindex_by_person(site, &person, id).await,
        Some(now) if now.expires_at != written.expires_at => app.store.index_by_person(&person, &now).await,
        Some(_) => Ok(()),
        None => app.store.unindex_by_person(site, &person, id).await,
    }
}
