//! The kinds of fields.

use serde::Deserialize;

/// What may be typed into a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldKind {
    /// One line.
    Line,
    /// Any text.
    Text,
    /// An e-mail address.
    Email,
    /// A phone number.
    Tel,
    /// An address on the web, `http` or `https`.
    Url,
    /// A number.
    Number,
    /// A date as `YYYY-MM-DD`.
    Date,
    /// One of the field's choices.
    Choice,
    /// A box to tick, whose label is what is agreed to.
    Consent,
}

impl FieldKind {
    /// The longest value if the field does not say otherwise, in characters.
    #[must_use]
    pub fn max(self) -> usize {
        match self {
            // Two numbers, and when to call: what fits into a line.
            Self::Line | Self::Tel => 245,
            Self::Email => 254,
            Self::Url => 2_000,
            Self::Number | Self::Date | Self::Consent => 40,
            Self::Choice => 500,
            Self::Text => 20_000,
        }
    }
}
