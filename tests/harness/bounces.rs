//! What SES tells of emails that came back, as SNS hands it to Lambda.

use deskbell_functions::delivery::Notifier;
use deskbell_functions::notify::{self, Start};
use serde_json::{Value, json};

/// What SES tells, in what SNS hands to Lambda.
pub(crate) fn told(message: &str) -> Value {
    json!({ "Records": [{
        "EventSource": "aws:sns", "EventVersion": "1.0",
        "EventSubscriptionArn": "arn:aws:sns:eu-central-1:000000000000:MailEvents:1",
        "Sns": {
            "Type": "Notification", "MessageId": "1", "TopicArn": "arn:aws:sns:eu-central-1:000000000000:MailEvents",
            "Subject": "Amazon SES Email Event Notification", "Message": message, "Timestamp": "2026-11-23T07:30:00.000Z",
            "SignatureVersion": "1", "Signature": "", "SigningCertUrl": "", "UnsubscribeUrl": "", "MessageAttributes": {},
        },
    }]})
}

/// That an email to an address came back, of this type; of which site and submission, if it was about one.
pub(crate) fn bounce(kind: &str, address: &str, about: Option<&str>) -> Value {
    let mut tags = json!({ "ses:configuration-set": ["deskbell"], "site": ["studio"] });
    if let Some(id) = about {
        tags["email"] = json!([id]);
    }
    let recipient =
        json!({ "emailAddress": address, "action": "failed", "status": "5.1.1", "diagnosticCode": "smtp; 550 5.1.1" });
    told(&json!({
        "eventType": "Bounce",
        "bounce": { "feedbackId": "1", "bounceType": kind, "bounceSubType": "General", "bouncedRecipients": [recipient],
            "timestamp": "2026-11-23T07:30:00.000Z", "reportingMTA": "dsn; mail.example" },
        "mail": { "timestamp": "2026-11-23T07:29:00.000Z", "source": "deskbell@studio-lindqvist.example", "messageId": "1",
            "destination": [address], "headersTruncated": false, "headers": [], "commonHeaders": {}, "tags": tags },
    }).to_string())
}

/// That an email about a submission came back for now, with SES' code for why.
pub(crate) fn returned(code: &str, address: &str, about: &str) -> Value {
    let event = bounce("Transient", address, Some(about)).to_string();
    serde_json::from_str(&event.replace("General", code)).expect("JSON")
}

/// That an email about a submission has not been taken yet, and until when SES tries.
pub(crate) fn delayed(code: &str, address: &str, about: &str, until: &str) -> Value {
    told(&json!({
        "eventType": "DeliveryDelay",
        "deliveryDelay": { "timestamp": "2026-11-23T07:30:00.000Z", "delayType": code, "expirationTime": until,
            "delayedRecipients": [{ "emailAddress": address, "status": "4.2.2", "diagnosticCode": "smtp; 452 4.2.2" }] },
        "mail": { "messageId": "1", "destination": [address], "tags": { "site": ["studio"], "email": [about] } },
    }).to_string())
}

/// That SES did not send an email about a submission after all.
pub(crate) fn rejected(about: &str) -> Value {
    told(
        &json!({
            "eventType": "Reject", "reject": { "reason": "Bad content" },
            "mail": { "messageId": "1", "destination": [], "tags": { "site": ["studio"], "email": [about] } },
        })
        .to_string(),
    )
}

pub(crate) fn complaint(address: &str) -> Value {
    told(&json!({
        "eventType": "Complaint",
        "complaint": { "complainedRecipients": [{ "emailAddress": address }], "timestamp": "2026-11-23T07:30:00.000Z",
            "feedbackId": "1", "complaintFeedbackType": "abuse" },
        "mail": { "messageId": "1", "destination": [address] },
    }).to_string())
}

pub(crate) async fn hear(notifier: &Notifier, event: &Value) {
    let start: Start = serde_json::from_value(event.clone()).expect("an event");
    notify::start(notifier, start).await.expect("heard");
}
