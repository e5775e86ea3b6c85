//! `[[sites.NAME.channels]]`: what the owner has set about each, checked as a whole.

use serde::Deserialize;
use url::{Host, Url};

use super::channel_name::{Kind, Name};
use crate::form::Email;

/// A channel of a site's.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Written")]
pub struct Settings {
    /// What it is called.
    pub name: Name,
    /// What it is told of.
    pub on: Vec<On>,
    /// The contact forms that it is told of; all, if empty.
    pub forms: Vec<String>,
    /// Where its messages lead.
    pub link: Link,
    /// How it is reached.
    pub way: Way,
}

/// What a channel can be told of.
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
    /// To the page on which it is decided, open to whoever can read the message.
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
    /// The sender that telephones show, where the country allows one.
    pub sender: Option<String>,
    /// The most messages in a calendar month (UTC).
    pub monthly_cap: u32,
    /// How many characters of what the visitor wrote stand in it.
    pub characters: usize,
}

/// What visitors get.
#[derive(Debug, Clone)]
pub struct Autoresponse {
    /// The subject; may hold `{site}`.
    pub subject: String,
    /// The text; may hold `{name}` and `{site}`.
    pub text: String,
    /// Where answers to it go, if not to the address that it comes from.
    pub reply_to: Option<Email>,
}

/// The most text messages in a month, if nothing is said.
const MONTHLY_CAP: u32 = 50;

/// How much of a message stands in a text message, in characters, if nothing is said.
const CHARACTERS: usize = 60;

/// The longest text of an autoresponse, in characters.
const MAX_TEXT: usize = 5_000;

/// The longest subject of an autoresponse, in characters.
const MAX_SUBJECT: usize = 150;

impl Settings {
    /// What kind it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.name.kind()
    }
}

/// A table as it is written: every key that any kind of channel has.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    kind: Kind,
    name: Option<String>,
    on: Option<Vec<On>>,
    #[serde(default)]
    forms: Vec<String>,
    link: Option<Link>,
    url: Option<Url>,
    chat: Option<String>,
    to: Option<String>,
    sender: Option<String>,
    monthly_cap: Option<u32>,
    characters: Option<usize>,
    subject: Option<String>,
    text: Option<String>,
    reply_to: Option<Email>,
}

impl TryFrom<Written> for Settings {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let kind = written.kind;
        if let Some(key) = written.foreign() {
            return Err(format!("{key} is no setting of a channel of the kind {}", kind.word()));
        }
        let name = Name::new(kind, written.name.as_deref());
        let name = name.ok_or("name must be at most 32 lower-case letters, digits and dashes")?;
        let on = written.on()?;
        if !written.forms.is_empty() && !on.contains(&On::Leads) {
            return Err(format!("{name}: forms is about contact requests, and on does not name \"leads\""));
        }
        let link = written.link.unwrap_or(if kind == Kind::Sms { Link::None } else { Link::Decide });
        let forms = written.forms.clone();
        let way = written.way().map_err(|problem| format!("{name}: {problem}"))?;
        Ok(Self { name, on, forms, link, way })
    }
}

impl Written {
    /// A key that is given and belongs to another kind of channel.
    fn foreign(&self) -> Option<&'static str> {
        let keys = [
            ("url", self.url.is_some(), Kind::Webhook),
            ("chat", self.chat.is_some(), Kind::Telegram),
            ("to", self.to.is_some(), Kind::Sms),
            ("sender", self.sender.is_some(), Kind::Sms),
            ("monthly_cap", self.monthly_cap.is_some(), Kind::Sms),
            ("characters", self.characters.is_some(), Kind::Sms),
            ("subject", self.subject.is_some(), Kind::Autoresponse),
            ("text", self.text.is_some(), Kind::Autoresponse),
            ("reply_to", self.reply_to.is_some(), Kind::Autoresponse),
        ];
        let unlinked = self.link.is_some() && self.kind == Kind::Autoresponse;
        let foreign = keys.into_iter().find(|(_, given, of)| *given && *of != self.kind).map(|(key, ..)| key);
        foreign.or(unlinked.then_some("link"))
    }

    fn on(&self) -> Result<Vec<On>, String> {
        let leads_only = matches!(self.kind, Kind::Sms | Kind::Autoresponse);
        match &self.on {
            None if leads_only => Ok(vec![On::Leads]),
            None => Ok(vec![On::Leads, On::Comments]),
            Some(on) if on.is_empty() => Err("on names nothing: leave the channel out instead".into()),
            Some(on) if leads_only && on.contains(&On::Comments) => {
                Err(format!("on: a channel of the kind {} is for leads alone", self.kind.word()))
            }
            Some(on) => Ok(on.clone()),
        }
    }

    fn way(self) -> Result<Way, String> {
        match self.kind {
            Kind::Webhook => Ok(Way::Webhook { url: given(self.url, "url").and_then(webhook_url)? }),
            Kind::Slack => Ok(Way::Slack),
            Kind::Discord => Ok(Way::Discord),
            Kind::Telegram => Ok(Way::Telegram { chat: given(self.chat, "chat").and_then(chat)? }),
            Kind::Sms => self.sms().map(Way::Sms),
            Kind::Autoresponse => self.autoresponse().map(Way::Autoresponse),
        }
    }

    fn sms(self) -> Result<Sms, String> {
        let to = given(self.to, "to")?;
        let digits = to.strip_prefix('+').unwrap_or_default();
        if !(8..=15).contains(&digits.len()) || !digits.bytes().all(|c| c.is_ascii_digit()) {
            return Err("to must be a number such as \"+491701234567\"".into());
        }
        if let Some(sender) = &self.sender
            && !(sender.len() <= 11
                && sender.chars().all(|c| c.is_ascii_alphanumeric())
                && sender.chars().any(|c| c.is_ascii_alphabetic()))
        {
            return Err("sender must be at most 11 letters and digits, a letter among them".into());
        }
        let monthly_cap = self.monthly_cap.unwrap_or(MONTHLY_CAP);
        if monthly_cap == 0 {
            return Err("monthly_cap is 0: leave the channel out instead".into());
        }
        let characters = self.characters.unwrap_or(CHARACTERS);
        if characters > 300 {
            return Err("characters must be at most 300".into());
        }
        Ok(Sms { to, sender: self.sender, monthly_cap, characters })
    }

    fn autoresponse(self) -> Result<Autoresponse, String> {
        let (subject, text) = (given(self.subject, "subject")?, given(self.text, "text")?);
        if subject.trim().is_empty() || subject.chars().count() > MAX_SUBJECT || subject.chars().any(char::is_control) {
            return Err(format!("subject must be one line of at most {MAX_SUBJECT} characters"));
        }
        if text.trim().is_empty() || text.chars().count() > MAX_TEXT {
            return Err(format!("text must be at most {MAX_TEXT} characters, and not empty"));
        }
        Ok(Autoresponse { subject, text, reply_to: self.reply_to })
    }
}

