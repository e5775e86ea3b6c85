//! The text of a `deskbell.toml`, and where in it everything stands.

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use crate::config::mistake::{ConfigError, Mistake, Span};

/// The keys that lead from the top to a value; places in a list are numbers, counted from 0.
pub(super) type Path = Vec<String>;

/// A text that is TOML, and where in it everything stands.
#[derive(Debug, Clone)]
pub struct Document<'a> {
    text: &'a str,
    root: Spanned<DeValue<'a>>,
}

/// Where a value and the key before it stand. In a list there are no keys: there both are the value.
pub(super) struct Place {
    pub(super) key: Span,
    pub(super) value: Span,
}

impl<'a> Document<'a> {
    /// Reads a text; gives everything that is not TOML in it.
    pub fn parse(text: &'a str) -> Result<Self, ConfigError> {
        let (table, errors) = DeTable::parse_recoverable(text);
        let root = Spanned::new(table.span(), DeValue::Table(table.into_inner()));
        if errors.is_empty() {
            return Ok(Self { text, root });
        }
        Err(ConfigError::new(text, syntax(text, errors)))
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

    /// Reads a `T`.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, toml::de::Error> {
        T::deserialize(ValueDeserializer::from(self.root.clone()))
    }

    /// The path to what has this span: to a value, or to one whose key it is. Of several, the innermost.
    pub(super) fn path_to(&self, span: &Span) -> Option<Path> {
        path_below(&self.root, span).or_else(|| (self.root.span() == *span).then(Path::new))
    }

    /// Puts a value where a path ends; where nothing stood, at no place in the text.
    pub(super) fn put(&mut self, path: &[String], value: DeValue<'a>) {
        let Some((key, above)) = path.split_last() else { return };
        match at(&mut self.root, above).map(Spanned::get_mut) {
            Some(DeValue::Table(table)) => {
                let span = table.get(key.as_str()).map_or(NOWHERE, Spanned::span);
                table.insert(Spanned::new(NOWHERE, key.clone().into()), Spanned::new(span, value));
            }
            Some(DeValue::Array(list)) => {
                if let Some(place) = key.parse().ok().and_then(|index: usize| list.get_mut(index)) {
                    *place.get_mut() = value;
                }
            }
            _ => {}
        }
    }

    /// Takes out what stands at the end of a path; of a list, all, so that the rest keeps its numbers. Gives the path to
    /// what it took out, if there was anything.
    pub(super) fn take_out(&mut self, path: &[String]) -> Option<Path> {
        let (key, above) = path.split_last()?;
        match at(&mut self.root, above)?.get_mut() {
            DeValue::Table(table) => table.remove(key.as_str()).map(|_| path.to_vec()),
            DeValue::Array(_) => self.take_out(above),
            _ => None,
        }
    }
}

/// What is not TOML: the first of each line. Behind something that is not closed everything looks wrong; then the first
/// and the end are told.
fn syntax(text: &str, mut errors: Vec<toml::de::Error>) -> Vec<Mistake> {
    let at = |error: &toml::de::Error| error.span().unwrap_or_default();
    let line = |error: &toml::de::Error| text[..at(error).start].matches('\n').count();
    let unclosed = |error: &toml::de::Error| error.message().starts_with("unclosed");
    errors.sort_by_key(|error| at(error).start);
    match errors.iter().find(|error| unclosed(error)).cloned() {
        Some(end) => {
            errors.truncate(1);
            errors.push(end);
        }
        None => errors.dedup_by_key(|error| line(error)),
    }
    errors.iter().map(|error| Mistake::new(at(error), error.message())).collect()
}

/// The span of what does not stand in the text.
pub(super) const NOWHERE: Span = usize::MAX..usize::MAX;

fn child<'v, 'a>(value: &'v Spanned<DeValue<'a>>, key: &str) -> Option<(Span, &'v Spanned<DeValue<'a>>)> {
    match value.get_ref() {
        DeValue::Table(table) => table.get_key_value(key).map(|(key, value)| (key.span(), value)),
        DeValue::Array(list) => list.get(key.parse::<usize>().ok()?).map(|value| (value.span(), value)),
        _ => None,
    }
}

fn at<'v, 'a>(value: &'v mut Spanned<DeValue<'a>>, path: &[String]) -> Option<&'v mut Spanned<DeValue<'a>>> {
    path.iter().try_fold(value, |value, key| match value.get_mut() {
        DeValue::Table(table) => table.get_mut(key.as_str()),
        DeValue::Array(list) => list.get_mut(key.parse::<usize>().ok()?),
        _ => None,
    })
}

fn path_below(value: &Spanned<DeValue>, span: &Span) -> Option<Path> {
    let entry = |key: String, at: Span, value: &Spanned<DeValue>| {
        let here = || (at == *span || value.span() == *span).then(Path::new);
        let below = path_below(value, span).or_else(here)?;
        Some([vec![key], below].concat())
    };
    match value.get_ref() {
        DeValue::Table(table) => {
            table.iter().find_map(|(key, value)| entry(key.get_ref().to_string(), key.span(), value))
        }
        DeValue::Array(list) => {
            list.iter().enumerate().find_map(|(index, value)| entry(index.to_string(), value.span(), value))
        }
        _ => None,
    }
}
