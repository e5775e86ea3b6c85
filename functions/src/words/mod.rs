//! Every text that people see, by language. The files in `functions/words` are part of the program: what they hold is
//! read when it is built (`functions/build.rs`), and a language that lacks a text, or has one too many, stops the
//! build. A new language is a file there, and nothing else.

pub mod choice;
pub mod dates;
pub mod plural;
#[cfg(test)]
mod translations;

use icu_locale_core::subtags::language;

use self::plural::{Numbers, Plural};

include!(concat!(env!("OUT_DIR"), "/words.rs"));

/// The texts in a language, given as in `<html lang>`: `de` serves `de-AT` too.
#[must_use]
pub fn words(lang: &str) -> Option<&'static Words> {
    let main = lang.split('-').next().unwrap_or(lang);
    WORDS.iter().find(|words| words.lang.eq_ignore_ascii_case(main))
}

/// The English texts.
#[must_use]
pub const fn english() -> &'static Words {
    &WORDS[0]
}

/// The languages that there are texts in.
#[must_use]
pub fn languages() -> String {
    WORDS.each_ref().map(|words| words.lang).join(", ")
}

/// Puts `value` where the text says `{name}`.
#[must_use]
pub fn format(text: &str, name: &str, value: impl AsRef<str>) -> String {
    text.replace(&format!("{{{name}}}"), value.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_serves_its_countries_too() {
        assert_eq!(words("de-AT").map(|words| words.send), Some("Absenden"));
        assert_eq!(words("EN").map(|words| words.send), Some("Send"));
        assert!(words("tlh").is_none());
        assert!(languages().starts_with("en, de, "), "{}", languages());
    }

    #[test]
    fn names_become_labels() {
        assert_eq!(english().label("preferred_time"), "Preferred time");
        assert_eq!(english().label("email"), "Email");
        assert_eq!(english().label(""), "");
    }
}
