//! Why a delivery failed, or was not needed: stored and logged as a word, with what it is about behind a colon
//! (`rejected:404`). What people read stands in [`crate::words`]. Holds nothing of what was sent, and to whom.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a delivery failed, or why there was nothing to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum DeliveryReason {
    /// Amazon SES refused, with the name of its error.
    Ses(String),
    /// Amazon SNS refused, with the name of its error.
    Sns(String),
    /// Nobody was reached, or the connection broke.
    NoConnection,
    /// It took too long.
    Timeout,
    /// The answer cannot be read.
    UnreadableAnswer,
    /// The address is none, or not one to be reached with TLS.
    InvalidAddress,
    /// The address does not lead to a public host.
    PrivateAddress,
    /// The receiver takes no more for now (status 429); with the seconds to wait, if it said so.
    TooManyRequests(Option<u64>),
    /// The receiver has a problem of its own, with this status.
    ServerError(u16),
    /// The address is gone for good (status 410).
    Gone,
    /// The receiver leads elsewhere, with this status. That is not followed.
    Redirect(u16),
    /// The receiver refused, with this status.
    Rejected(u16),
    /// The channel is not configured any more.
    NotConfigured,
    /// The secret of the channel of this name is not set.
    SecretMissing(String),
    /// The secret of the channel of this name cannot be used.
    SecretInvalid(String),
    /// The table did not answer.
    StoreUnavailable,
    /// The message cannot be written.
    Unwritable,
    /// As many text messages as the month may have, this many, were sent.
    QuotaExceeded(u32),
    /// The address takes no mail, for good.
    Bounced,
    /// The holder of the address called an email spam.
    Complained,
    /// The email was returned though the address exists, with SES' code for why.
    Returned(String),
    /// The email has not been taken yet, with SES' code for why.
    Delayed(String),
    /// Comments are not answered.
    NotALead,
    /// The address is the site's own, or no person's.
    OwnAddress,
    /// The address was answered within a day.
    AlreadyAnswered,
    /// As many automatic answers as an hour may have were sent.
    TooManyAnswers,
    /// The form was sent without a good token and without a proof of work.
    NoProof,
    /// So much came in within an hour that the people hear of it together with others.
    Bundled,
    /// What another release wrote.
    Other(String),
}

impl DeliveryReason {
    /// Whether AWS works and takes no more just now, so that going slower is all that it asks for.
    pub(crate) fn is_throttling(&self) -> bool {
        match self {
            Self::Ses(code) | Self::Sns(code) => {
                matches!(code.as_str(), "TooManyRequestsException" | "TooManyRequests" | "LimitExceededException")
                    || code.starts_with("Throttl")
            }
            _ => false,
        }
    }

    /// Whether the same message will be returned each time.
    pub(crate) fn is_about_content(&self) -> bool {
        let codes = ["MessageTooLarge", "ContentRejected", "AttachmentRejected"];
        matches!(self, Self::Returned(code) if codes.contains(&&**code))
    }

    /// For how many seconds the receiver asked to be left alone.
    pub(crate) fn asked_pause(&self) -> i64 {
        match self {
            Self::TooManyRequests(Some(seconds)) => i64::try_from(*seconds).unwrap_or(i64::MAX),
            _ => 0,
        }
    }

