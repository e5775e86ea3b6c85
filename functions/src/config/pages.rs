//! What holds for the comments of some pages alone: by the first pattern that a page fits.

use std::fmt;

use serde::Deserialize;
use url::Url;

use crate::config::validator::Validator;
use crate::form::page::{self, Page};

/// Whose comments appear without the owner's decision. Unsure ones are held and spam is moved to the spam folder under
/// each policy.
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

/// What holds for the comments of the pages that fit a pattern. What is not said here is as on the rest of the site.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageRule {
    /// Which pages.
    #[serde(rename = "match")]
    pub pattern: Pattern,
    /// Whose comments appear without the owner's decision.
    pub policy: Option<Policy>,
    /// After how many days a page takes no more comments.
    pub close_after_days: Option<u32>,
    /// Whether no comments are taken there at all; `false` keeps open what the site's `close_after_days` would close.
    pub closed: Option<bool>,
}

/// Pages by their path, beginning with `/`: `*` stands for anything, slashes included, or for nothing. With and
/// without a slash at the end it is the same, as with pages themselves.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Pattern(String);

impl TryFrom<String> for Pattern {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        const MEANT: &str = "expected a path that starts with /, such as /news/*";
        let base = Url::parse("https://page.invalid").map_err(|_| MEANT)?;
        // As pages are written: `/café` is `/caf%C3%A9`, and of a query only a page's number can be named.
        let url = base.join(text.trim()).ok().filter(|url| url.origin() == base.origin()).ok_or(MEANT)?;
        let path = page::path(&url, &[]);
        let whole = text.contains('?') == path.contains('?') && !text.contains('#');
        (text.trim().starts_with('/') && whole).then_some(Self(path)).ok_or(MEANT)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Pattern {
    /// Whether a page fits.
    #[must_use]
    pub fn matches(&self, page: &Page) -> bool {
        // WordPress' numbers are pages of their own, and not the page that they are written behind.
        let asked = page.key().split_once('?').filter(|(_, query)| {
            !self.0.contains('?') && !page::SHORT.contains(&query.split('=').next().unwrap_or_default())
        });
        let path = asked.map(|(path, _)| path);
        // What an earlier release has stored is spelt in other ways.
        std::iter::once(page.key()).chain(path).any(|key| self.fits(key) || self.fits(&page::spelt(key)))
    }

    /// Puts it below the path of the site, which ends with a slash, unless it says that itself.
    pub(super) fn put_below(&mut self, home: &str) {
        let home = page::spelt(home);
        if !page::is_below(&self.0, &home) {
            self.0 = format!("{home}{}", self.0.trim_start_matches('/'));
        }
    }

    /// Whether every page that fits the other fits this one, too.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        // A star in `other` can only be taken by one in `self`, and then so can whatever it stands for.
        self.fits(other.0.strip_suffix('/').unwrap_or(&other.0))
    }

    fn fits(&self, key: &str) -> bool {
        is_like(key, &self.0) || is_like(&format!("{key}/"), &self.0)
    }
}

/// Whether a text is like a pattern with stars: its pieces follow on each other in it, each found as early as can be,
/// the first at the beginning and the last at the end.
fn is_like(text: &str, pattern: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return text == pattern };
    let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    let Some(mut text) = text.strip_prefix(first) else { return false };
    for piece in middle.split('*') {
        let Some(at) = text.find(piece) else { return false };
        text = &text[at + piece.len()..];
    }
    text.ends_with(last)
}

/// What holds for the comments of one page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Whose comments appear without the owner's decision.
    pub policy: Policy,
    /// Until when comments are taken.
    pub closing: Closing,
}

/// Until when a page takes comments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closing {
    /// For ever.
    Never,
    /// For so many days.
    After(u32),
    /// Not any more.
    Now,
}

impl Closing {
    /// What two settings mean together.
    #[must_use]
    pub fn of(closed: Option<bool>, days: Option<u32>) -> Self {
        match (closed, days) {
            (Some(true), _) => Self::Now,
            (None, Some(days)) => Self::After(days),
            (Some(false), _) | (None, None) => Self::Never,
        }
    }
}

impl PageRule {
    pub(super) fn check(&self, earlier: &[Self], validator: &mut Validator) {
        if let Some(place) = earlier.iter().position(|rule| rule.pattern.covers(&self.pattern)) {
            let problem =
                format!("this rule never applies: rule {} of the list already matches all these pages", place + 1);
            validator.advise("match", problem, "the first match wins: move this rule before it");
        }
        check_days(self.close_after_days, validator);
        if self.closed == Some(true) && self.policy.is_some() {
            validator.wrong("policy", "`policy` has no effect, because `closed` is true");
        }
        if let (Some(closed), Some(_)) = (self.closed, self.close_after_days) {
            validator
                .wrong("close_after_days", format!("`close_after_days` has no effect, because `closed` is {closed}"));
        }
    }
}

