//! Further ways beside mail on which people hear of what came in, each site's own: `[[sites.NAME.channels]]`. What is told
//! here, and how; when, how often and what became of it is [delivery's](crate::delivery) matter. A channel that does not
//! work fails alone.

mod autoresponse;
mod chat;
mod http;
mod message;
mod sms;
mod webhook;

use serde_json::Value;
use url::Url;

use self::message::Telling;
use self::webhook::{Event, SigningKey, message_id};
use crate::app::Bell;
use crate::app::secrets::Secret;
use crate::config::channel_name::{Kind, Name};
use crate::config::channels::{Settings, Way, webhook_url};
use crate::config::{Review, Site};
use crate::submission::Submission;
use crate::submission::delivery::{SendError, Sent};
use crate::submission::reason::DeliveryReason;

/// The channels of a site that a submission goes to, in the order of the configuration, if it rings at all: of those that
/// answer the visitor the first one alone.
pub(crate) fn applying<'a>(site: &'a Site, submission: &'a Submission) -> impl Iterator<Item = &'a Settings> {
    let mut answered = false;
    site.channels.iter().filter(|channel| channel.hears_of(submission)).filter(move |channel| match channel.kind() {
        Kind::Autoresponse => autoresponse::suits(submission) && !std::mem::replace(&mut answered, true),
        _ => true,
    })
}

/// Sends a submission over the channel of that name. Writes down only what limits how often.
pub(crate) async fn send(bell: &Bell, site: &Site, submission: &Submission, name: &Name) -> Result<Sent, SendError> {
    let channel = site.channels.iter().find(|channel| channel.name == *name);
    let Some(channel) = channel else { return Err(SendError::never(DeliveryReason::NotConfigured)) };
    let telling = || Telling::of(bell, site, submission, channel.link);
    let secret = async || secret(bell, site, name).await;
    let sent = match &channel.way {
        Way::Webhook { url } => webhook(bell, submission, channel, url, &secret().await?).await,
        Way::Slack => chat(bell, address(&secret().await?), name, &chat::slack(&telling())).await,
        Way::Discord => chat(bell, address(&secret().await?), name, &chat::discord(&telling())).await,
        Way::Telegram { chat } => {
            let url = telegram(bell, &secret().await?);
            self::chat(bell, url, name, &chat::telegram(&telling(), chat)).await
        }
        Way::Sms(sms) => sms::send(bell, site, submission, channel, sms).await,
        Way::Autoresponse(autoresponse) => return autoresponse::send(bell, site, submission, autoresponse).await,
    };
    sent.map(|()| Sent::Made)
}

async fn webhook(
    bell: &Bell,
    submission: &Submission,
    channel: &Settings,
    url: &Url,
    secret: &str,
) -> Result<(), SendError> {
    let key = SigningKey::parse(secret).ok_or_else(|| unusable(&channel.name))?;
    let event = Event::of(submission, message::address(bell, submission, channel.link));
    let body = serde_json::to_string(&event).map_err(|_| SendError::never(DeliveryReason::Unwritable))?;
    let headers = key.headers(&message_id(submission, &channel.name), &body);
    let headers = headers.each_ref().map(|(name, value)| (*name, &**value));
    http::post(bell, url, &headers, &body).await
}

/// Sends a message to where the secret of the channel of that name leads.
async fn chat(bell: &Bell, url: Option<Url>, name: &Name, message: &Value) -> Result<(), SendError> {
    http::post(bell, &url.ok_or_else(|| unusable(name))?, &[], &message.to_string()).await
}

/// The secret of a channel.
async fn secret(bell: &Bell, site: &Site, name: &Name) -> Result<String, SendError> {
    let found = bell.app.secret(site, &Secret::Channel(name.clone())).await;
    let found = found.map_err(|_| SendError::again(DeliveryReason::StoreUnavailable))?;
    let missing = || SendError::never(DeliveryReason::SecretMissing(name.to_string()));
    Ok(found.ok_or_else(missing)?.reveal().to_owned())
}

/// The address that a secret is.
fn address(secret: &str) -> Option<Url> {
    webhook_url(secret.parse().ok()?).ok()
}

