//! Links to the web: as `[text](address)`, as `[text][label]` with the label's address elsewhere, and as bare
//! addresses.

use std::collections::HashMap;

use crate::form::is_web_address;

/// The longest address that becomes a link, and the longest label, in bytes.
const LONGEST: usize = 2_048;
const LABEL: usize = 100;

/// How deep brackets may stand in brackets in an address.
const BRACKETS: usize = 8;

/// An address, as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Address<'a> {
    /// What people leave out before `www.`.
    pub(super) scheme: &'static str,
    pub(super) typed: &'a str,
}

impl<'a> Address<'a> {
    /// The address, if it leads to the web.
    fn new(typed: &'a str) -> Option<Self> {
        let bare = starts_with(typed, "www.");
        let whole = if bare { is_web_address(&format!("https://{typed}")) } else { is_web_address(typed) };
        let scheme = if bare { "https://" } else { "" };
        (whole && typed.len() <= LONGEST).then_some(Self { scheme, typed })
    }
}

/// Where the text says what the labels of its links stand for: `[1]: https://example.org`. These lines are shown like
/// all others, for most who write them mean them to be read.
pub(super) struct Definitions<'a>(HashMap<String, Address<'a>>);

impl<'a> Definitions<'a> {
    pub(super) fn of(lines: &[&'a str]) -> Self {
        let mut all = HashMap::new();
        for line in lines {
            let parts = line.trim().strip_prefix('[').and_then(|rest| rest.split_once("]:"));
            let Some((label, address)) = parts.filter(|(label, _)| label.len() <= LABEL) else { continue };
            let address = address.trim();
            let address = address.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or(address);
            if has_scheme(address) && !address.contains(char::is_whitespace) {
                all.entry(folded(label)).or_insert_with(|| Address::new(address));
            }
        }
        Self(all.into_iter().filter_map(|(label, address)| Some((label, address?))).collect())
    }

    pub(super) fn get(&self, label: &str) -> Option<Address<'a>> {
        if self.0.is_empty() || label.len() > LABEL { None } else { self.0.get(&folded(label)).copied() }
    }
}

fn folded(label: &str) -> String {
    label.trim().to_lowercase()
}

/// The address in the brackets that begin a text, and how long they are. A title in them is no part of the small
/// Markdown.
pub(super) fn destination(text: &str) -> Option<(Address<'_>, usize)> {
    let inner = text.strip_prefix('(')?;
    let pointed = inner.strip_prefix('<');
    let rest = pointed.unwrap_or(inner);
    if !has_scheme(rest) {
        return None;
    }
    let mut open = 0_usize;
    for (at, c) in rest.char_indices().take_while(|(at, _)| *at <= LONGEST) {
        match c {
            '>' if pointed.is_some() => {
                let closed = rest[at..].starts_with(">)");
                return Address::new(&rest[..at]).filter(|_| closed).map(|address| (address, at + 4));
            }
            ')' if pointed.is_none() && open == 0 => return Some((Address::new(&rest[..at])?, at + 2)),
            '(' if open == BRACKETS => return None,
            '(' => open += 1,
            ')' => open = open.saturating_sub(1),
            c if c.is_whitespace() || c == '<' => return None,
            _ => {}
        }
    }
    None
}

/// The label in the brackets that begin a text.
pub(super) fn label(text: &str) -> Option<&str> {
    let rest = text.strip_prefix('[')?;
    let end = rest.char_indices().take_while(|(at, _)| *at <= LABEL).find(|(_, c)| matches!(c, '[' | ']' | '\n'))?.0;
    rest[end..].starts_with(']').then_some(&rest[..end])
}

/// The bare address that begins a text, without the punctuation of the sentence around it; or how much of the text was
/// looked at.
pub(super) fn bare(text: &str) -> Result<Address<'_>, usize> {
    let scheme = ["https://", "http://", "www."].iter().find(|scheme| starts_with(text, scheme)).ok_or(0_usize)?;
    if !text[scheme.len()..].starts_with(char::is_alphanumeric) {
        return Err(0);
    }
    let mut brackets = 0_usize;
    let mut ends = |c: char| {
        match c {
            '[' => brackets += 1,
            ']' if brackets == 0 => return true,
            ']' => brackets -= 1,
            _ => {}
        }
        c.is_whitespace() || c.is_control() || "<>\"`{}|\\^".contains(c) || is_wide_punctuation(c)
    };
    let mut near = text.char_indices().take_while(|(at, _)| *at <= LONGEST);
    let end = near.find_map(|(at, c)| ends(c).then_some(at));
    let end = end.unwrap_or_else(|| text.floor_char_boundary(LONGEST + 1));
    Address::new(without_sentence(&text[..end])).ok_or(end)
}

/// An address without what belongs to the sentence in which it stands: punctuation at its end, and brackets that were
/// opened before it.
fn without_sentence(address: &str) -> &str {
    let count = |address: &str, wanted: char| address.chars().filter(|c| *c == wanted).count();
    let mut surplus = count(address, ')').saturating_sub(count(address, '('));
    let mut rest = address;
    while let Some(last) = rest.chars().next_back() {
        match last {
            ')' if surplus > 0 => surplus -= 1,
            '.' | ',' | ':' | ';' | '!' | '?' | '*' | '_' | '~' | '\'' | '’' | '”' | '»' | '…' => {}
            _ => break,
        }
        rest = &rest[..rest.len() - last.len_utf8()];
    }
    rest
}

/// Punctuation of scripts that put no space behind an address.
fn is_wide_punctuation(c: char) -> bool {
    matches!(c, '\u{3000}'..='\u{3004}' | '\u{3008}'..='\u{3020}' | '\u{ff01}' | '\u{ff08}' | '\u{ff09}' | '\u{ff0c}'
        | '\u{ff0e}' | '\u{ff1a}' | '\u{ff1b}' | '\u{ff1f}' | '\u{ff5e}'..='\u{ff65}')
}

fn has_scheme(text: &str) -> bool {
    starts_with(text, "https://") || starts_with(text, "http://")
}

fn starts_with(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}
