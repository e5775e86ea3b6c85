//! Why a field was refused.

/// Why a field was refused. The `code` of an answer; people read the sentence that [`crate::words`] has for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Code {
    /// Nothing was typed.
    Required,
    /// More characters than the number given.
    TooLong(usize),
    /// Not an e-mail address.
    Email,
    /// Not an address on the web.
    Url,
    /// Not a phone number.
    Tel,
    /// Not a number.
    Number,
    /// Not a date.
    Date,
    /// None of the choices.
    Choice,
    /// A box that was not ticked.
    Consent,
    /// A file where text was expected.
    File,
    /// A page that is not on the site.
    Page,
    /// What is answered is no comment.
    Parent,
    /// More of it than the number given.
    TooMany(usize),
}

impl Code {
    /// The stable name that answers carry.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::TooLong(_) => "too_long",
            Self::Email => "email",
            Self::Url => "url",
            Self::Tel => "tel",
            Self::Number => "number",
            Self::Date => "date",
            Self::Choice => "choice",
            Self::Consent => "consent",
            Self::File => "file",
            Self::Page => "page",
            Self::Parent => "parent",
            Self::TooMany(_) => "too_many",
        }
    }
}

/// A field and why it was refused. Never holds what was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field's name.
    pub field: String,
    /// Why it was refused.
    pub code: Code,
}

impl FieldError {
    /// A refusal of `field`.
    pub fn new(field: impl Into<String>, code: Code) -> Self {
        Self { field: field.into(), code }
    }
}
