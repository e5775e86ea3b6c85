//! Cuts a text into tokens, disguises taken off.
//!
//! What people see is what is read: compatibility forms (𝗯𝗼𝗹𝗱, ｗｉｄｅ) become plain letters, invisible characters and
//! markup go, letters borrowed from another script inside a word go back to the script of that word. Pure Cyrillic or
//! Greek stays what it is.

mod letters;
mod links;
mod markup;
mod scanner;
mod words;

use icu_normalizer::ComposingNormalizerBorrowed;

use self::letters::{is_invisible, is_letter};
use self::scanner::Scanner;
use crate::tokens::{Counts, Shape, Token, TokenKind, Tokens};

/// The most characters of a text that are read, as many as a comment may have by default. What follows is not looked
/// at.
const MOST: usize = 20_000;

/// The tokens of a text.
#[must_use]
pub(crate) fn tokenize(text: &str) -> Tokens {
    let (source, styled) = plain(text);
    let mut tokens = Tokens {
        letters: Vec::with_capacity(source.len() + 16),
        list: Vec::with_capacity(source.len() / 3 + 8),
        counts: Counts::default(),
    };
    scan(&mut Scanner { source: &source, at: 0, styled, tokens: &mut tokens });
    join_spaced(&mut tokens);
    tokens
}

/// The characters that are read, compatibility forms made plain, and whether there were any. Some become eighteen
/// characters: what is too much is never made.
fn plain(text: &str) -> (Vec<char>, bool) {
    let mut plain = Plain { characters: Vec::with_capacity(text.len().min(MOST)), bytes: 0 };
    // Ends with an error where enough was read.
    let whole = ComposingNormalizerBorrowed::new_nfkc().normalize_to(text, &mut plain).is_ok();
    let styled =
        if whole { plain.bytes != text.len() } else { !text.starts_with(&*String::from_iter(&plain.characters)) };
    (plain.characters, styled)
}

/// Characters, up to the most that are read.
struct Plain {
    characters: Vec<char>,
    bytes: usize,
}

impl std::fmt::Write for Plain {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.bytes += text.len();
        self.characters.extend(text.chars().take(MOST - self.characters.len()));
        if self.characters.len() < MOST { Ok(()) } else { Err(std::fmt::Error) }
    }
}

fn scan(scanner: &mut Scanner) {
    while let Some(c) = scanner.peek(0) {
        match c {
            '\n' => {
                scanner.tokens.counts.lines += 1;
                scanner.at += 1;
            }
            c if c.is_whitespace() || c.is_control() => scanner.at += 1,
            c if is_invisible(c) => scanner.skip_invisible(),
            '<' if scanner.tag('<', '>') => scanner.tokens.counts.tags += 1,
            '[' if scanner.bbcode() => scanner.tokens.counts.bbcode += 1,
            '&' if scanner.entity() => {}
            '@' if scanner.peek(1).is_some_and(char::is_alphanumeric) => scanner.mention(),
            c if is_letter(c) => scanner.word(),
            c => scanner.mark(c),
        }
    }
}

/// Three or more single letters in a row are one word: `c a s i n o`.
fn join_spaced(tokens: &mut Tokens) {
    let single = |token: &Token| {
        token.end - token.start == 1
            && matches!(token.kind, TokenKind::Word | TokenKind::Number)
            && !token.script.is_dense()
    };
    let mut joined: Vec<Token> = Vec::new();
    let mut at = 0;
    while at < tokens.list.len() {
        let run = tokens.list[at..].iter().take_while(|token| single(token)).count();
        let letters = tokens.list[at..at + run].iter().filter(|token| token.kind == TokenKind::Word).count();
        if letters >= 3 {
            let start = tokens.letters.len();
            for token in at..at + run {
                let Token { start, end, .. } = tokens.list[token];
                tokens.letters.extend_from_within(start..end);
            }
            let shape = Shape { spaced: true, ..tokens.list[at].shape };
            joined.push(Token { kind: TokenKind::Word, start, end: tokens.letters.len(), shape, ..tokens.list[at] });
            at += run;
        } else {
            joined.extend_from_slice(&tokens.list[at..=at + run.saturating_sub(1)]);
            at += run.max(1);
        }
    }
    tokens.list = joined;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_becomes_many_characters_is_read_as_far_as_any_text() {
        for c in ['\u{fdfa}', '\u{fdfb}', '㍿', 'ﬃ', '⒇'] {
            let (read, styled) = plain(&c.to_string().repeat(MOST));
            assert_eq!((read.len(), styled), (MOST, true), "{c}");
        }
        let (read, styled) = plain(&"\u{fdfa}".repeat(100));
        assert!(read.len() == 1_800 && styled, "{}", read.len());
        assert_eq!(plain(&"x".repeat(2 * MOST)).0.len(), MOST);
        assert!(!plain(&"x".repeat(2 * MOST)).1, "nothing was made plain");
    }
}
