//! Who is signed in. A session is a random value in a cookie of one site; the table knows its keyed hash, and whose it
//! is. What the person may do stands in the configuration alone, and is read there with each request: who is taken
//! out of it is out.

use std::future::Future;
use std::sync::Arc;

use axum::extract::Request;
use axum::response::Response;
use http::header::{HeaderValue, SET_COOKIE};
use ring::digest::{SHA256, digest};
use url::form_urlencoded;

use crate::app::App;
use crate::config::Site;
use crate::config::team::{Person, Role};
use crate::form::Fields;
use crate::keys::Keys;
use crate::routes::{INBOX, SIGN_IN, is_inbox};
use crate::store::{SESSION_SECONDS, SignIn, StoreError};
use crate::web::{self, Context, Error};

/// Somebody who is signed in to a site's inbox.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    /// The site's id.
    pub(crate) site: String,
    /// Who it is, by the configuration in force.
    pub(crate) person: Person,
    /// What every form carries in the hidden field `csrf`.
    pub(crate) csrf: String,
    key: Key,
}

/// What the table knows of a session.
#[derive(Debug, Clone)]
struct Key {
    /// Whose, by [`crate::app::App::member_hash`].
    member: String,
    /// Which one, as a keyed hash.
    session: String,
}

/// The session of who sent the request; without one, the way to sign in.
pub(crate) async fn require(context: &Context) -> Result<Session, Error> {
    let next: String = form_urlencoded::byte_serialize(own_route(&context.here).as_bytes()).collect();
    find(context).await?.ok_or_else(|| Error::SignIn(context.route(&format!("{}?next={next}", SIGN_IN.path))))
}

/// The session of who sent the request, if there is one.
pub(super) async fn find(context: &Context) -> Result<Option<Session>, Error> {
    let (app, site) = (&context.app, context.site());
    let Some((member, secret)) = context.cookie(&cookie(site)).and_then(|value| value.split_once('.')) else {
        return Ok(None);
    };
    // Who makes a cookie up does not get as far as the table.
    let Some(person) = app.member(site, member) else { return Ok(None) };
    let key = Key { member: member.into(), session: app.keys.hash("session", &[&site.id, secret]) };
    if !app.store.has_session(&site.id, &key.member, &key.session).await? {
        return Ok(None);
    }
    let csrf = app.keys.hash("csrf", &[&site.id, secret]);
    Ok(Some(Session { site: site.id.clone(), person, csrf, key }))
}

/// Uses up a link and begins a session; gives the value for its cookie. [`StoreError::Consumed`] if the link was used
/// meanwhile.
pub(super) async fn begin(context: &Context, sign_in: &SignIn) -> Result<String, StoreError> {
    let secret = random()?;
    let hash = context.app.keys.hash("session", &[&sign_in.site, &secret]);
    context.app.store.begin_session(sign_in, &hash).await?;
    Ok(format!("{}.{secret}", sign_in.member))
}

impl Session {
    /// Whether a form is this session's own: every one carries `csrf`.
    pub(crate) fn check(&self, fields: &Fields) -> Result<(), Error> {
        let given = fields.get("csrf").unwrap_or_default();
        // By their hashes, so that the time it takes tells nothing about the right one.
        let same = digest(&SHA256, given.as_bytes()).as_ref() == digest(&SHA256, self.csrf.as_bytes()).as_ref();
        if same { Ok(()) } else { Err(Error::Stale) }
    }

    /// Goes on only for the owner.
    pub(crate) fn owner(&self) -> Result<(), Error> {
        if self.person.role == Role::Owner { Ok(()) } else { Err(Error::NotAllowed) }
    }

    /// Ends it, or all sessions of the person.
    pub(super) async fn end(&self, context: &Context, everywhere: bool) -> Result<(), StoreError> {
        let Key { member, session } = &self.key;
        if everywhere {
            context.app.store.end_sessions(&self.site, member).await
        } else {
            context.app.store.end_session(&self.site, member, session).await
        }
    }
}

