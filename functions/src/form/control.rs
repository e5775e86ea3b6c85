//! What a form posts beside its content: where to go afterwards, what bots fill in, tokens and proofs.

use crate::form::data::Fields;
use crate::form::dialects::{Control, control};

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

impl Hidden {
    /// Takes out of `fields` whatever is not content. `honeypot` is the name of the form's own field that people cannot
    /// see.
    pub fn take(fields: &mut Fields, honeypot: Option<&str>) -> Self {
        let mut all = std::mem::take(&mut fields.pairs);
        let mut extract = |wanted: Control| {
            let pairs = all.extract_if(.., |(name, _)| control(name, honeypot) == Some(wanted)).collect();
            Fields { pairs, ..Fields::default() }
        };
        let [next, traps, token, altcha, captcha, _] =
            [Control::Next, Control::Honeypot, Control::Token, Control::Altcha, Control::Captcha, Control::Ignored]
                .map(&mut extract);
        fields.pairs = all;
        let typed = traps.first();
        let caught = typed.is_some_and(|value| value.trim() != "false");
        let empty = || fields.blank.iter().find(|name| control(name, honeypot) == Some(Control::Honeypot));
        let trap = traps.pairs.first().map(|(name, _)| (name.clone(), typed.unwrap_or_default().to_owned()));
        let trap = trap.or_else(|| Some((empty()?.clone(), String::new())));
        let first = |fields: &Fields| fields.first().map(str::to_owned);
        Self { next: first(&next), honeypot: caught, trap, token: first(&token), altcha: first(&altcha), captcha }
    }

    /// What of it a form that is given back must carry along. The token only if it was not consumed, which is so when
    /// the fields were refused before anything else was looked at.
    #[must_use]
    pub fn carried(self, unconsumed: bool) -> Vec<(&'static str, String)> {
        let proofs = [("_token", self.token), ("altcha", self.altcha)].into_iter().filter(|_| unconsumed);
        let all = std::iter::once(("_next", self.next)).chain(proofs);
        all.filter_map(|(name, value)| Some((name, value?))).collect()
    }
}
