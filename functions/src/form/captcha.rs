//! The hosted captchas that a form may hold.

use serde::Deserialize;

/// A provider. Its secret key is the secret of the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Captcha {
    /// Cloudflare's Turnstile.
    Turnstile,
    /// hCaptcha.
    Hcaptcha,
    /// Google's reCAPTCHA, version 2 or 3.
    Recaptcha,
}

impl Captcha {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Turnstile, Self::Hcaptcha, Self::Recaptcha];

    /// The fields that its widget, and known forms, post the token in.
    #[must_use]
    pub fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Turnstile => &["cf-turnstile-response", "_wpcf7_turnstile_response"],
            Self::Hcaptcha => &["h-captcha-response"],
            Self::Recaptcha => &["g-recaptcha-response", "recaptcha_response", "recaptchaToken"],
        }
    }
}
