//! One field of a form, and the one place where typed text is checked.

use serde::Deserialize;

use crate::form::built_in::BuiltIn;
use crate::form::code::Code;
use crate::form::email::{Email, is_web_address};
use crate::form::kind::FieldKind;

/// One field of a form.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// The name that the form posts it under.
    pub name: String,
    /// What people read beside it; made from the name if absent.
    pub label: Option<String>,
    /// What may be typed; guessed from the name if absent.
    #[serde(rename = "type")]
    pub kind: Option<FieldKind>,
    /// Whether it must be filled in.
    #[serde(default)]
    pub required: bool,
    /// The longest value, in characters.
    pub max: Option<usize>,
    /// The values of a [`FieldKind::Choice`].
    #[serde(default)]
    pub choices: Vec<String>,
}

impl Field {
    /// What may be typed.
    #[must_use]
    pub fn kind(&self) -> FieldKind {
        let usual = || BuiltIn::named(&self.name).map_or(FieldKind::Text, |field| field.kind);
        self.kind.unwrap_or_else(usual)
    }

    /// The longest value, in characters.
    #[must_use]
    pub fn max(&self) -> usize {
        self.max.unwrap_or(self.kind().max())
    }

    /// What is wrong where it must be filled in and is not.
    pub(super) fn missing(&self) -> Code {
        if self.kind() == FieldKind::Consent { Code::Consent } else { Code::Required }
    }

    /// The value as it is kept, or why it is refused. Blank is fine here; whether it may be blank is the form's matter.
    pub(super) fn clean(&self, typed: &str) -> Result<String, Code> {
        if typed.contains('\u{fffd}') {
            return Err(Code::Encoding);
        }
        let value = match self.kind() {
            FieldKind::Text => clean_text(typed),
            FieldKind::Url => whole_address(clean_line(typed)),
            _ => clean_line(typed),
        };
        if value.chars().count() > self.max() {
            return Err(Code::TooLong(self.max()));
        }
        if value.is_empty() || self.fits(&value) { Ok(value) } else { Err(self.misfit()) }
    }

    fn fits(&self, value: &str) -> bool {
        match self.kind() {
            FieldKind::Line | FieldKind::Text | FieldKind::Consent => true,
            FieldKind::Email => Email::parse(value).is_some(),
            FieldKind::Url => is_web_address(value),
            FieldKind::Tel => {
                value.chars().any(char::is_numeric)
                    && value.chars().all(|c| c.is_alphanumeric() || " +-()./#,;:".contains(c))
            }
            FieldKind::Number => value.replacen(',', ".", 1).parse::<f64>().is_ok_and(f64::is_finite),
            FieldKind::Date => value.parse::<jiff::civil::Date>().is_ok(),
            FieldKind::Choice => self.choices.iter().any(|choice| choice == value),
        }
    }

    fn misfit(&self) -> Code {
        match self.kind() {
            FieldKind::Email => Code::Email,
            FieldKind::Url => Code::Url,
            FieldKind::Tel => Code::Tel,
            FieldKind::Number => Code::Number,
            FieldKind::Date => Code::Date,
            FieldKind::Line | FieldKind::Text | FieldKind::Choice | FieldKind::Consent => Code::Choice,
        }
    }
}

/// People leave out the `https://` of their website.
fn whole_address(typed: String) -> String {
    let whole = format!("https://{typed}");
    if typed.contains('.') && !typed.contains("://") && is_web_address(&whole) { whole } else { typed }
}

/// Text of several lines as it is kept: line ends as `\n`, no control characters, no blank lines around it.
pub(crate) fn clean_text(typed: &str) -> String {
    let unix = typed.replace("\r\n", "\n").replace('\r', "\n");
    let kept: String = unix.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    kept.trim().into()
}

/// One line as it is kept: line ends and runs of white space become a space. Characters that turn the direction of
/// writing are left out, for a name could use them to disguise the text around it.
fn clean_line(typed: &str) -> String {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}');
    let kept: String = typed.chars().filter(|c| !turns(*c)).map(|c| if c.is_control() { ' ' } else { c }).collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, kind: FieldKind) -> Field {
        Field { name: name.into(), kind: Some(kind), choices: vec!["tea".into()], ..Field::default() }
    }

    #[test]
    fn values_are_cleaned_or_refused() {
        let long = "x".repeat(41);
        let cases = [
            (FieldKind::Line, " a\r\nBcc: b@c.org\0 ", Ok("a Bcc: b@c.org")),
            (FieldKind::Line, "\u{202e}evil", Ok("evil")),
            (FieldKind::Text, "\r\none\r\ntwo\0\r\n", Ok("one\ntwo")),
            (FieldKind::Text, "caf\u{fffd}", Err(Code::Encoding)),
            (FieldKind::Email, "mara@example.org", Ok("mara@example.org")),
            (FieldKind::Email, "a@b", Err(Code::Email)),
            (FieldKind::Email, "a..b@example.org", Err(Code::Email)),
            (FieldKind::Email, "a@[127.0.0.1]", Err(Code::Email)),
            (FieldKind::Email, "a@example..org", Err(Code::Email)),
            (FieldKind::Email, "a@example.org, b@example.org", Err(Code::Email)),
            (FieldKind::Url, "https://example.org/x", Ok("https://example.org/x")),
            (FieldKind::Url, "javascript:alert(1)", Err(Code::Url)),
            (FieldKind::Url, "example.org/me", Ok("https://example.org/me")),
            (FieldKind::Url, "no address", Err(Code::Url)),
            (FieldKind::Url, "ftp://example.org", Err(Code::Url)),
            (FieldKind::Tel, "+46 (0)8 555 010", Ok("+46 (0)8 555 010")),
            (FieldKind::Tel, "call me", Err(Code::Tel)),
            (FieldKind::Tel, &long, Err(Code::TooLong(40))),
            (FieldKind::Number, "2,5", Ok("2,5")),
            (FieldKind::Number, "two", Err(Code::Number)),
            (FieldKind::Date, "2026-02-30", Err(Code::Date)),
            (FieldKind::Choice, "tea", Ok("tea")),
            (FieldKind::Choice, "gin", Err(Code::Choice)),
            (FieldKind::Email, "", Ok("")),
        ];
        for (kind, typed, expected) in cases {
            assert_eq!(field("x", kind).clean(typed).as_deref(), expected.as_deref(), "{kind:?} {typed:?}");
        }
    }
}
