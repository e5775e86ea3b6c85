//! A text as the filter reads it: words, links and marks, without disguises.

#![expect(clippy::struct_excessive_bools, reason = "what can be seen of a word is a row of yes and no")]

use crate::script::Script;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
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

/// A token: `start..end` of [`Tokens::letters`].
#[derive(Debug, Clone, Copy)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it begins.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// How it was written.
    pub shape: Shape,
    /// The script of its first letter.
    pub script: Script,
}

/// What was counted while the text was read.
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
pub struct Tokens {
    /// Small letters, without disguises, one token after the other.
    pub letters: Vec<char>,
    /// The tokens in order.
    pub list: Vec<Token>,
    /// What was counted.
    pub counts: Counts,
}

impl Tokens {
    /// The letters of a token.
    #[must_use]
    pub fn letters_of(&self, token: &Token) -> &[char] {
        &self.letters[token.start..token.end]
    }
}
