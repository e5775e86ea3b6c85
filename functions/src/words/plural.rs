//! Texts about a number: the form that a language has for it, by Unicode's rules for plurals, and the number as the
//! language writes it.

use icu_locale_core::LanguageIdentifier;
use icu_locale_core::subtags::Language;
use icu_plurals::{PluralCategory, PluralOperands, PluralRules};

/// How a language treats numbers.
#[derive(Debug, Clone, Copy)]
pub struct Numbers {
    language: Language,
    /// What stands between thousands.
    thousands: &'static str,
}

/// A text about a number, in each form that the language has for whole ones.
#[derive(Debug, Clone, Copy)]
pub struct Plural {
    numbers: Numbers,
    /// By category, in their order; the last holds for what is none of the others.
    forms: &'static [(&'static str, &'static str)],
}

impl Numbers {
    pub(super) const fn new(language: Language, thousands: &'static str) -> Self {
        Self { language, thousands }
    }

    /// A whole number as people read it.
    pub fn show(&self, number: &impl ToString) -> String {
        let digits = number.to_string();
        let mut shown = String::with_capacity(digits.len() + digits.len() / 3);
        for (at, digit) in digits.char_indices() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                shown.push_str(self.thousands);
            }
            shown.push(digit);
        }
        shown
    }

    /// The form for a number, as Unicode's CLDR calls it.
    pub(super) fn category(&self, number: impl Into<PluralOperands>) -> Option<&'static str> {
        let rules = PluralRules::try_new_cardinal(LanguageIdentifier::from(self.language).into()).ok()?;
        Some(match rules.category_for(number) {
            PluralCategory::Zero => "zero",
            PluralCategory::One => "one",
            PluralCategory::Two => "two",
            PluralCategory::Few => "few",
            PluralCategory::Many => "many",
            PluralCategory::Other => "other",
        })
    }
}

impl Plural {
    pub(super) const fn new(numbers: Numbers, forms: &'static [(&'static str, &'static str)]) -> Self {
        Self { numbers, forms }
    }

    /// The text for a number, which is put where it says `{name}`.
    #[must_use]
    pub fn format(&self, name: &str, number: impl Into<PluralOperands> + ToString + Copy) -> String {
        let category = self.numbers.category(number);
        let form = self.forms.iter().find(|(form, _)| Some(*form) == category).or(self.forms.last());
        form.map_or("", |(_, text)| text).replace(&format!("{{{name}}}"), &self.numbers.show(&number))
    }
}
