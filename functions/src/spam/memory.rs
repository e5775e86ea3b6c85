//! What a site's filter has learnt from its owner: the texts that were decided about, as sets of hashed words. A text
//! that has most words in common with remembered ones is judged as they were.

use jiff::Timestamp;
use uuid::Uuid;

use super::Content;

/// What a submission was, in the owner's eyes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    /// Somebody's own words.
    Ham,
    /// Junk.
    Spam,
}

/// The bytes are no memory, or one of a newer release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a memory that this release can read")]
pub struct Unreadable;

/// The most examples; the oldest go first.
const EXAMPLES: usize = 200;

/// The most words of an example: those with the smallest hashes, which makes any two texts comparable.
const WORDS: usize = 16;

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
    /// From what [`Self::to_bytes`] gave.
    pub fn from_bytes(mut bytes: &[u8], _now: Timestamp) -> Result<Self, Unreadable> {
        let mut examples = Vec::new();
        while let Some((head, rest)) = bytes.split_first_chunk::<18>() {
            let label = if head[16] == 1 { Label::Spam } else { Label::Ham };
            let (words, rest) = rest.split_at_checked(usize::from(head[17]) * 4).ok_or(Unreadable)?;
            let words = words.as_chunks::<4>().0.iter().map(|word| u32::from_be_bytes(*word)).collect();
            examples.push(Example { id: Uuid::from_slice(&head[..16]).map_err(|_| Unreadable)?, label, words });
            bytes = rest;
        }
        if bytes.is_empty() { Ok(Self(examples)) } else { Err(Unreadable) }
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

    /// Learns what a submission is, or forgets it. Says whether anything changed.
    pub fn teach(&mut self, id: Uuid, label: Option<Label>, content: &Content, _now: Timestamp) -> bool {
        if self.0.iter().find(|example| example.id == id).map(|example| example.label) == label {
            return false;
        }
        self.0.retain(|example| example.id != id);
        self.0.extend(label.map(|label| Example { id, label, words: words(content) }));
        self.0.drain(..self.0.len().saturating_sub(EXAMPLES));
        true
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