fn given<T>(value: Option<T>, key: &str) -> Result<T, String> {
    value.ok_or_else(|| format!("{key} is missing"))
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
        return Err("url must begin with https://".into());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("url must not hold a name or a password".into());
    }
    Ok(url)
}

fn chat(chat: String) -> Result<String, String> {
    let number = chat.strip_prefix('-').unwrap_or(&chat);
    let number = !number.is_empty() && number.len() <= 20 && number.bytes().all(|c| c.is_ascii_digit());
    let word = |c: u8| c.is_ascii_alphanumeric() || c == b'_';
    let name =
        chat.strip_prefix('@').is_some_and(|name| !name.is_empty() && name.len() <= 64 && name.bytes().all(word));
    if number || name { Ok(chat) } else { Err("chat must be a chat's number or a channel's @name".into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Settings, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn each_kind_is_read_and_named_after_itself() {
        let cases = [
            ("kind = \"webhook\"\nurl = \"https://example.org/hook\"", "webhook"),
            ("kind = \"webhook\"\nurl = \"http://127.0.0.1:9/hook\"\nname = \"crm\"", "webhook-crm"),
            ("kind = \"slack\"\non = [\"leads\"]\nforms = [\"default\"]", "slack"),
            ("kind = \"discord\"\non = [\"comments\"]\nlink = \"inbox\"", "discord"),
            ("kind = \"telegram\"\nchat = \"-1001234567890\"", "telegram"),
            ("kind = \"telegram\"\nchat = \"@studio\"", "telegram"),
            ("kind = \"sms\"\nto = \"+491701234567\"", "sms"),
            ("kind = \"autoresponse\"\nsubject = \"Thanks\"\ntext = \"Hello {name},\\n…\"", "autoresponse"),
        ];
        for (text, name) in cases {
            let settings = read(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(settings.name.to_string(), name);
        }
        let sms = read("kind = \"sms\"\nto = \"+491701234567\"").expect("valid");
        assert_eq!((&*sms.on, sms.link), (&[On::Leads][..], Link::None));
    }

    #[test]
    fn mistakes_are_named() {
        let cases = [
            ("kind = \"pager\"", "pager"),
            ("kind = \"slack\"\nsecret = \"https://hooks.slack.com/x\"", "secret"),
            ("kind = \"slack\"\nurl = \"https://hooks.slack.com/x\"", "url is no setting"),
            ("kind = \"slack\"\nname = \"Sales\"", "name must be"),
            ("kind = \"slack\"\non = []", "on names nothing"),
            ("kind = \"slack\"\non = [\"comments\"]\nforms = [\"default\"]", "forms is about"),
            ("kind = \"webhook\"", "url is missing"),
            ("kind = \"webhook\"\nurl = \"http://example.org/\"", "https://"),
            ("kind = \"webhook\"\nurl = \"ftp://127.0.0.1/\"", "https://"),
            ("kind = \"webhook\"\nurl = \"https://a:b@example.org/\"", "password"),
            ("kind = \"telegram\"\nchat = \"studio\"", "chat must be"),
            ("kind = \"telegram\"\nchat = \"-\"", "chat must be"),
            ("kind = \"sms\"\nto = \"0170 1234567\"", "to must be"),
            ("kind = \"sms\"\nto = \"+491701234567\"\nmonthly_cap = 0", "monthly_cap"),
            ("kind = \"sms\"\nto = \"+491701234567\"\nsender = \"123\"", "sender must be"),
            ("kind = \"sms\"\nto = \"+491701234567\"\non = [\"comments\"]", "leads alone"),
            ("kind = \"autoresponse\"\nsubject = \"Thanks\"", "text is missing"),
            ("kind = \"autoresponse\"\nsubject = \"a\\nb\"\ntext = \"x\"", "subject must be"),
            ("kind = \"autoresponse\"\nsubject = \"a\"\ntext = \"x\"\nlink = \"inbox\"", "link is no setting"),
        ];
        for (text, expected) in cases {
            let error = read(text).expect_err(text);
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
