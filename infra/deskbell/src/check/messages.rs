//! What `serde` says about a value, in plain English, without the value, and with what was probably meant.

use std::ops::Range;

use deskbell_functions::config::Mistake;
use deskbell_functions::config::secret::Secret;

use super::diagnostic::Diagnostic;

/// What `serde` says.
pub(super) enum Problem<'m> {
    /// A key that is not known, and those that are.
    Unknown { key: &'m str, known: Vec<&'m str> },
    /// A key that must be there.
    Missing(&'m str),
    /// A value of the wrong type, or out of range.
    Invalid(&'m str),
}

impl<'m> Problem<'m> {
    /// Reads a message.
    pub(super) fn of(message: &'m str) -> Self {
        if let Some(rest) = message.strip_prefix("unknown field ") {
            let mut names = quoted(rest);
            return Self::Unknown { key: names.next().unwrap_or_default(), known: names.collect() };
        }
        match message.strip_prefix("missing field ") {
            Some(rest) => Self::Missing(quoted(rest).next().unwrap_or_default()),
            None => Self::Invalid(message),
        }
    }
}

/// The texts between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// What to show about a problem at a place that has this path.
pub(super) fn diagnostic(span: Range<usize>, problem: &Problem, path: &[String]) -> Diagnostic {
    let mistake = |problem: String| Mistake { path: path.to_vec(), span: span.clone(), problem, advice: None };
    match problem {
        Problem::Unknown { key, .. } if is_secret(key) => {
            let named = path.iter().rev().find_map(|key| key.to_lowercase().parse::<Secret>().ok());
            let name = named.map_or("NAME".into(), |secret| secret.word());
            let problem = format!("`{key}` looks like a secret, and secrets do not belong in this file");
            let advice = Some(format!("store it with `deskbell secret set {name}`"));
            Diagnostic { hides: true, ..Mistake { advice, ..mistake(problem) }.into() }
        }
        Problem::Unknown { key, known } => {
            let table = path.split_last().map_or(&[][..], |(_, table)| table).join(".");
            let place = if table.is_empty() { "at the top level".into() } else { format!("in `{table}`") };
            Mistake { advice: Some(meant(key, known)), ..mistake(format!("unknown key `{key}` {place}")) }.into()
        }
        Problem::Missing(key) => mistake(format!("missing key `{key}`")).into(),
        Problem::Invalid(message) => {
            let (problem, advice) = invalid(message);
            Mistake { advice, ..mistake(problem) }.into()
        }
    }
}

/// Whether a key's name says that its value should be known to few.
fn is_secret(key: &str) -> bool {
    let key = key.to_lowercase().replace('-', "_");
    let words = ["key", "apikey", "secret", "password", "passwd", "token", "credential", "credentials"];
    key.split('_').any(|word| words.contains(&word))
}

/// What is unlike its neighbours by at most this is taken for a slip: 1 is equal, 0 has nothing in common.
const ALIKE: f64 = 0.84;

/// Which of the known words was probably meant, or all of them.
fn meant(word: &str, known: &[&str]) -> String {
    let alike = |known: &&str| strsim::jaro_winkler(&word.to_lowercase(), known);
    let best = known.iter().copied().max_by(|one, other| alike(one).total_cmp(&alike(other)));
    match best.filter(|best| alike(best) >= ALIKE) {
        Some(best) => format!("did you mean `{best}`?"),
        None => match known {
            [] => "no keys are allowed here".into(),
            [only] => format!("expected {only}"),
            [rest @ .., last] => format!("expected {} or {last}", rest.join(", ")),
        },
    }
}

/// What is wrong with a value, and what to do about it.
fn invalid(message: &str) -> (String, Option<String>) {
    if let Some(rest) = message.strip_prefix("unknown variant ") {
        let mut words = quoted(rest);
        let (word, known): (_, Vec<&str>) = (words.next().unwrap_or_default(), words.collect());
        return ("unknown value".into(), Some(meant(word, &known)));
    }
    // What the file says comes first, and may hold anything; what was expected does not.
    let (found, expected) = message.rsplit_once(", expected ").unwrap_or((message, ""));
    let problem = match found.split_once(": ") {
        Some(("invalid type", found)) => format!("expected {}, found {}", wanted(expected), kind(found)),
        Some(("invalid value", _)) => format!("out of range: expected {}", wanted(expected)),
        // So says the reader of addresses, and then the value.
        Some((_, value)) if value.starts_with('"') => "not a web address, such as https://www.example.org".into(),
        _ if message == "wanted string or table" => "expected a word in quotes".into(),
        _ => message.into(),
    };
    (problem, None)
}

/// A kind of value as `serde` names what it found.
fn kind(found: &str) -> &'static str {
    match found.split([' ', '`']).next().unwrap_or_default() {
        "string" => "a string",
        "integer" => "a whole number",
        "floating" => "a number",
        "boolean" => "true or false",
        "sequence" => "a list",
        "map" => "a table",
        _ => "something else",
    }
}

/// A kind of value as `serde` names what it expected.
fn wanted(expected: &str) -> String {
    match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number, 0 or more".into(),
        "i32" | "i64" => "a whole number".into(),
        "f32" | "f64" => "a number".into(),
        "a string" => "a string in quotes".into(),
        "a boolean" => "true or false".into(),
        "a sequence" => "a list in [ ]".into(),
        "a map" => "a table".into(),
        "a string representing an URL" => "a web address in quotes".into(),
        other if other.starts_with("struct ") => "a table { … }".into(),
        other => other.into(),
    }
}
