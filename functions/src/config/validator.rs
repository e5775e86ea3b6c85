//! A walk through a configuration that collects mistakes: a check says under which key, and need not know where that
//! stands in the text.

use crate::config::document::Document;
use crate::config::mistake::Mistake;

/// A walk through a configuration, at one place of it, with everything that was found wrong so far.
pub(crate) struct Validator<'a> {
    document: &'a Document<'a>,
    path: Vec<String>,
    mistakes: Vec<Mistake>,
}

/// A key of a table, or a place in a list, counted from 0.
pub(crate) struct Step(String);

impl From<&str> for Step {
    fn from(key: &str) -> Self {
        Self(key.into())
    }
}

impl From<&String> for Step {
    fn from(key: &String) -> Self {
        Self(key.clone())
    }
}

impl From<usize> for Step {
    fn from(place: usize) -> Self {
        Self(place.to_string())
    }
}

impl<'a> Validator<'a> {
    pub(super) fn new(document: &'a Document<'a>) -> Self {
        Self { document, path: Vec::new(), mistakes: Vec::new() }
    }

    pub(super) fn into_mistakes(self) -> Vec<Mistake> {
        self.mistakes
    }

    /// Goes on below a key, or at a place of a list.
    pub(crate) fn within(&mut self, key: impl Into<Step>, look: impl FnOnce(&mut Self)) {
        self.path.push(key.into().0);
        look(self);
        self.path.pop();
    }

    /// Notes that a value is wrong. `problem` does not repeat what the file says where that is nobody's business.
    pub(crate) fn wrong(&mut self, key: impl Into<Step>, problem: impl Into<String>) {
        let path = self.below(key);
        let span = self.document.place(&path).value;
        self.mistakes.push(Mistake { path, span, problem: problem.into(), advice: None });
    }

    /// Notes that a value is wrong, and what to do about it.
    pub(crate) fn advise(&mut self, key: impl Into<Step>, problem: impl Into<String>, advice: impl Into<String>) {
        let path = self.below(key);
        let span = self.document.place(&path).value;
        self.mistakes.push(Mistake { path, span, problem: problem.into(), advice: Some(advice.into()) });
    }

    /// Notes that a key is wrong, such as a name that cannot be used.
    pub(crate) fn wrong_key(&mut self, key: impl Into<Step>, problem: impl Into<String>) {
        let path = self.below(key);
        let span = self.document.place(&path).key;
        self.mistakes.push(Mistake { path, span, problem: problem.into(), advice: None });
    }

    /// Whether a value is given, or only its default is in force.
    pub(crate) fn is_given(&self, key: &str) -> bool {
        let path: Vec<&str> = self.path.iter().map(String::as_str).chain([key]).collect();
        self.document.has(&path)
    }

    fn below(&self, key: impl Into<Step>) -> Vec<String> {
        self.path.iter().cloned().chain([key.into().0]).collect()
    }
}