    /// The word, and what it is about.
    fn parts(&self) -> (&str, Option<String>) {
        match self {
            Self::Ses(code) => ("ses", Some(code.clone())),
            Self::Sns(code) => ("sns", Some(code.clone())),
            Self::NoConnection => ("no_connection", None),
            Self::Timeout => ("timeout", None),
            Self::UnreadableAnswer => ("unreadable_answer", None),
            Self::InvalidAddress => ("invalid_address", None),
            Self::PrivateAddress => ("private_address", None),
            Self::TooManyRequests(seconds) => ("too_many_requests", seconds.map(|seconds| seconds.to_string())),
            Self::ServerError(status) => ("server_error", Some(status.to_string())),
            Self::Gone => ("gone", None),
            Self::Redirect(status) => ("redirect", Some(status.to_string())),
            Self::Rejected(status) => ("rejected", Some(status.to_string())),
            Self::NotConfigured => ("not_configured", None),
            Self::SecretMissing(channel) => ("secret_missing", Some(channel.clone())),
            Self::SecretInvalid(channel) => ("secret_invalid", Some(channel.clone())),
            Self::StoreUnavailable => ("store_unavailable", None),
            Self::Unwritable => ("unwritable", None),
            Self::QuotaExceeded(cap) => ("quota_exceeded", Some(cap.to_string())),
            Self::Bounced => ("bounced", None),
            Self::Complained => ("complained", None),
            Self::Returned(code) => ("returned", Some(code.clone())),
            Self::Delayed(code) => ("delayed", Some(code.clone())),
            Self::NotALead => ("not_a_lead", None),
            Self::OwnAddress => ("own_address", None),
            Self::AlreadyAnswered => ("already_answered", None),
            Self::TooManyAnswers => ("too_many_answers", None),
            Self::NoProof => ("no_proof", None),
            Self::Bundled => ("bundled", None),
            Self::Other(text) => (text, None),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let (word, about) = text.split_once(':').map_or((text, None), |(word, about)| (word, Some(about)));
        Some(match (word, about) {
            ("ses", Some(code)) => Self::Ses(code.into()),
            ("sns", Some(code)) => Self::Sns(code.into()),
            ("no_connection", None) => Self::NoConnection,
            ("timeout", None) => Self::Timeout,
            ("unreadable_answer", None) => Self::UnreadableAnswer,
            ("invalid_address", None) => Self::InvalidAddress,
            ("private_address", None) => Self::PrivateAddress,
            ("too_many_requests", None) => Self::TooManyRequests(None),
            ("too_many_requests", Some(seconds)) => Self::TooManyRequests(Some(seconds.parse().ok()?)),
            ("server_error", Some(status)) => Self::ServerError(status.parse().ok()?),
            ("gone", None) => Self::Gone,
            ("redirect", Some(status)) => Self::Redirect(status.parse().ok()?),
            ("rejected", Some(status)) => Self::Rejected(status.parse().ok()?),
            ("not_configured", None) => Self::NotConfigured,
            ("secret_missing", Some(channel)) => Self::SecretMissing(channel.into()),
            ("secret_invalid", Some(channel)) => Self::SecretInvalid(channel.into()),
            ("store_unavailable", None) => Self::StoreUnavailable,
            ("unwritable", None) => Self::Unwritable,
            ("quota_exceeded", Some(cap)) => Self::QuotaExceeded(cap.parse().ok()?),
            ("bounced", None) => Self::Bounced,
            ("complained", None) => Self::Complained,
            ("returned", Some(code)) => Self::Returned(code.into()),
            ("delayed", Some(code)) => Self::Delayed(code.into()),
            ("not_a_lead", None) => Self::NotALead,
            ("own_address", None) => Self::OwnAddress,
            ("already_answered", None) => Self::AlreadyAnswered,
            ("too_many_answers", None) => Self::TooManyAnswers,
            ("no_proof", None) => Self::NoProof,
            ("bundled", None) => Self::Bundled,
            _ => return None,
        })
    }
}

impl fmt::Display for DeliveryReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.parts() {
            (word, Some(about)) => write!(f, "{word}:{about}"),
            (word, None) => f.write_str(word),
        }
    }
}

impl From<DeliveryReason> for String {
    fn from(reason: DeliveryReason) -> Self {
        reason.to_string()
    }
}

impl From<String> for DeliveryReason {
    fn from(text: String) -> Self {
        Self::parse(&text).unwrap_or(Self::Other(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_read_as_they_are_written() {
        let reasons = [
            (DeliveryReason::Ses("MessageRejected".into()), "ses:MessageRejected"),
            (DeliveryReason::Sns("Throttled".into()), "sns:Throttled"),
            (DeliveryReason::NoConnection, "no_connection"),
            (DeliveryReason::Timeout, "timeout"),
            (DeliveryReason::UnreadableAnswer, "unreadable_answer"),
            (DeliveryReason::InvalidAddress, "invalid_address"),
            (DeliveryReason::PrivateAddress, "private_address"),
            (DeliveryReason::TooManyRequests(None), "too_many_requests"),
            (DeliveryReason::TooManyRequests(Some(30)), "too_many_requests:30"),
            (DeliveryReason::ServerError(503), "server_error:503"),
            (DeliveryReason::Gone, "gone"),
            (DeliveryReason::Redirect(301), "redirect:301"),
            (DeliveryReason::Rejected(404), "rejected:404"),
            (DeliveryReason::NotConfigured, "not_configured"),
            (DeliveryReason::SecretMissing("slack-sales".into()), "secret_missing:slack-sales"),
            (DeliveryReason::SecretInvalid("telegram".into()), "secret_invalid:telegram"),
            (DeliveryReason::StoreUnavailable, "store_unavailable"),
            (DeliveryReason::Unwritable, "unwritable"),
            (DeliveryReason::QuotaExceeded(50), "quota_exceeded:50"),
            (DeliveryReason::Bounced, "bounced"),
            (DeliveryReason::Complained, "complained"),
            (DeliveryReason::Returned("MailboxFull".into()), "returned:MailboxFull"),
            (DeliveryReason::Delayed("General".into()), "delayed:General"),
            (DeliveryReason::NotALead, "not_a_lead"),
            (DeliveryReason::OwnAddress, "own_address"),
            (DeliveryReason::AlreadyAnswered, "already_answered"),
            (DeliveryReason::TooManyAnswers, "too_many_answers"),
            (DeliveryReason::NoProof, "no_proof"),
            (DeliveryReason::Bundled, "bundled"),
        ];
        for (reason, text) in reasons {
            assert_eq!(reason.to_string(), text);
            assert_eq!(DeliveryReason::from(text.to_owned()), reason);
        }
    }

    #[test]
    fn what_another_release_wrote_is_kept() {
        for text in
            ["gone for good (status 410)", "SES: no connection", "", "rejected", "rejected:x", "gone:1", "a:b:c"]
        {
            let reason = DeliveryReason::from(text.to_owned());
            assert_eq!(reason, DeliveryReason::Other(text.into()));
            assert_eq!(reason.to_string(), text);
        }
    }
}
