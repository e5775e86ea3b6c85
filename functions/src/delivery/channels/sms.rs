//! Text messages through Amazon SNS: short, and never more of them in a month than the owner allows. A message is
//! counted before it is sent and given back only if SNS certainly did not take it; so the cap holds whatever fails and
//! however much comes at once. When it is reached the owner hears of it once, by mail.

use aws_sdk_sns::error::{ProvideErrorMetadata as _, SdkError};
use aws_sdk_sns::operation::publish::PublishError;
use aws_sdk_sns::types::MessageAttributeValue;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use uuid::Uuid;

use super::message::{address, as_is, fit, plain};
use crate::config::Site;
use crate::config::channels::{ChannelSettings, Sms};
use crate::delivery::email;
use crate::delivery::mail::EmailMessage;
use crate::delivery::notifier::Notifier;
use crate::store::TextQuota;
use crate::submission::delivery::SendError;
use crate::submission::reason::DeliveryReason;
use crate::submission::{Submission, SubmissionContent};
use crate::words::{Words, format};
use deskbell_filter::Decision;

/// The longest name of a visitor in it, in UTF-16 units.
const MAX_NAME: usize = 30;

/// The most of a telephone number that was typed, in UTF-16 units.
const MAX_PHONE: usize = 20;

/// The longest name of a site in it, in UTF-16 units.
const MAX_SITE: usize = 30;

/// The longest text message, in UTF-16 units, whatever its parts: SNS takes 1,600 bytes.
const MAX: usize = 480;

/// Sends a text message about a lead.
pub(super) async fn send(
    notifier: &Notifier,
    site: &Site,
    submission: &Submission,
    channel: &ChannelSettings,
    sms: &Sms,
) -> Result<(), SendError> {
    let words = site.words();
    let text = text(site, submission, sms, words, address(notifier, submission, channel.link).as_deref());
    send_text(notifier, site, channel, sms, &text).await
}

/// Sends a text message about how much more came in than is told of one by one.
pub(super) async fn send_more(
    notifier: &Notifier,
    site: &Site,
    channel: &ChannelSettings,
    sms: &Sms,
    count: usize,
) -> Result<(), SendError> {
    let words = site.words();
    send_text(notifier, site, channel, sms, &more_text(&site.name, count, words)).await
}

/// Sends a text message, if the month allows one more.
async fn send_text(
    notifier: &Notifier,
    site: &Site,
    channel: &ChannelSettings,
    sms: &Sms,
    text: &str,
) -> Result<(), SendError> {
    let (name, month) = (channel.name.to_string(), this_month());
    let quota = TextQuota { site: &site.id, channel: &name, month: &month };
    if !notifier.app.store.take_text(quota, sms.monthly_cap).await? {
        tell_once(notifier, site, quota, sms).await;
        return Err(SendError::never(DeliveryReason::QuotaExceeded(sms.monthly_cap)));
    }
    let sent = publish(notifier, sms, text).await;
    if let Err((error, Surely::NotSent)) = &sent
        && let Err(unreturned) = notifier.app.store.return_text(quota).await
    {
        tracing::error!(site = site.id, %error, %unreturned, "SMS quota not returned");
    }
    sent.map_err(|(error, _)| error)
}

fn this_month() -> String {
    Timestamp::now().to_zoned(TimeZone::UTC).strftime("%Y-%m").to_string()
}

/// Whether a message that failed may have been sent all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Surely {
    NotSent,
    Unknown,
}

async fn publish(notifier: &Notifier, sms: &Sms, text: &str) -> Result<(), (SendError, Surely)> {
    let value = |text: &str| {
        let value = MessageAttributeValue::builder().data_type("String").string_value(text).build();
        value.map_err(|_| (SendError::never(DeliveryReason::Unwritable), Surely::NotSent))
    };
    let mut publish = notifier.texts.publish().phone_number(&sms.to).message(text);
    publish = publish.message_attributes("AWS.SNS.SMS.SMSType", value("Transactional")?);
    if let Some(sender) = &sms.sender {
        publish = publish.message_attributes("AWS.SNS.SMS.SenderID", value(sender)?);
    }
    publish.send().await.map(drop).map_err(|error| refusal(&error))
}

