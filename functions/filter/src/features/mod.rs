//! The features of a submission that the model weighs: hashed words, pairs, letter sequences, parts of links, the
//! author, and the shape of the whole.

mod facts;
mod group;
mod hash;
mod links;
mod ngrams;

use self::facts::{Facts, bucket};
use self::hash::{SEED, done, hash_letters, mix};
use self::links::link;
use self::ngrams::letters;
use crate::content::Content;
use crate::tokenizer::tokenize;
use crate::tokens::{Token, TokenKind, Tokens};

pub use self::facts::MEASURES;
pub use self::group::{GROUPS, Group, NOWHERE, Sink};

/// What a submission looks like to the model.
pub struct Features {
    /// The text.
    pub text: Tokens,
    /// The author's name.
    pub author: Tokens,
    /// The author's website.
    pub url: Tokens,
    /// What can be counted: both a group of features and the source of [`Features::measures`].
    facts: Facts,
}

impl Features {
    /// Reads a submission.
    #[must_use]
    pub fn of(content: &Content) -> Self {
        let (text, author) = (tokenize(&content.text), tokenize(&content.author));
        let url = tokenize(&content.url);
        let facts = Facts::of(&text, &author, &url);
        Self { text, author, url, facts }
    }

    /// Gives every feature to `sink`.
    pub fn each(&self, sink: &mut impl Sink) {
        self.words(sink);
        for (at, token) in self.text.list.iter().enumerate() {
            match token.kind {
                TokenKind::Word if sink.wants_letters() => {
                    letters(self.text.letters_of(token), Group::Letters, 3, at, sink);
                }
                TokenKind::Link => link(self.text.letters_of(token), 4, at, sink),
                TokenKind::Email => link(self.text.letters_of(token), 5, at, sink),
                _ => {}
            }
        }
        for token in &self.url.list {
            if token.kind == TokenKind::Link {
                link(self.url.letters_of(token), 4, NOWHERE, sink);
            }
        }
        self.name(sink);
        self.shape(sink);
    }

    fn words(&self, sink: &mut impl Sink) {
        let mut before = mix(SEED, 2);
        for (at, token) in self.text.list.iter().enumerate() {
            let hash = word(&self.text, token);
            sink.feature(Group::Words, done(mix(hash, 1)), at);
            if token.kind == TokenKind::Word {
                self.variants(token, at, sink);
            }
            sink.feature(Group::Pairs, done(mix(before, hash)), at);
            before = mix(hash, 2);
        }
        sink.feature(Group::Pairs, done(mix(before, 3)), NOWHERE);
    }

    /// How a word is written, and what it says if its digits stand for letters.
    fn variants(&self, token: &Token, at: usize, sink: &mut impl Sink) {
        let shape = token.shape;
        let flags = [
            shape.capitals,
            shape.inner_capital,
            shape.mixed_script,
            shape.styled && shape.digits,
            shape.spaced,
            shape.digits,
        ];
        for (number, flag) in flags.iter().enumerate() {
            if *flag {
                sink.feature(Group::Words, done(mix(mix(SEED, 50), number as u64)), at);
            }
        }
        if shape.digits {
            let letters = self.text.letters_of(token);
            let leet = letters.iter().fold(mix(SEED, 10), |hash, c| mix(hash, u64::from(u32::from(unleet(*c)))));
            sink.feature(Group::Words, done(mix(leet, 1)), at);
            let body = letters.iter().take_while(|c| !c.is_numeric()).count();
            if body >= 3 {
                sink.feature(Group::Words, done(mix(hash_letters(mix(SEED, 10), &letters[..body]), 1)), at);
                sink.feature(Group::Words, done(mix(mix(SEED, 51), (letters.len() - body) as u64)), at);
            }
        }
    }

    fn name(&self, sink: &mut impl Sink) {
        let tokens = &self.author.list;
        let words = tokens.iter().filter(|token| token.kind == TokenKind::Word).count();
        let mut signs = SEED;
        for token in tokens {
            let hash = word(&self.author, token);
            sink.feature(Group::Author, done(mix(hash, 6)), NOWHERE);
            // The same word as in a text: a name of words that sell is like a text that sells.
            sink.feature(Group::Author, done(mix(hash, 1)), NOWHERE);
            match token.kind {
                TokenKind::Word => letters(self.author.letters_of(token), Group::Author, 7, NOWHERE, sink),
                TokenKind::Link => link(self.author.letters_of(token), 4, NOWHERE, sink),
                _ => {}
            }
            let form = [token.shape.capitals, token.shape.inner_capital, token.shape.digits];
            let form = form.iter().fold(token.kind as u64, |sum, flag| sum * 2 + u64::from(*flag));
            signs = mix(signs, form);
        }
        let facts = [
            words.min(5),
            tokens.len().min(6),
            bucket(self.author.counts.characters),
            self.author.counts.capitals.min(4),
        ];
        for (number, fact) in facts.iter().enumerate() {
            sink.feature(Group::Author, done(mix(mix(SEED, 60 + number as u64), *fact as u64)), NOWHERE);
        }
        sink.feature(Group::Author, done(mix(signs, 70)), NOWHERE);
        let named =
            tokens.iter().filter(|token| token.kind == TokenKind::Word && token.end - token.start > 3).any(|name| {
                let name = self.author.letters_of(name);
                self.text.list.iter().any(|token| self.text.letters_of(token) == name)
            });
        sink.feature(Group::Author, done(mix(mix(SEED, 71), u64::from(named))), NOWHERE);
    }

    fn shape(&self, sink: &mut impl Sink) {
        for (number, fact) in self.facts.0.iter().enumerate() {
            sink.feature(Group::Shape, done(mix(mix(SEED, 100 + number as u64), *fact as u64)), NOWHERE);
        }
    }

    /// What can be counted, as numbers that the final layers weigh: counts, then which scripts there are.
    #[must_use]
    pub fn measures(&self) -> [f32; MEASURES] {
        self.facts.measures()
    }

    /// A token of the text as it was read.
    #[must_use]
    pub fn word(&self, token: usize) -> String {
        self.text.letters_of(&self.text.list[token]).iter().collect()
    }
}

/// A word's hash; a number is as long as it is.
fn word(tokens: &Tokens, token: &Token) -> u64 {
    let letters = tokens.letters_of(token);
    match token.kind {
        TokenKind::Word => hash_letters(mix(SEED, 10), letters),
        TokenKind::Number if letters.len() > 4 => mix(mix(SEED, 11), letters.len().min(12) as u64),
        TokenKind::Number => hash_letters(mix(SEED, 12), letters),
        TokenKind::Link => mix(SEED, 13),
        TokenKind::Email => mix(SEED, 14),
        TokenKind::Mention => mix(SEED, 15),
        TokenKind::Tag | TokenKind::Mark | TokenKind::Emoji => hash_letters(mix(SEED, 16), letters),
    }
}

fn unleet(c: char) -> char {
    match c {
        '0' => 'o',
        '1' => 'i',
        '3' => 'e',
        '4' => 'a',
        '5' => 's',
        '7' => 't',
        '8' => 'b',
        c => c,
    }
}
