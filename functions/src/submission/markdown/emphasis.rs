//! Which stars and underscores are emphasis. As in `CommonMark`, but for stars inside words and between digits, which
//! are what was typed; in scripts that have no spaces between words, which emphasis may begin and end anywhere in; and
//! in faces such as `^_^`.

use super::DEPTH;
use super::html::Html;

/// A run of stars or underscores.
#[derive(Debug)]
pub(super) struct Run {
    sign: char,
    /// How many of them are no markup, or not yet.
    left: usize,
    typed: usize,
    opens: bool,
    closes: bool,
    /// Letters and digits before it: there is nothing to emphasise where there is none.
    words: usize,
    /// How many signs each element that ends here, or begins here, has taken, the innermost first.
    ends: Vec<usize>,
    begins: Vec<usize>,
    done: bool,
}

impl Run {
    /// A run between two characters; a space where the text begins or ends.
    pub(super) fn new(sign: char, typed: usize, before: char, after: char, words: usize) -> Self {
        let (opens, closes) = sides(sign, before, after);
        Self { sign, left: typed, typed, opens, closes, words, ends: Vec::new(), begins: Vec::new(), done: false }
    }

    /// Whether an element may begin at `self` and end at `end`: `CommonMark`'s rules 9 and 10.
    fn pairs_with(&self, end: &Self) -> bool {
        let both = self.closes || end.opens;
        let threes = both && (self.typed + end.typed).is_multiple_of(3) && !self.typed.is_multiple_of(3);
        self.sign == end.sign && !threes
    }

    /// Writes what ends there, what was no markup, and what begins. `open`: of the elements that are open, which were too
    /// deep to be one.
    pub(super) fn write(&self, html: &mut Html, open: &mut Vec<bool>) {
        let typed =
            |html: &mut Html, count: usize| (0..count).for_each(|_| html.text(self.sign.encode_utf8(&mut [0; 4])));
        for taken in &self.ends {
            match (open.pop().unwrap_or(true), taken) {
                (true, taken) => typed(html, *taken),
                (false, 1) => html.tag("</em>"),
                (false, _) => html.tag("</strong>"),
            }
        }
        typed(html, self.left);
        for taken in self.begins.iter().rev() {
            let deep = open.len() >= DEPTH;
            open.push(deep);
            match (deep, taken) {
                (true, taken) => typed(html, *taken),
                (false, 1) => html.tag("<em>"),
                (false, _) => html.tag("<strong>"),
            }
        }
    }
}

/// Pairs the runs from `from` on, as `CommonMark`'s appendix does it: each is looked at a bounded number of times.
pub(super) fn pair(runs: &mut [Run], from: usize) {
    let mut openers: Vec<usize> = Vec::new();
    // Below which of the openers there is none for such a run.
    let mut bottom = [0_usize; 12];
    for at in from..runs.len() {
        if runs[at].done {
            continue;
        }
        let sort = usize::from(runs[at].sign == '*') * 6 + usize::from(runs[at].opens) * 3 + runs[at].typed % 3;
        while runs[at].closes && runs[at].left > 0 {
            let found = (bottom[sort].min(openers.len())..openers.len())
                .rev()
                .find(|place| runs[openers[*place]].pairs_with(&runs[at]));
            let Some(place) = found else {
                bottom[sort] = openers.len();
                break;
            };
            let opener = openers[place];
            if runs[opener].words == runs[at].words {
                break;
            }
            openers.truncate(place + 1);
            let taken = if runs[opener].left >= 2 && runs[at].left >= 2 { 2 } else { 1 };
            runs[opener].left -= taken;
            runs[opener].begins.push(taken);
            runs[at].left -= taken;
            runs[at].ends.push(taken);
            if runs[opener].left == 0 {
                openers.pop();
            }
            for bottom in &mut bottom {
                *bottom = (*bottom).min(openers.len());
            }
        }
        if runs[at].opens && runs[at].left > 0 {
            openers.push(at);
        }
    }
    runs[from..].iter_mut().for_each(|run| run.done = true);
}

/// Whether a run may begin emphasis, and whether it may end it.
fn sides(sign: char, before: char, after: char) -> (bool, bool) {
    let inside_a_word = before.is_alphanumeric() && after.is_alphanumeric();
    if inside_a_word && !is_unspaced(before) && !is_unspaced(after) {
        return (false, false);
    }
    let signs = [before, after].map(is_sign);
    let opens = !after.is_whitespace() && (!signs[1] || before.is_whitespace() || signs[0] || is_unspaced(before));
    let closes = !before.is_whitespace() && (!signs[0] || after.is_whitespace() || signs[1] || is_unspaced(after));
    // Between two signs it is markup only at a bracket or at the end of a sentence.
    let opens = opens && (signs != [true, true] || "([{\"'«„“‘¿¡-–—/*_~:".contains(before));
    let closes = closes && (signs != [true, true] || ")]}\"'»“”’.,;:!?…-–—/*_~".contains(after));
    match sign {
        '_' => (opens && (!closes || signs[0]), closes && (!opens || signs[1])),
        _ => (opens, closes),
    }
}

/// Punctuation and pictures of scripts that have spaces between words.
fn is_sign(c: char) -> bool {
    !c.is_alphanumeric() && !c.is_whitespace() && !is_unspaced(c)
}

/// Letters and punctuation of scripts in which no space stands where a word ends, or where its ending is written
/// without one: Chinese, Japanese, Korean, Thai, Lao, Burmese, Khmer.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1100}'..='\u{11ff}' | '\u{1780}'..='\u{17ff}'
        | '\u{2e80}'..='\u{a4cf}' | '\u{a960}'..='\u{a97f}' | '\u{ac00}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ffef}' | '\u{1b000}'..='\u{1b16f}' | '\u{20000}'..='\u{3ffff}')
}
