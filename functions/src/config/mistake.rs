//! What is wrong with a configuration, in one line that holds nothing of what the file says beside its keys: it stands
//! in logs. `deskbell check` shows the same to who wrote the file, with its lines.

use std::fmt;
use std::ops::Range;

/// Something wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The keys that lead to it from the top, places in a list counted from 0; empty where only the span is known.
    pub path: Vec<String>,
    /// The part of the text that is wrong, in bytes.
    pub span: Range<usize>,
    /// What is wrong, without repeating a value.
    pub problem: String,
    /// What to do about it.
    pub advice: Option<String>,
}

/// What is wrong with a configuration, in the order of its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    mistakes: Vec<Mistake>,
    /// The line and the column of each, as people count them: from 1 and in characters.
    places: Vec<(usize, usize)>,
}

impl ConfigError {
    /// At least one mistake in a text.
    #[must_use]
    pub fn new(text: &str, mut mistakes: Vec<Mistake>) -> Self {
        mistakes.sort_by_key(|mistake| (mistake.span.start, mistake.span.end));
        mistakes.dedup();
        let places = mistakes.iter().map(|mistake| place(text, mistake.span.start)).collect();
        Self { mistakes, places }
    }

    /// The mistakes.
    #[must_use]
    pub fn mistakes(&self) -> &[Mistake] {
        &self.mistakes
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (mistake, (line, column))) in self.mistakes.iter().zip(&self.places).enumerate() {
            let between = if index == 0 { "" } else { "; " };
            write!(f, "{between}line {line}, column {column}: {}", mistake.problem)?;
            if let Some(advice) = &mistake.advice {
                write!(f, " ({advice})")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    (before.matches('\n').count() + 1, before[start..].chars().count() + 1)
}