/// Where a bot's messages go. The token stands in the path, so it must not be able to change it.
fn telegram(bell: &Bell, token: &str) -> Option<Url> {
    let base = bell.app.services.telegram.trim_end_matches('/');
    is_bot_token(token).then(|| format!("{base}/bot{token}/sendMessage").parse().ok())?
}

fn is_bot_token(token: &str) -> bool {
    let of = |c: u8| c.is_ascii_alphanumeric() || c == b'_' || c == b'-';
    token.split_once(':').is_some_and(|(bot, key)| {
        !bot.is_empty() && bot.bytes().all(|c| c.is_ascii_digit()) && key.len() >= 20 && key.bytes().all(of)
    })
}

fn unusable(name: &Name) -> SendError {
    SendError::never(DeliveryReason::SecretInvalid(name.to_string()))
}

/// Whether a value can be the secret of a channel of that kind; if not, what one looks like.
pub(crate) fn check_secret(kind: Kind, value: &str) -> Result<(), &'static str> {
    let (fits, looks) = match kind {
        Kind::Webhook => (
            SigningKey::parse(value).is_some(),
            "a webhook's secret is whsec_ and 24 to 64 bytes in base64, such as printed by: echo whsec_$(openssl rand -base64 32)",
        ),
        Kind::Slack => (address(value).is_some(), "Slack's secret is the webhook's address, https://hooks.slack.com/…"),
        Kind::Discord => {
            (address(value).is_some(), "Discord's secret is the webhook's address, https://discord.com/api/webhooks/…")
        }
        Kind::Telegram => (is_bot_token(value), "Telegram's secret is the bot's token, such as 123456:ABC…"),
        Kind::Sms | Kind::Autoresponse => (false, "this kind of channel has no secret"),
    };
    if fits { Ok(()) } else { Err(looks) }
}

impl Site {
    /// No two channels may have one name, under which their deliveries are noted; they hear only of forms that exist; and
    /// of two that would answer the visitor only the first one does.
    pub(crate) fn check_channels(&self, review: &mut Review) {
        for (index, channel) in self.channels.iter().enumerate() {
            let before = &self.channels[..index];
            if before.iter().any(|other| other.name == channel.name) {
                let problem = format!("another channel is called {}, too", channel.name);
                review.advise(index, problem, "give one of them a name");
            }
            let answered = |other: &Settings| other.kind() == Kind::Autoresponse && other.forms.is_empty();
            if channel.kind() == Kind::Autoresponse && before.iter().any(answered) {
                let problem = "this would never be sent: one before it answers every form";
                review.advise(index, problem, "put it first, or give the other one forms");
            }
            let unknown = |form: &String| form != "default" && !self.forms.contains_key(form);
            review.within(index, |review| {
                review.within("forms", |review| {
                    for (place, _) in channel.forms.iter().enumerate().filter(|(_, form)| unknown(form)) {
                        review.wrong(place, "there is no such form");
                    }
                });
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::config::tests::error;

    #[test]
    fn channels_that_cannot_work_are_named_with_their_place() {
        let answer = "kind = \"autoresponse\", subject = \"a\", text = \"b\"";
        let cases = [
            (
                "channels = [{ kind = \"slack\" }, { kind = \"slack\" }]".to_owned(),
                "line 6, column 33: another channel is called slack, too (give one of them a name)",
            ),
            (
                "channels = [{ kind = \"slack\", forms = [\"default\", \"booking\"] }]".into(),
                "line 6, column 51: there is no such form",
            ),
            (
                format!("channels = [{{ {answer} }}, {{ {answer}, name = \"x\" }}]"),
                "line 6, column 67: this would never be sent: one before it answers every form \
                 (put it first, or give the other one forms)",
            ),
            ("channels = [{ kind = \"webhook\" }]".into(), "line 6, column 12: webhook: url is missing"),
            (
                "channels = [{ kind = \"slack\", urll = \"x\" }]".into(),
                "line 6, column 31: unknown key `urll` in `sites.studio.channels.0` (did you mean `url`?)",
            ),
            (
                "channels = [{ kind = \"slack\", token = \"x\" }]".into(),
                "line 6, column 31: `token` looks like a secret, and a secret never stands in this file \
                 (`deskbell secret set NAME` keeps it in the table)",
            ),
        ];
        for (lines, expected) in cases {
            assert_eq!(error(&lines), expected, "{lines}");
        }
    }
}
