//! What a check has found, and how it is printed.

use std::fmt::Write as _;

use serde::Serialize;

/// What a check has found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was checked, in a word or two.
    pub check: &'static str,
    /// How it is.
    pub state: State,
    /// What was found, in a sentence.
    pub found: String,
    /// What to do about it.
    #[serde(rename = "do", skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

/// How something is, from the best to the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// As it should be.
    Ok,
    /// Not checked.
    Skipped,
    /// It works, and could be better.
    Warning,
    /// Something does not work, or will not.
    Problem,
}

impl State {
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Skipped => "skipped",
            Self::Warning => "warning",
            Self::Problem => "problem",
        }
    }
}

impl Finding {
    pub(super) fn ok(check: &'static str, found: impl Into<String>) -> Self {
        Self { check, state: State::Ok, found: found.into(), advice: None }
    }

    pub(super) fn skipped(check: &'static str, found: impl Into<String>) -> Self {
        Self { check, state: State::Skipped, found: found.into(), advice: None }
    }

    pub(super) fn warning(check: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { check, state: State::Warning, found: found.into(), advice: Some(advice.into()) }
    }

    pub(super) fn problem(check: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { check, state: State::Problem, found: found.into(), advice: Some(advice.into()) }
    }

    /// A line, and below it what to do.
    fn line(&self) -> String {
        let mut line = format!("{:<8} {:<12} {}\n", self.state.word(), self.check, self.found);
        if let Some(advice) = &self.advice {
            let _ = writeln!(line, "{:22}fix: {advice}", "");
        }
        line
    }
}

/// All findings as lines, and how many of them are wrong.
#[must_use]
pub fn report(findings: &[Finding]) -> String {
    let lines: String = findings.iter().map(Finding::line).collect();
    let count = |state| findings.iter().filter(|finding| finding.state == state).count();
    let several = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let (problems, warnings) = (several(count(State::Problem), "problem"), several(count(State::Warning), "warning"));
    format!("{lines}\n{problems}, {warnings}\n")
}

/// Whether something does not work.
#[must_use]
pub fn has_problem(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.state == State::Problem)
}
