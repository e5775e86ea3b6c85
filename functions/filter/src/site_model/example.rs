//! One decision as it is kept.

use uuid::Uuid;

use crate::label::Label;

pub(super) const SECONDS_A_DAY: i64 = 86_400;

/// One decision of the owner.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Example {
    pub(super) id: Uuid,
    pub(super) label: Label,
    /// The day it was decided, since 1970.
    pub(super) day: u16,
    /// What the model said, in log-odds.
    pub(super) log_odds: f32,
    pub(super) sketch: Vec<u16>,
}

impl Example {
    const HEAD: usize = 16 + 1 + 2 + 4 + 1;

    pub(super) fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.id.as_bytes());
        bytes.push(u8::from(self.label == Label::Spam));
        bytes.extend(self.day.to_le_bytes());
        bytes.extend(self.log_odds.to_le_bytes());
        bytes.push(u8::try_from(self.sketch.len()).unwrap_or(u8::MAX));
        bytes.extend(self.sketch.iter().flat_map(|hash| hash.to_le_bytes()));
    }

    pub(super) fn read(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (head, rest) = bytes.split_at_checked(Self::HEAD)?;
        let (sketch, rest) = rest.split_at_checked(usize::from(head[23]) * 2)?;
        let example = Self {
            id: Uuid::from_slice(&head[..16]).ok()?,
            label: if head[16] == 1 { Label::Spam } else { Label::Ham },
            day: u16::from_le_bytes([head[17], head[18]]),
            log_odds: f32::from_le_bytes([head[19], head[20], head[21], head[22]]),
            sketch: sketch.chunks_exact(2).map(|hash| u16::from_le_bytes([hash[0], hash[1]])).collect(),
        };
        Some((example, rest))
    }
}
