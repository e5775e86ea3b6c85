//! How the filter reads a text: disguises taken off, cut into words, links and marks.
//!
//! What people see is what is read: compatibility forms (𝗯𝗼𝗹𝗱, ｗｉｄｅ) become plain letters, invisible characters and
//! markup go, letters borrowed from another script inside a word go back to the script of that word. Pure Cyrillic or
//! Greek stays what it is.

#![expect(clippy::struct_excessive_bools, reason = "what can be seen of a word is a row of yes and no")]

use icu_normalizer::ComposingNormalizerBorrowed;

use super::script::{Script, is_mark, latin_lookalike, script};

/// The most characters of a text that are read. What follows is not looked at: 64 KiB fit.
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

/// Reads on from `at`.
struct Reader<'a> {
    source: &'a [char],
    at: usize,
    styled: bool,
    reading: &'a mut Reading,
}

impl Reader<'_> {
    fn read(&mut self) {
        while let Some(c) = self.peek(0) {
            match c {
                '\n' => {
                    self.reading.counts.lines += 1;
                    self.at += 1;
                }
                c if c.is_whitespace() || c.is_control() => self.at += 1,
                c if is_invisible(c) => self.skip_invisible(),
                '<' if self.tag('<', '>') => self.reading.counts.tags += 1,
                '[' if self.bbcode() => self.reading.counts.bbcode += 1,
                '&' if self.entity() => {}
                '@' if self.peek(1).is_some_and(char::is_alphanumeric) => self.mention(),
                c if c.is_alphanumeric() => self.word(),
                c => self.mark(c),
            }
        }
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.source.get(self.at + ahead).copied()
    }

    fn skip_invisible(&mut self) {
        self.reading.counts.invisible += 1;
        self.at += 1;
    }

    fn push(&mut self, kind: Kind, start: usize, shape: Shape, script: Script) {
        let end = self.reading.letters.len();
        self.reading.pieces.push(Piece { kind, start, end, shape, script });
    }

    fn push_lower(&mut self, c: char) {
        self.reading.letters.extend(c.to_lowercase());
    }

    /// A tag of HTML, with the addresses in it: `<a href="…">`.
    fn tag(&mut self, open: char, close: char) -> bool {
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
        let start = self.reading.letters.len();
        self.reading.letters.push(open);
        let name = rest[..length].iter().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '!' | '-'));
        self.reading.letters.extend(name.take(12).map(char::to_ascii_lowercase));
        self.push(Kind::Tag, start, Shape::default(), Script::Common);
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
    fn bbcode(&mut self) -> bool {
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
    fn entity(&mut self) -> bool {
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
            let start = self.reading.letters.len();
            self.reading.letters.push(*c);
            self.push(Kind::Mark, start, Shape::default(), Script::Common);
        }
        true
    }

    fn mention(&mut self) {
        let start = self.reading.letters.len();
        self.reading.letters.push('@');
        self.at += 1;
        while self.peek(0).is_some_and(|c| c.is_alphanumeric() || c == '_') {
            self.at += 1;
        }
        self.push(Kind::Mention, start, Shape::default(), Script::Common);
    }

    /// A run of one sign, three at most; or a picture character, skin and joiners left out.
    fn mark(&mut self, sign: char) {
        let start = self.reading.letters.len();
        let mut run = 0;
        while self.peek(0) == Some(sign) {
            self.at += 1;
            run += 1;
            self.reading.counts.characters += 1;
            if run <= 3 {
                self.reading.letters.push(sign);
            }
        }
        if is_mark(sign) || matches!(sign, '\u{fe0e}' | '\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}') {
            self.reading.letters.truncate(start);
            return;
        }
        let emoji = matches!(sign, '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}');
        if emoji {
            self.reading.letters.truncate(start + 1);
        }
        self.push(if emoji { Kind::Emoji } else { Kind::Mark }, start, Shape::default(), Script::Common);
    }

    /// A link that begins here and does not reach beyond `limit`.
    fn link(&mut self, limit: usize) -> bool {
        let rest = &self.source[self.at..limit];
        let scheme = ["http://", "https://", "www.", "hxxp://", "//"]
            .iter()
            .find(|scheme| starts_with(rest, scheme) && (**scheme != "//" || rest.len() > 4))
            .map(|scheme| scheme.len());
        let Some(scheme) = scheme else { return false };
        let length = link_length(rest);
        let skip = if starts_with(rest, "www.") { 0 } else { scheme };
        let body = &self.source[self.at + skip.min(length)..self.at + length];
        self.take_link(body);
        self.at += length;
        true
    }

    fn take_link(&mut self, body: &[char]) {
        let start = self.reading.letters.len();
        let body = body.strip_prefix(&['w', 'w', 'w', '.']).unwrap_or(body);
        for c in body.iter().take(300) {
            self.push_lower(*c);
        }
        self.reading.counts.links += 1;
        self.reading.counts.characters += body.len();
        self.push(Kind::Link, start, Shape::default(), Script::Common);
    }

    fn word(&mut self) {
        let limit = self.source.len();
        if matches!(self.peek(0), Some('h' | 'H' | 'w' | 'W')) {
            let before = self.at.checked_sub(2).map(|at| &self.source[at..self.at]);
            if self.link(limit) {
                if before == Some(&[']', '(']) {
                    self.reading.counts.markdown_links += 1;
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

    /// `name@host` or a bare `host.tld/path`.
    fn address(&mut self) -> bool {
        let rest = &self.source[self.at..];
        let run =
            rest.iter().take(300).take_while(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '+')).count();
        if rest.get(run) == Some(&'@') && rest.get(run + 1).is_some_and(|c| c.is_alphanumeric()) {
            let host =
                rest[run + 1..].iter().take(255).take_while(|c| c.is_alphanumeric() || matches!(c, '.' | '-')).count();
            let start = self.reading.letters.len();
            for at in self.at + run + 1..self.at + run + 1 + host {
                self.push_lower(self.source[at]);
            }
            self.push(Kind::Email, start, Shape::default(), Script::Common);
            self.at += run + 1 + host;
            return true;
        }
        let host = rest[..run].iter().rposition(|c| c.is_alphanumeric()).map_or(0, |last| last + 1);
        let host = &rest[..host];
        let Some(dot) = host.iter().rposition(|c| *c == '.') else { return false };
        let tail: String = host[dot + 1..].iter().flat_map(|c| c.to_lowercase()).collect();
        if dot < 2 || !is_top_level(&tail) || !host[..dot].iter().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-'))
        {
            return false;
        }
        let length = if rest.get(host.len()) == Some(&'/') { link_length(rest).max(host.len()) } else { host.len() };
        self.take_link(&rest[..length]);
        self.at += length;
        true
    }

    /// Chinese, Japanese, Thai: no spaces between words, so each letter is a piece.
    fn dense_word(&mut self) {
        while let Some(c) = self.peek(0).filter(|c| script(*c).is_dense()) {
            let start = self.reading.letters.len();
            self.reading.letters.push(c);
            self.reading.counts.letters += 1;
            self.reading.counts.characters += 1;
            self.push(Kind::Word, start, Shape::default(), script(c));
            self.at += 1;
        }
    }

    fn plain_word(&mut self) {
        let start = self.reading.letters.len();
        let mut word = WordSoFar { shape: Shape { styled: self.styled, ..Shape::default() }, ..WordSoFar::default() };
        while let Some(c) = self.peek(0) {
            if is_invisible(c) {
                word.shape.spaced = true;
                self.reading.counts.invisible += 1;
            } else if is_mark(c) {
                // Marks over Latin letters are decoration; in other scripts they are vowels.
                if word.script != Script::Latin {
                    self.reading.letters.push(c);
                }
            } else if c.is_alphanumeric() && !script(c).is_dense() {
                self.letter(c, &mut word);
            } else if !(matches!(c, '\'' | '’') && self.peek(1).is_some_and(char::is_alphanumeric) && word.letters > 0)
            {
                break;
            }
            self.at += 1;
        }
        if word.shape.mixed_script {
            for c in &mut self.reading.letters[start..] {
                *c = latin_lookalike(*c).unwrap_or(*c);
            }
        }
        word.shape.capitals = word.letters >= 2 && word.capitals == word.letters;
        word.shape.digits = word.letters > 0 && word.digits > 0;
        let kind = if word.letters == 0 { Kind::Number } else { Kind::Word };
        self.push(kind, start, word.shape, word.script);
    }

    fn letter(&mut self, c: char, word: &mut WordSoFar) {
        let counts = &mut self.reading.counts;
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
        let letters = &self.reading.letters;
        let drawn = letters.len() >= 2 && word.letters > 2 && c.is_alphabetic() && {
            let lower = c.to_lowercase().next().unwrap_or(c);
            letters[letters.len() - 1] == lower && letters[letters.len() - 2] == lower
        };
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

fn starts_with(text: &[char], prefix: &str) -> bool {
    prefix.len() <= text.len() && prefix.chars().zip(text).all(|(a, b)| a == b.to_ascii_lowercase())
}

/// How far a link reaches: to a blank, a quote or a bracket, less the punctuation of the sentence around it.
fn link_length(text: &[char]) -> usize {
    let ends = |c: &char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '\'' | ')' | ']' | '[' | '|' | '`');
    let length = text.iter().position(ends).unwrap_or(text.len());
    length - text[..length].iter().rev().take_while(|c| matches!(c, '.' | ',' | ';' | ':' | '!' | '?')).count()
}

/// Whether this is an ending that a bare address may have. Two letters would take in file names and
/// abbreviations, so only those that junk uses are listed.
fn is_top_level(tail: &str) -> bool {
    const KNOWN: [&str; 64] = [
        "com", "net", "org", "info", "biz", "ru", "xyz", "top", "site", "online", "shop", "store", "club", "pro",
        "app", "dev", "blog", "edu", "gov", "us", "uk", "de", "fr", "es", "it", "nl", "pl", "br", "cn", "jp", "kr",
        "ca", "au", "nz", "za", "ua", "by", "kz", "tk", "ml", "ga", "cf", "gq", "cc", "tv", "me", "vip", "bet", "win",
        "live", "link", "click", "space", "website", "tech", "ly", "gl", "su", "eu", "рф", "ws", "host", "fun", "life",
    ];
    KNOWN.contains(&tail)
}

/// Characters without width, which people do not see.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{180e}' | '\u{34f}')
}
