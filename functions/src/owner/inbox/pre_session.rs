//! The browser in which somebody signs in, before there is a session: a random value in a cookie of its own, which
//! binds the link to the browser that asked for it, and the forms of signing in to the browser that was shown them.

use axum::response::Response;

use super::session::{random, set_cookie};
use crate::config::Site;
use crate::form::Fields;
use crate::store::StoreError;
use crate::web::Context;

/// How long a browser is known, in seconds: a form may lie open for a day.
const BROWSER_SECONDS: i64 = 86_400;

/// A browser that is to be signed in.
pub(super) struct PreSession(String);

impl PreSession {
    /// The one that sent the request, if it was known before.
    pub(super) fn of(context: &Context) -> Option<Self> {
        context.cookie(&cookie(context.site())).filter(|secret| is_ours(secret)).map(|secret| Self(secret.into()))
    }

    /// The one that sent the request, known from now on.
    pub(super) fn known(context: &Context) -> Result<Self, StoreError> {
        Self::of(context).map_or_else(|| random().map(Self), Ok)
    }

    /// What the table knows of it.
    pub(super) fn hash(&self, context: &Context) -> String {
        context.app.keys.hash("browser", &[&context.site().id, &self.0])
    }

    /// What its forms carry in the hidden field `csrf`.
    pub(super) fn csrf(&self, context: &Context) -> String {
        context.app.keys.hash("csrf before signing in", &[&context.site().id, &self.0])
    }

    /// Whether a form was shown to it, here.
    pub(super) fn sent(&self, context: &Context, fields: &Fields) -> bool {
        let given = fields.get("csrf").unwrap_or_default();
        let own = context.app.keys.is_hash(given, "csrf before signing in", &[&context.site().id, &self.0]);
        own && !context.is_from_elsewhere()
    }

    /// Has it keep the cookie.
    pub(super) fn keep(&self, response: &mut Response, site: &Site) {
        set_cookie(response, &cookie(site), &self.0, BROWSER_SECONDS);
    }

    /// Has it forget the cookie.
    pub(super) fn forget(response: &mut Response, site: &Site) {
        set_cookie(response, &cookie(site), "", 0);
    }
}

fn cookie(site: &Site) -> String {
    format!("__Host-deskbell-browser_{}", site.id)
}

fn is_ours(secret: &str) -> bool {
    secret.len() == 43 && secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}
