//! Letters in a row inside a word.

use super::group::{Group, Sink};
use super::hash::{SEED, done, mix};

/// Every three to five letters in a row, the word's ends included.
pub(super) fn letters(word: &[char], group: Group, salt: u64, token: usize, sink: &mut impl Sink) {
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
                sink.feature(group, done(hash), token);
            }
        }
    }
}
