//! The features of a submission that the model weighs: hashed words, pairs, letter sequences, parts of links, the
//! author, and the shape of the whole.

#![expect(clippy::cast_precision_loss, reason = "small numbers, weighed in f32 as they were trained")]

use super::Content;
use super::reading::{Counts, Kind, Piece, Reading};
use super::script::{Script, script};

/// A kind of feature. Each has its own normalisation, so that a long text does not outweigh a telling name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum Group {
    /// Single words and signs.
    Words,
    /// Two words in a row.
    Pairs,
    /// Three to five letters in a row inside a word.
    Letters,
    /// Parts of links.
    Links,
    /// The author's name.
    Author,
    /// Length, scripts, links, capitals: what can be seen from afar.
    Shape,
}

/// How many groups there are.
pub const GROUPS: usize = 6;

/// Takes the features of a submission, one by one.
pub trait Sink {
    /// One feature: its group, its hash, and the piece of the text that it was read from.
    fn feature(&mut self, group: Group, hash: u32, piece: usize);

    /// Whether it takes [`Group::Letters`], which are most of all features.
    fn wants_letters(&self) -> bool {
        true
    }
}

/// How many facts there are.
const FACTS: usize = 30;

/// The fact that tells the scripts.
const SCRIPTS: usize = 22;

/// The facts whose numbers are names of classes and no amounts.
const CLASSES: [usize; 6] = [20, 21, SCRIPTS, 25, 26, 29];

/// Common, Latin, Cyrillic and Greek: the scripts of names that are told apart.
const NAME_SCRIPTS: usize = 4;

/// How many [`Features::measures`] there are.
pub const MEASURES: usize = FACTS - CLASSES.len() + Script::ALL.len() + 1 + NAME_SCRIPTS;

/// A piece's number for features that come from no piece of the text.
pub const NOWHERE: usize = usize::MAX;

const SEED: u64 = 0x9e37_79b9_7f4a_7c15;

fn mix(hash: u64, value: u64) -> u64 {
    (hash.rotate_left(5) ^ value).wrapping_mul(0x517c_c1b7_2722_0a95)
}

