//! Words, numbers, mentions and runs of signs.

use super::letters::{is_invisible, is_letter};
use super::scanner::Scanner;
use crate::script::{Script, is_mark, latin_lookalike, script};
use crate::tokens::{Shape, TokenKind};

impl Scanner<'_> {
    pub(super) fn skip_invisible(&mut self) {
        self.tokens.counts.invisible += 1;
        self.at += 1;
    }

    pub(super) fn mention(&mut self) {
        let start = self.tokens.letters.len();
        self.tokens.letters.push('@');
        self.at += 1;
        while self.peek(0).is_some_and(|c| c.is_alphanumeric() || c == '_') {
            self.at += 1;
        }
        self.push(TokenKind::Mention, start, Shape::default(), Script::Common);
    }

    /// A run of one sign, three at most; or a picture character, skin and joiners left out.
    pub(super) fn mark(&mut self, sign: char) {
        let start = self.tokens.letters.len();
        let mut run = 0;
        while self.peek(0) == Some(sign) {
            self.at += 1;
            run += 1;
            self.tokens.counts.characters += 1;
            if run <= 3 {
                self.tokens.letters.push(sign);
            }
        }
        if is_mark(sign) || matches!(sign, '\u{fe0e}' | '\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}') {
            self.tokens.letters.truncate(start);
            return;
        }
        let emoji = matches!(sign, '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}');
        if emoji {
            self.tokens.letters.truncate(start + 1);
        }
        self.push(if emoji { TokenKind::Emoji } else { TokenKind::Mark }, start, Shape::default(), Script::Common);
    }

    pub(super) fn word(&mut self) {
        let limit = self.source.len();
        if matches!(self.peek(0), Some('h' | 'H' | 'w' | 'W')) {
            let before = self.at.checked_sub(2).map(|at| &self.source[at..self.at]);
            if self.link(limit) {
                if before == Some(&[']', '(']) {
                    self.tokens.counts.markdown_links += 1;
                }
                return;
            }
        }
        if self.address() {
            return;
        }
        if self.peek(0).is_some_and(|c| script(c).is_dense()) {
            self.dense_word();
        } else {
            self.plain_word();
        }
    }

    /// Chinese, Japanese, Thai: no spaces between words, so each letter is a token.
    fn dense_word(&mut self) {
        while let Some(c) = self.peek(0).filter(|c| script(*c).is_dense()) {
            let start = self.tokens.letters.len();
            self.tokens.letters.push(c);
            self.tokens.counts.letters += 1;
            self.tokens.counts.characters += 1;
            self.push(TokenKind::Word, start, Shape::default(), script(c));
            self.at += 1;
        }
    }

    fn plain_word(&mut self) {
        let start = self.tokens.letters.len();
        let mut word = WordSoFar { shape: Shape { styled: self.styled, ..Shape::default() }, ..WordSoFar::default() };
        while let Some(c) = self.peek(0) {
            if is_invisible(c) {
                word.shape.spaced = true;
                self.tokens.counts.invisible += 1;
            } else if is_mark(c) {
                // Marks over Latin letters are decoration; in other scripts they are vowels.
                if word.script != Script::Latin {
                    self.tokens.letters.push(c);
                }
            } else if is_letter(c) && !script(c).is_dense() {
                self.letter(c, &mut word);
            } else if !(matches!(c, '\'' | '’') && self.peek(1).is_some_and(char::is_alphanumeric) && word.letters > 0)
            {
                break;
            }
            self.at += 1;
        }
        if word.shape.mixed_script {
            for c in &mut self.tokens.letters[start..] {
                *c = latin_lookalike(*c).unwrap_or(*c);
            }
        }
        word.shape.capitals = word.letters >= 2 && word.capitals == word.letters;
        word.shape.digits = word.letters > 0 && word.digits > 0;
        let kind = if word.letters == 0 { TokenKind::Number } else { TokenKind::Word };
        self.push(kind, start, word.shape, word.script);
    }

    fn letter(&mut self, c: char, word: &mut WordSoFar) {
        let counts = &mut self.tokens.counts;
        counts.characters += 1;
        if c.is_numeric() {
            word.digits += 1;
            counts.digits += 1;
        } else {
            let script = script(c);
            if word.letters == 0 {
                word.script = script;
            } else if script != word.script && script.is_alphabet() && word.script.is_alphabet() {
                word.shape.mixed_script = true;
            }
            word.letters += 1;
            counts.letters += 1;
            if c.is_uppercase() {
                word.capitals += 1;
                counts.capitals += 1;
                word.shape.inner_capital |= word.after_small;
            }
            word.after_small = c.is_lowercase();
        }
        // Letters drawn out (soooo) count twice at most.
        let drawn = word.letters > 2
            && matches!(*self.tokens.letters, [.., a, b] if a == b && b.is_alphabetic() && Some(b) == c.to_lowercase().next());
        if !drawn {
            self.push_lower(c);
        }
    }
}

#[derive(Default)]
struct WordSoFar {
    shape: Shape,
    script: Script,
    letters: usize,
    capitals: usize,
    digits: usize,
    after_small: bool,
}
