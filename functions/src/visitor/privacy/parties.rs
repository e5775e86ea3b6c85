//! Who gets something of what visitors send, beside the site itself and the servers that it runs on. Whatever is added
//! that leads to somebody else, as a channel to the owner, adds its sentence here.

use crate::config::Site;
use crate::config::channels::{ChannelSettings, Way};
use crate::form::captcha::Captcha;
use crate::words::{PrivacyWords, format};

/// A sentence about each of them.
pub(super) fn parties(site: &Site, words: &PrivacyWords) -> Vec<String> {
    let captcha = site.challenge.captcha.map(|captcha| match captcha {
        Captcha::Turnstile => words.others_turnstile,
        Captcha::Hcaptcha => words.others_hcaptcha,
        Captcha::Recaptcha => words.others_recaptcha,
    });
    let akismet = site.akismet.as_ref().map(|_| words.others_akismet);
    let mut parties: Vec<String> = captcha.into_iter().chain(akismet).map(String::from).collect();
    for sentence in site.channels.iter().filter_map(|channel| party(channel, words)) {
        if !parties.contains(&sentence) {
            parties.push(sentence);
        }
    }
    parties
}

/// Who carries a channel's messages; the answer to the visitor goes the way of all mail.
fn party(channel: &ChannelSettings, words: &PrivacyWords) -> Option<String> {
    Some(match &channel.way {
        Way::Webhook { url } => format(words.others_webhook, "host", url.host_str().unwrap_or_default()),
        Way::Slack => words.others_slack.to_owned(),
        Way::Discord => words.others_discord.to_owned(),
        Way::Telegram { .. } => words.others_telegram.to_owned(),
        Way::Sms(sms) => words.others_sms.format("count", sms.characters),
        Way::Autoresponse(_) => return None,
    })
}
