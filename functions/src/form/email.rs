//! Addresses: of people and of pages.

use std::fmt;

use serde::{Deserialize, Serialize};
// The grammar of a whole address, with quoted names and international hosts, is no line of code: what browsers accept
// is narrowed here, not written again. Of the crate nothing else is used, and none of its macros.
use validator::ValidateEmail;

/// An e-mail address: what browsers accept, with a host name of at least two parts; at most 254 characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

impl Email {
    /// The address, if it is one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (local, host) = text.rsplit_once('@')?;
        let dotted = |part: &str| !part.starts_with('.') && !part.ends_with('.') && !part.contains("..");
        let plausible = text.len() <= 254
            && dotted(local)
            && dotted(host)
            && host.contains('.')
            && !host.starts_with('[')
            && text.validate_email();
        plausible.then(|| Self(text.into()))
    }

    /// The address as typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Email {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| "not an email address, such as name@example.org".into())
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether the text is an address on the web; the `validator` crate would take `javascript:` too.
#[must_use]
pub fn is_web_address(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_have_254_characters_and_no_more() {
        let address = |tail: usize| {
            let label = "b".repeat(63);
            format!("{}@{label}.{label}.{}.org", "a".repeat(64), "c".repeat(tail))
        };
        assert_eq!(address(57).len(), 254);
        assert!(Email::parse(&address(57)).is_some());
        assert!(Email::parse(&address(58)).is_none());
    }
}
