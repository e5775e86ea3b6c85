//! What the TOML reader and `serde` say about a value, in plain words, and without the value.

use crate::config::mistake::{Mistake, Span};
use crate::config::secret::Secret;

/// What `serde` says.
pub(super) enum Said<'m> {
    /// A key that is not known, and those that are.
    Unknown { key: &'m str, known: Vec<&'m str> },
    /// A key that must be there.
    Missing(&'m str),
    /// A value that is not of the kind that is meant there.
    Unfit(&'m str),
}

impl<'m> Said<'m> {
    /// Reads a message.
    pub(super) fn by(message: &'m str) -> Self {
        if let Some(rest) = message.strip_prefix("unknown field ") {
            let mut names = quoted(rest);
            return Self::Unknown { key: names.next().unwrap_or_default(), known: names.collect() };
        }
        match message.strip_prefix("missing field ") {
            Some(rest) => Self::Missing(quoted(rest).next().unwrap_or_default()),
            None => Self::Unfit(message),
        }
    }
}

/// The texts between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// A mistake at a place that has this path.
pub(super) fn mistake(span: Span, said: &Said, path: &[String]) -> Mistake {
    match said {
        Said::Unknown { key, .. } if is_secret(key) => secret(span, key, path),
        Said::Unknown { key, known } => {
            let table = path.split_last().map_or(&[][..], |(_, table)| table).join(".");
            let place = if table.is_empty() { "at the top".into() } else { format!("in `{table}`") };
            Mistake::new(span, format!("unknown key `{key}` {place}")).with_advice(meant(key, known))
        }
        Said::Missing(key) => Mistake::new(span, format!("`{key}` is missing here")),
        Said::Unfit(message) => unfit(span, message),
    }
}

/// Whether a key's name says that its value should be known to few.
fn is_secret(key: &str) -> bool {
    let key = key.to_lowercase().replace('-', "_");
    let words = ["key", "apikey", "secret", "password", "passwd", "token", "credential", "credentials"];
    key.split('_').any(|word| words.contains(&word))
}

fn secret(span: Span, key: &str, path: &[String]) -> Mistake {
    let named = path.iter().rev().find_map(|key| key.to_lowercase().parse::<Secret>().ok());
    let name = named.map_or("NAME".into(), |secret| secret.word());
    let problem = format!("`{key}` looks like a secret, and a secret never stands in this file");
    Mistake::new(span, problem).with_advice(format!("`deskbell secret set {name}` keeps it in the table")).hiding()
}

/// What is unlike its neighbours by at most this is taken for a slip: 1 is equal, 0 has nothing in common.
const ALIKE: f64 = 0.84;

/// Which of the known words was probably meant, or all of them.
fn meant(word: &str, known: &[&str]) -> String {
    let alike = |known: &&str| strsim::jaro_winkler(&word.to_lowercase(), known);
    let best = known.iter().copied().max_by(|one, other| alike(one).total_cmp(&alike(other)));
    match best.filter(|best| alike(best) >= ALIKE) {
        Some(best) => format!("did you mean `{best}`?"),
        None if known.is_empty() => "nothing can be set here".into(),
        None => format!("known here: {}", known.join(", ")),
    }
}

fn unfit(span: Span, message: &str) -> Mistake {
    if let Some(rest) = message.strip_prefix("unknown variant ") {
        let mut words = quoted(rest);
        let (word, known): (_, Vec<&str>) = (words.next().unwrap_or_default(), words.collect());
        return Mistake::new(span, "this word is not known here").with_advice(meant(word, &known));
    }
    // What the file says comes first, and may hold anything; what was expected does not.
    let (found, expected) = message.rsplit_once(", expected ").unwrap_or((message, ""));
    let problem = match found.split_once(": ") {
        Some(("invalid type", found)) => format!("this is {}, and {} is meant", kind(found), wanted(expected)),
        Some(("invalid value", _)) => format!("this number does not fit: {} is meant", wanted(expected)),
        // So says the reader of addresses, and then the value.
        Some((_, value)) if value.starts_with('"') => "this is no web address, such as https://www.example.org".into(),
        _ if message == "wanted string or table" => "one word in quotes is meant".into(),
        _ => message.into(),
    };
    Mistake::new(span, problem)
}

/// A kind of value as `serde` names what it found.
fn kind(found: &str) -> &'static str {
    match found.split([' ', '`']).next().unwrap_or_default() {
        "string" => "a text",
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
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number that is not below 0".into(),
        "i32" | "i64" => "a whole number".into(),
        "f32" | "f64" => "a number".into(),
        "a string" => "a text in quotes".into(),
        "a boolean" => "true or false".into(),
        "a sequence" => "a list in [ ]".into(),
        "a map" => "a table".into(),
        "a string representing an URL" => "a web address in quotes".into(),
        other if other.starts_with("struct ") => "a table { … }".into(),
        other => other.into(),
    }
}
