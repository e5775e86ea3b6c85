//! Further ways beside mail on which people hear of what came in, each site's own: `[[sites.NAME.channels]]`. What is
//! told here, and how; when, how often and what became of it is [delivery's](crate::delivery) matter. A channel that
//! does not work fails alone.

mod autoresponse;
mod chat;
mod http;
mod message;
mod sms;
mod webhook;

use serde::Serialize;
use url::Url;
use uuid::Uuid;

use self::message::Message;
use self::webhook::{Event, MoreEvent, SigningKey, message_id};
use crate::config::Site;
use crate::config::channel_name::{ChannelKind, ChannelName};
use crate::config::channels::{ChannelSettings, Way, webhook_url};
use crate::config::secret::Secret;
use crate::delivery::more::More;
use crate::delivery::notifier::Notifier;
use crate::submission::Submission;
use crate::submission::delivery::{SendError, Sent};
use crate::submission::reason::DeliveryReason;

/// Sends a submission over the channel of that name. Writes down only what limits how often.
pub(crate) async fn send(
    notifier: &Notifier,
    site: &Site,
    submission: &Submission,
    name: &ChannelName,
) -> Result<Sent, SendError> {
    let channel = site.channels.iter().find(|channel| channel.name == *name);
    let Some(channel) = channel else { return Err(SendError::never(DeliveryReason::NotConfigured)) };
    let sent = match &channel.way {
        Way::Webhook { url } => {
            let event = Event::of(submission, message::address(notifier, submission, channel.link));
            post_signed(notifier, site, channel, url, submission.id, &event).await
        }
        Way::Slack | Way::Discord | Way::Telegram { .. } => {
            let message = Message::of(notifier, site, submission, channel.link);
            post_message(notifier, site, channel, &message).await
        }
        Way::Sms(sms) => sms::send(notifier, site, submission, channel, sms).await,
        Way::Autoresponse(autoresponse) => {
            return autoresponse::send(notifier, site, submission, channel, autoresponse).await;
        }
    };
    sent.map(|()| Sent::Made)
}

/// Says over a channel how much more came in than it is told of one by one.
pub(crate) async fn send_more(
    notifier: &Notifier,
    site: &Site,
    channel: &ChannelSettings,
    more: &More,
) -> Result<(), SendError> {
    match &channel.way {
        Way::Webhook { url } => {
            let event = MoreEvent::of(site, more, message::inbox(notifier, site, channel.link));
            post_signed(notifier, site, channel, url, more.id, &event).await
        }
        Way::Slack | Way::Discord | Way::Telegram { .. } => {
            post_message(notifier, site, channel, &Message::more(notifier, site, more, channel.link)).await
        }
        Way::Sms(sms) => sms::send_more(notifier, site, channel, sms, more.count).await,
        Way::Autoresponse(_) => Ok(()),
    }
}

/// Posts an event about something with an id to a webhook, signed.
async fn post_signed(
    notifier: &Notifier,
    site: &Site,
    channel: &ChannelSettings,
    url: &Url,
    id: Uuid,
    event: &impl Serialize,
) -> Result<(), SendError> {
    let secret = secret(notifier, site, &channel.name).await?;
    let key = SigningKey::parse(&secret).ok_or_else(|| unusable(&channel.name))?;
    let body = serde_json::to_string(event).map_err(|_| SendError::never(DeliveryReason::Unwritable))?;
    let headers = key.headers(&message_id(id, &channel.name), &body);
    let headers = headers.each_ref().map(|(name, value)| (*name, &**value));
    http::post(notifier, url, &headers, &body).await
}

/// Posts a message to a chat, as the chat takes it, to where the channel's secret leads.
async fn post_message(
    notifier: &Notifier,
    site: &Site,
    channel: &ChannelSettings,
    message: &Message,
) -> Result<(), SendError> {
    let secret = secret(notifier, site, &channel.name).await?;
    let (url, json) = match &channel.way {
        Way::Slack => (address(&secret), chat::slack(message)),
        Way::Discord => (address(&secret), chat::discord(message)),
        Way::Telegram { chat } => (telegram(notifier, &secret), chat::telegram(message, chat)),
        Way::Webhook { .. } | Way::Sms(_) | Way::Autoresponse(_) => return Err(unusable(&channel.name)),
    };
    http::post(notifier, &url.ok_or_else(|| unusable(&channel.name))?, &[], &json.to_string()).await
}

/// The secret of a channel.
async fn secret(notifier: &Notifier, site: &Site, name: &ChannelName) -> Result<String, SendError> {
    let found = notifier.app.secret(site, &Secret::Channel(name.clone())).await?;
    let missing = || SendError::never(DeliveryReason::SecretMissing(name.to_string()));
    Ok(found.ok_or_else(missing)?.reveal().to_owned())
}

/// The address that a secret is.
fn address(secret: &str) -> Option<Url> {
    webhook_url(secret.parse().ok()?).ok()
}

/// Where a bot's messages go. The token stands in the path, so it must not be able to change it.
fn telegram(notifier: &Notifier, token: &str) -> Option<Url> {
    let base = notifier.app.services.telegram.trim_end_matches('/');
    is_bot_token(token).then(|| format!("{base}/bot{token}/sendMessage").parse().ok())?
}

fn is_bot_token(token: &str) -> bool {
    let of = |c: u8| c.is_ascii_alphanumeric() || c == b'_' || c == b'-';
    token.split_once(':').is_some_and(|(bot, key)| {
        !bot.is_empty() && bot.bytes().all(|c| c.is_ascii_digit()) && key.len() >= 20 && key.bytes().all(of)
    })
}

fn unusable(name: &ChannelName) -> SendError {
    SendError::never(DeliveryReason::SecretInvalid(name.to_string()))
}

impl Secret {
    /// Whether a value can be this secret, as far as its form tells; if not, what it should look like.
    pub fn check(&self, value: &str) -> Result<(), &'static str> {
        match self {
            Self::Channel(name) => check_secret(name.kind(), value),
            _ => Ok(()),
        }
    }
}

/// Whether a value can be the secret of a channel of that kind; if not, what one looks like.
fn check_secret(kind: ChannelKind, value: &str) -> Result<(), &'static str> {
    let (fits, looks) = match kind {
        ChannelKind::Webhook => (
            SigningKey::parse(value).is_some(),
            "a webhook's secret is whsec_ and 24 to 64 bytes in base64, such as printed by: echo whsec_$(openssl rand -base64 32)",
        ),
        ChannelKind::Slack => {
            (address(value).is_some(), "Slack's secret is the webhook's address, https://hooks.slack.com/…")
        }
        ChannelKind::Discord => {
            (address(value).is_some(), "Discord's secret is the webhook's address, https://discord.com/api/webhooks/…")
        }
        ChannelKind::Telegram => (is_bot_token(value), "Telegram's secret is the bot's token, such as 123456:ABC…"),
        ChannelKind::Sms | ChannelKind::Autoresponse => (false, "this kind of channel has no secret"),
    };
    if fits { Ok(()) } else { Err(looks) }
}
