//! HTML, BBCode and entities.

use super::scanner::Scanner;
use crate::script::Script;
use crate::tokens::{Shape, TokenKind};

impl Scanner<'_> {
    /// A tag of HTML, with the addresses in it: `<a href="…">`.
    pub(super) fn tag(&mut self, open: char, close: char) -> bool {
        let first = match self.peek(1) {
            Some('/') => self.peek(2),
            first => first,
        };
        if !first.is_some_and(|c| c.is_ascii_alphabetic() || c == '!') {
            return false;
        }
        let rest = &self.source[self.at + 1..];
        let Some(length) = rest.iter().take(1_000).position(|c| *c == close || *c == open) else { return false };
        if rest[length] != close {
            return false;
        }
        let start = self.tokens.letters.len();
        self.tokens.letters.push(open);
        let name = rest[..length].iter().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '!' | '-'));
        self.tokens.letters.extend(name.take(12).map(char::to_ascii_lowercase));
        self.push(TokenKind::Tag, start, Shape::default(), Script::Common);
        let end = self.at + 1 + length;
        self.at += 1;
        while self.at < end {
            if !self.link(end) {
                self.at += 1;
            }
        }
        self.at = end + 1;
        true
    }

    /// A tag of BBCode: `[url=…]`. Other brackets are text.
    pub(super) fn bbcode(&mut self) -> bool {
        const NAMES: [&str; 16] = [
            "url", "/url", "link", "/link", "img", "/img", "b]", "/b]", "i]", "/i]", "u]", "/u]", "quote", "size",
            "color", "email",
        ];
        let rest = &self.source[self.at + 1..];
        let known = NAMES.iter().any(|name| {
            name.chars().count() <= rest.len() && name.chars().zip(rest).all(|(a, b)| a == b.to_ascii_lowercase())
        });
        known && self.tag('[', ']')
    }

    /// A character written as an entity; only those that people meet.
    pub(super) fn entity(&mut self) -> bool {
        const KNOWN: [(&str, char); 7] = [
            ("amp;", '&'),
            ("lt;", '<'),
            ("gt;", '>'),
            ("quot;", '"'),
            ("#39;", '\''),
            ("nbsp;", ' '),
            ("#039;", '\''),
        ];
        let rest = &self.source[self.at + 1..];
        let found =
            KNOWN.iter().find(|(name, _)| name.len() <= rest.len() && name.chars().zip(rest).all(|(a, b)| a == *b));
        let Some((name, c)) = found else { return false };
        self.at += 1 + name.len();
        if *c != ' ' && *c != '\'' {
            let start = self.tokens.letters.len();
            self.tokens.letters.push(*c);
            self.push(TokenKind::Mark, start, Shape::default(), Script::Common);
        }
        true
    }
}
