//! The root of `deskbell.toml`: how mail is sent, and the sites.

use std::collections::BTreeMap;

use serde::Deserialize;
use url::Url;

use crate::config::site::Site;
use crate::form::{Email, mailable};

/// Everything that `deskbell.toml` says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// How mail is sent.
    pub mail: Mail,
    /// The sites by their id, which is also the first path segment in `/{site}/…`.
    pub sites: BTreeMap<String, Site>,
}

/// How mail is sent.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    /// The address that email comes from; SES must have verified it or its domain.
    #[serde(deserialize_with = "mailable")]
    pub from: Email,
}

impl Config {
    /// With what follows from the rest.
    pub(super) fn completed(mut self) -> Self {
        for (id, site) in &mut self.sites {
            site.id.clone_from(id);
            let home = site.home();
            for rule in &mut site.comments.pages {
                rule.pattern.put_below(home.path());
            }
            site.forms.entry("default".into()).or_default();
        }
        self
    }

    /// Moves every site to `base`, as local mode does, and leaves it its path; the configured origins stay allowed.
    pub fn serve_at(&mut self, base: &Url) {
        for site in self.sites.values_mut() {
            site.origins.push(site.url.origin().ascii_serialization());
            let mut url = base.clone();
            url.set_path(site.url.path());
            site.url = url;
        }
    }

    /// Lets pages on this machine send to every site, as local mode does.
    pub fn allow_local_pages(&mut self) {
        for site in self.sites.values_mut() {
            site.local_pages = true;
        }
    }

    /// The only site, if there is just one.
    #[must_use]
    pub fn only_site(&self) -> Option<&Site> {
        self.sites.values().next().filter(|_| self.sites.len() == 1)
    }
}
