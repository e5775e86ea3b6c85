//! The page that comments stand on, as a path on its site.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::Url;

/// A page: its path, beginning with `/`, without the parts of an address that do not tell one page from another
/// (origin, `index.html`, fragment, tracking parameters). WordPress' short addresses `/?p=7` keep their number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page(String);

impl Page {
    /// The longest path, in bytes.
    const MAX: usize = 1_024;

    /// The page at an address, whichever site it is on.
    #[must_use]
    pub fn of(url: &Url) -> Option<Self> {
        let path = path(url);
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
