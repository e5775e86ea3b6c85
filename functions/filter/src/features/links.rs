//! The parts of a link.

use super::facts::bucket;
use super::group::{Group, Sink};
use super::hash::{SEED, done, hash_letters, mix};
use super::ngrams::letters;

/// The host, its parts, the words of the path, and the address's shape.
pub(super) fn link(address: &[char], salt: u64, token: usize, sink: &mut impl Sink) {
    let host = address.iter().position(|c| matches!(c, '/' | '?' | '#' | ':')).unwrap_or(address.len());
    let (host, path) = address.split_at(host);
    let seed = mix(SEED, 30 + salt);
    let mut emit = |salt: u64, hash: u64| sink.feature(Group::Links, done(mix(hash, salt)), token);
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
    letters(main, Group::Links, 8, token, sink);
}
