//! Where the tokenizer stands in a text, and what it has made of it so far.

use crate::script::Script;
use crate::tokens::{Shape, Token, TokenKind, Tokens};

/// Reads on from `at`.
pub(super) struct Scanner<'a> {
    /// The characters, compatibility forms made plain.
    pub(super) source: &'a [char],
    pub(super) at: usize,
    /// Whether there were compatibility forms.
    pub(super) styled: bool,
    pub(super) tokens: &'a mut Tokens,
}

impl Scanner<'_> {
    pub(super) fn peek(&self, ahead: usize) -> Option<char> {
        self.source.get(self.at + ahead).copied()
    }

    pub(super) fn push(&mut self, kind: TokenKind, start: usize, shape: Shape, script: Script) {
        let end = self.tokens.letters.len();
        self.tokens.list.push(Token { kind, start, end, shape, script });
    }

    pub(super) fn push_lower(&mut self, c: char) {
        match c {
            // What most texts are made of, without a look into the tables of all characters.
            '\0'..='\x7f' => self.tokens.letters.push(c.to_ascii_lowercase()),
            'а'..='я' => self.tokens.letters.push(c),
            _ => self.tokens.letters.extend(c.to_lowercase()),
        }
    }
}
