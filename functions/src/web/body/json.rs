//! `application/json`, as scripts send it: an object, whose members are fields. What stands in others is named as forms
//! name it (`address[street]`), lists are repeated fields, and numbers keep the digits that were sent.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer as _, MapAccess, SeqAccess, Visitor};
use serde_json::Deserializer;
use serde_json::value::RawValue;

use super::encoding::{self, Charset};
use super::typed::{LONGEST_ESCAPE, MOST_OF_NAME, Typed};
use crate::form::name;
use crate::web::error::Error;

/// How deep objects and lists are looked into; what lies deeper is kept as it was written.
const DEPTH: usize = 8;

pub(super) fn read(body: &[u8], charset: Option<Charset>, into: &mut Typed) -> Result<(), Error> {
    let text = encoding::body(body, charset);
    if text.trim().is_empty() {
        return Ok(());
    }
    if !text.trim_start().starts_with('{') {
        return Err(Error::Malformed);
    }
    walk(&text, String::new(), 0, into)
}

/// Reads an object or a list, which is the value of the field called `name`.
fn walk(text: &str, name: String, depth: usize, into: &mut Typed) -> Result<(), Error> {
    let mut refused = None;
    let mut json = Deserializer::from_str(text);
    let walk = Walk { name, depth, into, refused: &mut refused };
    let walked = json.deserialize_any(walk).and_then(|()| json.end());
    // What it was refused for comes out of the parser as its own error.
    walked.map_err(|_| refused.unwrap_or(Error::Malformed))
}

/// Takes up what stands in an object or a list, one after the other.
struct Walk<'a> {
    name: String,
    depth: usize,
    into: &'a mut Typed,
    refused: &'a mut Option<Error>,
}

impl Walk<'_> {
    fn take<E: serde::de::Error>(&mut self, name: impl FnOnce(&str) -> String, value: &RawValue) -> Result<(), E> {
        self.place(name, value.get()).map_err(|error| {
            *self.refused = Some(error);
            E::custom("refused")
        })
    }

    fn place(&mut self, name: impl FnOnce(&str) -> String, value: &str) -> Result<(), Error> {
        match value.as_bytes().first() {
            Some(b'n') => Ok(()),
            Some(b'"') => {
                let text = text(value, self.into.left())?;
                self.into.add(&name(&self.name), text)
            }
            Some(b'{' | b'[') if self.depth < DEPTH => {
                self.into.nest()?;
                walk(value, name::clean(&name(&self.name)), self.depth + 1, self.into)
            }
            _ if value.len() > self.into.left() => Err(Error::TooLarge),
            _ => self.into.add(&name(&self.name), value.to_owned()),
        }
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or a list")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some((key, value)) = map.next_entry::<&RawValue, &RawValue>()? {
            let key = key.get();
            // Of a name, as much is looked at as is kept.
            let key = if key.len() > MOST_OF_NAME { Cow::from(head(key)) } else { key.into() };
            let key = text(&key, MOST_OF_NAME).unwrap_or_default();
            self.take(|own| if own.is_empty() { key } else { format!("{own}[{key}]") }, value)?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        let mut number = 0;
        while let Some(value) = list.next_element::<&RawValue>()? {
            let nested = value.get().starts_with(['{', '[']);
            self.take(|own| if nested { format!("{own}[{number}]") } else { own.to_owned() }, value)?;
            number += 1;
        }
        Ok(())
    }
}

/// The beginning of a long string, closed: cut before an escape or a character that would be halved.
fn head(key: &str) -> String {
    let mut end = MOST_OF_NAME - 12;
    while !key.is_char_boundary(end) {
        end -= 1;
    }
    let head = &key[..end];
    let head = match head.rfind('\\') {
        Some(escape) if head.len() - escape < 6 => head[..escape].trim_end_matches('\\'),
        _ => head,
    };
    format!("{head}\"")
}

/// A string's text, of at most `most` bytes of UTF-8; half of a pair of surrogates is U+FFFD.
fn text(quoted: &str, most: usize) -> Result<String, Error> {
    if quoted.len() > LONGEST_ESCAPE * most + 2 {
        return Err(Error::TooLarge);
    }
    let whole = if quoted.contains("\\u") { without_halves(quoted) } else { quoted.into() };
    serde_json::from_str(&whole).map_err(|_| Error::Malformed)
}

/// With `\ufffd` for each half of a pair of surrogates that stands alone.
fn without_halves(quoted: &str) -> Cow<'_, str> {
    let mut bytes = Cow::from(quoted.as_bytes());
    let mut at = 0;
    while at < quoted.len() {
        let (step, half) = match unit(quoted, at) {
            Some(0xd800..=0xdbff) if matches!(unit(quoted, at + 6), Some(0xdc00..=0xdfff)) => (12, false),
            Some(unit) => (6, (0xd800..=0xdfff).contains(&unit)),
            None if quoted.as_bytes()[at] == b'\\' => (2, false),
            None => (1, false),
        };
        if half {
            bytes.to_mut()[at + 2..at + 6].copy_from_slice(b"fffd");
        }
        at += step;
    }
    match bytes {
        Cow::Borrowed(_) => quoted.into(),
        Cow::Owned(bytes) => String::from_utf8_lossy(&bytes).into_owned().into(),
    }
}

/// The unit of UTF-16 that is escaped there, if one is.
fn unit(quoted: &str, at: usize) -> Option<u16> {
    let digits = quoted.as_bytes().get(at..at + 6)?.strip_prefix(b"\\u")?;
    let hexadecimal = digits.iter().all(u8::is_ascii_hexdigit);
    u16::from_str_radix(std::str::from_utf8(digits).ok().filter(|_| hexadecimal)?, 16).ok()
}
