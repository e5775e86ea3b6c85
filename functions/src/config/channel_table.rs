//! `[[sites.NAME.channels]]` as it is written: read into [`ChannelSettings`], and checked.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, de};
use url::Url;

use crate::config::channel_name::{ChannelKind, ChannelName};
use crate::config::channels::{Autoresponse, ChannelSettings, Link, On, Sms, Way, WrittenEmail, webhook_url};
use crate::config::validator::Validator;
use crate::form::{Email, Form, mailable_if_given};
use crate::words;

/// The most text messages in a month, if nothing is said.
const MONTHLY_CAP: u32 = 50;

/// How much of a message stands in a text message, in characters, if nothing is said.
const CHARACTERS: usize = 60;

/// The longest text of an autoresponse, in characters.
const MAX_TEXT: usize = 5_000;

/// The longest subject of an autoresponse, in characters.
const MAX_SUBJECT: usize = 150;

impl<'de> Deserialize<'de> for ChannelSettings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Written::deserialize(deserializer)?.try_into().map_err(de::Error::custom)
    }
}

/// A table as it is written: every key that any kind of channel has.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    kind: ChannelKind,
    name: Option<String>,
    on: Option<Vec<On>>,
    #[serde(default)]
    forms: Vec<String>,
    link: Option<Link>,
    per_hour: Option<u32>,
    url: Option<Url>,
    chat: Option<String>,
    to: Option<String>,
    sender: Option<String>,
    monthly_cap: Option<u32>,
    characters: Option<usize>,
    subject: Option<String>,
    text: Option<String>,
    translations: Option<BTreeMap<String, WrittenEmail>>,
    #[serde(default, deserialize_with = "mailable_if_given")]
    reply_to: Option<Email>,
}

impl TryFrom<Written> for ChannelSettings {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let kind = written.kind;
        if let Some(key) = written.foreign() {
            return Err(format!("{key} is not a setting of {} channels", kind.word()));
        }
        let name = ChannelName::new(kind, written.name.as_deref());
        let name = name.ok_or("name must be at most 32 lower-case letters, digits and dashes")?;
        let on = written.on()?;
        if !written.forms.is_empty() && !on.contains(&On::Leads) {
            return Err(format!("{name}: forms applies to leads only, and on does not include \"leads\""));
        }
        let link = written.link.unwrap_or(if kind == ChannelKind::Sms { Link::None } else { Link::Decide });
        let forms = written.forms.clone();
        let per_hour = written.per_hour.unwrap_or(per_hour(kind));
        if per_hour == 0 {
            return Err(format!("{name}: per_hour is 0: remove the channel instead"));
        }
        let way = written.way().map_err(|problem| format!("{name}: {problem}"))?;
        Ok(Self { name, on, forms, link, per_hour, way })
    }
}

/// How many messages a kind of channel takes within an hour, if nothing is said: as many as people read, a telephone
/// the fewest, and programs far more.
fn per_hour(kind: ChannelKind) -> u32 {
    match kind {
        ChannelKind::Webhook => 600,
        ChannelKind::Slack | ChannelKind::Discord | ChannelKind::Telegram => 60,
        ChannelKind::Sms => 10,
        ChannelKind::Autoresponse => 30,
    }
}

