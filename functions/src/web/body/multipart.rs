//! `multipart/form-data` (RFC 7578), as forms send it that may hold files. Crates that read it give names as UTF-8
//! alone, and copy what is only to be skipped.

use memchr::memmem;

use super::encoding::{Charset, typed};
use super::parameter::parameter;
use super::typed::{SENT_PER_TYPED, Typed};
use super::urlencoded::CHARSET;
use crate::web::error::Error;

/// Headers of a part that are read; forms send two.
const MOST_HEADERS: usize = 16;

/// How much of a part's headers is read, in bytes.
const MOST_OF_HEADERS: usize = 16 * 1024;

/// One part of a body.
struct Part<'a> {
    name: Vec<u8>,
    is_file: bool,
    charset: Option<Charset>,
    content: &'a [u8],
}

pub(super) fn read(content_type: &str, body: &[u8], charset: Option<Charset>, into: &mut Typed) -> Result<(), Error> {
    let boundary = parameter(content_type.as_bytes(), "boundary").filter(|boundary| !boundary.is_empty());
    let boundary = boundary.ok_or(Error::Malformed)?;
    let mut named = None;
    for part in parts(body, &boundary) {
        let part = part?;
        if part.name == CHARSET.as_bytes() && !part.is_file {
            named = Charset::named(part.content);
            break;
        }
    }
    let charset = named.or(charset);
    for part in parts(body, &boundary) {
        let part = part?;
        let name = typed(&part.name, charset);
        match part.is_file {
            // A file field left empty is sent without a name and without content.
            true if part.content.is_empty() => {}
            true => into.add_file(&name)?,
            false if part.content.len() > SENT_PER_TYPED * into.left() => return Err(Error::TooLarge),
            false => into.add(&name, typed(part.content, part.charset.or(charset)))?,
        }
    }
    Ok(())
}

/// The parts in their order; an error where the body ends within one.
fn parts<'a>(body: &'a [u8], boundary: &[u8]) -> impl Iterator<Item = Result<Part<'a>, Error>> {
    let delimiter = [b"\r\n--", boundary].concat();
    let first = if body.starts_with(&delimiter[2..]) {
        Some(delimiter.len() - 2)
    } else {
        memmem::find(body, &delimiter).map(|at| at + delimiter.len())
    };
    let mut rest = first.map_or(Err(Error::Malformed), |at| Ok(&body[at..]));
    std::iter::from_fn(move || {
        let here = match &rest {
            Ok(here) if here.starts_with(b"--") => return None,
            Ok(here) => *here,
            Err(_) => return std::mem::replace(&mut rest, Ok(&b"--"[..])).err().map(Err),
        };
        let Some(end) = memmem::find(here, &delimiter) else {
            rest = Ok(&b"--"[..]);
            return Some(Err(Error::Malformed));
        };
        rest = Ok(&here[end + delimiter.len()..]);
        Some(part(&here[..end]))
    })
}

/// A part, from what stands behind the delimiter before it.
fn part(text: &[u8]) -> Result<Part<'_>, Error> {
    let line = memmem::find(text, b"\r\n").ok_or(Error::Malformed)?;
    let text = &text[line..];
    // The line end before the first header belongs to the blank line where there is no header.
    let end = memmem::find(text, b"\r\n\r\n").ok_or(Error::Malformed)?;
    let (head, content) = (&text[2..end + 4], &text[end + 4..]);
    if head.len() > MOST_OF_HEADERS {
        return Err(Error::TooLarge);
    }
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let (_, headers) = match httparse::parse_headers(head, &mut headers) {
        Ok(httparse::Status::Complete(headers)) => headers,
        Err(httparse::Error::TooManyHeaders) => return Err(Error::TooLarge),
        Ok(httparse::Status::Partial) | Err(_) => return Err(Error::Malformed),
    };
    let header = |name: &str| headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
    let of = |header: Option<&httparse::Header<'_>>, name| header.and_then(|header| parameter(header.value, name));
    let disposition = header("content-disposition");
    Ok(Part {
        name: unescaped(&of(disposition, "name").unwrap_or_default()),
        is_file: ["filename", "filename*"].iter().any(|name| of(disposition, name).is_some()),
        charset: of(header("content-type"), "charset").and_then(|label| Charset::named(&label)),
        content,
    })
}

/// With what browsers write as `%22`, `%0D` and `%0A`, and nothing else.
fn unescaped(name: &[u8]) -> Vec<u8> {
    let mut result = Vec::with_capacity(name.len());
    let mut rest = name;
    while let Some((first, after)) = rest.split_first() {
        let escape = rest.get(..3).and_then(|escape| match &escape.to_ascii_uppercase()[..] {
            b"%22" => Some(b'"'),
            b"%0D" => Some(b'\r'),
            b"%0A" => Some(b'\n'),
            _ => None,
        });
        result.push(escape.unwrap_or(*first));
        rest = if escape.is_some() { &rest[3..] } else { after };
    }
    result
}
