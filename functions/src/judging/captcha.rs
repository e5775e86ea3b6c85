//! The hosted captchas, for the sites whose owners prefer one: Turnstile, hCaptcha, reCAPTCHA. All three hand the
//! visitor's browser a token, which the form posts and the provider verifies. A missing or wrong one is a signal and
//! refuses nobody. The visitor's address is not passed on.

use serde::Deserialize;

use crate::app::App;
use crate::config::Site;
use crate::form::Fields;
use crate::form::captcha::Captcha;
use crate::platform::outgoing::{OutgoingError, Services};
use crate::store::StoreError;
use deskbell_filter::Proof;

/// The score, 0 (a machine) to 1 (a person), from which on reCAPTCHA 3 is taken to mean a person.
const PERSON: f64 = 0.5;

impl Captcha {
    /// The longest token, in bytes. Turnstile documents its own; the others' are longer, and no provider says how long.
    fn longest(self) -> usize {
        match self {
            Self::Turnstile => 2_048,
            Self::Hcaptcha | Self::Recaptcha => 8_192,
        }
    }

    fn url(self, services: &Services) -> &str {
        match self {
            Self::Turnstile => &services.turnstile,
            Self::Hcaptcha => &services.hcaptcha,
            Self::Recaptcha => &services.recaptcha,
        }
    }
}

/// Why a token could not be verified. Holds nothing of what was sent.
#[derive(Debug, thiserror::Error)]
pub enum CaptchaError {
    /// `deskbell secret set` is still to be done.
    #[error("its secret is not set")]
    NoSecret,
    /// The secret cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The provider was not reached.
    #[error(transparent)]
    Outgoing(#[from] OutgoingError),
    /// The provider has no verdict on the token.
    #[error("status {0} and no verdict")]
    Answer(u16),
}

/// What a provider answers.
#[derive(Deserialize)]
struct Verified {
    success: bool,
    hostname: Option<String>,
    score: Option<f64>,
    #[serde(default, rename = "error-codes")]
    error_codes: Vec<String>,
}

/// Codes that are about the token. Others are about the secret, the request or the provider itself.
const TOKEN_FAULTS: [&str; 9] = [
    "missing-input-response",
    "invalid-input-response",
    "timeout-or-duplicate",
    "invalid-or-already-seen-response",
    "already-seen-response",
    "expired-input-response",
    "invalid-parsed-response",
    "not-using-dummy-passcode",
    "sitekey-secret-mismatch",
];

/// What the posted token is worth.
pub(crate) async fn verify(app: &App, site: &Site, captcha: Captcha, posted: &Fields) -> Result<Proof, CaptchaError> {
    let tokens = captcha.fields().iter().filter_map(|name| posted.get(name));
    let Some(token) = tokens.map(str::trim).find(|token| !token.is_empty()) else { return Ok(Proof::Absent) };
    if token.len() > captcha.longest() {
        return Ok(Proof::Failed);
    }
    let secret = app.secret(site, &captcha.secret()).await?.ok_or(CaptchaError::NoSecret)?;
    let fields = [("secret", secret.reveal()), ("response", token)];
    let answer = app.outgoing.post(captcha.url(&app.services), &fields).await?;
    let verified: Verified = serde_json::from_str(&answer.body).map_err(|_| CaptchaError::Answer(answer.status))?;
    verified.proof(site).ok_or(CaptchaError::Answer(answer.status))
}

impl Verified {
    /// None if the provider says nothing about the token.
    fn proof(&self, site: &Site) -> Option<Proof> {
        if self.success {
            let here = self.hostname.as_deref().is_some_and(|host| site.has_host(host));
            let person = self.score.is_none_or(|score| score >= PERSON);
            return Some(if here && person { Proof::Solved } else { Proof::Failed });
        }
        let of_token = self.error_codes.iter().any(|code| TOKEN_FAULTS.contains(&code.as_str()));
        of_token.then_some(Proof::Failed)
    }
}