impl Written {
    /// A key that is given and belongs to another kind of channel.
    fn foreign(&self) -> Option<&'static str> {
        let keys = [
            ("url", self.url.is_some(), ChannelKind::Webhook),
            ("chat", self.chat.is_some(), ChannelKind::Telegram),
            ("to", self.to.is_some(), ChannelKind::Sms),
            ("sender", self.sender.is_some(), ChannelKind::Sms),
            ("monthly_cap", self.monthly_cap.is_some(), ChannelKind::Sms),
            ("characters", self.characters.is_some(), ChannelKind::Sms),
            ("subject", self.subject.is_some(), ChannelKind::Autoresponse),
            ("text", self.text.is_some(), ChannelKind::Autoresponse),
            ("translations", self.translations.is_some(), ChannelKind::Autoresponse),
            ("reply_to", self.reply_to.is_some(), ChannelKind::Autoresponse),
        ];
        let unlinked = self.link.is_some() && self.kind == ChannelKind::Autoresponse;
        let foreign = keys.into_iter().find(|(_, given, of)| *given && *of != self.kind).map(|(key, ..)| key);
        foreign.or(unlinked.then_some("link"))
    }

    fn on(&self) -> Result<Vec<On>, String> {
        let leads_only = matches!(self.kind, ChannelKind::Sms | ChannelKind::Autoresponse);
        match &self.on {
            None if leads_only => Ok(vec![On::Leads]),
            None => Ok(vec![On::Leads, On::Comments]),
            Some(on) if on.is_empty() => Err("on is empty: remove the channel instead".into()),
            Some(on) if leads_only && on.contains(&On::Comments) => {
                Err(format!("on: {} channels only accept leads", self.kind.word()))
            }
            Some(on) => Ok(on.clone()),
        }
    }

    fn way(self) -> Result<Way, String> {
        match self.kind {
            ChannelKind::Webhook => Ok(Way::Webhook { url: given(self.url, "url").and_then(webhook_url)? }),
            ChannelKind::Slack => Ok(Way::Slack),
            ChannelKind::Discord => Ok(Way::Discord),
            ChannelKind::Telegram => Ok(Way::Telegram { chat: given(self.chat, "chat").and_then(chat)? }),
            ChannelKind::Sms => self.sms().map(Way::Sms),
            ChannelKind::Autoresponse => self.autoresponse().map(Way::Autoresponse),
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
            return Err("sender must be at most 11 letters and digits, at least one of them a letter".into());
        }
        let monthly_cap = self.monthly_cap.unwrap_or(MONTHLY_CAP);
        if monthly_cap == 0 {
            return Err("monthly_cap is 0: remove the channel instead".into());
        }
        let characters = self.characters.unwrap_or(CHARACTERS);
        if characters > 300 {
            return Err("characters must be at most 300".into());
        }
        Ok(Sms { to, sender: self.sender, monthly_cap, characters })
    }

    fn autoresponse(self) -> Result<Autoresponse, String> {
        let written = WrittenEmail { subject: given(self.subject, "subject")?, text: given(self.text, "text")? };
        written.check()?;
        let translations = self.translations.unwrap_or_default();
        for (lang, translation) in &translations {
            // As a submission names its language.
            if words::words(lang).is_none_or(|words| words.lang != lang) {
                let available = words::languages();
                return Err(format!("translations: unsupported language {lang}; available: {available}"));
            }
            translation.check().map_err(|problem| format!("translations: {lang}: {problem}"))?;
        }
        Ok(Autoresponse { written, translations, reply_to: self.reply_to })
    }
}

impl WrittenEmail {
    fn check(&self) -> Result<(), String> {
        let Self { subject, text } = self;
        if subject.trim().is_empty() || subject.chars().count() > MAX_SUBJECT || subject.chars().any(char::is_control) {
            return Err(format!("subject must be one line of at most {MAX_SUBJECT} characters"));
        }
        if text.trim().is_empty() || text.chars().count() > MAX_TEXT {
            return Err(format!("text must be at most {MAX_TEXT} characters, and not empty"));
        }
        Ok(())
    }
}

fn given<T>(value: Option<T>, key: &str) -> Result<T, String> {
    value.ok_or_else(|| format!("{key} is missing"))
}

fn chat(chat: String) -> Result<String, String> {
    let number = chat.strip_prefix('-').unwrap_or(&chat);
    let number = !number.is_empty() && number.len() <= 20 && number.bytes().all(|c| c.is_ascii_digit());
    let word = |c: u8| c.is_ascii_alphanumeric() || c == b'_';
    let name =
        chat.strip_prefix('@').is_some_and(|name| !name.is_empty() && name.len() <= 64 && name.bytes().all(word));
    if number || name { Ok(chat) } else { Err("chat must be a chat's number or a channel's @name".into()) }
}

