//! The browser in which somebody signs in, before there is a session: a random value in a cookie of its own, which binds
//! the link to the browser that asked for it, and the forms of signing in to the browser that was shown them.

use axum::response::Response;

use super::session::{random, set_cookie};
use crate::config::Site;
use crate::form::Fields;
use crate::store::StoreError;
use crate::web::Visit;

/// How long a browser is known, in seconds: a form may lie open for a day.
const BROWSER_SECONDS: i64 = 86_400;

/// A browser that is to be signed in.
pub(super) struct Browser(String);

impl Browser {
    /// The one that sent the request, if it was known before.
    pub(super) fn of(visit: &Visit) -> Option<Self> {
        visit.cookie(&cookie(visit.site())).filter(|secret| is_ours(secret)).map(|secret| Self(secret.into()))
    }

    /// The one that sent the request, known from now on.
    pub(super) fn known(visit: &Visit) -> Result<Self, StoreError> {
        Self::of(visit).map_or_else(|| random().map(Self), Ok)
    }

    /// What the table knows of it.
    pub(super) fn hash(&self, visit: &Visit) -> String {
        visit.app.keys.hash("browser", &[&visit.site().id, &self.0])
    }

    /// What its forms carry in the hidden field `csrf`.
    pub(super) fn csrf(&self, visit: &Visit) -> String {
        visit.app.keys.hash("csrf before signing in", &[&visit.site().id, &self.0])
    }

    /// Whether a form was shown to it, here.
    pub(super) fn sent(&self, visit: &Visit, fields: &Fields) -> bool {
        let given = fields.get("csrf").unwrap_or_default();
        let own = visit.app.keys.is_hash(given, "csrf before signing in", &[&visit.site().id, &self.0]);
        own && !visit.is_from_elsewhere()
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
