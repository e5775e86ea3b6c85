//! Which texts belong together: the same campaign must not stand on both sides of a test, or it would measure memory
//! and not judgement.

use std::collections::BTreeMap;

use deskbell_filter::features::Features;
use deskbell_filter::tokens::{TokenKind, Tokens};

use crate::corpus::Line;

/// How many parts the lines are cut into for cross-validation.
pub(crate) const FOLDS: usize = 5;

/// The fold of each line, 0..[`FOLDS`]: near-duplicates, and spam that links to the same host, share a fold.
pub(crate) fn folds(lines: &[Line], features: &[Features]) -> Vec<usize> {
    let mut groups = Groups((0..lines.len()).collect());
    for (at, line) in lines.iter().enumerate() {
        line.copy_of.into_iter().for_each(|of| groups.join(at, of));
    }
    join_by_host(lines, features, &mut groups);
    join_by_words(features, &mut groups);
    spread(&mut groups)
}

/// Sets that grow together; each cell points towards its set's first member.
struct Groups(Vec<usize>);

impl Groups {
    fn root(&mut self, mut at: usize) -> usize {
        while self.0[at] != at {
            self.0[at] = self.0[self.0[at]];
            at = self.0[at];
        }
        at
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b)] = a.min(b);
    }
}

/// Spam links to what it sells. Hosts that real people link to as well are nobody's.
fn join_by_host(lines: &[Line], features: &[Features], groups: &mut Groups) {
    const REAL: usize = 3;
    let mut hosts: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, features) in features.iter().enumerate() {
        for host in [&features.text, &features.url].into_iter().flat_map(hosts_of) {
            hosts.entry(host).or_default().push(at);
        }
    }
    for linked in hosts.values() {
        if linked.iter().filter(|at| !lines[**at].is_spam()).count() <= REAL {
            linked.windows(2).for_each(|pair| groups.join(pair[0], pair[1]));
        }
    }
}

/// The last two labels of each linked host.
fn hosts_of(tokens: &Tokens) -> Vec<String> {
    let links = tokens.list.iter().filter(|token| token.kind == TokenKind::Link);
    links
        .map(|token| {
            let address: String = tokens.letters_of(token).iter().collect();
            let host = address.split(['/', '?', '#', ':']).next().unwrap_or_default();
            let labels: Vec<&str> = host.split('.').collect();
            labels[labels.len().saturating_sub(2)..].join(".")
        })
        .collect()
}

/// Texts of which half of all threes of words are the same.
fn join_by_words(features: &[Features], groups: &mut Groups) {
    const COMMON: usize = 400;
    let shingles: Vec<Vec<u64>> = features.iter().map(|features| shingles(&features.text)).collect();
    let mut holders: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    for (at, shingles) in shingles.iter().enumerate() {
        shingles.iter().for_each(|shingle| holders.entry(*shingle).or_default().push(at));
    }
    for (at, own) in shingles.iter().enumerate().filter(|(_, own)| own.len() >= 2) {
        let mut shared: BTreeMap<usize, usize> = BTreeMap::new();
        let rare = own.iter().map(|shingle| &holders[shingle]).filter(|holders| holders.len() < COMMON);
        rare.flatten().filter(|other| **other < at).for_each(|other| *shared.entry(*other).or_default() += 1);
        for (other, shared) in shared {
            let (less, more) = (own.len().min(shingles[other].len()), own.len().max(shingles[other].len()));
            if (less >= 3 && shared * 2 >= less) || shared * 5 > more * 2 {
                groups.join(at, other);
            }
        }
    }
}

fn shingles(tokens: &Tokens) -> Vec<u64> {
    let words: Vec<&[char]> = tokens
        .list
        .iter()
        .filter(|token| token.kind == TokenKind::Word)
        .map(|token| tokens.letters_of(token))
        .collect();
    let hash = |words: &[&[char]]| {
        let letters = words.iter().flat_map(|word| word.iter().map(|c| u64::from(u32::from(*c))).chain([0]));
        // FNV-1a.
        letters.fold(0xcbf2_9ce4_8422_2325_u64, |hash, letter| (hash ^ letter).wrapping_mul(0x0100_0000_01b3))
    };
    let mut shingles: Vec<u64> = words.windows(3.min(words.len().max(1))).map(hash).collect();
    shingles.sort_unstable();
    shingles.dedup();
    shingles
}

/// Big groups go where there is most room, the rest anywhere: by number, so always the same way.
fn spread(groups: &mut Groups) -> Vec<usize> {
    const BIG: usize = 20;
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for at in 0..groups.0.len() {
        members.entry(groups.root(at)).or_default().push(at);
    }
    let mut sets: Vec<Vec<usize>> = members.into_values().collect();
    sets.sort_by_key(|set| std::cmp::Reverse(set.len()));
    let mut folds = vec![0; groups.0.len()];
    let mut load = [0; FOLDS];
    for (number, set) in sets.iter().enumerate() {
        let roomiest = (0..FOLDS).min_by_key(|fold| load[*fold]).unwrap_or(0);
        let fold = if set.len() > BIG { roomiest } else { scatter(number) };
        load[fold] += set.len();
        set.iter().for_each(|at| folds[*at] = fold);
    }
    folds
}

fn scatter(number: usize) -> usize {
    let mixed = (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 40) as usize % FOLDS
}
