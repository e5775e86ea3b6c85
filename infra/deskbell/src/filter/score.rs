//! `deskbell score`: what the filter makes of texts, by their content alone.

use std::io::{BufRead, Write};
use std::path::Path;

use deskbell_filter::{self, Judging, Memory, Signals, judge};
use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use super::FilterError;
use super::corpus::{self, Label, Line};

#[derive(Serialize)]
struct Answer {
    id: serde_json::Value,
    score: f64,
    decision: deskbell_filter::Decision,
    reasons: Vec<deskbell_filter::Reason>,
}

/// Reads lines from `input` and writes an answer for each to `output`, after applying the labelled lines of `learn` as
/// if a site's owner had decided them.
pub fn score(input: impl BufRead, mut output: impl Write, learn: Option<&Path>) -> Result<(), FilterError> {
    let memory = match learn {
        Some(path) => taught(&corpus::labelled_any(path)?),
        None => Memory::default(),
    };
    for line in corpus::lines("standard input", input) {
        let line = line?;
        let verdict = judge(&line.content(), &Signals::default(), &memory, &Judging::default());
        let deskbell_filter::Verdict { score, decision, reasons } = verdict;
        let answer = Answer { id: line.id, score, decision, reasons };
        let text = serde_json::to_string(&answer).unwrap_or_default();
        writeln!(output, "{text}").map_err(|error| FilterError::File { path: "standard output".into(), error })?;
    }
    Ok(())
}

/// The memory of a site whose owner has decided these lines, in their order.
pub(super) fn taught(lines: &[Line]) -> Memory {
    let mut memory = Memory::default();
    let now = Timestamp::now();
    for (number, line) in lines.iter().enumerate() {
        let label = match line.label {
            Some(Label::Spam) => deskbell_filter::Label::Spam,
            Some(Label::Ham) => deskbell_filter::Label::Ham,
            None => continue,
        };
        memory.teach(Uuid::from_u128(number as u128), Some(label), &line.content(), now);
    }
    memory
}
