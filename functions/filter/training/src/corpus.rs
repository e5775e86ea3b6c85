//! Lines of text, labelled or not: JSON, one object a line.

use std::io::BufRead;
use std::path::Path;

use deskbell_filter::{Content, Label};
use serde::Deserialize;

use crate::error::TrainingError;

/// The source of lines that were written to learn from.
pub(crate) const SEEDS: &str = "seeds";

/// One text.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Line {
    #[serde(default)]
    pub(crate) id: serde_json::Value,
    #[serde(default)]
    pub(crate) kind: Option<String>,
    #[serde(default)]
    pub(crate) author: Option<String>,
    #[serde(default)]
    pub(crate) email: Option<String>,
    #[serde(default)]
    pub(crate) url: Option<String>,
    pub(crate) text: String,
    #[serde(default)]
    pub(crate) label: Option<Label>,
    #[serde(default)]
    pub(crate) source: Option<String>,
    #[serde(default)]
    pub(crate) lang: Option<String>,
    /// The line, by its place, of which this is a copy under another name.
    #[serde(skip)]
    pub(crate) copy_of: Option<usize>,
}

impl Line {
    /// The text as the filter sees it.
    pub(crate) fn content(&self) -> Content {
        Content {
            author: self.author.clone().unwrap_or_default(),
            email: self.email.clone().unwrap_or_default(),
            url: self.url.clone().unwrap_or_default(),
            text: self.text.clone(),
        }
    }

    pub(crate) fn is_spam(&self) -> bool {
        self.label == Some(Label::Spam)
    }

    /// What it is: real, if nobody called it spam.
    pub(crate) fn truth(&self) -> Label {
        self.label.unwrap_or(Label::Ham)
    }

    pub(crate) fn source(&self) -> &str {
        self.source.as_deref().unwrap_or("-")
    }

    pub(crate) fn kind(&self) -> &str {
        self.kind.as_deref().unwrap_or("-")
    }

    pub(crate) fn lang(&self) -> &str {
        self.lang.as_deref().unwrap_or("-")
    }

    /// Whether figures take it in; seeds and copies are only learned from.
    pub(crate) fn is_measured(&self) -> bool {
        self.copy_of.is_none() && self.source() != SEEDS
    }

    /// Whether it came, or could have come, through a form on a site: what the filter is for.
    pub(crate) fn is_submission(&self) -> bool {
        !matches!(self.kind.as_deref(), Some("email" | "sms"))
    }
}

/// Every line that is not empty.
fn lines(path: &str, from: impl BufRead) -> impl Iterator<Item = Result<Line, TrainingError>> {
    let numbered = from.lines().enumerate().map(|(at, line)| (at + 1, line));
    numbered.filter(|(_, line)| !line.as_ref().is_ok_and(|line| line.trim().is_empty())).map(move |(line, text)| {
        let fail = |error: String| TrainingError::Line { path: path.into(), line, error };
        serde_json::from_str(&text.map_err(|error| fail(error.to_string()))?).map_err(|error| fail(error.to_string()))
    })
}

/// The labelled lines of a file; there must be some of either label.
pub(crate) fn labelled(path: &Path) -> Result<Vec<Line>, TrainingError> {
    let labelled = labelled_any(path)?;
    let spam = labelled.iter().filter(|line| line.is_spam()).count();
    if spam == 0 || spam == labelled.len() {
        return Err(TrainingError::OneSided(path.display().to_string()));
    }
    Ok(labelled)
}

/// The labelled lines of a file.
pub(crate) fn labelled_any(path: &Path) -> Result<Vec<Line>, TrainingError> {
    let name = path.display().to_string();
    let file = std::fs::File::open(path).map_err(|error| TrainingError::File { path: name.clone(), error })?;
    let all = lines(&name, std::io::BufReader::new(file)).collect::<Result<Vec<_>, _>>()?;
    Ok(all.into_iter().filter(|line| line.label.is_some()).collect())
}
