//! Who gets something of what visitors send, beside the site itself and the servers that it runs on. Whatever is added
//! that leads to somebody else, as a channel to the owner, adds its sentence here.

use crate::captcha::Captcha;
use crate::config::Site;
use crate::words::PrivacyWords;

/// A sentence about each of them.
pub(super) fn parties<'a>(site: &Site, words: &'a PrivacyWords) -> Vec<&'a str> {
    let captcha = site.judging.captcha.map(|captcha| match captcha {
        Captcha::Turnstile => &words.others_turnstile,
        Captcha::Hcaptcha => &words.others_hcaptcha,
        Captcha::Recaptcha => &words.others_recaptcha,
    });
    let akismet = site.akismet.as_ref().map(|_| &words.others_akismet);
    captcha.into_iter().chain(akismet).map(String::as_str).collect()
}
