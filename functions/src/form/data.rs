//! What was posted, before anybody looked at its meaning.

use crate::form::code::FieldError;

/// What was posted: names and values in the order in which they came, repeated names kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields {
    /// Names and values as typed.
    pub pairs: Vec<(String, String)>,
    /// What was wrong with single fields before anybody looked at their meaning (a file, a nested value).
    pub faults: Vec<FieldError>,
}

impl Fields {
    /// Removes every field with one of these names; gives the first value that is not blank.
    pub fn take(&mut self, names: &[&str]) -> Option<String> {
        self.take_if(|name| names.contains(&name))
    }

    /// Removes every field whose name is matched; gives the first value that is not blank.
    pub fn take_if(&mut self, matches: impl Fn(&str) -> bool) -> Option<String> {
        let (taken, kept) = std::mem::take(&mut self.pairs).into_iter().partition(|(name, _)| matches(name));
        self.pairs = kept;
        let taken: Vec<(String, String)> = taken;
        taken.into_iter().map(|(_, value)| value).find(|value| !value.trim().is_empty())
    }

    /// Staticman's `fields[name]` becomes `name`.
    pub fn unwrap_names(&mut self) {
        for (name, _) in &mut self.pairs {
            if let Some(inner) = name.strip_prefix("fields[").and_then(|rest| rest.strip_suffix(']')) {
                *name = inner.into();
            }
        }
    }

    /// Gives the first field named by one of `aliases` the name `name`, unless that one was posted itself.
    pub fn rename(&mut self, aliases: &[&str], name: &str) {
        if self.pairs.iter().any(|(posted, value)| posted == name && !value.trim().is_empty()) {
            return;
        }
        let alias = |posted: &str| aliases.contains(&posted);
        if let Some(pair) = self.pairs.iter_mut().find(|(posted, value)| alias(posted) && !value.trim().is_empty()) {
            pair.0 = name.into();
        }
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
