//! `deskbell score`: what the spam filter makes of texts, by their content alone. Training and measuring it is another
//! program's: `deskbell-training`.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;

use deskbell_filter::{Content, Decision, Judging, Label, Reason, Signals, SiteModel, Verdict, judge};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Why the filter could not be asked to the end.
#[derive(Debug, thiserror::Error)]
pub enum ScoreError {
    /// A file could not be read or written.
    #[error("{path}: {error}")]
    File {
        /// The file, or `standard output`.
        path: String,
        /// What went wrong.
        error: std::io::Error,
    },
    /// A line is not what it should be.
    #[error("{path}, line {line}: {error}")]
    Line {
        /// The file, or `standard input`.
        path: String,
        /// Its number, from 1.
        line: usize,
        /// What went wrong.
        error: String,
    },
}

/// One text, as it is asked about or, with a label, learned from.
#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    id: serde_json::Value,
    #[serde(default)]
    author: Option<String>,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    url: Option<String>,
    text: String,
    #[serde(default)]
    label: Option<Label>,
}

#[derive(Serialize)]
struct Answer {
    id: serde_json::Value,
    score: f64,
    decision: Decision,
    reasons: Vec<Reason>,
}

/// Reads lines from `input` and writes an answer for each to `output`, after applying the labelled lines of `learn` as
/// if a site's owner had decided them.
pub fn score(input: impl BufRead, mut output: impl Write, learn: Option<&Path>) -> Result<(), ScoreError> {
    let site_model = learn.map(learnt).transpose()?.unwrap_or_default();
    for line in lines("standard input", input) {
        let line = line?;
        let verdict = judge(&line.content(), &Signals::default(), &site_model, &Judging::default());
        let Verdict { score, decision, reasons } = verdict;
        let answer = Answer { id: line.id, score, decision, reasons };
        let text = serde_json::to_string(&answer).unwrap_or_default();
        writeln!(output, "{text}").map_err(|error| ScoreError::File { path: "standard output".into(), error })?;
    }
    Ok(())
}

/// What a site has learnt whose owner decided the lines of a file, in their order.
fn learnt(path: &Path) -> Result<SiteModel, ScoreError> {
    let name = path.display().to_string();
    let file = File::open(path).map_err(|error| ScoreError::File { path: name.clone(), error })?;
    let (mut model, now) = (SiteModel::default(), Timestamp::now());
    for (number, line) in lines(&name, BufReader::new(file)).enumerate() {
        let line = line?;
        if line.label.is_some() {
            model.learn(Uuid::from_u128(number as u128), line.label, &line.content(), now);
        }
    }
    Ok(model)
}

/// Every line that is not empty.
fn lines(path: &str, from: impl BufRead) -> impl Iterator<Item = Result<Line, ScoreError>> {
    let numbered = from.lines().enumerate().map(|(at, line)| (at + 1, line));
    numbered.filter(|(_, line)| !line.as_ref().is_ok_and(|line| line.trim().is_empty())).map(move |(line, text)| {
        let fail = |error: String| ScoreError::Line { path: path.into(), line, error };
        serde_json::from_str(&text.map_err(|error| fail(error.to_string()))?).map_err(|error| fail(error.to_string()))
    })
}

impl Line {
    /// The text as the filter sees it.
    fn content(&self) -> Content {
        Content {
            author: self.author.clone().unwrap_or_default(),
            email: self.email.clone().unwrap_or_default(),
            url: self.url.clone().unwrap_or_default(),
            text: self.text.clone(),
        }
    }
}
