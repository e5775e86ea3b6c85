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
        let mut hidden = Self::default();
        for (name, value) in std::mem::take(&mut fields.pairs) {
            match control(&name, honeypot) {
                None => fields.pairs.push((name, value)),
                Some(Control::Next) => keep_first(&mut hidden.next, value),
                Some(Control::Token) => keep_first(&mut hidden.token, value),
                Some(Control::Altcha) => keep_first(&mut hidden.altcha, value),
                Some(Control::Captcha) => hidden.captcha.pairs.push((name, value)),
                Some(Control::Honeypot) => hidden.trapped(name, value),
                Some(Control::Ignored) => {}
            }
        }
        let empty = || fields.blank.iter().find(|name| control(name, honeypot) == Some(Control::Honeypot));
        hidden.trap = hidden.trap.or_else(|| Some((empty()?.clone(), String::new())));
        hidden
    }

    /// Notes a field that people cannot see: of several, the first that was filled in. A box that is not ticked is not.
    fn trapped(&mut self, name: String, value: String) {
        let filled = !["", "false"].contains(&value.trim());
        if self.trap.is_none() || filled && !self.honeypot {
            self.trap = Some((name, value));
        }
        self.honeypot |= filled;
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

/// Keeps the first value that is not blank.
fn keep_first(kept: &mut Option<String>, value: String) {
    if kept.is_none() && !value.trim().is_empty() {
        *kept = Some(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Pair<'a> = (&'a str, &'a str);

    #[test]
    fn whatever_fills_a_trap_is_caught_whichever_comes_first() {
        let (gotcha, botcheck) = (("_gotcha", "http://spam"), ("botcheck", "false"));
        let cases: [(&[Pair], bool, Option<Pair>); 7] = [
            (&[gotcha], true, Some(gotcha)),
            (&[botcheck, gotcha], true, Some(gotcha)),
            (&[gotcha, botcheck], true, Some(gotcha)),
            (&[("_honey", " "), botcheck, gotcha, ("bot-field", "x")], true, Some(gotcha)),
            (&[botcheck], false, Some(botcheck)),
            (&[("own", "true")], true, Some(("own", "true"))),
            (&[], false, Some(("Own", ""))),
        ];
        for (traps, caught, trap) in cases {
            let pairs = traps.iter().map(|(name, value)| ((*name).into(), (*value).into()));
            let pairs = pairs.chain([("message".into(), "Hello".into())]).collect();
            let mut fields = Fields { pairs, blank: vec!["Own".into()], ..Fields::default() };
            let hidden = Hidden::take(&mut fields, Some("own"));
            let named = hidden.trap.as_ref().map(|(name, value)| (name.as_str(), value.as_str()));
            assert_eq!((hidden.honeypot, named), (caught, trap), "{traps:?}");
            assert_eq!(fields.pairs, [("message".into(), "Hello".into())]);
        }
    }

    #[test]
    fn what_is_no_content_is_taken_out_by_what_it_is_and_the_first_that_says_something_counts() {
        let posted = [
            ("_next", " "),
            ("redirect", "/thanks/"),
            ("_next", "/other/"),
            ("_token", "t"),
            ("name", "Ann"),
            ("altcha", "a"),
            ("g-recaptcha-response", "c"),
            ("_cc", "thief@example.net"),
            ("h-captcha-response", "d"),
            ("name", "Bo"),
        ];
        let pairs = |list: &[(&str, &str)]| -> Vec<(String, String)> {
            list.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
        };
        let mut fields = Fields { pairs: pairs(&posted), ..Fields::default() };
        let expected = Hidden {
            next: Some("/thanks/".into()),
            token: Some("t".into()),
            altcha: Some("a".into()),
            captcha: Fields {
                pairs: pairs(&[("g-recaptcha-response", "c"), ("h-captcha-response", "d")]),
                ..Fields::default()
            },
            ..Hidden::default()
        };
        assert_eq!(Hidden::take(&mut fields, None), expected);
        assert_eq!(fields.pairs, pairs(&[("name", "Ann"), ("name", "Bo")]));
    }
}
