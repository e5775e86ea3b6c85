//! The keys that third parties gave the owner. They are set by `deskbell secret set` and stand in the table, never in
//! `deskbell.toml`; a function reads one when it first needs it.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use crate::app::cache::Fresh;
use crate::config::Site;
use crate::config::channel_name::Name;
use crate::delivery::channels;
use crate::judging::captcha::Captcha;
use crate::store::{Store, StoreError};

/// A secret's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Secret {
    /// Akismet's API key.
    Akismet,
    /// Turnstile's secret key.
    Turnstile,
    /// hCaptcha's secret key.
    Hcaptcha,
    /// reCAPTCHA's secret key.
    Recaptcha,
    /// What a channel of that name needs: a key for signing, an address that must not be known, or a bot's token.
    Channel(Name),
}

/// Those of which there is one on a site.
const SINGLE: [Secret; 4] = [Secret::Akismet, Secret::Turnstile, Secret::Hcaptcha, Secret::Recaptcha];

impl Secret {
    /// Those that a site needs by its configuration.
    #[must_use]
    pub fn needed(site: &Site) -> Vec<Self> {
        let akismet = site.akismet.as_ref().map(|_| Self::Akismet);
        let captcha = site.challenge.captcha.map(Captcha::secret);
        let names = site.channels.iter().map(|channel| &channel.name);
        let channels = names.filter(|name| name.kind().has_secret()).cloned().map(Self::Channel);
        akismet.into_iter().chain(captcha).chain(channels).collect()
    }

    /// The name as it is stored and typed.
    #[must_use]
    pub fn word(&self) -> Cow<'static, str> {
        match self {
            Self::Akismet => "akismet".into(),
            Self::Turnstile => "turnstile".into(),
            Self::Hcaptcha => "hcaptcha".into(),
            Self::Recaptcha => "recaptcha".into(),
            Self::Channel(name) => name.to_string().into(),
        }
    }

    /// Whether a value can be this secret, as far as its form tells; if not, what it should look like.
    pub fn check(&self, value: &str) -> Result<(), &'static str> {
        match self {
            Self::Channel(name) => channels::check_secret(name.kind(), value),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.word())
    }
}

impl FromStr for Secret {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let channel = word.parse::<Name>().ok().filter(|name| name.kind().has_secret()).map(Self::Channel);
        SINGLE.into_iter().find(|secret| secret.word() == word).or(channel).ok_or_else(|| {
            let single = SINGLE.map(|secret| secret.word().into_owned()).join(", ");
            format!(
                "no such secret; there are {single}, and one for each channel: webhook, slack, discord, telegram, or such a \
                 word with a dash and the channel's name behind it"
            )
        })
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
    pub async fn get(&self, store: &Store, site: &str, secret: &Secret) -> Result<Option<Value>, StoreError> {
        let read = async || {
            let own = store.named_secret(Some(site), secret);
            let (own, shared) = futures_util::try_join!(own, store.named_secret(None, secret))?;
            Ok(own.or(shared).map(Value))
        };
        self.0.get(&format!("{site}#{secret}"), read).await
    }
}
