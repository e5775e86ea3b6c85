//! The paths of pages that something else leads to: from a mail, from another page, or from a stored item.

use jiff::Timestamp;
use uuid::Uuid;

use super::App;
use crate::keys::{Purpose, Token};
use crate::routes;
use crate::store::SignIn;
use crate::submission::Submission;
use crate::submission::action::Action;

/// How long the links in the owner's mail work.
const MODERATION_DAYS: i64 = 14;

/// The route of a submission's page in the inbox.
#[must_use]
pub fn item_route(id: Uuid) -> String {
    format!("{}/item/{id}", routes::INBOX.path)
}

impl App {
    /// The path of the page on which the owner decides about a submission, as it stands now.
    #[must_use]
    pub fn moderation_path(&self, submission: &Submission) -> String {
        self.decision_path(Purpose::Moderate, submission, Self::links_end())
    }

    /// The path of the page on which the owner applies one action to a submission, as it stands now.
    #[must_use]
    pub fn action_path(&self, submission: &Submission, action: Action) -> String {
        self.decision_path(Purpose::Apply(action), submission, Self::links_end())
    }

    /// The last second at which a link works that is made now, since 1970.
    fn links_end() -> i64 {
        Timestamp::now().as_second() + MODERATION_DAYS * 86_400
    }

    /// The path of a page for the owner about a submission, as it stands now.
    pub fn decision_path(&self, purpose: Purpose, submission: &Submission, expires_at: i64) -> String {
        let token = Token {
            purpose,
            site: submission.site.clone(),
            id: submission.id,
            decisions: submission.decisions,
            expires_at,
        };
        self.path(&submission.site, &format!("/moderate/{}", self.keys.sign(&token)))
    }

    /// The path of a route for a site; with the site in it where that is what tells sites apart.
    #[must_use]
    pub fn path(&self, site: &str, route: &str) -> String {
        if self.config.sites.len() > 1 { format!("/{site}{route}") } else { route.into() }
    }

    /// The path of the link that signs somebody in.
    #[must_use]
    pub fn sign_in_path(&self, sign_in: &SignIn) -> String {
        let token = Token {
            purpose: Purpose::SignIn,
            site: sign_in.site.clone(),
            id: sign_in.id,
            decisions: 0,
            expires_at: sign_in.expires_at,
        };
        self.path(&sign_in.site, &format!("{}/{}", routes::SIGN_IN.path, self.keys.sign(&token)))
    }
}