/// Serves a page to somebody who is signed in; others are sent to sign in, and from there to the page.
pub(crate) async fn show<F, H>(app: Arc<App>, request: Request, page: H) -> Response
where
    H: FnOnce(Context, Session) -> F,
    F: Future<Output = Result<Response, Error>>,
{
    web::serve(app, request, async |context| {
        let session = require(&context).await?;
        Box::pin(page(context, session)).await
    })
    .await
}

/// Carries out what a form of a page asks for; among its fields is `csrf`, with [`Session::csrf`].
pub(crate) async fn act<F, H>(app: Arc<App>, request: Request, action: H) -> Response
where
    H: FnOnce(Context, Session, Fields) -> F,
    F: Future<Output = Result<Response, Error>>,
{
    web::serve(app, request, async |context| {
        let session = require(&context).await?;
        let fields = context.fields()?;
        if context.is_from_elsewhere() {
            return Err(Error::Stale);
        }
        session.check(&fields)?;
        Box::pin(action(context, session, fields)).await
    })
    .await
}

/// The session's cookie. Its name holds the site, for `__Host-` cookies cannot be kept to a path.
pub(super) fn cookie(site: &Site) -> String {
    format!("__Host-deskbell_{}", site.id)
}

/// Has the browser keep the session.
pub(super) fn keep(response: &mut Response, site: &Site, value: &str) {
    set_cookie(response, &cookie(site), value, SESSION_SECONDS);
}

/// Has the browser forget the session.
pub(super) fn forget(response: &mut Response, site: &Site) {
    set_cookie(response, &cookie(site), "", 0);
}

/// A cookie that no script reads and that goes to nobody else. `Lax`, not `Strict`: those who come from a link in their
/// mail are to be known. Nothing is done by opening a link, and forms carry more than the cookie.
pub(super) fn set_cookie(response: &mut Response, name: &str, value: &str, seconds: i64) {
    let cookie = format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={seconds}");
    // Names and values are ours: letters, digits, dots, dashes and underscores.
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}

/// A random value for a cookie.
pub(super) fn random() -> Result<String, StoreError> {
    Keys::random().ok_or(StoreError::NoRandomness)
}

/// The route of the inbox that `next` names, as it stands in a path without the site; the first page for anything else.
pub(super) fn own_route(next: &str) -> String {
    let ours = |next: &str| {
        let base = url::Url::parse("http://inbox.invalid/").ok()?;
        let url = base.join(next).ok()?;
        let path = url.path();
        let own = url.origin() == base.origin() && is_inbox(path) && url.username().is_empty() && next.len() <= 1_000;
        own.then(|| url.query().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}")))
    };
    ours(next).unwrap_or_else(|| INBOX.path.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_signing_in_one_goes_to_the_inbox_and_nowhere_else() {
        let cases = [
            ("/inbox", "/inbox"),
            ("/inbox/comments?after=1&q=%C3%BC", "/inbox/comments?after=1&q=%C3%BC"),
            ("/inbox/a/../b", "/inbox/b"),
            ("/inbox/../contact", "/inbox"),
            ("/inboxes", "/inbox"),
            ("", "/inbox"),
            ("/", "/inbox"),
            ("//evil.example/inbox", "/inbox"),
            ("/\\evil.example/inbox", "/inbox"),
            ("https://evil.example/inbox", "/inbox"),
            ("http://inbox.invalid@evil.example/inbox", "/inbox"),
            ("javascript:alert(1)//inbox", "/inbox"),
            ("/inbox\r\nSet-Cookie: a=b", "/inbox"),
            ("/inbox/\r\nSet-Cookie: a=b", "/inbox/Set-Cookie:%20a=b"),
        ];
        for (next, expected) in cases {
            assert_eq!(own_route(next), expected, "{next:?}");
        }
    }
}
