//! The names of what third parties gave the owner to know: keys, addresses, tokens. The secrets themselves stand in the
//! table, never in `deskbell.toml`.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use crate::config::channel_name::ChannelName;
use crate::config::site::Site;
use crate::form::captcha::Captcha;

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
    Channel(ChannelName),
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
}

impl Captcha {
    /// The secret that it needs.
    #[must_use]
    pub fn secret(self) -> Secret {
        match self {
            Self::Turnstile => Secret::Turnstile,
            Self::Hcaptcha => Secret::Hcaptcha,
            Self::Recaptcha => Secret::Recaptcha,
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
        let channel = word.parse::<ChannelName>().ok().filter(|name| name.kind().has_secret()).map(Self::Channel);
        SINGLE.into_iter().find(|secret| secret.word() == word).or(channel).ok_or_else(|| {
            let single = SINGLE.map(|secret| secret.word().into_owned()).join(", ");
            format!(
                "no such secret; there are {single}, and one for each channel: webhook, slack, discord, telegram, or such a \
                 word with a dash and the channel's name behind it"
            )
        })
    }
}
