//! One site: who owns it, where it lives, and what holds for it.

use std::collections::BTreeMap;

use http::Uri;
use serde::Deserialize;
use url::Url;

use crate::config::channels::ChannelSettings;
use crate::config::comments::{Comments, Doubtful};
use crate::config::judging::{AkismetSettings, ChallengeSettings};
use crate::config::team::{Person, Role};
use crate::form::page::Page;
use crate::form::{Email, FieldKind, Form};
use deskbell_filter::Judging;

/// One site: who owns it, where it lives, and what its visitors may send.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// The key under `[sites]`; filled in by [`crate::config::Config::parse`].
    #[serde(skip)]
    pub id: String,
    /// The name that people know the site by.
    pub name: String,
    /// The address of the site's home page.
    pub url: Url,
    /// Further origins of the site (`https://example.org`), beside that of `url`.
    #[serde(default)]
    pub origins: Vec<String>,
    /// The language of pages and emails, as in `<html lang>`.
    #[serde(default = "english")]
    pub lang: String,
    /// The page that tells visitors how what they send is processed; a path on the site.
    pub privacy: Option<String>,
    /// Whom visitors ask about what is stored of them: an e-mail address, a page of the site, or any other words, as a
    /// postal address. The owner's own address is never published.
    pub privacy_contact: Option<String>,
    /// Who is notified.
    pub owner: Owner,
    /// Who else may sign in to the inbox.
    #[serde(default)]
    pub team: Vec<Person>,
    /// The forms by name; `default` is the one that `/contact` takes.
    #[serde(default)]
    pub forms: BTreeMap<String, Form>,
    /// Further ways beside email to notify people of what came in.
    #[serde(default)]
    pub channels: Vec<ChannelSettings>,
    /// How comments are taken.
    #[serde(default)]
    pub comments: Comments,
    /// How submissions are judged.
    #[serde(default)]
    pub judging: Judging,
    /// How form tokens and proofs of work are treated.
    #[serde(default)]
    pub challenge: ChallengeSettings,
    /// Whether and how Akismet is asked, too.
    pub akismet: Option<AkismetSettings>,
    /// When the owner is sent a digest.
    #[serde(default)]
    pub digest: Digest,
    /// How long things are kept.
    #[serde(default)]
    pub keep: Keep,
}

/// The host of a site whose address is not known, as where `deskbell check` reads on behind a wrong one. Nothing can be
/// said about what is on such a site.
pub const UNKNOWN_HOST: &str = "unknown.invalid";

/// Who is notified.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Owner {
    /// The name under which the owner replies to comments.
    pub name: String,
    /// Where the owner's email goes.
    pub email: Email,
}

/// When the owner is sent a digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Digest {
    /// When the template's weekly schedule says.
    #[default]
    Weekly,
    /// At no time.
    Never,
}

/// How long things are kept, in days.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Keep {
    /// Contact requests.
    pub leads: u32,
    /// Comments that nobody has decided about.
    pub held: u32,
    /// Spam of either kind.
    pub spam: u32,
    /// What the owner threw away.
    pub trash: u32,
    /// That an author was approved: after the last comment of theirs that was published.
    pub authors: u32,
    /// That a sender was blocked.
    pub blocks: u32,
}

impl Default for Keep {
    fn default() -> Self {
        Self { leads: 365, held: 365, spam: 30, trash: 30, authors: 730, blocks: 365 }
    }
}

impl Site {
    /// Whether `origin`, as a browser sends it, is one of the site's.
    #[must_use]
    pub fn has_origin(&self, origin: &str) -> bool {
        self.url.origin().ascii_serialization() == origin || self.origins.iter().any(|own| own == origin)
    }

    /// Whether one of the site's origins has this host name.
    #[must_use]
    pub fn has_host(&self, host: &str) -> bool {
        let mut origins = self.all_origins().filter_map(|origin| Url::parse(&origin).ok());
        origins.any(|origin| origin.host_str().is_some_and(|own| own.eq_ignore_ascii_case(host)))
    }

    /// All origins of the site, the main one first.
    pub fn all_origins(&self) -> impl Iterator<Item = String> {
        std::iter::once(self.url.origin().ascii_serialization()).chain(self.origins.iter().cloned())
    }

    /// The address that `target` (a path, or a whole address) means, if it is on the site.
    /// Everything else is refused, so that a form cannot be turned into an open redirect.
    #[must_use]
    pub fn own_url(&self, target: &str) -> Option<Url> {
        let url = self.url.join(target).ok()?;
        let plain = url.username().is_empty() && url.password().is_none();
        (plain && self.has_origin(&url.origin().ascii_serialization())).then_some(url)
    }

    /// How the owner is notified of doubtful comments: by the digest, if there is one and the settings do not say
    /// otherwise.
    #[must_use]
    pub fn doubtful(&self) -> Doubtful {
        let usual = if self.digest == Digest::Never { Doubtful::Mail } else { Doubtful::Digest };
        self.comments.doubtful.unwrap_or(usual)
    }

    /// Whether a form, or that of comments, has a box for consent.
    #[must_use]
    pub fn asks_for_consent(&self) -> bool {
        let mut fields = self.forms.values().flat_map(|form| &form.fields);
        self.comments.consent.is_some() || fields.any(|field| field.kind() == FieldKind::Consent)
    }

    /// The page that `address` (a path, or a whole address) means, if it is on the site.
    #[must_use]
    pub fn page(&self, address: &str) -> Option<Page> {
        Page::of(&self.own_url(address.trim())?)
    }

    /// The owner, as somebody who may sign in.
    #[must_use]
    pub fn owner(&self) -> Person {
        Person { name: self.owner.name.clone(), email: self.owner.email.clone(), role: Role::Owner }
    }

    /// Everybody who may sign in, the owner first.
    pub fn people(&self) -> impl Iterator<Item = Person> {
        std::iter::once(self.owner()).chain(self.team.iter().cloned())
    }

    /// The address of the page that tells how data is processed.
    #[must_use]
    pub fn privacy_url(&self) -> Option<Url> {
        self.own_url(self.privacy.as_deref()?)
    }
}

/// The authority (`host:port`) of an origin, for comparing it with the host that a request came to.
pub(crate) fn authority(origin: &str) -> Option<String> {
    Some(origin.parse::<Uri>().ok()?.authority()?.to_string())
}

fn english() -> String {
    "en".into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::site;

    #[test]
    fn addresses_of_one_page_are_one_page() {
        let site = site("");
        let cases = [
            ("/blog/a/", Some("/blog/a/")),
            ("/blog/a/index.html#respond", Some("/blog/a/")),
            ("https://www.example.org/blog/a/?utm_source=x", Some("/blog/a/")),
            ("blog/a", Some("/blog/a")),
            ("/café", Some("/caf%C3%A9")),
            ("/a/../b", Some("/b")),
            ("/?p=7&preview=1", Some("/?p=7")),
            ("https://evil.example/blog/", None),
            ("//evil.example/", None),
        ];
        for (address, expected) in cases {
            assert_eq!(site.page(address).as_ref().map(Page::path), expected, "{address}");
        }
        let slash = site.page("/blog/a/").expect("a page");
        assert_eq!(slash.key(), site.page("/blog/a").expect("a page").key());
        assert!(site.page(&"a".repeat(2_000)).is_none());
    }
}
