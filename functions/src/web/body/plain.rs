//! `text/plain`: a form that says `enctype="text/plain"` (a line `name=value` for each field), or what a script posts
//! as text without naming its type, which browsers then call so.

use super::encoding::{self, Charset};
use super::typed::Typed;
use super::urlencoded;
use crate::web::error::Error;

/// The longest name that a line is split at, in bytes: longer ones are text in which an `=` stands.
const LONGEST_NAME: usize = 100;

pub(super) fn read(body: &[u8], charset: Option<Charset>, into: &mut Typed) -> Result<(), Error> {
    // Without any white space a script has encoded it; a browser ends each line.
    if !body.iter().any(u8::is_ascii_whitespace) {
        return urlencoded::read(body, charset, into);
    }
    let text = encoding::typed(body, charset);
    let (mut name, mut value) = (String::new(), String::new());
    for line in text.lines() {
        match field(line) {
            Some((next, begins)) => {
                add(into, &name, &value)?;
                (name, value) = (next.into(), begins.into());
            }
            // A text of several lines.
            None if name.is_empty() && value.is_empty() => value = line.into(),
            None => value.extend(["\n", line]),
        }
    }
    add(into, &name, &value)
}

/// The name and the first line of a field: what comes before the first `=`, if it is one word as names are.
fn field(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once('=')?;
    let is_name = |c: char| c.is_alphanumeric() || "_-.[]".contains(c);
    (!name.is_empty() && name.len() <= LONGEST_NAME && name.chars().all(is_name)).then_some((name, value))
}

/// Text before the first field has no name, and is kept under the one that unnamed fields get.
fn add(into: &mut Typed, name: &str, value: &str) -> Result<(), Error> {
    if name.is_empty() && value.trim().is_empty() { Ok(()) } else { into.add(name, value.into()) }
}
