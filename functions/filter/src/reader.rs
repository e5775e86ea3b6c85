//! Cuts a text into the pieces of its [`Reading`], character by character.

use super::reading::{Kind, Piece, Reading, Shape};
use super::script::{Script, is_mark, latin_lookalike, script};

/// Reads on from `at`.
pub(super) struct Reader<'a> {
    /// The characters, compatibility forms made plain.
    pub(super) source: &'a [char],
    pub(super) at: usize,
    /// Whether there were compatibility forms.
    pub(super) styled: bool,
    pub(super) reading: &'a mut Reading,
}

impl Reader<'_> {
    pub(super) fn read(&mut self) {
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
                c if is_letter(c) => self.word(),
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
        match c {
            // What most texts are made of, without a look into the tables of all characters.
            '\0'..='\x7f' => self.reading.letters.push(c.to_ascii_lowercase()),
            'а'..='я' => self.reading.letters.push(c),
            _ => self.reading.letters.extend(c.to_lowercase()),
        }
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
        if !rest.iter().take(300).take_while(|c| **c > ' ').any(|c| matches!(c, '.' | '@')) {
            return false;
        }
        let run = rest.iter().take(300).take_while(|c| is_letter(**c) || matches!(c, '.' | '-' | '_' | '+')).count();
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
            } else if is_letter(c) && !script(c).is_dense() {
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
        let drawn = word.letters > 2
            && matches!(*self.reading.letters, [.., a, b] if a == b && b.is_alphabetic() && Some(b) == c.to_lowercase().next());
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

/// Whether a character belongs into a word. What most texts are made of is told without a look into the tables of all
/// characters.
fn is_letter(c: char) -> bool {
    matches!(c, '0'..='9' | 'A'..='Z' | 'a'..='z' | 'А'..='я') || (!c.is_ascii() && c.is_alphanumeric())
}

/// Characters without width, which people do not see.
fn is_invisible(c: char) -> bool {
    !c.is_ascii()
        && matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{180e}' | '\u{34f}')
}
