//! The link that signs somebody in, as it is to be mailed.

use crate::app::App;
use crate::config::Site;
use crate::config::team::Person;
use crate::store::{self, Asker, SignIn, StoreError};

/// A link that somebody waits for.
pub(crate) struct Due<'a> {
    pub(crate) site: &'a Site,
    pub(crate) person: Person,
    pub(crate) sign_in: SignIn,
    /// The path of the link, the same each time: the table holds no link, but all that it is made of.
    pub(crate) path: String,
}

/// The link to mail because of a stream image, if it still is of use to anybody.
pub(crate) async fn due(app: &App, image: serde_dynamo::Item) -> Result<Option<Due<'_>>, StoreError> {
    let seen = store::sign_in(image)?;
    let Some(site) = app.site(&seen.site).filter(|_| seen.sign_in == Asker::Known) else { return Ok(None) };
    let Some(sign_in) = app.store.sign_in(&site.id, seen.id).await? else { return Ok(None) };
    let Some(person) = app.member(site, &sign_in.member) else { return Ok(None) };
    let path = app.sign_in_path(&sign_in);
    Ok(Some(Due { site, person, sign_in, path }))
}