/// Notes that no comment could ever come.
pub(super) fn check_days(days: Option<u32>, validator: &mut Validator) {
    if days == Some(0) {
        validator.advise(
            "close_after_days",
            "0 days would never allow a comment",
            "to close comments on pages, use `closed = true`",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::{error, site};

    fn pattern(text: &str) -> Pattern {
        Pattern::try_from(text.to_owned()).expect(text)
    }

    #[test]
    fn pages_fit_patterns() {
        let cases = [
            ("/news/*", "/news/a/", true),
            ("/news/*", "/news/2026/a", true),
            ("/news/*", "/news", true),
            ("/news/*", "/newsletter", false),
            ("/news*", "/newsletter", true),
            ("/about", "/about/", true),
            ("/about/", "/about", true),
            ("/about", "/about/us", false),
            ("/*/archive/*", "/blog/archive/2020/", true),
            ("/*/archive/*", "/archive/2020/", false),
            ("/*-ab*b/", "/x-ab-b", true),
            ("/*-ab*b/", "/x-ab", false),
            ("/*.html", "/a/b.html", true),
            ("/café/*", "/caf%C3%A9/x", true),
            ("/", "/", true),
            ("/", "/a", false),
            ("/*", "/", true),
            ("/", "/?p=7", false),
            ("/blog/", "/blog/?page_id=7", false),
            ("/blog/*", "/blog/?p=7", true),
            ("/?p=7", "/?p=7", true),
            ("/?p=7", "/?p=8", false),
            ("/a/index.html", "/a/", true),
        ];
        let site = site("");
        for (text, address, fits) in cases {
            let page = site.page(address).expect(address);
            assert_eq!(pattern(text).matches(&page), fits, "{text} {address}");
        }
        for text in ["news/*", "", "//evil.example/*", "https://www.example.org/a", "/?p=*", "/a#b", "/a?b=c"] {
            assert!(Pattern::try_from(text.to_owned()).is_err(), "{text}");
        }
    }

    #[test]
    fn a_pattern_covers_those_that_mean_nothing_else() {
        let cases = [
            ("/*", "/news/*", true),
            ("/news/*", "/news/a", true),
            ("/news/*", "/news", true),
            ("/news/*", "/news*", false),
            ("/news*", "/news/*", true),
            ("/news/*", "/news/*", true),
            ("/a", "/a/", true),
            ("/*/x", "/a/*", false),
            ("/*x*", "/a*xy*", true),
        ];
        for (one, other, covers) in cases {
            assert_eq!(pattern(one).covers(&pattern(other)), covers, "{one} {other}");
        }
    }

    #[test]
    fn the_first_pattern_that_a_page_fits_counts() {
        let site = site(
            "comments = { policy = \"all\", close_after_days = 30, pages = [\n\
             { match = \"/news/open/\", closed = false },\n{ match = \"/news/*\", policy = \"none\" },\n\
             { match = \"/guestbook\", closed = true },\n{ match = \"/*/old/*\", close_after_days = 7 }] }",
        );
        let cases = [
            ("/a/", Policy::All, Closing::After(30)),
            ("/news/open", Policy::All, Closing::Never),
            ("/news/old/x", Policy::None, Closing::After(30)),
            ("/guestbook/", Policy::All, Closing::Now),
            ("/blog/old/x", Policy::All, Closing::After(7)),
        ];
        for (address, policy, closing) in cases {
            let page = site.page(address).expect(address);
            assert_eq!(site.comments.on(&page), Rules { policy, closing }, "{address}");
        }
    }

    #[test]
    fn rules_of_no_effect_are_named_with_their_place() {
        let cases = [
            (
                "[[sites.studio.comments.pages]]\nmatch = \"/a*\"\n[[sites.studio.comments.pages]]\nmatch = \"/ab/*\"",
                "line 9, column 9: this rule never applies: rule 1 of the list already matches all these pages \
                 (the first match wins: move this rule before it)",
            ),
            (
                "comments = { close_after_days = 0, pages = [{ match = \"/a\", close_after_days = 0 }] }",
                "line 6, column 33: 0 days would never allow a comment (to close comments on pages, use `closed = true`); \
                 line 6, column 80: 0 days would never allow a comment (to close comments on pages, use `closed = true`)",
            ),
            (
                "comments.pages = [{ match = \"/a\", closed = true, policy = \"all\" }]",
                "line 6, column 59: `policy` has no effect, because `closed` is true",
            ),
            (
                "comments.pages = [{ match = \"/a\", closed = false, close_after_days = 3 }]",
                "line 6, column 70: `close_after_days` has no effect, because `closed` is false",
            ),
            (
                "comments.pages = [{ match = \"news/*\" }, { policy = \"all\" }]",
                "line 6, column 29: expected a path that starts with /, such as /news/*",
            ),
        ];
        for (lines, expected) in cases {
            assert_eq!(error(lines), expected, "{lines}");
        }
    }
}
