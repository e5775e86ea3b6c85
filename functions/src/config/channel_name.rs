//! What a channel is called: by its kind, and by a word of the owner's where there are several of one kind.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

/// A kind of channel beside mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChannelKind {
    /// JSON to a program of the owner's, signed.
    Webhook,
    /// A message in a channel of Slack's.
    Slack,
    /// A message in a channel of Discord's.
    Discord,
    /// A message in a chat of Telegram's.
    Telegram,
    /// A text message to a phone.
    Sms,
    /// An email to the visitor.
    Autoresponse,
}

impl ChannelKind {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Webhook, Self::Slack, Self::Discord, Self::Telegram, Self::Sms, Self::Autoresponse];

    /// The kind as it is written and stored.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Slack => "slack",
            Self::Discord => "discord",
            Self::Telegram => "telegram",
            Self::Sms => "sms",
            Self::Autoresponse => "autoresponse",
        }
    }

    /// Whether it needs a secret: a key for signing, an address that must not be known, or a bot's token.
    #[must_use]
    pub fn has_secret(self) -> bool {
        match self {
            Self::Webhook | Self::Slack | Self::Discord | Self::Telegram => true,
            Self::Sms | Self::Autoresponse => false,
        }
    }
}

/// A channel's name, unique on its site: the kind (`slack`), or the kind and a word (`slack-sales`). Deliveries are
/// noted under it, and so is its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelName {
    kind: ChannelKind,
    word: Option<String>,
}

/// The longest word, in bytes.
const MAX: usize = 32;

impl ChannelName {
    /// The name of a channel of that kind, if the word is lower-case letters, digits and dashes.
    #[must_use]
    pub fn new(kind: ChannelKind, word: Option<&str>) -> Option<Self> {
        let fits = |word: &str| {
            let of = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            !word.is_empty() && word.len() <= MAX && word.chars().all(of)
        };
        word.is_none_or(fits).then(|| Self { kind, word: word.map(str::to_owned) })
    }

    /// The kind of channel.
    #[must_use]
    pub fn kind(&self) -> ChannelKind {
        self.kind
    }
}

impl fmt::Display for ChannelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.word())?;
        self.word.as_ref().map_or(Ok(()), |word| write!(f, "-{word}"))
    }
}

impl FromStr for ChannelName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, word) = text.split_once('-').map_or((text, None), |(kind, word)| (kind, Some(word)));
        let kind = ChannelKind::ALL.into_iter().find(|known| known.word() == kind);
        kind.and_then(|kind| Self::new(kind, word)).ok_or_else(|| "not a channel name".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for text in ["slack", "slack-sales", "webhook-a-b-1", "sms", "autoresponse-booking"] {
            assert_eq!(text.parse::<ChannelName>().expect(text).to_string(), text);
        }
        for text in
            ["", "mail", "Slack", "slack-", "slack-Sales", "slack-a#b", "slack_a", &format!("slack-{}", "a".repeat(33))]
        {
            assert!(text.parse::<ChannelName>().is_err(), "{text}");
        }
    }
}
