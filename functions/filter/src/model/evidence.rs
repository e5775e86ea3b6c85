//! What the first two learners say about a text, and which words speak most.

#![expect(clippy::cast_precision_loss, reason = "small numbers, weighed in f32 as they were trained")]
#![expect(clippy::large_stack_arrays, reason = "32 KiB, for as long as one text is looked at")]

use super::dimensions::{EMBEDDING_BITS, INPUTS, LINEAR_BITS, WIDTH};
use super::layer::Layer;
use super::table::Table;
use crate::features::{Features, GROUPS, Group, NOWHERE, Sink};

/// What the final layers look at, and how much each token of the text speaks for spam.
pub struct Evidence {
    /// See [`INPUTS`].
    pub inputs: [f32; INPUTS],
    tokens: Vec<i32>,
}

impl Evidence {
    /// What the two tables, and the layer `net` over the embeddings, say about the features.
    pub(super) fn of(features: &Features, linear: &Table, embeddings: &Table, net: &Layer) -> Self {
        let mut tally = Tally {
            linear: &linear.cells,
            embeddings: &embeddings.cells,
            groups: [Sums::default(); GROUPS],
            seen: [0; SEEN],
            tokens: vec![0; features.text.list.len()],
        };
        features.each(&mut tally);
        let mut inputs = [0.0; INPUTS];
        let mut pooled = [0.0; GROUPS * WIDTH];
        for (group, sums) in tally.groups.iter().enumerate() {
            let share = 1.0 / sums.count.max(1.0).sqrt();
            inputs[group] = sums.linear as f32 * linear.scale * share;
            inputs[GROUPS + group] = f32::from(sums.peak) * linear.scale * share;
            for (cell, sum) in pooled[group * WIDTH..].iter_mut().zip(sums.embedding) {
                *cell = sum as f32 * embeddings.scale * share;
            }
        }
        inputs[GROUPS * 2] = net.answer(&pooled);
        inputs[GROUPS * 2 + 1..].copy_from_slice(&features.measures());
        Self { inputs, tokens: tally.tokens }
    }

    /// The words that speak most for spam: at most five, each once, the strongest first.
    pub(super) fn telling(&self, features: &Features) -> Vec<String> {
        let mut order: Vec<usize> = (0..self.tokens.len()).filter(|token| self.tokens[*token] > TELLING).collect();
        order.sort_by_key(|token| (-self.tokens[*token], *token));
        let mut words: Vec<String> = Vec::new();
        for token in order {
            let word = features.word(token);
            if words.len() < 5 && word.chars().count() >= SHORTEST && !words.contains(&word) {
                words.push(word);
            }
        }
        words
    }
}

/// How much a word must weigh, in cells of the linear table, to be told to the owner.
const TELLING: i32 = 30;

/// Shorter words, in characters, stand in every text.
const SHORTEST: usize = 4;

/// How many features are remembered so as to count each once. A power of two.
const SEEN: usize = 8192;

#[derive(Clone, Copy, Default)]
struct Sums {
    count: f32,
    linear: i32,
    peak: i8,
    embedding: [i32; WIDTH],
}

struct Tally<'a> {
    linear: &'a [u8],
    embeddings: &'a [u8],
    groups: [Sums; GROUPS],
    seen: [u32; SEEN],
    tokens: Vec<i32>,
}

impl Sink for Tally<'_> {
    fn feature(&mut self, group: Group, hash: u32, token: usize) {
        // A feature counts once. What falls into the same place as another may count again, which does no harm.
        let slot = &mut self.seen[hash as usize & (SEEN - 1)];
        if *slot == hash {
            return;
        }
        *slot = hash;
        let weight = self.linear[(hash >> (32 - LINEAR_BITS)) as usize].cast_signed();
        let row = (hash >> (32 - EMBEDDING_BITS)) as usize * WIDTH;
        let row = &self.embeddings[row..row + WIDTH];
        let sums = &mut self.groups[group as usize];
        sums.count += 1.0;
        sums.linear += i32::from(weight);
        sums.peak = sums.peak.max(weight);
        for (sum, cell) in sums.embedding.iter_mut().zip(row) {
            *sum += i32::from(cell.cast_signed());
        }
        if token != NOWHERE && matches!(group, Group::Words | Group::Links) {
            self.tokens[token] += i32::from(weight);
        }
    }
}
