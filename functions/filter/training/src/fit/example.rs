//! A submission as the learners see it.

use deskbell_filter::features::GROUPS;

/// A submission as the learners see it.
#[derive(Debug, Clone)]
pub(crate) struct Example {
    /// Hashes by group, each once.
    pub(crate) groups: [Vec<u32>; GROUPS],
    pub(crate) spam: bool,
    /// How much it counts.
    pub(crate) weight: f32,
}

impl Example {
    pub(super) fn sign(&self) -> f64 {
        if self.spam { 1.0 } else { -1.0 }
    }

    /// Buckets of a table of 2^`bits` with their values: each group weighs the same, however many features it has.
    pub(super) fn buckets(&self, bits: u32) -> Vec<(usize, f32)> {
        let groups = self.groups.iter().filter(|group| !group.is_empty());
        groups
            .flat_map(|group| {
                let value = 1.0 / (group.len() as f32).sqrt();
                group.iter().map(move |hash| ((hash >> (32 - bits)) as usize, value))
            })
            .collect()
    }
}
