//! Emails that came back, and those that were called spam: SES tells of them through SNS. Such an address is not
//! written to any more, and what did not reach the owner is delivered once more, to whom it can.

use jiff::Timestamp;
use serde::Deserialize;
use uuid::Uuid;

use crate::delivery::deliver;
use crate::delivery::mail::{EMAIL_TAG, SITE_TAG};
use crate::delivery::notifier::Notifier;
use crate::form::Email;
use crate::store::{StoreError, Suppression, SuppressionReason};

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

/// What SES publishes about an email
/// (<https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html>).
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Notice {
    event_type: String,
    bounce: Option<Bounce>,
    complaint: Option<Complaint>,
    mail: Mail,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bounce {
    bounce_type: String,
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
struct Recipient {
    email_address: String,
}

#[derive(Debug, Deserialize)]
struct Mail {
    #[serde(default)]
    tags: std::collections::BTreeMap<String, Vec<String>>,
}

impl Notice {
    /// Why nobody it is about is to be written to any more, and who that is; none if they may be.
    fn suppresses(&self) -> Option<(SuppressionReason, &[Recipient])> {
        match (self.event_type.as_str(), &self.bounce, &self.complaint) {
            // What is full or asleep today takes mail tomorrow.
            ("Bounce", Some(bounce), _) if bounce.bounce_type == "Permanent" => {
                Some((SuppressionReason::Bounced, &bounce.bounced_recipients))
            }
            // Somebody took an email out of the spam folder again.
            ("Complaint", _, Some(complaint)) if complaint.complaint_feedback_type.as_deref() != Some("not-spam") => {
                Some((SuppressionReason::Complained, &complaint.complained_recipients))
            }
            _ => None,
        }
    }

    /// The site and the id of the email.
    fn email(&self) -> Option<(&str, Uuid)> {
        let tag = |name: &str| self.mail.tags.get(name)?.first().map(String::as_str);
        Some((tag(SITE_TAG)?, tag(EMAIL_TAG)?.parse().ok()?))
    }
}

/// Takes note of what SES tells. What fails can be told again: doing it twice does no harm.
pub(crate) async fn hear(notifier: &Notifier, notices: &Notices) -> Result<(), StoreError> {
    for record in &notices.records {
        if let Ok(notice) = serde_json::from_str::<Notice>(&record.sns.message) {
            take_note(notifier, &notice).await?;
        } else {
            // SES says so, in plain words, when it first finds the topic. They may name an address.
            tracing::info!("SNS message is not an SES event");
        }
    }
    Ok(())
}

async fn take_note(notifier: &Notifier, notice: &Notice) -> Result<(), StoreError> {
    let Some((reason, recipients)) = notice.suppresses() else {
        tracing::info!(kind = notice.event_type, "SES event ignored, delivery is not final");
        return Ok(());
    };
    let suppression = Suppression { reason, at: Timestamp::now().as_second() };
    for recipient in recipients {
        let Some(email) = address(&recipient.email_address) else { continue };
        notifier.app.store.suppress(&notifier.app.address_hash(email), suppression).await?;
        let owners =
            notifier.app.config.sites.values().any(|site| site.people().any(|person| is_same(&person.email, email)));
        if owners {
            tracing::error!(reason = reason.word(), "team address added to the suppression list");
        } else {
            tracing::info!(reason = reason.word(), "address added to the suppression list");
        }
    }
    match notice.email().filter(|_| reason == SuppressionReason::Bounced) {
        Some((site, id)) => deliver::bounced(&notifier.app.store, site, id).await,
        None => Ok(()),
    }
}

/// An address as SES gives it, which may have a name before it.
fn address(given: &str) -> Option<&str> {
    let address = given.rsplit_once('<').map_or(given, |(_, rest)| rest.trim_end().trim_end_matches('>'));
    Some(address.trim()).filter(|address| address.contains('@'))
}

fn is_same(email: &Email, given: &str) -> bool {
    email.is(given)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn notice(value: serde_json::Value) -> Notice {
        serde_json::from_value(value).expect("a notice")
    }

    #[test]
    fn only_what_is_for_good_suppresses() {
        let bounce = |kind: &str| {
            let bounce = json!({ "bounceType": kind, "bounceSubType": "General", "bouncedRecipients": [{ "emailAddress": "a@x.example" }] });
            notice(json!({ "eventType": "Bounce", "bounce": bounce, "mail": { "tags": {} } }))
        };
        let complaint = |kind: Option<&str>| {
            let complaint =
                json!({ "complainedRecipients": [{ "emailAddress": "a@x.example" }], "complaintFeedbackType": kind });
            notice(json!({ "eventType": "Complaint", "complaint": complaint, "mail": {} }))
        };
        let why = |notice: &Notice| notice.suppresses().map(|(why, recipients)| (why, recipients.len()));
        assert_eq!(why(&bounce("Permanent")), Some((SuppressionReason::Bounced, 1)));
        assert_eq!(why(&bounce("Transient")), None);
        assert_eq!(why(&bounce("Undetermined")), None);
        assert_eq!(why(&complaint(Some("abuse"))), Some((SuppressionReason::Complained, 1)));
        assert_eq!(why(&complaint(None)), Some((SuppressionReason::Complained, 1)));
        assert_eq!(why(&complaint(Some("not-spam"))), None);
        assert_eq!(why(&notice(json!({ "eventType": "Delivery", "mail": {} }))), None);
    }

    #[test]
    fn addresses_are_read_with_and_without_a_name() {
        for given in ["ann@example.org", " ann@example.org ", "<ann@example.org>", "Ann <ann@example.org>"] {
            assert_eq!(address(given), Some("ann@example.org"), "{given}");
        }
        assert_eq!(address("nobody"), None);
    }
}
