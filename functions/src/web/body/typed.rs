//! What was typed into a form, counted while it is read.

use crate::form::{Code, FieldError, Fields, name};
use crate::web::error::Error;

/// What a body of most escapes has for each byte that was typed: `\u0041`.
pub(super) const LONGEST_ESCAPE: usize = 6;

/// How many bytes a form sends at most for each that was typed: `%41`, or whatever a page's encoding has instead.
pub(super) const SENT_PER_TYPED: usize = 3;

/// How much of a name is looked at, in bytes as they were sent.
pub(super) const MOST_OF_NAME: usize = 2_400;

/// The most fields that are kept. A form may have fewer, and is given back where it has more.
const MOST_KEPT: usize = 200;

/// The most blank fields whose names are kept: a trap is among the first.
const MOST_BLANK: usize = 100;

/// The most lists and objects within others that are looked into.
const MOST_NESTED: usize = 1_000;

/// What was typed so far, and how much more may be.
pub(super) struct Typed {
    pub(super) fields: Fields,
    left: usize,
    nested: usize,
}

impl Typed {
    /// Nothing yet. `most` is how much may be typed, in bytes of UTF-8.
    pub(super) fn new(most: usize) -> Self {
        Self { fields: Fields::default(), left: most, nested: 0 }
    }

    /// How much more may be typed, in bytes of UTF-8.
    pub(super) fn left(&self) -> usize {
        self.left
    }

    /// Keeps a field; of one that is blank, its name.
    pub(super) fn add(&mut self, name: &str, value: String) -> Result<(), Error> {
        let name = name::clean(name);
        if value.trim().is_empty() {
            if self.fields.blank.len() < MOST_BLANK {
                self.fields.blank.push(name);
            }
            return Ok(());
        }
        self.left = self.left.checked_sub(name.len() + value.len()).ok_or(Error::TooLarge)?;
        self.fields.pairs.push((name, value));
        self.bounded()
    }

    /// Counts a list or an object within another, which costs time even where it holds nothing.
    pub(super) fn nest(&mut self) -> Result<(), Error> {
        self.nested += 1;
        if self.nested > MOST_NESTED { Err(Error::TooLarge) } else { Ok(()) }
    }

    /// Notes a file, once for each name.
    pub(super) fn add_file(&mut self, name: &str) -> Result<(), Error> {
        let fault = FieldError::new(name::clean(name), Code::File);
        if !self.fields.faults.contains(&fault) {
            self.fields.faults.push(fault);
        }
        self.bounded()
    }

    fn bounded(&self) -> Result<(), Error> {
        if self.fields.pairs.len() + self.fields.faults.len() > MOST_KEPT { Err(Error::TooLarge) } else { Ok(()) }
    }
}
