//! What stands around every page of the inbox: where one can go, who is signed in, and the way out.

use super::{Session, sign_out};
use crate::team::Role;
use crate::web::Visit;
use crate::words::{Words, fill};

/// What `inbox/layout.html` needs, as the field `frame` of a page's template.
pub(crate) struct Frame<'a> {
    pub(crate) visit: &'a Visit,
    pub(crate) session: &'a Session,
}

/// A page that the navigation leads to.
struct Place {
    route: &'static str,
    text: fn(&Words) -> &str,
    /// Whether it is there for the owner alone.
    owner: bool,
}

/// The navigation.
const PLACES: [Place; 1] = [Place { route: super::HOME, text: |words| &words.inbox, owner: false }];

impl Frame<'_> {
    /// The navigation for the person who is signed in: address, text, and whether it is the page that is shown.
    pub(crate) fn places(&self) -> Vec<(String, &str, bool)> {
        let words = self.visit.words();
        let here = self.visit.here.split('?').next().unwrap_or_default();
        let seen = PLACES.iter().filter(|place| !place.owner || self.session.person.role == Role::Owner);
        seen.map(|place| (self.visit.route(place.route), (place.text)(words), place.route == here)).collect()
    }

    /// The name of the person, and what the link behind it is for, as screen readers say it.
    pub(crate) fn who(&self) -> String {
        fill(&self.visit.words().sign_out_who, "name", &self.session.person.name)
    }

    /// Where the form for signing out goes.
    pub(crate) fn sign_out(&self) -> String {
        self.visit.route(sign_out::ROUTE)
    }
}
