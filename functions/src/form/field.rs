//! One field of a form, and the one place where typed text is checked.

use serde::Deserialize;

use crate::form::built_in::BuiltIn;
use crate::form::clean::{clean_line, clean_text};
use crate::form::code::Code;
use crate::form::email::Email;
use crate::form::kind::FieldKind;
use crate::form::{visible, website};

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
        let known = || BuiltIn::named(&self.name).or_else(|| BuiltIn::of_leads_known_as(&self.name));
        self.kind.unwrap_or_else(|| known().map_or(FieldKind::Text, |field| field.kind))
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
        let value = match self.kind() {
            FieldKind::Text => clean_text(typed),
            FieldKind::Email | FieldKind::Url => clean_line(&visible::bare(typed)),
            _ => clean_line(typed),
        };
        if value.chars().count() > self.max() {
            return Err(Code::TooLong(self.max()));
        }
        if value.is_empty() || self.holds_place(&value) {
            return Ok(String::new());
        }
        self.kept(&value).ok_or_else(|| self.misfit())
    }

    /// Whether what was typed only says that there is nothing to say, where something of a certain form is asked for.
    fn holds_place(&self, value: &str) -> bool {
        match self.kind() {
            FieldKind::Line | FieldKind::Text | FieldKind::Consent => false,
            FieldKind::Choice => self.kept(value).is_none() && is_placeholder(value),
            FieldKind::Email | FieldKind::Tel | FieldKind::Url | FieldKind::Number | FieldKind::Date => {
                is_placeholder(value)
            }
        }
    }

    /// A value of the field's kind, as it is kept.
    fn kept(&self, value: &str) -> Option<String> {
        let fits = match self.kind() {
            FieldKind::Line | FieldKind::Text | FieldKind::Consent => true,
            FieldKind::Email => return Email::within(value).map(str::to_owned),
            FieldKind::Url => {
                return website::clean(value).map(|url| if is_placeholder(&url) { String::new() } else { url });
            }
            // Two numbers, a remark behind one, digits of any script: people read it.
            FieldKind::Tel => value.chars().any(char::is_numeric),
            FieldKind::Number => value.replacen(',', ".", 1).parse::<f64>().is_ok_and(f64::is_finite),
            FieldKind::Date => value.parse::<jiff::civil::Date>().is_ok(),
            FieldKind::Choice => self.choices.iter().any(|choice| choice == value),
        };
        fits.then(|| value.to_owned())
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

/// What people write where they have nothing to write, in the languages that the product has and a few beside them.
const PLACEHOLDERS: [&str; 22] = [
    "n/a",
    "n.a.",
    "na",
    "none",
    "no",
    "nope",
    "nil",
    "null",
    "undefined",
    "kein",
    "keine",
    "keins",
    "keiner",
    "nein",
    "ohne",
    "k.a.",
    "aucun",
    "ninguno",
    "nessuno",
    "geen",
    "нет",
    "なし",
];

/// Whether a value only holds the place of one: no letter and no digit, as `-`, or `http://`, which forms used to be
/// filled in with; or a word that says so.
fn is_placeholder(value: &str) -> bool {
    let lower = value.to_lowercase();
    let bare = ["https:", "http:"].iter().find_map(|scheme| lower.strip_prefix(scheme)).unwrap_or(&lower);
    let bare = bare.trim_start_matches(['/', ' ']);
    let bare = bare.strip_prefix("www").filter(|rest| !rest.starts_with(char::is_alphanumeric)).unwrap_or(bare);
    !bare.chars().any(char::is_alphanumeric) || PLACEHOLDERS.contains(&&*lower)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn field(name: &str, kind: FieldKind) -> Field {
        Field { name: name.into(), kind: Some(kind), choices: vec!["tea".into()], ..Field::default() }
    }

    #[test]
    fn values_are_cleaned_or_refused() {
        let long = "1".repeat(246);
        let cases = [
            (FieldKind::Line, " a\r\nBcc: b@c.org\0 ", Ok("a Bcc: b@c.org")),
            (FieldKind::Line, "\u{202e}evil", Ok("evil")),
            (FieldKind::Text, "\r\none\r\ntwo\0\r\n", Ok("one\ntwo")),
            (FieldKind::Text, "caf\u{fffd}", Ok("caf\u{fffd}")),
            (FieldKind::Line, "\u{2060}", Ok("")),
            (FieldKind::Text, "\u{3164}", Ok("")),
            (FieldKind::Tel, "\u{202d}555\u{200b}0100\u{202c}", Ok("5550100")),
            (FieldKind::Email, "\u{200b}mara@example.org\u{200b}", Ok("mara@example.org")),
            (FieldKind::Url, "\u{feff}https://example.org/\u{200d}x", Ok("https://example.org/x")),
            (FieldKind::Email, "mara@example.org", Ok("mara@example.org")),
            (FieldKind::Email, "a@b", Ok("a@b")),
            (FieldKind::Email, "a..b@example.org", Ok("a..b@example.org")),
            (FieldKind::Email, "Ann <ann@example.org>", Ok("ann@example.org")),
            (FieldKind::Email, "\"Alm, Ann\" < ann@münchen.example >", Ok("ann@münchen.example")),
            (FieldKind::Email, "<ann@example.org>", Ok("ann@example.org")),
            (FieldKind::Email, "ann@example.org <mailto:ann@example.org>", Ok("ann@example.org")),
            (FieldKind::Email, "mailto:ann@example.org", Ok("ann@example.org")),
            (FieldKind::Email, "MailTo:ann@example.org?subject=Hi%20there", Ok("ann@example.org")),
            (FieldKind::Email, "ann@example.org <bo@example.org>", Err(Code::Email)),
            (FieldKind::Email, "Ann <ann@example.org>, Bo <bo@example.org>", Err(Code::Email)),
            (FieldKind::Email, "Ann <ann@example.org> or Bo", Err(Code::Email)),
            (FieldKind::Email, "Ann> <ann@example.org>", Err(Code::Email)),
            (FieldKind::Email, "mailto:ann@example.org,bo@example.org", Err(Code::Email)),
            (FieldKind::Email, "mailto:a%2Bb@example.org", Err(Code::Email)),
            (FieldKind::Email, "mailto:", Err(Code::Email)),
            (FieldKind::Email, "Ann <>", Err(Code::Email)),
            (FieldKind::Email, "nobody", Err(Code::Email)),
            (FieldKind::Email, "a@[127.0.0.1]", Err(Code::Email)),
            (FieldKind::Email, "a@example..org", Err(Code::Email)),
            (FieldKind::Email, "a@example.org, b@example.org", Err(Code::Email)),
            (FieldKind::Url, "https://example.org/x", Ok("https://example.org/x")),
            (FieldKind::Url, "javascript:alert(1)", Err(Code::Url)),
            (FieldKind::Url, "example.org/me", Ok("https://example.org/me")),
            (FieldKind::Url, "no address", Err(Code::Url)),
            (FieldKind::Url, "ftp://example.org", Err(Code::Url)),
            (FieldKind::Tel, "+46 (0)8 555 010", Ok("+46 (0)8 555 010")),
            (FieldKind::Url, "https://user:pw@example.org/", Ok("https://example.org/")),
            (FieldKind::Url, "user:pw@example.org", Ok("https://example.org/")),
            (FieldKind::Url, "ann@example.org", Ok("ann@example.org")),
            (FieldKind::Tel, "call me", Err(Code::Tel)),
            (FieldKind::Tel, "0171–1234567", Ok("0171–1234567")),
            (FieldKind::Tel, "０１７１ １２３４", Ok("０１７１ １２３４")),
            (
                FieldKind::Tel,
                "555 0100 & 555 0101 (after five, please!)",
                Ok("555 0100 & 555 0101 (after five, please!)"),
            ),
            (FieldKind::Tel, &long, Err(Code::TooLong(245))),
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

    #[test]
    fn what_only_holds_the_place_of_a_value_is_none() {
        let placeholders = [
            "-",
            "--",
            "—",
            "http://",
            "HTTP://",
            "https://",
            "http:",
            "https://www.",
            "www.",
            "/",
            "n/a",
            "None",
            "keine",
            ".",
        ];
        let kinds =
            [FieldKind::Url, FieldKind::Email, FieldKind::Tel, FieldKind::Number, FieldKind::Date, FieldKind::Choice];
        for kind in kinds {
            for typed in placeholders {
                assert_eq!(field("x", kind).clean(typed).as_deref(), Ok(""), "{kind:?} {typed:?}");
            }
        }
        for typed in ["-", "n/a"] {
            assert_eq!(field("x", FieldKind::Line).clean(typed).as_deref(), Ok(typed), "a line says what it says");
        }
        assert_eq!(field("x", FieldKind::Url).clean("www.example.org").as_deref(), Ok("https://www.example.org"));
        assert_eq!(field("x", FieldKind::Url).clean("wwwild.example").as_deref(), Ok("https://wwwild.example"));
    }

    proptest! {
        #[test]
        fn a_telephone_number_is_taken_as_typed(before in "[^\\p{C}\\p{Z}\\x{fffd}]{0,20}", digit in "\\p{Nd}", behind in "( [^\\p{C}\\p{Z}\\x{fffd}]{1,10}){0,8}") {
            let typed = format!("{before}{digit}{behind}");
            prop_assert_eq!(field("phone", FieldKind::Tel).clean(&typed), Ok(clean_line(&typed)));
        }

        #[test]
        fn nothing_that_is_typed_makes_a_field_stumble(typed in any::<String>()) {
            for kind in [FieldKind::Email, FieldKind::Url, FieldKind::Tel, FieldKind::Number, FieldKind::Date] {
                if let Ok(kept) = field("x", kind).clean(&typed) {
                    prop_assert_eq!(field("x", kind).clean(&kept), Ok(kept));
                }
            }
        }
    }
}
