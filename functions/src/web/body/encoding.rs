//! Bytes as text: in the encoding that the request names, else UTF-8, else windows-1252, which any bytes are text in.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// An encoding that a request names.
#[derive(Debug, Clone, Copy)]
pub(super) struct Charset(&'static Encoding);

impl Charset {
    /// The encoding of that name, if it is known.
    pub(super) fn named(label: &[u8]) -> Option<Self> {
        Encoding::for_label_no_replacement(label).map(Self)
    }

    /// The same for bytes that were percent-encoded, which UTF-16 never is.
    pub(super) fn of_forms(self) -> Self {
        Self(self.0.output_encoding())
    }
}

/// The whole of a body as text, by the mark at its beginning, if it has one.
pub(super) fn body(bytes: &[u8], charset: Option<Charset>) -> Cow<'_, str> {
    match Encoding::for_bom(bytes) {
        Some((encoding, length)) => text(&bytes[length..], Some(Charset(encoding))),
        None => text(bytes, charset),
    }
}

/// What somebody typed, as a browser sends it in that encoding: characters that the encoding lacks come as `&#…;`.
pub(super) fn typed(bytes: &[u8], charset: Option<Charset>) -> String {
    let text = text(bytes, charset).into_owned();
    if charset.is_none_or(|charset| charset.0 == UTF_8) || !text.contains("&#") { text } else { unescaped(&text) }
}

fn text(bytes: &[u8], charset: Option<Charset>) -> Cow<'_, str> {
    let named = charset.map_or(UTF_8, |charset| charset.0);
    if named != UTF_8 {
        let (text, broken) = named.decode_without_bom_handling(bytes);
        if !broken || std::str::from_utf8(bytes).is_err() {
            return text;
        }
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) if is_damaged_utf8(bytes) => String::from_utf8_lossy(bytes),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
}

/// Whether this is UTF-8 but for one place, as where a text was cut within a character.
fn is_damaged_utf8(bytes: &[u8]) -> bool {
    let (mut damaged, mut likely) = (0, false);
    for chunk in bytes.utf8_chunks() {
        damaged += usize::from(!chunk.invalid().is_empty());
        likely |= !chunk.valid().is_ascii() || chunk.invalid().len() > 1;
    }
    damaged == 1 && likely
}

/// With the characters that stand as `&#128512;`.
fn unescaped(text: &str) -> String {
    let mut parts = text.split("&#");
    let mut result = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let number = part.split_once(';').filter(|(digits, _)| digits.len() <= 7);
        let read = number.and_then(|(digits, rest)| Some((digits.parse().ok().and_then(char::from_u32)?, rest)));
        // What every encoding has was typed so.
        if let Some((c, rest)) = read.filter(|(c, _)| !c.is_ascii()) {
            result.push(c);
            result.push_str(rest);
        } else {
            result.push_str("&#");
            result.push_str(part);
        }
    }
    result
}