/// What SNS' refusal means. Its own message may name the number, and is not repeated.
fn refusal(error: &SdkError<PublishError, HttpResponse>) -> (SendError, Surely) {
    match error {
        SdkError::TimeoutError(_) => (SendError::again(DeliveryReason::Timeout), Surely::Unknown),
        SdkError::ConstructionFailure(_) => (SendError::never(DeliveryReason::Unwritable), Surely::NotSent),
        SdkError::ServiceError(refused) => {
            let surely = if refused.raw().status().is_client_error() { Surely::NotSent } else { Surely::Unknown };
            let reason = DeliveryReason::Sns(refused.err().code().unwrap_or("unknown").into());
            match refused.err() {
                PublishError::InvalidParameterException(_)
                | PublishError::InvalidParameterValueException(_)
                | PublishError::ValidationException(_) => (SendError::never(reason), surely),
                // Throttled, not allowed to, in trouble itself, or with a name that this does not know.
                _ => (SendError::again(reason), surely),
            }
        }
        _ => (SendError::again(DeliveryReason::NoConnection), Surely::Unknown),
    }
}

/// What a telephone shows: whose site, who, the number to call back, and the beginning of the message.
fn text(site: &Site, submission: &Submission, sms: &Sms, words: &Words, link: Option<&str>) -> String {
    let SubmissionContent::Lead(lead) = &submission.content else { return String::new() };
    let name = words.author(lead.name().unwrap_or_default());
    let mut text = format!("{}: ", short(&site.name, MAX_SITE));
    if submission.verdict.decision != Decision::Ham {
        text = format!("{text}{} ", words.mail_possible_spam);
    }
    text.push_str(&format(words.mail_lead_subject, "name", short(name, MAX_NAME)));
    if let Some(phone) = lead.phone() {
        text = format!("{text}, {}", short(phone, MAX_PHONE));
    }
    if let Some(message) = lead.message().filter(|message| sms.characters > 0 && !message.trim().is_empty()) {
        text = format!("{text}: {}", short(message, sms.characters));
    }
    let room = MAX - link.map_or(0, |link| (link.encode_utf16().count() + 1).min(MAX));
    let text = fit(&text, room, as_is);
    link.map_or(text.clone(), |link| format!("{text} {link}"))
}

/// What a telephone shows where so much came in that it is not told of one by one.
fn more_text(site: &str, count: usize, words: &Words) -> String {
    fit(&email::more_subject(&short(site, MAX_SITE), count, words), MAX, as_is)
}

/// As much of a text as fits into `max` UTF-16 units, on one line.
fn short(text: &str, max: usize) -> String {
    fit(&plain(text).replace('\n', " "), max, as_is)
}

/// Tells the owner that a month's text messages are used up, unless that was done.
async fn tell_once(notifier: &Notifier, site: &Site, quota: TextQuota<'_>, sms: &Sms) {
    let store = &notifier.app.store;
    match store.note_quota_exceeded(quota).await {
        Ok(true) => {}
        Ok(false) => return,
        Err(error) => return tracing::error!(site = site.id, %error, "SMS quota notice not recorded"),
    }
    if let Err(error) = notifier.send_to_owner(compose(site, sms)).await {
        tracing::error!(site = site.id, %error, "SMS quota notice not sent");
        if let Err(error) = store.forget_quota_exceeded(quota).await {
            tracing::error!(site = site.id, %error, "and will not be");
        }
    }
}

fn compose<'a>(site: &'a Site, sms: &Sms) -> EmailMessage<'a> {
    let words = site.words();
    let text = words.mail_sms_used_up.format("cap", sms.monthly_cap);
    let subject = format(words.mail_sms_used_up_subject, "site", &site.name);
    email::free_text(site, &site.lang, (&site.owner.name, &site.owner.email), Uuid::now_v7(), subject, &text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_together_is_as_short_as_every_text_message() {
        for (site, begins) in
            [("Studio", "Studio: 12 more"), (&*"\u{1f600}".repeat(600), "\u{1f600}"), ("a\nb", "a b: 12")]
        {
            let text = more_text(site, 12, crate::words::english());
            assert!(text.starts_with(begins) && text.contains(": 12 more"), "{text}");
            assert!(text.encode_utf16().count() <= MAX_SITE + ": 12 more in your inbox".len(), "{text}");
        }
    }
}
