//! What was posted, before anybody looked at its meaning; and what in it is not content.

use crate::form::captcha::Captcha;
use crate::form::code::FieldError;

/// What was posted: names and values in the order in which they came, repeated names kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields {
    /// Names and values as typed.
    pub pairs: Vec<(String, String)>,
    /// What was wrong with single fields before anybody looked at their meaning (a file, a nested value).
    pub faults: Vec<FieldError>,
}

impl Fields {
    /// Removes every field with one of these names; gives the first value that is not blank.
    pub fn take(&mut self, names: &[&str]) -> Option<String> {
        self.take_if(|name| names.contains(&name))
    }

    /// Removes every field whose name is matched; gives the first value that is not blank.
    pub fn take_if(&mut self, matches: impl Fn(&str) -> bool) -> Option<String> {
        let (taken, kept) = std::mem::take(&mut self.pairs).into_iter().partition(|(name, _)| matches(name));
        self.pairs = kept;
        let taken: Vec<(String, String)> = taken;
        taken.into_iter().map(|(_, value)| value).find(|value| !value.trim().is_empty())
    }

    /// Staticman's `fields[name]` becomes `name`.
    pub fn unwrap_names(&mut self) {
        for (name, _) in &mut self.pairs {
            if let Some(inner) = name.strip_prefix("fields[").and_then(|rest| rest.strip_suffix(']')) {
                *name = inner.into();
            }
        }
    }

    /// Gives the first field named by one of `aliases` the name `name`, unless that one was posted itself.
    pub fn rename(&mut self, aliases: &[&str], name: &str) {
        if self.pairs.iter().any(|(posted, value)| posted == name && !value.trim().is_empty()) {
            return;
        }
        let alias = |posted: &str| aliases.contains(&posted);
        if let Some(pair) = self.pairs.iter_mut().find(|(posted, value)| alias(posted) && !value.trim().is_empty()) {
            pair.0 = name.into();
        }
    }

    /// The first value of a field.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(posted, _)| posted == name).map(|(_, value)| value.as_str())
    }
}

/// What a form carries beside its content, under the names that the known form services use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hidden {
    /// Where to go afterwards; not checked yet.
    pub next: Option<String>,
    /// Whether a field that people cannot see was filled in.
    pub honeypot: bool,
    /// The name of the field that people cannot see, and what was typed into it.
    pub trap: Option<(String, String)>,
    /// The form token; not checked yet.
    pub token: Option<String>,
    /// The solved challenge of ALTCHA's widget; not checked yet.
    pub altcha: Option<String>,
    /// The tokens of hosted captchas, by field.
    pub captcha: Fields,
}

const NEXT: [&str; 6] = ["_next", "_redirect", "redirect", "redirectTo", "redirect_to", "options[redirect]"];
const HONEYPOTS: [&str; 4] = ["_gotcha", "_honey", "bot-field", "botcheck"];

/// Where hosted captchas leave their tokens.
const CAPTCHAS: [Captcha; 3] = [Captcha::Turnstile, Captcha::Hcaptcha, Captcha::Recaptcha];

/// Settings of other services that arrive as fields. Some of them would make an open relay of the form
/// (`_cc`, `_autoresponse`, `_webhook`), the rest means nothing here; none of them is content.
const IGNORED: [&str; 26] = [
    "_cc",
    "_bcc",
    "ccemail",
    "_webhook",
    "webhook",
    "_autoresponse",
    "_template",
    "_blacklist",
    "_captcha",
    "_format",
    "_language",
    "_host_nonce",
    "_url",
    "from_name",
    "access_key",
    "apikey",
    "apiKey",
    "form-name",
    "attachment",
    "altchaToken",
    "submit",
    "options[redirectError]",
    "options[reCaptcha][siteKey]",
    "options[reCaptcha][secret]",
    "options[subscribe]",
    "wp-comment-cookies-consent",
];

impl Hidden {
    /// Takes out of `fields` whatever is not content.
    pub fn take(fields: &mut Fields, honeypot: Option<&str>) -> Self {
        let trap = |name: &str| {
            HONEYPOTS.contains(&name) || honeypot == Some(name) || name.to_ascii_lowercase().contains("honeypot")
        };
        let next = fields.take(&NEXT);
        let name = fields.pairs.iter().map(|(name, _)| name).find(|name| trap(name)).cloned();
        let typed = fields.take_if(trap);
        let caught = typed.as_deref().is_some_and(|value| value.trim() != "false");
        let solved = |name: &str| CAPTCHAS.iter().any(|captcha| captcha.fields().contains(&name));
        let captcha =
            Fields { pairs: fields.pairs.extract_if(.., |(name, _)| solved(name)).collect(), faults: Vec::new() };
        fields.take_if(|name| IGNORED.contains(&name) || name.starts_with("_wpcf7"));
        let (token, altcha) = (fields.take(&["_token"]), fields.take(&["altcha"]));
        let trap = name.map(|name| (name, typed.unwrap_or_default()));
        Self { next, honeypot: caught, trap, token, altcha, captcha }
    }

    /// What of it a form that is given back must carry along. The token only if it was not spent, which is so when the
    /// fields were refused before anything else was looked at.
    #[must_use]
    pub fn carried(self, unspent: bool) -> Vec<(&'static str, String)> {
        let proofs = [("_token", self.token), ("altcha", self.altcha)].into_iter().filter(|_| unspent);
        let all = std::iter::once(("_next", self.next)).chain(proofs);
        all.filter_map(|(name, value)| Some((name, value?))).collect()
    }
}
