//! The sites and their settings: `deskbell.toml`, read once at start, checked as a whole; and everything that is wrong
//! with it is told at once, with its place.

pub mod channel_name;
pub mod channels;
mod check;
mod document;
mod judging;
mod mistake;
mod pages;
mod reading;
mod review;
pub mod team;
mod wording;

use std::collections::BTreeMap;

use http::Uri;
use serde::Deserialize;
use url::Url;

pub use self::document::Document;
pub use self::mistake::ConfigError;
pub use self::pages::{Closing, PageRule, Pattern, Rules};
use self::reading::Reading;
pub(crate) use self::review::Review;
use crate::config::team::Person;
use crate::delivery::digest::Digest;
use crate::form::{Email, Form, Kind};
use crate::judging::akismet;
use crate::visitor::challenge;
use deskbell_filter::Judging;

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
    /// The address that letters come from; SES must have verified it or its domain.
    pub from: Email,
}

/// One site: who owns it, where it lives, and what its visitors may send.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// The key under `[sites]`; filled in by [`Config::parse`].
    #[serde(skip)]
    pub id: String,
    /// The name that people know the site by.
    pub name: String,
    /// The address of the site's home page.
    pub url: Url,
    /// Further origins of the site (`https://example.org`), beside that of `url`.
    #[serde(default)]
    pub origins: Vec<String>,
    /// The language of pages and letters, as in `<html lang>`.
    #[serde(default = "english")]
    pub lang: String,
    /// The page that tells visitors how what they send is processed; a path on the site.
    pub privacy: Option<String>,
    /// Whom visitors ask about what is stored of them: an e-mail address, a page of the site, or any other words, as a
    /// postal address. The owner's own address is never published.
    pub privacy_contact: Option<String>,
    /// Who hears the notifier.
    pub owner: Owner,
    /// Who else may sign in to the inbox.
    #[serde(default)]
    pub team: Vec<Person>,
    /// The forms by name; `default` is the one that `/contact` takes.
    #[serde(default)]
    pub forms: BTreeMap<String, Form>,
    /// Further ways beside mail on which people hear of what came in.
    #[serde(default)]
    pub channels: Vec<channels::Settings>,
    /// How comments are taken.
    #[serde(default)]
    pub comments: Comments,
    /// How submissions are judged.
    #[serde(default)]
    pub judging: Judging,
    /// How form tokens and proofs of work are treated.
    #[serde(default)]
    pub challenge: challenge::Settings,
    /// Whether and how Akismet is asked, too.
    pub akismet: Option<akismet::Settings>,
    /// When the owner is sent a digest.
    #[serde(default)]
    pub digest: Digest,
    /// How long things are kept.
    #[serde(default)]
    pub keep: Keep,
}

/// Who hears the notifier.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Owner {
    /// The name under which the owner replies to comments.
    pub name: String,
    /// Where the owner's mail goes.
    pub email: Email,
}

/// How comments are taken.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Comments {
    /// Whose comments appear without the owner's decision.
    pub policy: Policy,
    /// After how many days a page takes no more comments; never if absent. Counted from the page's first comment, or
    /// from its publication if its form says when that was.
    pub close_after_days: Option<u32>,
    /// What holds for some pages alone. The first that a page fits counts.
    pub pages: Vec<PageRule>,
    /// Which of `author`, `email`, `url` must be given, beside the comment itself.
    pub required: Vec<String>,
    /// How the owner hears of comments that look like junk and are not certainly so; see [`Site::doubtful`].
    pub doubtful: Option<Doubtful>,
    /// The longest comment, in characters.
    pub max_length: usize,
    /// A field of the form that people cannot see; whoever fills it in is a machine.
    pub honeypot: Option<String>,
    /// The words beside a box without whose tick no comment is taken.
    pub consent: Option<String>,
}

impl Default for Comments {
    fn default() -> Self {
        Self {
            policy: Policy::First,
            close_after_days: None,
            pages: Vec::new(),
            required: vec!["author".into(), "email".into()],
            doubtful: None,
            max_length: 20_000,
            honeypot: None,
            consent: None,
        }
    }
}

/// Whose comments appear without the owner's decision. Unsure ones are held and spam is put away under each policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Policy {
    /// Hold an author's first comment; publish once the owner has approved one.
    First,
    /// Hold every comment.
    All,
    /// Hold none.
    None,
}

/// How the owner hears of comments that look like junk and are not certainly so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Doubtful {
    /// By a letter about each.
    Mail,
    /// By the weekly digest, unless their authors show to be persons.
    Digest,
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

