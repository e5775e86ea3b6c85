//! How the filter reads a text: disguises taken off, cut into words, links and marks.
//!
//! What people see is what is read: compatibility forms (𝗯𝗼𝗹𝗱, ｗｉｄｅ) become plain letters, invisible characters and
//! markup go, letters borrowed from another script inside a word go back to the script of that word. Pure Cyrillic or
//! Greek stays what it is.

#![expect(clippy::struct_excessive_bools, reason = "what can be seen of a word is a row of yes and no")]

use icu_normalizer::ComposingNormalizerBorrowed;

use super::reader::Reader;
use super::script::Script;

/// The most characters of a text that are read, as many as a comment may have by default. What follows is not looked at.
const MOST: usize = 20_000;

/// What a piece of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Letters, perhaps with digits.
    Word,
    /// Digits alone.
    Number,
    /// A run of one sign.
    Mark,
    /// A picture character.
    Emoji,
    /// A web address.
    Link,
    /// An e-mail address.
    Email,
    /// Somebody addressed by `@name`.
    Mention,
    /// A tag of HTML or BBCode.
    Tag,
}

/// Things about a word that its letters do not tell any more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shape {
    /// All of two or more letters are capitals.
    pub capitals: bool,
    /// A capital stands inside, after a small letter.
    pub inner_capital: bool,
    /// It mixed Latin with lookalikes of another script.
    pub mixed_script: bool,
    /// It was written in compatibility characters.
    pub styled: bool,
    /// It has digits among its letters.
    pub digits: bool,
    /// Its letters stood apart, or invisible characters between them.
    pub spaced: bool,
}

/// A piece of text: `start..end` of [`Reading::letters`].
#[derive(Debug, Clone, Copy)]
pub struct Piece {
    /// What it is.
    pub kind: Kind,
    /// Where it begins.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// How it was written.
    pub shape: Shape,
    /// The script of its first letter.
    pub script: Script,
}

/// What was counted while reading.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    /// Characters that are not blank.
    pub characters: usize,
    /// Letters.
    pub letters: usize,
    /// Capital letters.
    pub capitals: usize,
    /// Digits.
    pub digits: usize,
    /// Line ends.
    pub lines: usize,
    /// Links, in any markup.
    pub links: usize,
    /// HTML tags.
    pub tags: usize,
    /// BBCode tags.
    pub bbcode: usize,
    /// Links written as Markdown.
    pub markdown_links: usize,
    /// Characters that have no width.
    pub invisible: usize,
}

/// A text as the filter reads it.
#[derive(Debug, Default)]
pub struct Reading {
    /// Small letters, without disguises, one piece after the other.
    pub letters: Vec<char>,
    /// The pieces in order.
    pub pieces: Vec<Piece>,
    /// What was counted.
    pub counts: Counts,
}

impl Reading {
    /// Reads a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let plain = ComposingNormalizerBorrowed::new_nfkc().normalize(text);
        let styled = plain.len() != text.len();
        let source: Vec<char> = plain.chars().take(MOST).collect();
        let mut reading = Self {
            letters: Vec::with_capacity(source.len() + 16),
            pieces: Vec::with_capacity(source.len() / 3 + 8),
            counts: Counts::default(),
        };
        Reader { source: &source, at: 0, styled, reading: &mut reading }.read();
        reading.join_spaced();
        reading
    }

    /// The letters of a piece.
    #[must_use]
    pub fn letters_of(&self, piece: &Piece) -> &[char] {
        &self.letters[piece.start..piece.end]
    }

    /// Three or more single letters in a row are one word: `c a s i n o`.
    fn join_spaced(&mut self) {
        let single = |piece: &Piece| {
            piece.end - piece.start == 1 && matches!(piece.kind, Kind::Word | Kind::Number) && !piece.script.is_dense()
        };
        let mut joined: Vec<Piece> = Vec::new();
        let mut at = 0;
        while at < self.pieces.len() {
            let run = self.pieces[at..].iter().take_while(|piece| single(piece)).count();
            let letters = self.pieces[at..at + run].iter().filter(|piece| piece.kind == Kind::Word).count();
            if letters >= 3 {
                let start = self.letters.len();
                for piece in at..at + run {
                    let Piece { start, end, .. } = self.pieces[piece];
                    self.letters.extend_from_within(start..end);
                }
                let shape = Shape { spaced: true, ..self.pieces[at].shape };
                joined.push(Piece { kind: Kind::Word, start, end: self.letters.len(), shape, ..self.pieces[at] });
                at += run;
            } else {
                joined.extend_from_slice(&self.pieces[at..=at + run.saturating_sub(1)]);
                at += run.max(1);
            }
        }
        self.pieces = joined;
    }
}