/// No two channels may have one name, under which their deliveries are noted; they name only forms that exist; and
/// of two that would answer the visitor only the first one does.
pub(super) fn check(channels: &[ChannelSettings], forms: &BTreeMap<String, Form>, validator: &mut Validator) {
    for (index, channel) in channels.iter().enumerate() {
        let before = &channels[..index];
        if before.iter().any(|other| other.name == channel.name) {
            let problem = format!("another channel is also named {}", channel.name);
            validator.advise(index, problem, "give one of them another name");
        }
        let answered = |other: &ChannelSettings| other.is_answer() && other.forms.is_empty();
        if channel.is_answer() && before.iter().any(answered) {
            let problem = "this would never be sent: an earlier one covers every form";
            validator.advise(index, problem, "put it first, or limit the other one with forms");
        }
        let unknown = |form: &String| form != "default" && !forms.contains_key(form);
        validator.within(index, |validator| {
            validator.within("forms", |validator| {
                for (place, _) in channel.forms.iter().enumerate().filter(|(_, form)| unknown(form)) {
                    validator.wrong(place, "no such form");
                }
            });
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::error;

    fn read(text: &str) -> Result<ChannelSettings, String> {
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
            ("kind = \"slack\"\nurl = \"https://hooks.slack.com/x\"", "url is not a setting"),
            ("kind = \"slack\"\nname = \"Sales\"", "name must be"),
            ("kind = \"slack\"\non = []", "on is empty"),
            ("kind = \"slack\"\non = [\"comments\"]\nforms = [\"default\"]", "forms applies to leads only"),
            ("kind = \"webhook\"", "url is missing"),
            ("kind = \"webhook\"\nurl = \"http://example.org/\"", "https://"),
            ("kind = \"webhook\"\nurl = \"ftp://127.0.0.1/\"", "https://"),
            ("kind = \"webhook\"\nurl = \"https://a:b@example.org/\"", "password"),
            ("kind = \"telegram\"\nchat = \"studio\"", "chat must be"),
            ("kind = \"telegram\"\nchat = \"-\"", "chat must be"),
            ("kind = \"sms\"\nto = \"0170 1234567\"", "to must be"),
            ("kind = \"sms\"\nto = \"+491701234567\"\nmonthly_cap = 0", "monthly_cap"),
            ("kind = \"sms\"\nto = \"+491701234567\"\nsender = \"123\"", "sender must be"),
            ("kind = \"sms\"\nto = \"+491701234567\"\non = [\"comments\"]", "only accept leads"),
            ("kind = \"autoresponse\"\nsubject = \"Thanks\"", "text is missing"),
            ("kind = \"autoresponse\"\nsubject = \"a\\nb\"\ntext = \"x\"", "subject must be"),
            (
                "kind = \"autoresponse\"\nsubject = \"a\"\ntext = \"x\"\ntranslations.tlh = { subject = \"a\", text = \"b\" }",
                "unsupported language tlh; available: en, de",
            ),
            (
                "kind = \"autoresponse\"\nsubject = \"a\"\ntext = \"x\"\ntranslations.de = { subject = \"a\", text = \"\" }",
                "translations: de: text must be",
            ),
            ("kind = \"autoresponse\"\nsubject = \"a\"\ntext = \"x\"\nlink = \"inbox\"", "link is not a setting"),
        ];
        for (text, expected) in cases {
            let error = read(text).expect_err(text);
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn channels_that_cannot_work_are_named_with_their_place() {
        let answer = "kind = \"autoresponse\", subject = \"a\", text = \"b\"";
        let cases = [
            (
                "channels = [{ kind = \"slack\" }, { kind = \"slack\" }]".to_owned(),
                "line 6, column 33: another channel is also named slack (give one of them another name)",
            ),
            (
                "channels = [{ kind = \"slack\", forms = [\"default\", \"booking\"] }]".into(),
                "line 6, column 51: no such form",
            ),
            (
                format!("channels = [{{ {answer} }}, {{ {answer}, name = \"x\" }}]"),
                "line 6, column 67: this would never be sent: an earlier one covers every form \
                 (put it first, or limit the other one with forms)",
            ),
            ("channels = [{ kind = \"webhook\" }]".into(), "line 6, column 12: webhook: url is missing"),
        ];
        for (lines, expected) in cases {
            assert_eq!(error(&lines), expected, "{lines}");
        }
    }
}
