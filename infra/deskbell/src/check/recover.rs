//! Reads a file as the functions do, and does not stop at the first thing that does not fit: what is wrong is noted,
//! taken out or replaced, and the rest is read again, until all of it fits.

use std::collections::BTreeSet;

use deskbell_functions::config::{Config, UNKNOWN_HOST};
use serde::Deserialize as _;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::diagnostic::Diagnostic;
use super::messages::{self, Problem};
use super::tree::{self, NOWHERE, Node, Path};

/// What comes of reading.
pub(super) struct Recovered {
    /// What could be read; none if something is missing that nothing can replace.
    pub(super) config: Option<Config>,
    /// What did not fit.
    pub(super) found: Vec<Diagnostic>,
    /// Where something else stands now than in the text.
    pub(super) replaced: BTreeSet<Path>,
}

/// Reads what can be read.
pub(super) fn recover(table: Spanned<DeTable>) -> Recovered {
    let mut recovery = Recovery { root: tree::root(table), found: Vec::new(), replaced: BTreeSet::new() };
    let config = loop {
        match Config::deserialize(ValueDeserializer::from(recovery.root.clone())) {
            Ok(config) => break Some(config),
            Err(error) if recovery.go_on(&error) => {}
            Err(_) => break None,
        }
    };
    Recovered { config, found: recovery.found, replaced: recovery.replaced }
}

/// A file whose mistakes are taken out one by one.
struct Recovery<'a> {
    root: Node<'a>,
    found: Vec<Diagnostic>,
    replaced: BTreeSet<Path>,
}

impl Recovery<'_> {
    /// Notes a mistake and takes it out. Gives whether there is anything left to read; each time there is less of it,
    /// or one more place at which nothing of the text stands.
    fn go_on(&mut self, error: &toml::de::Error) -> bool {
        let span = error.span().unwrap_or_default();
        let problem = Problem::of(error.message());
        let Some(path) = tree::path_to(&self.root, &span) else {
            self.found.push(messages::diagnostic(span, &problem, &[]));
            return false;
        };
        match problem {
            Problem::Missing(key) => {
                let missing = [path.clone(), vec![key.into()]].concat();
                // What is missing because it was taken out was told before.
                if !self.replaced.contains(&missing) {
                    self.found.push(messages::diagnostic(span, &problem, &path));
                }
                self.replace(&missing, &path)
            }
            Problem::Unknown { .. } => {
                self.found.push(messages::diagnostic(span, &problem, &path));
                tree::take_out(&mut self.root, &path).is_some()
            }
            Problem::Invalid(_) => {
                if !self.replaced.contains(&path) {
                    self.found.push(messages::diagnostic(span, &problem, &path));
                }
                self.replace(&path, &path)
            }
        }
    }

    /// Puts something that fits at a place; where that is not known or did not help, takes out what is around it.
    fn replace(&mut self, place: &[String], around: &[String]) -> bool {
        let placeholder = place.last().and_then(|key| placeholder(key));
        if let (true, Some(value)) = (self.replaced.insert(place.to_vec()), placeholder) {
            tree::put(&mut self.root, place, value);
            return true;
        }
        let taken_out = tree::take_out(&mut self.root, around);
        taken_out.map(|path| self.replaced.insert(path)).is_some()
    }
}

/// What may stand where a value that every site needs is missing or wrong, so that the rest can be read.
fn placeholder(key: &str) -> Option<DeValue<'static>> {
    let table = |keys: [&'static str; 2]| {
        let values = keys.into_iter().filter_map(|key| Some((key, placeholder(key)?)));
        let spanned = values.map(|(key, value)| (Spanned::new(NOWHERE, key.into()), Spanned::new(NOWHERE, value)));
        DeValue::Table(spanned.collect::<DeTable>())
    };
    match key {
        "name" => Some(DeValue::String("nobody".into())),
        "email" | "from" => Some(DeValue::String(format!("nobody@{UNKNOWN_HOST}").into())),
        "url" => Some(DeValue::String(format!("https://{UNKNOWN_HOST}/").into())),
        "match" => Some(DeValue::String(format!("/{UNKNOWN_HOST}").into())),
        "owner" => Some(table(["name", "email"])),
        "mail" => Some(table(["from", "from"])),
        _ => None,
    }
}
