//! One site: who owns it, where it lives, and what holds for it.

use std::collections::BTreeMap;

use serde::Deserialize;
use url::Url;

use crate::config::channels::ChannelSettings;
use crate::config::comments::{Comments, Doubtful};
use crate::config::judging::{AkismetSettings, ChallengeSettings};
use crate::config::origin::{LOCAL_SOURCES, is_local, origins};
use crate::config::team::{Person, Role};
use crate::form::page::{self, Page};
use crate::form::{Email, FieldKind, Form, mailable};
use crate::words::dates::Zone;
use crate::words::{self, Words, words};
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
    /// Further origins of the site (`https://example.org`), beside that of `url`; as browsers send them, whose hosts
    /// are in ASCII.
    #[serde(default, deserialize_with = "origins")]
    pub origins: Vec<String>,
    /// Whether pages on the machine of who reads them may send to it, too: in local mode alone, no setting says so.
    #[serde(skip)]
    pub local_pages: bool,
    /// The language of pages and emails, as in `<html lang>`.
    #[serde(default = "english")]
    pub lang: String,
    /// Further languages in which visitors are answered who want them.
    #[serde(default)]
    pub languages: Vec<String>,
    /// By which clock people read when something was.
    #[serde(default)]
    pub time_zone: Zone,
    /// The page that tells visitors how what they send is processed; a path on the site.
    pub privacy: Option<String>,
    /// Whom visitors ask about what is stored of them: an e-mail address, a page of the site, or any other words, as a
    /// postal address. The owner's own address is never published.
    pub privacy_contact: Option<String>,
    /// Who is notified.
    pub owner: Owner,
    /// The most emails about single submissions to the owner within an hour. What is beyond stands in one email a
    /// quarter of an hour.
    #[serde(default = "emails_per_hour")]
    pub emails_per_hour: u32,
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

