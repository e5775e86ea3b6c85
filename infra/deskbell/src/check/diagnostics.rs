//! Everything that is wrong with a file, shown as compilers show it: with the line, and a mark below it.

use std::fmt;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use deskbell_functions::config::{Config, ConfigError, Document, Mistake};
use toml::de::DeTable;

use super::diagnostic::Diagnostic;
use super::recover::{Recovered, recover};

/// Everything that is wrong with a file, in the order of its text; at least one mistake.
#[derive(Debug)]
pub struct Diagnostics {
    text: String,
    all: Vec<Diagnostic>,
}

/// Reads settings as the functions do; of wrong ones, says everything that is wrong.
pub fn parse(text: &str) -> Result<(Config, Document<'_>), Diagnostics> {
    let read = Document::parse(text).and_then(|document| Ok((Config::read(&document)?, document)));
    read.map_err(|first| Diagnostics::of(text, &first))
}

impl Diagnostics {
    /// All that is wrong with a text about which the functions say `first`.
    fn of(text: &str, first: &ConfigError) -> Self {
        let mut all = find(text);
        if all.is_empty() {
            all.extend(first.mistakes().iter().cloned().map(Diagnostic::from));
        }
        all.sort_by_key(|one| (one.mistake.span.start, one.mistake.span.end));
        all.dedup();
        Self { text: text.into(), all }
    }

    /// Each mistake with its place in `file`, its line, and a mark below it.
    #[must_use]
    pub fn report(&self, file: &str) -> String {
        let count = match self.all.len() {
            1 => format!("{file} has a mistake"),
            count => format!("{file} has {count} mistakes"),
        };
        let shown = self.all.iter().map(|one| one.shown(&self.text, file));
        std::iter::once(count).chain(shown).collect::<Vec<_>>().join("\n\n")
    }
}

/// In one line, as in a function's log.
impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mistakes = self.all.iter().map(|one| one.mistake.clone()).collect();
        fmt::Display::fmt(&ConfigError::new(&self.text, mistakes), f)
    }
}

impl std::error::Error for Diagnostics {}

impl Diagnostic {
    fn shown(&self, text: &str, file: &str) -> String {
        let Mistake { span, problem, advice, .. } = &self.mistake;
        let start = span.start.min(text.len());
        let begin = text[..start].rfind('\n').map_or(0, |end| end + 1);
        // A mark beyond the line's end would be a bug to the renderer, and blanks at the end are no place to show.
        let line = text[begin..].lines().next().unwrap_or_default().trim_end();
        let from = (start - begin).min(line.len());
        let mark = from..span.end.saturating_sub(begin).clamp(from, line.len());
        let line = if self.hides { format!("{} = …", &line[..mark.end]) } else { line.to_owned() };
        let number = text[..begin].matches('\n').count() + 1;
        let snippet = Snippet::source(line).line_start(number).path(file);
        let error = Level::ERROR.primary_title(problem).element(snippet.annotation(AnnotationKind::Primary.span(mark)));
        let error = match advice {
            Some(advice) => error.element(Level::HELP.message(advice)),
            None => error,
        };
        Renderer::plain().render(&[error])
    }
}

/// What is wrong with a text: what is not TOML, or else what does not fit and what cannot work.
fn find(text: &str) -> Vec<Diagnostic> {
    let (table, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        return syntax(text, errors);
    }
    let Recovered { config, mut found, replaced } = recover(table);
    if let (Some(config), Ok(document)) = (config, Document::parse(text)) {
        let own = |mistake: &Mistake| !replaced.iter().any(|path| mistake.path.starts_with(path));
        found.extend(config.mistakes(&document).into_iter().filter(own).map(Diagnostic::from));
    }
    found
}

/// What is not TOML: the first of each line. After something that is not closed everything looks wrong; then the first
/// and the end are told.
fn syntax(text: &str, mut errors: Vec<toml::de::Error>) -> Vec<Diagnostic> {
    let at = |error: &toml::de::Error| error.span().unwrap_or_default();
    let line = |error: &toml::de::Error| text[..at(error).start].matches('\n').count();
    errors.sort_by_key(|error| at(error).start);
    match errors.iter().find(|error| error.message().starts_with("unclosed")).cloned() {
        Some(end) => {
            errors.truncate(1);
            errors.push(end);
        }
        None => errors.dedup_by_key(|error| line(error)),
    }
    let mistake = |error: &toml::de::Error| Mistake {
        path: Vec::new(),
        span: at(error),
        problem: error.message().into(),
        advice: None,
    };
    errors.iter().map(|error| mistake(error).into()).collect()
}
