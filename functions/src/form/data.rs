//! What was posted, before anybody looked at its meaning.

use crate::form::code::FieldError;
use crate::form::name;

/// What was posted: names and values in the order in which they came, repeated names kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields {
    /// Names and values as typed.
    pub pairs: Vec<(String, String)>,
    /// What was wrong with single fields before anybody looked at their meaning: a file.
    pub faults: Vec<FieldError>,
    /// The names of fields that were blank, the first of them: they say nothing but that they were there.
    pub blank: Vec<String>,
}

impl Fields {
    /// Removes every field of that name; gives the first value that is not blank.
    pub fn take(&mut self, name: &str) -> Option<String> {
        self.take_if(|posted| posted == name)
    }

    /// Removes every field whose name is matched; gives the first value that is not blank.
    pub fn take_if(&mut self, matches: impl Fn(&str) -> bool) -> Option<String> {
        let (taken, kept) = std::mem::take(&mut self.pairs).into_iter().partition(|(name, _)| matches(name));
        self.pairs = kept;
        let taken: Vec<(String, String)> = taken;
        taken.into_iter().map(|(_, value)| value).find(|value| !value.trim().is_empty())
    }

    /// Gives the first field that is another spelling of `name`, or else is known by one of `aliases` ([`name::key`]),
    /// that name; unless that one was posted itself. What is `kept` keeps its name.
    pub fn rename(&mut self, name: &str, aliases: &[&str], kept: impl Fn(&str) -> bool) {
        let filled = |value: &str| !value.trim().is_empty();
        if self.pairs.iter().any(|(posted, value)| posted == name && filled(value)) {
            return;
        }
        let place = |wanted: &str| {
            let free = |(posted, value): &(String, String)| filled(value) && !kept(posted);
            self.pairs.iter().position(|pair| free(pair) && name::own_key(&pair.0) == wanted)
        };
        if let Some(at) = std::iter::once(&name).chain(aliases).find_map(|wanted| place(wanted)) {
            self.pairs[at].0 = name.into();
        }
    }

    /// Removes what says again, under one of `aliases`, what stands in the field called `name`.
    pub fn drop_repeated(&mut self, name: &str, aliases: &[&str]) {
        let Some(value) = self.get(name).map(|value| value.trim().to_lowercase()) else { return };
        let repeats =
            |posted: &str, other: &str| aliases.contains(&&*name::key(posted)) && other.trim().to_lowercase() == value;
        self.pairs.retain(|(posted, other)| posted == name || !repeats(posted, other));
    }

    /// The first value that is not blank.
    #[must_use]
    pub fn first(&self) -> Option<&str> {
        self.pairs.iter().map(|(_, value)| value.as_str()).find(|value| !value.trim().is_empty())
    }

    /// The first value of a field.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(posted, _)| posted == name).map(|(_, value)| value.as_str())
    }
}
