//! What is wrong with a configuration, and how it is told: to the person who wrote it as compilers tell it, with the
//! line; to a log in one line that holds nothing of what the file says beside its keys.

use std::fmt::{self, Write as _};
use std::ops::Range;

/// A part of a text, in bytes.
pub(super) type Span = Range<usize>;

/// Something wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mistake {
    span: Span,
    problem: String,
    advice: Option<String>,
    /// Whether what stands behind the place is nobody's business.
    hides: bool,
}

impl Mistake {
    /// What is wrong, in words that do not repeat a value: they stand in logs.
    pub(super) fn new(span: Span, problem: impl Into<String>) -> Self {
        Self { span, problem: problem.into(), advice: None, hides: false }
    }

    /// With what to do about it.
    pub(super) fn with_advice(self, advice: impl Into<String>) -> Self {
        Self { advice: Some(advice.into()), ..self }
    }

    /// With what stands behind the place kept from being shown.
    pub(super) fn hiding(self) -> Self {
        Self { hides: true, ..self }
    }
}

/// What is wrong with a configuration: everything that could be found at once, in the order of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    text: String,
    mistakes: Vec<Mistake>,
}

impl ConfigError {
    /// At least one mistake in a text.
    pub(super) fn new(text: &str, mut mistakes: Vec<Mistake>) -> Self {
        mistakes.sort_by_key(|mistake| (mistake.span.start, mistake.span.end));
        mistakes.dedup();
        Self { text: text.into(), mistakes }
    }

    /// How many mistakes there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.mistakes.len()
    }

    /// Each mistake with its place in `file`, its line, and a mark below it.
    #[must_use]
    pub fn report(&self, file: &str) -> String {
        self.mistakes.iter().map(|mistake| self.shown(mistake, file)).collect::<Vec<_>>().join("\n")
    }

    fn shown(&self, mistake: &Mistake, file: &str) -> String {
        let Position { line, column, text } = position(&self.text, mistake.span.start);
        let marked = self.text.get(mistake.span.clone()).and_then(|marked| marked.lines().next());
        let mark = "^".repeat(marked.map_or(0, |marked| marked.chars().count()).max(1));
        let code = match text.char_indices().nth(column - 1 + mark.len()) {
            Some((end, _)) if mistake.hides => format!("{} = …", &text[..end]),
            _ => text.trim_end().replace('\t', " "),
        };
        let (number, space) = (line.to_string(), " ".repeat(column - 1));
        let gutter = " ".repeat(number.len());
        let mut shown = format!("error: {}\n{gutter}--> {file}:{line}:{column}\n", mistake.problem);
        let _ = write!(shown, "{gutter} |\n{number} | {code}\n{gutter} | {space}{mark}\n");
        if let Some(advice) = &mistake.advice {
            let _ = writeln!(shown, "{gutter} = {advice}");
        }
        shown
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, mistake) in self.mistakes.iter().enumerate() {
            let Position { line, column, .. } = position(&self.text, mistake.span.start);
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

/// A place as people count it, from 1 and in characters, with its line.
struct Position<'a> {
    line: usize,
    column: usize,
    text: &'a str,
}

fn position(text: &str, at: usize) -> Position<'_> {
    let before = text.get(..at).unwrap_or(text);
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    let line = text[start..].lines().next().unwrap_or_default();
    Position { line: before.matches('\n').count() + 1, column: before[start..].chars().count() + 1, text: line }
}
