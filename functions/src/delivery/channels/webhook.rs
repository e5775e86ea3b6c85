//! JSON for the owner's own programs, signed as Standard Webhooks
//! (<https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>): the names of its
//! fields stay as they are.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::Timestamp;
use ring::hmac;
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use uuid::Uuid;

use crate::config::Site;
use crate::config::channel_name::ChannelName;
use crate::delivery::more::More;
use crate::form::Email;
use crate::submission::{Status, Submission, SubmissionContent};
use crate::words::dates::rfc3339;
use deskbell_filter::Verdict;

/// What begins a secret for signing.
const PREFIX: &str = "whsec_";

/// What a receiver reads.
#[derive(Debug, Serialize)]
pub(super) struct Event<'a> {
    /// `lead.received`, `comment.held` or `comment.published`.
    r#type: &'static str,
    /// The submission's id, a `UUIDv7`.
    id: Uuid,
    /// The site's id.
    site: &'a str,
    /// When it arrived, as in RFC 3339, in UTC.
    time: String,
    /// Leads: the form's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    form: Option<&'a str>,
    /// Comments: the page's path.
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<&'a str>,
    /// Comments: the id of the comment that it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<Uuid>,
    /// What was filled in, by name.
    fields: Fields<'a>,
    /// What the filter made of it: `score` from 0 (real) to 1 (spam), `decision` (`ham`, `unsure`), `reasons`, each
    /// with `name`, `weight` (log-odds) and, where there is one, `value`.
    verdict: &'a Verdict,
    /// Where to decide about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
}

/// What a receiver reads where so much came in that it is not told of each.
#[derive(Debug, Serialize)]
pub(super) struct MoreEvent<'a> {
    /// `more.received`.
    r#type: &'static str,
    /// Names the message.
    id: Uuid,
    /// The site's id.
    site: &'a str,
    /// How many submissions it is about.
    count: usize,
    /// The ids of the newest of them.
    newest: &'a [Uuid],
    /// The inbox.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
}

impl<'a> MoreEvent<'a> {
    pub(super) fn of(site: &'a Site, more: &'a More, link: Option<String>) -> Self {
        let More { id, count, ids, .. } = more;
        Self { r#type: "more.received", id: *id, site: &site.id, count: *count, newest: ids, link }
    }
}

/// Fields in their order. Values of the same name become one, with commas between them.
#[derive(Debug)]
struct Fields<'a>(Vec<(&'a str, String)>);

impl<'a> Event<'a> {
    /// What is said about a submission that is not spam.
    pub(super) fn of(submission: &'a Submission, link: Option<String>) -> Self {
        let (form, page, parent) = match &submission.content {
            SubmissionContent::Lead(lead) => (Some(lead.form()), None, None),
            SubmissionContent::Comment(comment) => (None, Some(comment.page().path()), comment.parent()),
        };
        Self {
            r#type: kind(submission),
            id: submission.id,
            site: &submission.site,
            time: rfc3339(submission.received_at()),
            form,
            page,
            parent,
            fields: Fields::of(&submission.content),
            verdict: &submission.verdict,
            link,
        }
    }
}

fn kind(submission: &Submission) -> &'static str {
    match (&submission.content, submission.status) {
        (SubmissionContent::Lead(_), _) => "lead.received",
        (SubmissionContent::Comment(_), Status::Published) => "comment.published",
        (SubmissionContent::Comment(_), _) => "comment.held",
    }
}

impl<'a> Fields<'a> {
    fn of(content: &'a SubmissionContent) -> Self {
        match content {
            SubmissionContent::Lead(lead) => {
                // Programs get the form of the address that all of them know.
                let email = |value| lead.email().filter(|email| email.shown() == value).map(Email::as_str);
                let known = |(name, value)| (name, if name == "email" { email(value).unwrap_or(value) } else { value });
                Self::joined(lead.lines().into_iter().map(known))
            }
            SubmissionContent::Comment(comment) => {
                let all = [
                    ("author", Some(comment.author())),
                    ("email", comment.email().map(Email::as_str)),
                    ("url", comment.url()),
                    ("comment", Some(comment.text())),
                ];
                Self::joined(all.into_iter().filter_map(|(name, value)| Some((name, value?))))
            }
        }
    }

    fn joined(all: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut fields: Vec<(&str, String)> = Vec::new();
        for (name, value) in all {
            match fields.iter_mut().find(|(known, _)| *known == name) {
                Some((_, known)) => *known = format!("{known}, {value}"),
                None => fields.push((name, value.into())),
            }
        }
        Self(fields)
    }
}

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// The id of a message: the same for each delivery of a submission over a channel, so that receivers know a repetition.
pub(super) fn message_id(id: Uuid, channel: &ChannelName) -> String {
    format!("{id}-{channel}")
}

/// A key that messages are signed with.
pub(super) struct SigningKey(hmac::Key);

impl SigningKey {
    /// From `whsec_` and 24 to 64 bytes in base64.
    pub(super) fn parse(secret: &str) -> Option<Self> {
        let bytes = BASE64.decode(secret.strip_prefix(PREFIX)?).ok()?;
        (24..=64).contains(&bytes.len()).then(|| Self(hmac::Key::new(hmac::HMAC_SHA256, &bytes)))
    }

    /// The three headers that make a message a Standard Webhook.
    pub(super) fn headers(&self, id: &str, body: &str) -> [(&'static str, String); 3] {
        let time = Timestamp::now().as_second();
        let signature = hmac::sign(&self.0, format!("{id}.{time}.{body}").as_bytes());
        let signature = format!("v1,{}", BASE64.encode(signature));
        [("webhook-id", id.into()), ("webhook-timestamp", time.to_string()), ("webhook-signature", signature)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_standard_secret_signs() {
        assert!(SigningKey::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").is_some());
        assert!(SigningKey::parse(&format!("whsec_{}", BASE64.encode([7; 64]))).is_some());
        for secret in ["", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_c2hvcnQ=", "whsec_not base64!"] {
            assert!(SigningKey::parse(secret).is_none(), "{secret}");
        }
        assert!(SigningKey::parse(&format!("whsec_{}", BASE64.encode([7; 65]))).is_none());
    }

    #[test]
    fn a_known_message_has_the_known_signature() {
        // The example of the specification's reference libraries.
        let key = SigningKey::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("a key");
        let content = "msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{\"test\": 2432232314}";
        let signature = BASE64.encode(hmac::sign(&key.0, content.as_bytes()));
        assert_eq!(signature, "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn repeated_fields_become_one() {
        let fields = Fields::joined([("name", "Ann"), ("colour", "red"), ("colour", "blue"), ("message", "x")]);
        let json = serde_json::to_string(&fields).expect("JSON");
        assert_eq!(json, r#"{"name":"Ann","colour":"red, blue","message":"x"}"#);
    }
}
