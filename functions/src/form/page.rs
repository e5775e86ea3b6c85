//! The page that comments stand on, as a path on its site.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::config::Site;

/// A page: its path, beginning with `/`, without the parts of an address that do not tell one page from another
/// (origin, `index.html`, fragment, tracking parameters). WordPress' short addresses `/?p=7` keep their number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page(String);

impl Page {
    /// The longest path, in bytes.
    const MAX: usize = 1_024;

    /// The page that `address` (a path, or a whole address) means, if it is on the site.
    #[must_use]
    pub fn on(site: &Site, address: &str) -> Option<Self> {
        let path = path(&site.own_url(address.trim())?);
        (path.len() <= Self::MAX).then_some(Self(path))
    }

    /// The path.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.0
    }

    /// What the page is filed under: with and without a slash at the end it is one page.
    #[must_use]
    pub fn key(&self) -> &str {
        self.0.strip_suffix('/').unwrap_or(&self.0)
    }
}

/// What tells a page from others in its address.
pub(crate) fn path(url: &Url) -> String {
    let number = url.query_pairs().find(|(name, _)| matches!(&**name, "p" | "page_id"));
    let path = url.path().strip_suffix("index.html").unwrap_or(url.path());
    match number {
        Some((name, number)) if number.parse::<u32>().is_ok() => format!("{path}?{name}={number}"),
        _ => path.to_owned(),
    }
}

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn addresses_of_one_page_are_one_page() {
        let config = Config::parse(
            "mail = { from = \"a@example.org\" }\n[sites.s]\nname = \"S\"\nurl = \"https://www.example.org\"\n\
             owner = { name = \"M\", email = \"m@example.org\" }",
        )
        .expect("valid");
        let site = &config.sites["s"];
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
            assert_eq!(Page::on(site, address).as_ref().map(Page::path), expected, "{address}");
        }
        let slash = Page::on(site, "/blog/a/").expect("a page");
        assert_eq!(slash.key(), Page::on(site, "/blog/a").expect("a page").key());
        assert!(Page::on(site, &"a".repeat(2_000)).is_none());
    }
}
