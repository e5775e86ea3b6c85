//! Signs of spam that can be named: links, markup, names that are no names. One function and one row each.
//!
//! The model weighs most of what they see already. They are priced by `deskbell-training train`, on the development
//! data and on top of the model, so that each adds what it knows beyond the text; and they tell the owner, in words,
//! what is there. A new one therefore takes training; what can be priced by hand is a rule instead.

#![expect(clippy::cast_precision_loss, reason = "small numbers, weighed in f32 as they were trained")]

use crate::features::Features;
use crate::tokens::{Token, TokenKind};

/// How many signs there are.
pub const SIGNS: usize = LIST.len();

/// A named sign.
pub struct Sign {
    /// The stable name; the functions have a sentence for it, in each language.
    pub name: &'static str,
    /// The most units that count.
    pub most: usize,
    /// How many units there are of it.
    pub find: fn(&Features) -> usize,
    /// Whether the owner is told how many there are.
    pub counted: bool,
}

/// Every sign.
pub const LIST: [Sign; 10] = [
    Sign { name: "links", most: 8, find: |content| content.text.counts.links, counted: true },
    Sign { name: "name_link", most: 1, find: |content| content.author.counts.links, counted: false },
    Sign { name: "name_keywords", most: 1, find: name_keywords, counted: false },
    Sign { name: "markup", most: 1, find: markup, counted: false },
    Sign { name: "only_link", most: 1, find: only_link, counted: false },
    Sign { name: "only_email", most: 1, find: only_email, counted: false },
    Sign {
        name: "mixed_script",
        most: 3,
        find: |content| shaped(content, |token| token.shape.mixed_script),
        counted: false,
    },
    Sign { name: "spaced", most: 3, find: |content| shaped(content, |token| token.shape.spaced), counted: false },
    Sign { name: "shouting", most: 1, find: shouting, counted: false },
    Sign { name: "gibberish", most: 1, find: gibberish, counted: false },
];

/// The units of each sign in a submission.
#[must_use]
pub fn units(content: &Features) -> [f32; SIGNS] {
    std::array::from_fn(|sign| (LIST[sign].find)(content).min(LIST[sign].most) as f32)
}

fn words(content: &Features) -> impl Iterator<Item = &Token> {
    content.text.list.iter().filter(|token| token.kind == TokenKind::Word)
}

fn shaped(content: &Features, shape: fn(&Token) -> bool) -> usize {
    words(content).filter(|token| shape(token)).count()
}

/// Names are seldom four words or more; lists of what somebody sells are.
fn name_keywords(content: &Features) -> usize {
    usize::from(content.author.list.iter().filter(|token| token.kind == TokenKind::Word).count() >= 4)
}

/// Markup that a form's plain text field has no use for, and that machines try everywhere.
fn markup(content: &Features) -> usize {
    let tags = content.text.list.iter().filter(|token| token.kind == TokenKind::Tag);
    let names = tags.map(|token| content.text.letters_of(token));
    names.filter(|name| matches!(name, ['<', 'a'] | ['[', 'u', 'r', 'l', ..] | ['[', 'l', 'i', 'n', 'k', ..])).count()
}

fn only_link(content: &Features) -> usize {
    usize::from(content.text.counts.links > 0 && words(content).count() <= 2)
}

fn only_email(content: &Features) -> usize {
    usize::from(matches!(content.text.list.as_slice(), [token] if token.kind == TokenKind::Email))
}

fn shouting(content: &Features) -> usize {
    let counts = content.text.counts;
    usize::from(counts.capitals >= 20 && counts.capitals * 10 > counts.letters * 6)
}

/// Most words look like fingers drummed on a keyboard.
fn gibberish(content: &Features) -> usize {
    let latin = || words(content).filter(|token| token.script == crate::script::Script::Latin && !token.shape.digits);
    let drummed = || latin().map(|token| content.text.letters_of(token)).filter(|word| is_drummed(word));
    let letters: usize = drummed().map(<[char]>::len).sum();
    usize::from(letters >= 12 && drummed().count() * 2 > latin().count())
}

/// Six consonants in a row and hardly a vowel: no language that uses Latin letters writes several words of that kind
/// together. German compounds and Polish words pass, for they keep their vowels.
fn is_drummed(word: &[char]) -> bool {
    let is_vowel = |c: &char| !c.is_ascii() || "aeiouy".contains(*c);
    let vowels = word.iter().filter(|c| is_vowel(c)).count();
    let longest = word.split(is_vowel).map(<[char]>::len).max().unwrap_or(0);
    word.len() >= 6 && longest >= 6 && vowels * 5 < word.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_words_are_not_gibberish() {
        let drummed = |word: &str| is_drummed(&word.to_lowercase().chars().collect::<Vec<_>>());
        for word in ["Angstschweiß", "Rechtsschutzversicherung", "strengths", "Szczęście", "rhythm", "McDonald", "LLRT"]
        {
            assert!(!drummed(word), "{word}");
        }
        for word in ["xkqwrtpz", "sdfghjkl", "qwrtzpkv"] {
            assert!(drummed(word), "{word}");
        }
    }
}
