//! What a site's filter has learnt from its owner: the texts that were decided about, as sets of hashed words. A text
//! that has most words in common with remembered ones is judged as they were.

use jiff::Timestamp;
use uuid::Uuid;

use super::{Content, Label};

/// The most examples; the oldest go first.
const EXAMPLES: usize = 256;

/// The most words of an example: those with the smallest hashes, which makes any two texts comparable.
const WORDS: usize = 16;

/// Bytes of an example at most: id, label, number of words, words.
const SIZE: usize = 16 + 1 + 1 + 4 * WORDS;

/// A site's examples.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Memory(Vec<Example>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Example {
    id: Uuid,
    label: Label,
    words: Vec<u32>,
}

impl Memory {
    /// The most bytes that [`Self::to_bytes`] gives.
    pub const MAX_BYTES: usize = EXAMPLES * SIZE;

    /// From what [`Self::to_bytes`] gave.
    #[must_use]
    pub fn from_bytes(mut bytes: &[u8]) -> Option<Self> {
        let mut examples = Vec::new();
        while let Some((head, rest)) = bytes.split_first_chunk::<18>() {
            let label = if head[16] == 1 { Label::Spam } else { Label::Ham };
            let (words, rest) = rest.split_at_checked(usize::from(head[17]) * 4)?;
            let words = words.as_chunks::<4>().0.iter().map(|word| u32::from_be_bytes(*word)).collect();
            examples.push(Example { id: Uuid::from_slice(&head[..16]).ok()?, label, words });
            bytes = rest;
        }
        bytes.is_empty().then_some(Self(examples))
    }

    /// As bytes, to be kept.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let bytes = self.0.iter().flat_map(|example| {
            let head = [u8::from(example.label == Label::Spam), u8::try_from(example.words.len()).unwrap_or(u8::MAX)];
            let words = example.words.iter().flat_map(|word| word.to_be_bytes());
            example.id.into_bytes().into_iter().chain(head).chain(words)
        });
        bytes.collect()
    }

    /// Learns what a submission is, or forgets it. Taught twice is taught once.
    pub fn teach(&mut self, id: Uuid, label: Option<Label>, content: &Content, _now: Timestamp) {
        let known = self.0.iter().position(|example| example.id == id);
        match (known, label) {
            (Some(at), Some(label)) => self.0[at].label = label,
            (Some(at), None) => drop(self.0.remove(at)),
            (None, Some(label)) => {
                self.0.push(Example { id, label, words: words(content) });
                self.0.drain(..self.0.len().saturating_sub(EXAMPLES));
            }
            (None, None) => {}
        }
    }

    /// How much speaks for junk, -1 to 1.
    #[must_use]
    pub fn opinion(&self, content: &Content) -> f64 {
        let words = words(content);
        let votes = self.0.iter().map(|example| {
            let common = example.words.iter().filter(|word| words.contains(word)).count();
            let similar = common * 2 > example.words.len().max(words.len());
            let vote: f64 = if example.label == Label::Spam { 1.0 } else { -1.0 };
            if similar { vote } else { 0.0 }
        });
        votes.sum::<f64>().clamp(-1.0, 1.0)
    }
}

fn words(content: &Content) -> Vec<u32> {
    let lower = content.text.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    // FNV-1a.
    let hash = |word: &str| {
        word.bytes().fold(0x811c_9dc5, |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
    };
    let mut words: Vec<u32> = words.map(hash).collect();
    words.sort_unstable();
    words.dedup();
    words.truncate(WORDS);
    words
}