fn done(hash: u64) -> u32 {
    let hash = (hash ^ (hash >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    (hash >> 32) as u32
}

fn hash_letters(seed: u64, letters: &[char]) -> u64 {
    letters.iter().fold(seed, |hash, c| mix(hash, u64::from(u32::from(*c))))
}

/// What a submission looks like to the model.
pub struct Features {
    /// The text.
    pub text: Reading,
    /// The author's name.
    pub author: Reading,
    /// The author's website.
    pub url: Reading,
    /// What can be counted: both a group of features and the source of [`Features::measures`].
    facts: [usize; FACTS],
}

impl Features {
    /// Reads a submission.
    #[must_use]
    pub fn of(content: &Content) -> Self {
        let (text, author) = (Reading::of(&content.text), Reading::of(&content.author));
        let url = Reading::of(&content.url);
        let facts = facts(&text, &author, &url);
        Self { text, author, url, facts }
    }

    /// Gives every feature to `sink`.
    pub fn each(&self, sink: &mut impl Sink) {
        self.words(sink);
        for (at, piece) in self.text.pieces.iter().enumerate() {
            match piece.kind {
                Kind::Word if sink.wants_letters() => {
                    letters(self.text.letters_of(piece), Group::Letters, 3, at, sink);
                }
                Kind::Link => link(self.text.letters_of(piece), 4, at, sink),
                Kind::Email => link(self.text.letters_of(piece), 5, at, sink),
                _ => {}
            }
        }
        for piece in &self.url.pieces {
            if piece.kind == Kind::Link {
                link(self.url.letters_of(piece), 4, NOWHERE, sink);
            }
        }
        self.name(sink);
        self.shape(sink);
    }

    fn words(&self, sink: &mut impl Sink) {
        let mut before = mix(SEED, 2);
        for (at, piece) in self.text.pieces.iter().enumerate() {
            let hash = word(&self.text, piece);
            sink.feature(Group::Words, done(mix(hash, 1)), at);
            if piece.kind == Kind::Word {
                self.variants(piece, at, sink);
            }
            sink.feature(Group::Pairs, done(mix(before, hash)), at);
            before = mix(hash, 2);
        }
        sink.feature(Group::Pairs, done(mix(before, 3)), NOWHERE);
    }

    /// How a word is written, and what it says if its digits stand for letters.
    fn variants(&self, piece: &Piece, at: usize, sink: &mut impl Sink) {
        let shape = piece.shape;
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
            let letters = self.text.letters_of(piece);
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
        let pieces = &self.author.pieces;
        let words = pieces.iter().filter(|piece| piece.kind == Kind::Word).count();
        let mut signs = SEED;
        for piece in pieces {
            let hash = word(&self.author, piece);
            sink.feature(Group::Author, done(mix(hash, 6)), NOWHERE);
            // The same word as in a text: a name of words that sell is like a text that sells.
            sink.feature(Group::Author, done(mix(hash, 1)), NOWHERE);
            match piece.kind {
                Kind::Word => letters(self.author.letters_of(piece), Group::Author, 7, NOWHERE, sink),
                Kind::Link => link(self.author.letters_of(piece), 4, NOWHERE, sink),
                _ => {}
            }
            let form = [piece.shape.capitals, piece.shape.inner_capital, piece.shape.digits];
            let form = form.iter().fold(piece.kind as u64, |sum, flag| sum * 2 + u64::from(*flag));
            signs = mix(signs, form);
        }
        let facts = [
            words.min(5),
            pieces.len().min(6),
            bucket(self.author.counts.characters),
            self.author.counts.capitals.min(4),
        ];
        for (number, fact) in facts.iter().enumerate() {
            sink.feature(Group::Author, done(mix(mix(SEED, 60 + number as u64), *fact as u64)), NOWHERE);
        }
        sink.feature(Group::Author, done(mix(signs, 70)), NOWHERE);
        let named = pieces.iter().filter(|piece| piece.kind == Kind::Word && piece.end - piece.start > 3).any(|name| {
            let name = self.author.letters_of(name);
            self.text.pieces.iter().any(|piece| self.text.letters_of(piece) == name)
        });
        sink.feature(Group::Author, done(mix(mix(SEED, 71), u64::from(named))), NOWHERE);
    }

    fn shape(&self, sink: &mut impl Sink) {
        for (number, fact) in self.facts.iter().enumerate() {
            sink.feature(Group::Shape, done(mix(mix(SEED, 100 + number as u64), *fact as u64)), NOWHERE);
        }
    }

    /// What can be counted, as numbers that the final layers weigh: counts, then which scripts there are.
    #[must_use]
    pub fn measures(&self) -> [f32; MEASURES] {
        let facts = self.facts;
        let scripts = facts[SCRIPTS];
        let (main, second, name) = (scripts / 24, scripts / 12 % 2, scripts % 12);
        let mut measures = [0.0; MEASURES];
        let counts = facts.iter().enumerate().filter(|(number, _)| !CLASSES.contains(number));
        let mut next = 0;
        for (_, fact) in counts {
            measures[next] = *fact as f32;
            next += 1;
        }
        measures[next + main] = 1.0;
        measures[next + Script::ALL.len()] = second as f32;
        if name < NAME_SCRIPTS {
            measures[next + Script::ALL.len() + 1 + name] = 1.0;
        }
        measures
    }

    /// A piece of the text as it was read.
    #[must_use]
    pub fn word(&self, piece: usize) -> String {
        self.text.letters_of(&self.text.pieces[piece]).iter().collect()
    }
}

/// What can be counted.
fn facts(text: &Reading, author: &Reading, url: &Reading) -> [usize; FACTS] {
    let Counts { characters, letters, capitals, digits, lines, links, tags, bbcode, markdown_links, invisible } =
        text.counts;
    let pieces = &text.pieces;
    let words = pieces.iter().filter(|piece| matches!(piece.kind, Kind::Word | Kind::Number)).count();
    let count = |kind| pieces.iter().filter(|piece| piece.kind == kind).count();
    let of = |shape: fn(&Piece) -> bool| pieces.iter().filter(|piece| shape(piece)).count();
    let share = |part: usize, whole: usize| if whole == 0 { 0 } else { (part * 20).div_ceil(whole).min(20) };
    let last = pieces.last().map_or(0, |piece| piece.kind as usize + 1);
    let first = pieces.first().map_or(0, |piece| piece.kind as usize + 1);
    let scripts = scripts(text, author);
    let has_url = usize::from(!url.pieces.is_empty());
    let name = usize::from(!author.pieces.is_empty());
    [
        bucket(characters),
        bucket(words),
        links.min(8),
        share(links * 8, words),
        share(capitals, letters),
        share(digits, characters),
        lines.min(10),
        tags.min(6),
        bbcode.min(4),
        markdown_links.min(3),
        invisible.min(3),
        count(Kind::Emoji).min(6),
        count(Kind::Email).min(3),
        count(Kind::Mention).min(3),
        share(count(Kind::Mark), words),
        of(|piece| piece.shape.mixed_script).min(4),
        of(|piece| piece.shape.spaced).min(3),
        of(|piece| piece.shape.inner_capital).min(4),
        of(|piece| piece.shape.capitals).min(6),
        share(of(|piece| piece.shape.capitals), words),
        last,
        first,
        scripts,
        has_url,
        name,
        bucket(words) * 8 + links.min(3) * 2 + has_url,
        scripts * 4 + links.min(3),
        share(letters, characters),
        (letters * 2).checked_div(words).unwrap_or(0).min(30),
        has_url * 2 + usize::from(links > 0) + name * 4,
    ]
}

/// The text's main script, whether there is a second one, and the name's.
fn scripts(text: &Reading, author: &Reading) -> usize {
    let mut counts = [0_usize; Script::ALL.len()];
    for piece in &text.pieces {
        if piece.kind == Kind::Word {
            counts[piece.script as usize] += piece.end - piece.start;
        }
    }
    let main = (0..counts.len()).max_by_key(|script| counts[*script]).unwrap_or(0);
    let total: usize = counts.iter().sum();
    let second = usize::from(total > 0 && counts[main] * 10 < total * 9);
    let name = author.letters.first().map_or(0, |c| script(*c) as usize);
    (main * 2 + second) * 12 + name
}

/// A word's hash; a number is as long as it is.
fn word(reading: &Reading, piece: &Piece) -> u64 {
    let letters = reading.letters_of(piece);
    match piece.kind {
        Kind::Word => hash_letters(mix(SEED, 10), letters),
        Kind::Number if letters.len() > 4 => mix(mix(SEED, 11), letters.len().min(12) as u64),
        Kind::Number => hash_letters(mix(SEED, 12), letters),
        Kind::Link => mix(SEED, 13),
        Kind::Email => mix(SEED, 14),
        Kind::Mention => mix(SEED, 15),
        Kind::Tag | Kind::Mark | Kind::Emoji => hash_letters(mix(SEED, 16), letters),
    }
}

/// Every three to five letters in a row, the word's ends included.
fn letters(word: &[char], group: Group, salt: u64, piece: usize, sink: &mut impl Sink) {
    let at = |index: usize| -> u64 {
        if index == 0 || index > word.len() { 1 } else { u64::from(u32::from(word[index - 1])) }
    };
    let length = word.len().min(40) + 2;
    for start in 0..length.saturating_sub(2) {
        let mut hash = mix(SEED, 20 + salt);
        for index in start..length.min(start + 5) {
            hash = mix(hash, at(index));
            let n = index - start + 1;
            if n >= 3 && n != length {
                sink.feature(group, done(hash), piece);
            }
        }
    }
}

/// The host, its parts, the words of the path, and the address's shape.
fn link(address: &[char], salt: u64, piece: usize, sink: &mut impl Sink) {
    let host = address.iter().position(|c| matches!(c, '/' | '?' | '#' | ':')).unwrap_or(address.len());
    let (host, path) = address.split_at(host);
    let seed = mix(SEED, 30 + salt);
    let mut emit = |salt: u64, hash: u64| sink.feature(Group::Links, done(mix(hash, salt)), piece);
    emit(1, hash_letters(seed, host));
    let labels = host.split(|c| *c == '.');
    let count = labels.clone().count();
    for (number, label) in labels.enumerate() {
        if number + 1 == count {
            emit(2, hash_letters(seed, label));
        } else {
            emit(3, hash_letters(seed, label));
            let hyphens = label.iter().filter(|c| **c == '-').count();
            let digits = label.iter().filter(|c| c.is_numeric()).count();
            emit(4, mix(mix(seed, hyphens.min(3) as u64), digits.min(4) as u64));
            if hyphens > 0 {
                label.split(|c| *c == '-').for_each(|word| emit(5, hash_letters(mix(SEED, 10), word)));
            }
        }
    }
    for word in path.split(|c| !c.is_alphanumeric()).filter(|word| !word.is_empty()).take(20) {
        emit(5, hash_letters(mix(SEED, 10), word));
    }
    let depth = path.iter().filter(|c| **c == '/').count();
    let query = usize::from(path.contains(&'?'));
    let tail = path.iter().rposition(|c| *c == '.').map_or(seed, |dot| hash_letters(seed, &path[dot..]));
    emit(6, mix(mix(seed, depth.min(4) as u64), query as u64));
    emit(7, mix(seed, bucket(path.len()) as u64));
    emit(8, tail);
    emit(9, mix(seed, count.min(5) as u64));
    let main = host.split(|c| *c == '.').rev().nth(1).unwrap_or(host);
    letters(main, Group::Links, 8, piece, sink);
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

/// A number's size class: doubling steps, each halved.
fn bucket(number: usize) -> usize {
    if number < 3 {
        return number;
    }
    let log = number.ilog2() as usize;
    log * 2 + ((number >> (log - 1)) & 1) + 1
}
