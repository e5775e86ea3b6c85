//! `application/x-www-form-urlencoded`, as forms send it that say nothing else.

use percent_encoding::percent_decode;

use super::encoding::{Charset, typed};
use super::typed::{MOST_OF_NAME, SENT_PER_TYPED, Typed};
use crate::web::error::Error;

/// The field in which browsers name the encoding of the rest, if a page asks them to.
pub(super) const CHARSET: &str = "_charset_";

pub(super) fn read(body: &[u8], charset: Option<Charset>, into: &mut Typed) -> Result<(), Error> {
    let named = pairs(body).find(|(name, _)| *name == CHARSET.as_bytes());
    let charset = named.and_then(|(_, label)| Charset::named(label)).or(charset).map(Charset::of_forms);
    for (name, value) in pairs(body) {
        let value = typed(&decoded(value, into.left())?, charset);
        // Of a name, as much is looked at as is kept.
        let name = &name[..name.len().min(MOST_OF_NAME)];
        into.add(&typed(&decoded(name, MOST_OF_NAME)?, charset), value)?;
    }
    Ok(())
}

fn pairs(body: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()).map(|pair| {
        let equals = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
        (&pair[..equals], pair.get(equals + 1..).unwrap_or_default())
    })
}

/// The bytes that were typed, at most `most`.
fn decoded(sent: &[u8], most: usize) -> Result<Vec<u8>, Error> {
    if sent.len() > most.saturating_mul(SENT_PER_TYPED) {
        return Err(Error::TooLarge);
    }
    let spaced: Vec<u8> = sent.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    Ok(percent_decode(&spaced).collect())
}
