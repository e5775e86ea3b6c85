//! `[[sites.NAME.channels]]`: what a site sends further notices over.

use std::collections::BTreeMap;

use serde::Deserialize;
use url::{Host, Url};

use crate::config::channel_name::{ChannelKind, ChannelName};
use crate::form::Email;

/// A channel of a site's.
#[derive(Debug, Clone)]
pub struct ChannelSettings {
    /// What it is called.
    pub name: ChannelName,
    /// What it is notified of.
    pub on: Vec<On>,
    /// The contact forms that it is notified of; all, if empty.
    pub forms: Vec<String>,
    /// Where its messages lead.
    pub link: Link,
    /// The most messages about single submissions within an hour. What is beyond stands in one message a quarter of an
    /// hour; of automatic answers, it is not answered.
    pub per_hour: u32,
    /// How it is reached.
    pub way: Way,
}

/// What a channel can be notified of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum On {
    /// Contact requests.
    Leads,
    /// Comments.
    Comments,
}

/// Where a channel's messages lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Link {
    /// To the page on which it is decided, open to who can read the message.
    Decide,
    /// To the inbox, for those who can sign in.
    Inbox,
    /// Nowhere.
    None,
}

/// How a channel is reached.
#[derive(Debug, Clone)]
pub enum Way {
    /// Where the JSON goes.
    Webhook {
        /// `https://…`; on this machine, which only local mode reaches, also `http://…`.
        url: Url,
    },
    /// The address is the secret.
    Slack,
    /// The address is the secret.
    Discord,
    /// The bot's token is the secret.
    Telegram {
        /// The chat's number, or the channel's `@name`.
        chat: String,
    },
    /// Through Amazon SNS.
    Sms(Sms),
    /// Through SES.
    Autoresponse(Autoresponse),
}

/// How text messages are sent.
#[derive(Debug, Clone)]
pub struct Sms {
    /// The number, as `+491701234567`.
    pub to: String,
    /// The sender that phones show, where the country allows one.
    pub sender: Option<String>,
    /// The most messages in a calendar month (UTC).
    pub monthly_cap: u32,
    /// How many characters of what the visitor wrote stand in it.
    pub characters: usize,
}

/// What visitors get.
#[derive(Debug, Clone)]
pub struct Autoresponse {
    /// The email in the site's own language.
    pub written: WrittenEmail,
    /// The same in others, by language.
    pub translations: BTreeMap<String, WrittenEmail>,
    /// Where answers to it go, if not to the address that it comes from.
    pub reply_to: Option<Email>,
}

/// An email as the settings have it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenEmail {
    /// The subject; may hold `{site}`.
    pub subject: String,
    /// The text; may hold `{name}` and `{site}`.
    pub text: String,
}

impl Autoresponse {
    /// The email for who was answered in a language, if it was another than the site's own.
    #[must_use]
    pub fn in_language(&self, lang: Option<&str>) -> &WrittenEmail {
        lang.and_then(|lang| self.translations.get(lang)).unwrap_or(&self.written)
    }
}

impl ChannelSettings {
    /// Whether it answers the visitor, and tells nobody else.
    #[must_use]
    pub fn is_answer(&self) -> bool {
        self.kind() == ChannelKind::Autoresponse
    }

    /// What kind it is.
    #[must_use]
    pub fn kind(&self) -> ChannelKind {
        self.name.kind()
    }
}

/// An address that messages may be sent to, as far as the text tells.
pub(crate) fn webhook_url(url: Url) -> Result<Url, String> {
    let here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    if url.scheme() != "https" && !(url.scheme() == "http" && here) {
        return Err("url must start with https://".into());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("url must not contain a user name or password".into());
    }
    Ok(url)
}