impl Config {
    /// Reads and checks the text of a `deskbell.toml`.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        Self::read(&Document::parse(text)?)
    }

    /// Reads and checks a document; gives everything that is wrong with it.
    pub fn read(document: &Document) -> Result<Self, ConfigError> {
        let Reading { config, mut mistakes, mended } = reading::read(document);
        if let Some(config) = &config {
            let mut review = Review::new(document, &mended);
            config.check(&mut review);
            mistakes.extend(review.into_mistakes());
        }
        match config {
            Some(config) if mistakes.is_empty() => Ok(config.completed()),
            _ => Err(ConfigError::new(document.text(), mistakes)),
        }
    }

    /// With what follows from the rest.
    fn completed(mut self) -> Self {
        for (id, site) in &mut self.sites {
            site.id.clone_from(id);
            site.forms.entry("default".into()).or_default();
        }
        self
    }

    /// Moves every site to `base`, as local mode does; the configured origins stay allowed.
    pub fn serve_at(&mut self, base: &Url) {
        for site in self.sites.values_mut() {
            site.origins.push(site.url.origin().ascii_serialization());
            site.url = base.clone();
        }
    }

    /// The only site, if there is just one.
    #[must_use]
    pub fn only_site(&self) -> Option<&Site> {
        self.sites.values().next().filter(|_| self.sites.len() == 1)
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

    /// How the owner hears of doubtful comments: by the digest, if there is one and the settings do not say otherwise.
    #[must_use]
    pub fn doubtful(&self) -> Doubtful {
        let usual = if self.digest == Digest::Never { Doubtful::Mail } else { Doubtful::Digest };
        self.comments.doubtful.unwrap_or(usual)
    }

    /// Whether a form, or that of comments, has a box for consent.
    #[must_use]
    pub fn asks_for_consent(&self) -> bool {
        let mut fields = self.forms.values().flat_map(|form| &form.fields);
        self.comments.consent.is_some() || fields.any(|field| field.kind() == Kind::Consent)
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
pub(crate) mod tests {
    use super::*;

    /// A site with further lines, of which the first is the sixth of the text.
    fn config(lines: &str) -> Result<Config, ConfigError> {
        Config::parse(&format!(
            "mail = {{ from = \"bell@example.org\" }}\n[sites.studio]\nname = \"Studio\"\nurl = \"https://www.example.org\"\n\
             owner = {{ name = \"Mara\", email = \"mara@example.org\" }}\n{lines}"
        ))
    }

    /// The site that the lines make.
    pub(crate) fn site(lines: &str) -> Site {
        config(lines).expect(lines).sites.remove("studio").expect("a site")
    }

    /// What is wrong with the lines.
    pub(crate) fn error(lines: &str) -> String {
        config(lines).expect_err(lines).to_string()
    }

    #[test]
    fn a_short_configuration_gets_a_default_form() {
        let config = config("").expect("valid");
        assert!(config.sites["studio"].forms.contains_key("default"));
        assert_eq!(config.only_site().map(|site| site.id.as_str()), Some("studio"));
    }

    #[test]
    fn third_parties_are_named_here_and_their_keys_are_not() {
        let config = config("challenge.captcha = \"turnstile\"\nakismet = { lang = \"en, de\" }").expect("valid");
        let site = &config.sites["studio"];
        assert_eq!(site.challenge.captcha, Some(crate::judging::captcha::Captcha::Turnstile));
        assert!(site.akismet.as_ref().is_some_and(|akismet| akismet.lang.as_deref() == Some("en, de")));
        assert!(site.has_host("www.example.org") && !site.has_host("example.org") && !site.has_host(""));
    }

    #[test]
    fn redirects_stay_on_the_site() {
        let config = config("origins = [\"https://example.org\"]").expect("valid");
        let site = &config.sites["studio"];
        let allowed = ["/thanks/", "thanks", "?ok=1", "https://example.org/x", "https://www.example.org"];
        for target in allowed {
            assert!(site.own_url(target).is_some(), "{target}");
        }
        let refused = [
            "//evil.example/",
            "/\\evil.example",
            "https://www.example.org.evil.example/",
            "https://www.example.org@evil.example/",
            "https://a:b@www.example.org/",
            "http://www.example.org/",
            "javascript:alert(1)",
            "\thttps://evil.example",
        ];
        for target in refused {
            assert!(site.own_url(target).is_none(), "{target}");
        }
    }
}
