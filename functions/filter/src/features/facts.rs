//! What can be counted in a submission.

#![expect(clippy::cast_precision_loss, reason = "small numbers, weighed in f32 as they were trained")]

use crate::script::{Script, script};
use crate::tokens::{Counts, Token, TokenKind, Tokens};

/// How many facts there are.
const FACTS: usize = 30;

/// The fact that tells the scripts.
const SCRIPTS: usize = 22;

/// The facts whose numbers are names of classes and no amounts.
const CLASSES: [usize; 6] = [20, 21, SCRIPTS, 25, 26, 29];

/// Common, Latin, Cyrillic and Greek: the scripts of names that are told apart.
const NAME_SCRIPTS: usize = 4;

/// How many [measures](super::Features::measures) there are.
pub const MEASURES: usize = FACTS - CLASSES.len() + Script::ALL.len() + 1 + NAME_SCRIPTS;

/// What can be counted in a submission, by the fact's number.
pub(super) struct Facts(pub(super) [usize; FACTS]);

impl Facts {
    pub(super) fn of(text: &Tokens, author: &Tokens, url: &Tokens) -> Self {
        let Counts { characters, letters, capitals, digits, lines, links, tags, bbcode, markdown_links, invisible } =
            text.counts;
        let tokens = &text.list;
        let words = tokens.iter().filter(|token| matches!(token.kind, TokenKind::Word | TokenKind::Number)).count();
        let count = |kind| tokens.iter().filter(|token| token.kind == kind).count();
        let of = |shape: fn(&Token) -> bool| tokens.iter().filter(|token| shape(token)).count();
        let share = |part: usize, whole: usize| if whole == 0 { 0 } else { (part * 20).div_ceil(whole).min(20) };
        let last = tokens.last().map_or(0, |token| token.kind as usize + 1);
        let first = tokens.first().map_or(0, |token| token.kind as usize + 1);
        let scripts = scripts(text, author);
        let has_url = usize::from(!url.list.is_empty());
        let name = usize::from(!author.list.is_empty());
        Self([
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
            count(TokenKind::Emoji).min(6),
            count(TokenKind::Email).min(3),
            count(TokenKind::Mention).min(3),
            share(count(TokenKind::Mark), words),
            of(|token| token.shape.mixed_script).min(4),
            of(|token| token.shape.spaced).min(3),
            of(|token| token.shape.inner_capital).min(4),
            of(|token| token.shape.capitals).min(6),
            share(of(|token| token.shape.capitals), words),
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
        ])
    }

    /// What can be counted, as numbers that the final layers weigh: counts, then which scripts there are.
    pub(super) fn measures(&self) -> [f32; MEASURES] {
        let facts = self.0;
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
}

/// The text's main script, whether there is a second one, and the name's.
fn scripts(text: &Tokens, author: &Tokens) -> usize {
    let mut counts = [0_usize; Script::ALL.len()];
    for token in &text.list {
        if token.kind == TokenKind::Word {
            counts[token.script as usize] += token.end - token.start;
        }
    }
    let main = (0..counts.len()).max_by_key(|script| counts[*script]).unwrap_or(0);
    let total: usize = counts.iter().sum();
    let second = usize::from(total > 0 && counts[main] * 10 < total * 9);
    let name = author.letters.first().map_or(0, |c| script(*c) as usize);
    (main * 2 + second) * 12 + name
}

/// A number's size class: doubling steps, each halved.
pub(super) fn bucket(number: usize) -> usize {
    if number < 3 {
        return number;
    }
    let log = number.ilog2() as usize;
    log * 2 + ((number >> (log - 1)) & 1) + 1
}
