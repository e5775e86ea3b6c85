//! A submission as a few of its hashes, by which two can be compared.

#![expect(clippy::cast_precision_loss, reason = "some ninety hashes")]

use crate::features::{Features, Group, Sink};

/// Hashes in a sketch, at most, by group: words and pairs, links, name, shape.
const SAMPLES: [(usize, &[Group]); 4] =
    [(40, &[Group::Words, Group::Pairs]), (12, &[Group::Links]), (12, &[Group::Author]), (30, &[Group::Shape])];

/// The smallest hashes of each kind of feature, so that two texts that share words share hashes; sorted.
pub(super) fn sketch(features: &Features) -> Vec<u16> {
    struct All(Vec<(Group, u32)>);
    impl Sink for All {
        fn feature(&mut self, group: Group, hash: u32, _: usize) {
            self.0.push((group, hash.wrapping_mul(0x9e37_79b1)));
        }

        fn wants_letters(&self) -> bool {
            false
        }
    }
    let mut all = All(Vec::new());
    features.each(&mut all);
    let mut sketch = Vec::new();
    for (most, groups) in SAMPLES {
        let mut hashes: Vec<u32> =
            all.0.iter().filter(|(group, _)| groups.contains(group)).map(|(_, hash)| *hash).collect();
        hashes.sort_unstable();
        hashes.dedup();
        // Chosen by the whole hash, kept as its lower half: small hashes have alike upper halves.
        sketch.extend(hashes.iter().take(most).map(|hash| (hash & 0xffff) as u16));
    }
    sketch.sort_unstable();
    sketch.dedup();
    sketch
}

/// The share of hashes that a sketch has in common with another one, `known`, of that length.
pub(super) fn similarity(sketch: &[u16], known: &Bits, length: usize) -> f32 {
    let common = sketch.iter().filter(|hash| known.has(**hash)).count();
    common as f32 / sketch.len().max(length).max(1) as f32
}

/// A set of hashes that answers at once: it is asked fourteen thousand times for each submission.
pub(super) struct Bits(Vec<u64>);

impl Bits {
    pub(super) fn of(sketch: &[u16]) -> Self {
        let mut bits = vec![0; 1024];
        for hash in sketch {
            bits[usize::from(hash >> 6)] |= 1 << (hash & 63);
        }
        Self(bits)
    }

    fn has(&self, hash: u16) -> bool {
        self.0[usize::from(hash >> 6)] >> (hash & 63) & 1 == 1
    }
}
