//! The text of a `deskbell.toml`, and where in it everything stands.

use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use crate::config::mistake::{ConfigError, Mistake};

/// A text that is TOML, and where in it everything stands.
#[derive(Debug, Clone)]
pub struct Document<'a> {
    text: &'a str,
    root: Spanned<DeValue<'a>>,
}

/// Where a value and the key before it stand, in bytes. In a list there are no keys: there both are the value.
pub(super) struct Place {
    pub(super) key: Range<usize>,
    pub(super) value: Range<usize>,
}

impl<'a> Document<'a> {
    /// Reads a text; gives the first place that is not TOML.
    pub fn parse(text: &'a str) -> Result<Self, ConfigError> {
        let table = DeTable::parse(text).map_err(|error| one(text, &error))?;
        Ok(Self { text, root: Spanned::new(table.span(), DeValue::Table(table.into_inner())) })
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// Whether there is a value at the end of this path.
    #[must_use]
    pub fn has(&self, path: &[&str]) -> bool {
        path.iter().try_fold(&self.root, |value, key| child(value, key).map(|(_, value)| value)).is_some()
    }

    /// The place at the end of a path; where nothing stands there, the nearest around it.
    pub(super) fn place(&self, path: &[String]) -> Place {
        let (mut value, mut place) = (&self.root, Place { key: 0..0, value: self.root.span() });
        for key in path {
            let Some((at, next)) = child(value, key) else { break };
            place = Place { key: at, value: next.span() };
            value = next;
        }
        place
    }

    /// Reads a `T`; gives the first place that does not fit.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, ConfigError> {
        T::deserialize(ValueDeserializer::from(self.root.clone())).map_err(|error| one(self.text, &error))
    }
}

fn one(text: &str, error: &toml::de::Error) -> ConfigError {
    let problem = without_value(error.message());
    let span = error.span().unwrap_or_default();
    ConfigError::new(text, vec![Mistake { path: Vec::new(), span, problem, advice: None }])
}

/// A message of `serde`'s without what the file says, which is nothing for a log. What was expected comes last.
fn without_value(message: &str) -> String {
    let values = [
        ("invalid type: ", "invalid type"),
        ("invalid value: ", "invalid value"),
        ("unknown variant ", "unknown value"),
    ];
    for (begins, problem) in values {
        if let Some((_, expected)) = message.strip_prefix(begins).and_then(|rest| rest.rsplit_once(", expected ")) {
            return format!("{problem}, expected {expected}");
        }
    }
    // So says the reader of addresses, and then the value.
    message.split_once(": \"").map_or(message, |(problem, _)| problem).into()
}

fn child<'v, 'a>(value: &'v Spanned<DeValue<'a>>, key: &str) -> Option<(Range<usize>, &'v Spanned<DeValue<'a>>)> {
    match value.get_ref() {
        DeValue::Table(table) => table.get_key_value(key).map(|(key, value)| (key.span(), value)),
        DeValue::Array(list) => list.get(key.parse::<usize>().ok()?).map(|value| (value.span(), value)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::config::tests::error;

    /// `deskbell check` says more, and all at once: here it is a line in a log.
    #[test]
    fn what_does_not_fit_is_named_with_its_place_and_without_its_value() {
        let cases = [
            ("colour = \"red\"", "line 6, column 1: unknown field `colour`, expected one of `name`, "),
            ("lang = 7", "line 6, column 8: invalid type, expected a string"),
            ("keep.spam = \"30, expected x\"", "line 6, column 13: invalid type, expected u32"),
            ("keep.spam = -1", "line 6, column 13: invalid value, expected u32"),
            ("comments.policy = \"frist\"", "line 6, column 19: unknown value, expected one of `first`, `all`, `none`"),
            ("team = [{ name = \"J\" }]", "line 6, column 9: missing field `email`"),
            (
                "channels = [{ kind = \"webhook\", url = \"hook.example\" }]",
                "line 6, column 39: relative URL without a base",
            ),
            ("[sites.studio]", "line 6, column 8: duplicate key"),
            ("lang = de", "line 6, column 8: string values must be quoted, expected literal string"),
        ];
        for (lines, expected) in cases {
            let told = error(lines);
            assert!(told == expected || expected.ends_with(", ") && told.starts_with(expected), "{lines}: {told}");
        }
    }
}