/// What may be typed into fields that the settings do not name, in bytes of UTF-8; and what may be typed into any form
/// at the least and at the most, of the 400 KB that an item of the table can have.
const BESIDE: usize = 64 * 1024;
const LEAST_TYPED: usize = 128 * 1024;
const MOST_TYPED: usize = 320 * 1024;

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
    #[serde(deserialize_with = "mailable")]
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
        self.lists_origin(origin) || self.local_pages && is_local(origin)
    }

    /// Whether the settings name `origin` as one of the site's.
    #[must_use]
    pub fn lists_origin(&self, origin: &str) -> bool {
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

    /// All origins of the site, as a Content-Security-Policy lists them.
    #[must_use]
    pub fn sources(&self) -> String {
        let local = self.local_pages.then_some(LOCAL_SOURCES).into_iter().flatten().map(str::to_owned);
        self.all_origins().chain(local).collect::<Vec<_>>().join(" ")
    }

    /// The address that `target` (a path, or a whole address) means, if it is on the site. A path is below that of the
    /// site, whether it says so or not. Everything else is refused, so that a form cannot be turned into an open
    /// redirect.
    #[must_use]
    pub fn own_url(&self, target: &str) -> Option<Url> {
        let home = self.home();
        let mut url = home.join(target).ok()?;
        let plain = url.username().is_empty() && url.password().is_none();
        // `blob:` and the like have the origin of the site, too.
        let web = matches!(url.scheme(), "http" | "https");
        if !plain || !web || !self.has_origin(&url.origin().ascii_serialization()) {
            return None;
        }
        // A whole address says all of it.
        let is_path = Url::parse(target).is_err();
        if is_path && !page::is_below(url.path(), home.path()) {
            url.set_path(&format!("{}{}", home.path(), url.path().trim_start_matches('/')));
        }
        // Two slashes before it would make a host of the path, where it stands alone.
        if url.path().starts_with("//") {
            url.set_path(&format!("/{}", url.path().trim_start_matches('/')));
        }
        Some(url)
    }

    /// The address of the home page, whose path ends with a slash: what is below it is the site's.
    #[must_use]
    pub fn home(&self) -> Url {
        let mut home = self.url.clone();
        if !home.path().ends_with('/') {
            home.set_path(&format!("{}/", home.path()));
        }
        home.set_query(None);
        home.set_fragment(None);
        home
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
        Page::of(&self.own_url(address.trim())?, &self.comments.query)
    }

    /// The owner, as somebody who may sign in.
    #[must_use]
    pub fn owner(&self) -> Person {
        Person { name: self.owner.name.clone(), email: self.owner.email.clone(), role: Role::Owner }
    }

    /// The texts in the site's own language.
    #[must_use]
    pub fn words(&self) -> &'static Words {
        words(&self.lang).unwrap_or_else(words::english)
    }

    /// The texts in all of its languages, its own first.
    #[must_use]
    pub fn all_words(&self) -> Vec<&'static Words> {
        let others = self.languages.iter().filter_map(|lang| words(lang));
        let mut all = vec![self.words()];
        for other in others {
            if all.iter().all(|known| known.lang != other.lang) {
                all.push(other);
            }
        }
        all
    }

    /// How much may be typed into one of its forms, in bytes of UTF-8: what the settings allow, and some beside it; at
    /// most what the table can hold.
    #[must_use]
    pub fn most_typed(&self) -> usize {
        let fields =
            |form: &Form| form.fields.iter().map(|field| field.max().saturating_mul(4)).fold(0, usize::saturating_add);
        let comments = self.comments.max_length.saturating_mul(4);
        let largest = self.forms.values().map(fields).fold(comments, usize::max);
        largest.saturating_add(BESIDE).clamp(LEAST_TYPED, MOST_TYPED)
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

fn emails_per_hour() -> u32 {
    30
}

fn english() -> String {
    "en".into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::site;
    use proptest::prelude::*;

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
            (".//", Some("/")),
            ("/.//evil.example/", Some("/evil.example/")),
            ("https://evil.example/blog/", None),
            ("//evil.example/", None),
            ("/%65dit/%2e%2e/b//", Some("/b/")),
            ("blob:https://www.example.org/3f1c", None),
            ("BLOB:https://www.example.org/3f1c", None),
            ("filesystem:https://www.example.org/temporary/x", None),
            ("view-source:https://www.example.org/", None),
            ("javascript:alert(1)", None),
            ("data:text/html,x", None),
            ("\u{1}https://evil.example/", None),
        ];
        for (address, expected) in cases {
            assert_eq!(site.page(address).as_ref().map(Page::path), expected, "{address}");
        }
        let slash = site.page("/blog/a/").expect("a page");
        assert_eq!(slash.key(), site.page("/blog/a").expect("a page").key());
        assert!(site.page(&"a".repeat(2_000)).is_none());
    }

    #[test]
    fn an_origin_may_be_written_as_people_write_it() {
        let written = [
            "https://www.münchen.example",
            "https://WWW.München.example/",
            "https://www.xn--mnchen-3ya.example",
            "https://www.münchen.example:443",
        ];
        for origin in written {
            let site = site(&format!("origins = [\"{origin}\"]"));
            assert!(site.has_origin("https://www.xn--mnchen-3ya.example"), "{origin}");
            assert!(site.has_host("www.xn--mnchen-3ya.example"), "{origin}");
            assert!(site.own_url("https://www.münchen.example/thanks/").is_some(), "{origin}");
        }
    }

    #[test]
    fn paths_of_a_site_below_a_path_are_below_it() {
        let below = |url: &str| Site { url: url.parse().expect("an address"), ..site("") };
        let cases = [
            ("/thank-you/", "https://ann.github.io/studio/thank-you/"),
            ("thank-you/", "https://ann.github.io/studio/thank-you/"),
            ("/studio/thank-you/", "https://ann.github.io/studio/thank-you/"),
            ("/studio/", "https://ann.github.io/studio/"),
            ("/studio", "https://ann.github.io/studio"),
            ("/studios/", "https://ann.github.io/studio/studios/"),
            ("/", "https://ann.github.io/studio/"),
            ("?sent", "https://ann.github.io/studio/?sent"),
            ("../x", "https://ann.github.io/studio/x"),
            ("/../x?y#z", "https://ann.github.io/studio/x?y#z"),
            ("/%73tudio/thank-you/", "https://ann.github.io/%73tudio/thank-you/"),
            ("/.//evil.example/", "https://ann.github.io/studio/evil.example/"),
            ("https://ann.github.io/other/", "https://ann.github.io/other/"),
        ];
        for home in ["https://ann.github.io/studio/", "https://ann.github.io/studio"] {
            for (target, expected) in cases {
                assert_eq!(below(home).own_url(target).map(String::from).as_deref(), Some(expected), "{home} {target}");
            }
            for target in ["//evil.example/", "/\\evil.example", "https://evil.example/studio/", "javascript:alert(1)"]
            {
                assert_eq!(below(home).own_url(target), None, "{home} {target}");
            }
        }
    }

    #[test]
    fn the_path_of_a_site_may_be_spelt_in_several_ways() {
        let site = Site { url: "https://example.org/%7eann/".parse().expect("an address"), ..site("") };
        for address in ["/a", "a/", "/~ann/a", "/%7Eann/a/", "/%7eann/a", "https://example.org/~ann//a"] {
            assert_eq!(site.page(address).as_ref().map(Page::key), Some("/~ann/a"), "{address}");
        }
    }

    proptest! {
        #[test]
        fn no_target_leads_off_the_site_or_its_path(target in "[/\\\\.?#@:a-z%\\t ]{0,24}|[\\PC]{0,24}", home in "/([a-z]{1,4}/?){0,2}") {
            let site = Site { url: format!("https://www.example.org{home}").parse().expect("an address"), ..site("") };
            if let Some(url) = site.own_url(&target) {
                prop_assert_eq!(url.host_str(), Some("www.example.org"));
                let inside = format!("{}/", url.path()).starts_with(site.home().path());
                prop_assert!(inside || Url::parse(&target).is_ok(), "{} leads to {}", target, url);
                prop_assert_eq!(site.own_url(url.path()).map(|again| again.path().to_owned()), Some(url.path().to_owned()));
            }
        }
    }
}
