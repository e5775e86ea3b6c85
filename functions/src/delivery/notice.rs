//! What SES tells of emails that it took, as SNS hands it over: that one bounced, was called spam, is late, or was not
//! sent after all (<https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html>).

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use uuid::Uuid;

use super::mail::{EMAIL_TAG, SITE_TAG};

/// What Lambda hands over of a topic of SNS.
#[derive(Debug, Deserialize)]
pub struct Notices {
    #[serde(rename = "Records")]
    records: Vec<Record>,
}

#[derive(Debug, Deserialize)]
struct Record {
    #[serde(rename = "Sns")]
    sns: Message,
}

#[derive(Debug, Deserialize)]
struct Message {
    #[serde(rename = "Message")]
    message: String,
}

/// What SES publishes about an email.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    event_type: String,
    bounce: Option<Bounce>,
    complaint: Option<Complaint>,
    delivery_delay: Option<Delay>,
    mail: Mail,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bounce {
    #[serde(rename = "bounceType")]
    kind: String,
    #[serde(rename = "bounceSubType", default)]
    cause: String,
    bounced_recipients: Vec<Recipient>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Complaint {
    complained_recipients: Vec<Recipient>,
    complaint_feedback_type: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Delay {
    #[serde(default)]
    delay_type: String,
    expiration_time: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Recipient {
    email_address: String,
}

#[derive(Debug, Deserialize)]
struct Mail {
    #[serde(default)]
    tags: BTreeMap<String, Vec<String>>,
}

/// The longest code of SES' that is kept.
const MAX_CODE: usize = 40;

/// What became of an email that SES had taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Notice {
    /// The site and the id of the email, if it is about something.
    pub(super) email: Option<(String, Uuid)>,
    /// What became of it.
    pub(super) what: Fate,
}

/// What became of an email.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    /// These addresses take no mail, for good.
    Bounced(Vec<String>),
    /// Their holders called it spam.
    Complained(Vec<String>),
    /// It was returned, with SES' code for why. The mailbox is full or asleep, or the message is one that it does not
    /// take.
    Returned(String),
    /// It has not been taken yet, with SES' code for why, and until when SES tries.
    Delayed(String, Option<Timestamp>),
    /// SES did not send it.
    Rejected,
    /// Nothing that is to be done anything about.
    Other(String),
}

impl Notices {
    /// What each record says; those that cannot be read, too, in their order.
    pub(super) fn read(&self) -> impl Iterator<Item = Result<Notice, Unreadable>> {
        self.records.iter().map(|record| Notice::parse(&record.sns.message))
    }
}

/// Why nothing can be made of a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unreadable {
    /// A text: SES says so when it first finds the topic. It may name an address.
    #[error("not JSON")]
    Text,
    /// Something else than SES writes, with what is wrong by the kind of mistake alone.
    #[error("not an event of SES: {0}")]
    Shape(&'static str),
}

impl Notice {
    fn parse(message: &str) -> Result<Self, Unreadable> {
        let written: Written = serde_json::from_str(message).map_err(|error| match error.classify() {
            serde_json::error::Category::Data => Unreadable::Shape("a part is missing or of another kind"),
            _ => Unreadable::Text,
        })?;
        let tag = |name: &str| written.mail.tags.get(name)?.first().cloned();
        let email = tag(SITE_TAG).zip(tag(EMAIL_TAG).and_then(|id| id.parse().ok()));
        Ok(Self { email, what: written.fate()? })
    }
}

impl Written {
    fn fate(self) -> Result<Fate, Unreadable> {
        let addresses = |recipients: Vec<Recipient>| -> Vec<String> {
            recipients.iter().filter_map(|recipient| address(&recipient.email_address)).map(str::to_owned).collect()
        };
        match &*self.event_type {
            "Bounce" => {
                let bounce = self.bounce.ok_or(Unreadable::Shape("a bounce without a bounce"))?;
                // What is full or asleep today takes mail tomorrow.
                Ok(if bounce.kind == "Permanent" {
                    Fate::Bounced(addresses(bounce.bounced_recipients))
                } else {
                    Fate::Returned(code(&bounce.cause))
                })
            }
            "Complaint" => {
                let complaint = self.complaint.ok_or(Unreadable::Shape("a complaint without a complaint"))?;
                // Somebody took an email out of the spam folder again.
                Ok(if complaint.complaint_feedback_type.as_deref() == Some("not-spam") {
                    Fate::Other(code("not-spam"))
                } else {
                    Fate::Complained(addresses(complaint.complained_recipients))
                })
            }
            "DeliveryDelay" => {
                let delay = self.delivery_delay.ok_or(Unreadable::Shape("a delay without a delay"))?;
                let until = delay.expiration_time.and_then(|until| until.parse().ok());
                Ok(Fate::Delayed(code(&delay.delay_type), until))
            }
            "Reject" => Ok(Fate::Rejected),
            other => Ok(Fate::Other(code(other))),
        }
    }
}

/// A code of SES': letters, digits and dashes, or nothing is known of it.
fn code(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let code: String = text.chars().filter(|c| plain(*c)).take(MAX_CODE).collect();
    if code.is_empty() { "Undetermined".into() } else { code }
}

/// An address as SES gives it, which may have a name before it.
fn address(given: &str) -> Option<&str> {
    let address = given.rsplit_once('<').map_or(given, |(_, rest)| rest.trim_end().trim_end_matches('>'));
    Some(address.trim()).filter(|address| address.contains('@'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn fate(value: &Value) -> Result<Fate, Unreadable> {
        Notice::parse(&value.to_string()).map(|notice| notice.what)
    }

    #[test]
    fn each_event_says_what_became_of_the_email() {
        let bounce = |kind: &str, sub: &str| {
            let bounce = json!({ "bounceType": kind, "bounceSubType": sub, "bouncedRecipients": [{ "emailAddress": "A <a@x.example>" }] });
            fate(&json!({ "eventType": "Bounce", "bounce": bounce, "mail": { "tags": {} } }))
        };
        let complaint = |kind: Option<&str>| {
            let complaint =
                json!({ "complainedRecipients": [{ "emailAddress": "a@x.example" }], "complaintFeedbackType": kind });
            fate(&json!({ "eventType": "Complaint", "complaint": complaint, "mail": {} }))
        };
        let whom = || vec!["a@x.example".to_owned()];
        assert_eq!(bounce("Permanent", "General"), Ok(Fate::Bounced(whom())));
        assert_eq!(bounce("Permanent", "OnAccountSuppressionList"), Ok(Fate::Bounced(whom())));
        assert_eq!(bounce("Transient", "MailboxFull"), Ok(Fate::Returned("MailboxFull".into())));
        assert_eq!(bounce("Undetermined", ""), Ok(Fate::Returned("Undetermined".into())));
        assert_eq!(complaint(Some("abuse")), Ok(Fate::Complained(whom())));
        assert_eq!(complaint(None), Ok(Fate::Complained(whom())));
        assert_eq!(complaint(Some("not-spam")), Ok(Fate::Other("not-spam".into())));
        let delay = json!({ "delayType": "MailboxFull", "expirationTime": "2026-11-24T07:30:00.000Z" });
        let until = "2026-11-24T07:30:00Z".parse().ok();
        let delayed = json!({ "eventType": "DeliveryDelay", "deliveryDelay": delay, "mail": {} });
        assert_eq!(fate(&delayed), Ok(Fate::Delayed("MailboxFull".into(), until)));
        let rejected = json!({ "eventType": "Reject", "reject": { "reason": "Bad content" }, "mail": {} });
        assert_eq!(fate(&rejected), Ok(Fate::Rejected));
        assert_eq!(fate(&json!({ "eventType": "Delivery", "mail": {} })), Ok(Fate::Other("Delivery".into())));
        assert!(matches!(fate(&json!({ "eventType": "Bounce", "mail": {} })), Err(Unreadable::Shape(_))));
        assert!(matches!(fate(&json!({})), Err(Unreadable::Shape(_))));
        assert_eq!(Notice::parse("Successfully validated SNS topic"), Err(Unreadable::Text));
    }

    #[test]
    fn addresses_are_read_with_and_without_a_name() {
        for given in ["ann@example.org", " ann@example.org ", "<ann@example.org>", "Ann <ann@example.org>"] {
            assert_eq!(address(given), Some("ann@example.org"), "{given}");
        }
        assert_eq!(address("nobody"), None);
    }

    /// JSON of any shape, with the names that SES uses and others.
    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "(Bounce|Complaint|DeliveryDelay|Reject|Permanent|Transient|.{0,12}|a@b\\.example)".prop_map(Value::from),
        ];
        let names = "(eventType|bounce|complaint|deliveryDelay|mail|tags|site|email|bounceType|bounceSubType|\
                      bouncedRecipients|complainedRecipients|emailAddress|delayType|expirationTime|[a-z]{1,4})";
        leaf.prop_recursive(4, 40, 6, move |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map(names, inner, 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn whatever_is_told_is_read_or_said_to_be_unreadable(message in any_json(), text in ".{0,80}") {
            let messages = [message.to_string(), text.clone(), "{}".into()];
            let records: Vec<Value> = messages.iter().map(|message| json!({ "Sns": { "Message": message } })).collect();
            let notices: Notices = serde_json::from_value(json!({ "Records": records })).expect("notices");
            // None is skipped, and the code that is kept says nothing of its own.
            prop_assert_eq!(notices.read().count(), 3);
            for notice in notices.read().flatten() {
                if let Fate::Returned(code) | Fate::Delayed(code, _) | Fate::Other(code) = notice.what {
                    prop_assert!(!code.is_empty() && code.len() <= MAX_CODE);
                    prop_assert!(code.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-'));
                }
            }
        }
    }
}
