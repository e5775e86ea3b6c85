//! Lines of text, labelled or not: JSON, one object a line.

use std::io::BufRead;
use std::path::Path;

use deskbell_filter::Content;
use serde::Deserialize;

use super::FilterError;
use super::train::SEEDS;

/// One text.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Line {
    #[serde(default)]
    pub(super) id: serde_json::Value,
    #[serde(default)]
    pub(super) kind: Option<String>,
    #[serde(default)]
    pub(super) author: Option<String>,
    #[serde(default)]
    pub(super) email: Option<String>,
    #[serde(default)]
    pub(super) url: Option<String>,
    pub(super) text: String,
    #[serde(default)]
    pub(super) label: Option<Label>,
    #[serde(default)]
    pub(super) source: Option<String>,
    #[serde(default)]
    pub(super) lang: Option<String>,
    /// The line, by its place, of which this is a copy under another name.
    #[serde(skip)]
    pub(super) copy_of: Option<usize>,
}

/// What somebody has decided about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Label {
    Spam,
    Ham,
}

impl Line {
    /// The text as the filter sees it.
    pub(super) fn content(&self) -> Content {
        Content {
            author: self.author.clone().unwrap_or_default(),
            email: self.email.clone().unwrap_or_default(),
            url: self.url.clone().unwrap_or_default(),
            text: self.text.clone(),
        }
    }

    pub(super) fn is_spam(&self) -> bool {
        self.label == Some(Label::Spam)
    }

    pub(super) fn source(&self) -> &str {
        self.source.as_deref().unwrap_or("-")
    }

    pub(super) fn kind(&self) -> &str {
        self.kind.as_deref().unwrap_or("-")
    }

    pub(super) fn lang(&self) -> &str {
        self.lang.as_deref().unwrap_or("-")
    }

    /// Whether figures take it in; seeds and copies are only learned from.
    pub(super) fn is_measured(&self) -> bool {
        self.copy_of.is_none() && self.source() != SEEDS
    }

    /// Whether it came, or could have come, through a form on a site: what the filter is for.
    pub(super) fn is_submission(&self) -> bool {
        !matches!(self.kind.as_deref(), Some("email" | "sms"))
    }
}

/// Every line that is not empty, with its number.
pub(super) fn lines(path: &str, from: impl BufRead) -> impl Iterator<Item = Result<Line, FilterError>> {
    let numbered = from.lines().enumerate().map(|(at, line)| (at + 1, line));
    numbered.filter(|(_, line)| !line.as_ref().is_ok_and(|line| line.trim().is_empty())).map(move |(line, text)| {
        let fail = |error: String| FilterError::Line { path: path.into(), line, error };
        serde_json::from_str(&text.map_err(|error| fail(error.to_string()))?).map_err(|error| fail(error.to_string()))
    })
}

/// The labelled lines of a file; there must be some of either label.
pub(super) fn labelled(path: &Path) -> Result<Vec<Line>, FilterError> {
    let labelled = labelled_any(path)?;
    let spam = labelled.iter().filter(|line| line.is_spam()).count();
    if spam == 0 || spam == labelled.len() {
        return Err(FilterError::OneSided(path.display().to_string()));
    }
    Ok(labelled)
}

/// The labelled lines of a file.
pub(super) fn labelled_any(path: &Path) -> Result<Vec<Line>, FilterError> {
    let name = path.display().to_string();
    let file = std::fs::File::open(path).map_err(|error| FilterError::File { path: name.clone(), error })?;
    let all = lines(&name, std::io::BufReader::new(file)).collect::<Result<Vec<_>, _>>()?;
    Ok(all.into_iter().filter(|line| line.label.is_some()).collect())
}
