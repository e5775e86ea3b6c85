//! The keys that third parties gave the owner. They are set by `deskbell secret set` and stand in the table, never in
//! `deskbell.toml`; a function reads one when it first needs it.

use std::fmt;
use std::str::FromStr;

use crate::captcha::Captcha;
use crate::config::Site;
use crate::fresh::Fresh;
use crate::store::{Store, StoreError};

/// A secret's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secret {
    /// Akismet's API key.
    Akismet,
    /// Turnstile's secret key.
    Turnstile,
    /// hCaptcha's secret key.
    Hcaptcha,
    /// reCAPTCHA's secret key.
    Recaptcha,
}

impl Secret {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Akismet, Self::Turnstile, Self::Hcaptcha, Self::Recaptcha];

    /// Those that a site needs by its configuration.
    #[must_use]
    pub fn needed(site: &Site) -> Vec<Self> {
        let akismet = site.akismet.as_ref().map(|_| Self::Akismet);
        let captcha = site.judging.captcha.map(Captcha::secret);
        akismet.into_iter().chain(captcha).collect()
    }

    /// The name as it is stored and typed.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Akismet => "akismet",
            Self::Turnstile => "turnstile",
            Self::Hcaptcha => "hcaptcha",
            Self::Recaptcha => "recaptcha",
        }
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Secret {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|secret| secret.word() == word)
            .ok_or_else(|| format!("no such secret; there are {}", Self::ALL.map(Self::word).join(", ")))
    }
}

/// The secrets that this container has read.
#[derive(Debug, Default)]
pub struct Secrets(Fresh<Option<Value>>);

/// A secret that does not show itself where values are printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Value(String);

impl Value {
    /// The secret itself, for the one who gave it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a secret")
    }
}

impl Secrets {
    /// A site's secret: its own, or the one that all sites of the deployment share; none if neither was set.
    pub async fn get(&self, store: &Store, site: &str, secret: Secret) -> Result<Option<Value>, StoreError> {
        let read = async || {
            let own = store.named_secret(Some(site), secret);
            let (own, shared) = futures_util::try_join!(own, store.named_secret(None, secret))?;
            Ok(own.or(shared).map(Value))
        };
        self.0.get(&format!("{site}#{secret}"), read).await
    }
}
