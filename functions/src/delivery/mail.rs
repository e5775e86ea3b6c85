//! Emails: MIME by a library that cannot be talked into further headers, and SES to carry them.

use std::borrow::Cow;
use std::time::SystemTime;

use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::error::{ProvideErrorMetadata as _, SdkError};
use aws_sdk_sesv2::operation::send_email::SendEmailError;
use aws_sdk_sesv2::primitives::Blob;
use aws_sdk_sesv2::types::{Destination, EmailContent, MessageTag, RawMessage};
use lettre::Message;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use uuid::Uuid;

use super::header;
use crate::config::Site;
use crate::form::Email;
use crate::platform::aws::{Aws, MAIL_TIME};
use crate::platform::clock::Clock;
use crate::submission::delivery::SendError;
use crate::submission::reason::DeliveryReason;

/// The way to people's mail.
#[derive(Debug)]
pub struct Mailer {
    client: Client,
    from: Email,
    configuration_set: Option<String>,
}

/// The tag of an email that names its site; SES gives it back with what it tells about the email.
pub(crate) const SITE_TAG: &str = "site";

/// The tag that names the submission that the owner is told of.
pub(crate) const EMAIL_TAG: &str = "email";

/// An email of a site.
pub(crate) struct EmailMessage<'a> {
    /// The site whose email it is.
    pub(crate) site: &'a Site,
    /// Whom it goes to: name and address.
    pub(crate) to: (&'a str, &'a Email),
    pub(crate) subject: String,
    pub(crate) reply_to: Option<Mailbox>,
    /// What it is about: the same for each delivery of the same email, which is named by it.
    pub(crate) id: Uuid,
    pub(crate) text: String,
    pub(crate) html: String,
    /// Whether it answers what the recipient sent, without anybody having written it (RFC 3834).
    pub(crate) answers: bool,
}

impl Mailer {
    /// Mail from an address that SES knows.
    #[must_use]
    pub fn new(aws: &Aws, clock: &Clock, from: Email) -> Self {
        Self { client: aws.ses_within(clock.lasts(MAIL_TIME)), from, configuration_set: aws.configuration_set.clone() }
    }

    /// Sends an email, to whomever: see [`crate::delivery::Notifier::send`].
    pub(crate) async fn send(&self, outgoing: &EmailMessage<'_>) -> Result<(), SendError> {
        let unwritable = || SendError::never(DeliveryReason::Unwritable);
        let written = |email: &Email| email.in_header().map(Cow::into_owned);
        let (from, to) = written(&self.from).zip(written(outgoing.to.1)).ok_or_else(unwritable)?;
        let mime = self.mime(outgoing).map_err(|_| unwritable())?;
        let raw = RawMessage::builder().data(Blob::new(mime)).build().map_err(|_| unwritable())?;
        let content = EmailContent::builder().raw(raw).build();
        let to = Destination::builder().to_addresses(to).build();
        let email = self.client.send_email().from_email_address(from).destination(to).content(content);
        let email =
            email.set_configuration_set_name(self.configuration_set.clone()).set_email_tags(Some(tags(outgoing)));
        email.send().await.map(drop).map_err(|error| refusal(&error))
    }

    fn domain(&self) -> &str {
        self.from.host()
    }

    fn mime(&self, outgoing: &EmailMessage) -> Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>> {
        let mailbox = |name: &str, email: &Email| {
            header::mailbox(Some(name), email).ok_or("the address does not fit into a header")
        };
        let (from, to) = (mailbox(&outgoing.site.name, &self.from)?, mailbox(outgoing.to.0, outgoing.to.1)?);
        // An answer has another name than the owner's email about the same message.
        let kind = if outgoing.answers { "answer-" } else { "" };
        let message_id = format!("<{kind}{}@{}>", outgoing.id, self.domain());
        let submitted = if outgoing.answers { "auto-replied" } else { "auto-generated" };
        let mut message = Message::builder()
            .from(from)
            .to(to)
            .subject(header::subject(&outgoing.subject))
            .date(SystemTime::now())
            .message_id(Some(message_id.clone()))
            // SES puts its own Message-ID in place of ours; mail programs then file a repetition by this one.
            .references(message_id)
            .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), submitted.into()));
        if let Some(visitor) = &outgoing.reply_to {
            message = message.reply_to(visitor.clone());
        }
        let parts = MultiPart::alternative_plain_html(outgoing.text.clone(), outgoing.html.clone());
        Ok(message.multipart(parts)?.formatted())
    }
}

/// By what SES names an email in what it tells about it. An answer to a visitor is not told of as the submission is.
fn tags(outgoing: &EmailMessage) -> Vec<MessageTag> {
    let tag = |name: &str, value: String| MessageTag::builder().name(name).value(value).build().ok();
    let id = if outgoing.answers { None } else { tag(EMAIL_TAG, outgoing.id.to_string()) };
    [tag(SITE_TAG, outgoing.site.id.clone()), id].into_iter().flatten().collect()
}

/// What SES' refusal means. Its own message may name addresses, and is not repeated.
fn refusal<R>(error: &SdkError<SendEmailError, R>) -> SendError {
    match error {
        SdkError::TimeoutError(_) => SendError::again(DeliveryReason::Timeout),
        SdkError::ServiceError(refused) => {
            let reason = DeliveryReason::Ses(refused.err().code().unwrap_or("unknown").into());
            match refused.err() {
                SendEmailError::MessageRejected(_)
                | SendEmailError::BadRequestException(_)
                | SendEmailError::NotFoundException(_) => SendError::never(reason),
                // Throttled, paused, not verified yet, not allowed to, or in trouble itself.
                _ => SendError::again(reason),
            }
        }
        _ => SendError::again(DeliveryReason::NoConnection),
    }
}
