//! What the owner of a site has taught the filter: one small, bounded memory for each site.
//!
//! It holds examples, not sums: each decided submission leaves a sketch, some ninety hashes of its words, links, name and
//! shape, from which nothing can be read. The weights are fitted anew from the sketches when the memory is loaded. So a decision
//! counts once however often it is delivered, one that is undone is as if it had never been, order does not matter,
//! and old examples fade by their age and go when there is no room. The opinion that comes from it moves a submission
//! between being published and being held; alone it rejects nothing, unless the submission resembles one that the
//! owner called junk.

#![expect(clippy::cast_precision_loss, reason = "small numbers, weighed in f32 as they were trained")]

use std::collections::HashMap;

use jiff::Timestamp;
use serde::Deserialize;
use uuid::Uuid;

use super::Content;
use super::features::{Features, Group, Sink};
use super::model::Model;

/// What a submission was, in the owner's eyes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Label {
    /// Somebody's own words.
    Ham,
    /// Spam.
    Spam,
}

/// The most examples that are kept: the newest. With them the memory's bytes stay under 32 KiB.
pub const MOST: usize = 150;

/// Hashes in a sketch, at most, by group: words and pairs, links, name, shape.
const SAMPLES: [(usize, &[Group]); 4] =
    [(40, &[Group::Words, Group::Pairs]), (12, &[Group::Links]), (12, &[Group::Author]), (30, &[Group::Shape])];

/// How far the memory's opinion reaches, in log-odds.
const REACH: f32 = 4.0;

/// Days in which an example loses half of its weight.
const HALF_LIFE_DAYS: f32 = 180.0;

/// How much more an error about a real message weighs.
const HAM_WEIGHT: f32 = 3.0;

/// The share of a sketch that two versions of one text have in common, from which on they count as one campaign.
const CAMPAIGN: f32 = 0.5;

const VERSION: u8 = 1;
const SECONDS_A_DAY: i64 = 86_400;

/// One decision of the owner.
#[derive(Debug, Clone, PartialEq)]
struct Example {
    id: Uuid,
    label: Label,
    /// The day it was decided, since 1970.
    day: u16,
    /// What the model said, in log-odds.
    log_odds: f32,
    sketch: Vec<u16>,
}

/// What a site has taught.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Memory {
    examples: Vec<Example>,
    weights: HashMap<u16, f32>,
    bias: f32,
}

/// What a site's memory makes of a submission.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Recollection {
    /// What the words, links and name add, in log-odds; within ±4.
    pub log_odds: f32,
    /// How much it resembles something that the owner called junk, 0..1; 0 if it resembles something real as much.
    pub campaign: f32,
}

/// The bytes are no memory, or one of a newer release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a memory that this release can read")]
pub struct Unreadable;

impl Memory {
    /// Reads what [`Memory::to_bytes`] wrote. `now` tells how old the examples are.
    pub fn from_bytes(bytes: &[u8], now: Timestamp) -> Result<Self, Unreadable> {
        let (version, mut rest) = bytes.split_first().ok_or(Unreadable)?;
        if *version != VERSION {
            return Err(Unreadable);
        }
        let mut examples = Vec::new();
        while !rest.is_empty() {
            let (example, left) = Example::read(rest).ok_or(Unreadable)?;
            examples.push(example);
            rest = left;
        }
        let mut memory = Self { examples, ..Self::default() };
        memory.fit(now);
        Ok(memory)
    }

    /// The memory as bytes: at most 32 KiB.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        self.examples.iter().for_each(|example| example.write(&mut bytes));
        bytes
    }

    /// How many decisions it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.examples.len()
    }

    /// Whether it holds the decision about a submission.
    #[must_use]
    pub fn holds(&self, id: Uuid) -> bool {
        self.examples.iter().any(|example| example.id == id)
    }

    /// Whether nothing was taught yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.examples.is_empty()
    }

    /// Takes in what the owner decided about a submission; `None` takes the decision back. Says whether anything
    /// changed. The same content teaches once, under the id that it was decided last.
    pub fn teach(&mut self, id: Uuid, label: Option<Label>, content: &Content, now: Timestamp) -> bool {
        let known = self.examples.iter().find(|example| example.id == id).map(|example| example.label);
        if known == label {
            return false;
        }
        let features = Features::of(content);
        let log_odds = Model::released().map_or(0.0, |model| model.opinion(&features).log_odds);
        self.replace(id, label, &features, log_odds, now);
        true
    }

    /// Puts an example in the place of one with the same id or content, if there is one. `log_odds` is what the model
    /// said of it.
    pub fn replace(&mut self, id: Uuid, label: Option<Label>, features: &Features, log_odds: f32, now: Timestamp) {
        let sketch = sketch(features);
        self.examples.retain(|example| example.id != id && (label.is_none() || example.sketch != sketch));
        if let Some(label) = label {
            let day = u16::try_from(now.as_second() / SECONDS_A_DAY).unwrap_or(u16::MAX);
            self.examples.push(Example { id, label, day, log_odds, sketch });
            if self.examples.len() > MOST {
                self.examples.remove(0);
            }
        }
        self.fit(now);
    }

    /// What the site's decisions say about a submission.
    #[must_use]
    pub fn recall(&self, features: &Features) -> Recollection {
        if self.examples.is_empty() {
            return Recollection::default();
        }
        let sketch = sketch(features);
        let known = Bits::of(&sketch);
        let log_odds = self.opinion(&sketch).clamp(-REACH, REACH);
        let nearest = |label| {
            let alike = self.examples.iter().filter(|example| example.label == label);
            alike.map(|example| likeness(&example.sketch, &known, sketch.len())).fold(0.0, f32::max)
        };
        let (spam, ham) = (nearest(Label::Spam), nearest(Label::Ham));
        let campaign = if spam >= CAMPAIGN && spam > ham { spam } else { 0.0 };
        Recollection { log_odds, campaign }
    }

    fn opinion(&self, sketch: &[u16]) -> f32 {
        let sum: f32 = sketch.iter().filter_map(|hash| self.weights.get(hash)).sum();
        self.bias + sum / share(sketch.len())
    }

    /// Logistic regression on top of what the model said, by gradient steps over all examples. Few examples move the
    /// weights little.
    fn fit(&mut self, now: Timestamp) {
        let mut hashes: Vec<u16> = self.examples.iter().flat_map(|example| example.sketch.iter().copied()).collect();
        hashes.sort_unstable();
        hashes.dedup();
        let place = |hash: &u16| hashes.binary_search(hash).unwrap_or_default();
        let today = now.as_second() / SECONDS_A_DAY;
        let lessons: Vec<Lesson> = self
            .examples
            .iter()
            .map(|example| Lesson::of(example, today, example.sketch.iter().map(place).collect()))
            .collect();
        let (mut weights, mut bias) = (vec![0.0_f32; hashes.len()], 0.0_f32);
        for _ in 0..STEPS {
            for lesson in &lessons {
                lesson.learn(&mut weights, &mut bias);
            }
        }
        self.weights = hashes.into_iter().zip(weights).collect();
        self.bias = bias;
    }
}

/// How often all examples are gone through, how far a step goes, and how much of a weight it forgets.
const STEPS: usize = 60;
const RATE: f32 = 1.0;
const DECAY: f32 = 0.002;

/// How far decisions about some texts may speak against all others, in log-odds: a site that gets much junk is no reason
/// to doubt everybody.
const BIAS: f32 = 1.2;

/// An example, made ready to be learned from again and again.
struct Lesson {
    /// The places of its hashes among the weights.
    places: Vec<usize>,
    log_odds: f32,
    truth: f32,
    rate: f32,
}

impl Lesson {
    fn of(example: &Example, today: i64, places: Vec<usize>) -> Self {
        let (truth, weight) = match example.label {
            Label::Spam => (1.0, 1.0 / HAM_WEIGHT),
            Label::Ham => (0.0, 1.0),
        };
        let age = (today - i64::from(example.day)).max(0) as f32;
        let rate = RATE * weight * 0.5_f32.powf(age / HALF_LIFE_DAYS);
        Self { places, log_odds: example.log_odds.clamp(-4.0, 4.0), truth, rate }
    }

    fn learn(&self, weights: &mut [f32], bias: &mut f32) {
        let share = share(self.places.len());
        let sum: f32 = self.places.iter().map(|place| weights[*place]).sum();
        let answer = self.log_odds + *bias + sum / share;
        let step = self.rate * (self.truth - 1.0 / (1.0 + (-answer).exp()));
        *bias = (*bias + 0.1 * step).min(BIAS);
        for place in &self.places {
            weights[*place] += step / share - DECAY * weights[*place];
        }
    }
}

impl Example {
    const HEAD: usize = 16 + 1 + 2 + 4 + 1;

    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.id.as_bytes());
        bytes.push(u8::from(self.label == Label::Spam));
        bytes.extend(self.day.to_le_bytes());
        bytes.extend(self.log_odds.to_le_bytes());
        bytes.push(u8::try_from(self.sketch.len()).unwrap_or(u8::MAX));
        bytes.extend(self.sketch.iter().flat_map(|hash| hash.to_le_bytes()));
    }

    fn read(bytes: &[u8]) -> Option<(Self, &[u8])> {
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

/// Long sketches count as much as short ones.
fn share(length: usize) -> f32 {
    (length.max(1) as f32).sqrt()
}

/// A set of hashes that answers at once: it is asked fourteen thousand times for each submission.
struct Bits(Vec<u64>);

impl Bits {
    fn of(sketch: &[u16]) -> Self {
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

/// The share of hashes that a sketch has in common with another one, `known`, of that length.
fn likeness(sketch: &[u16], known: &Bits, length: usize) -> f32 {
    let common = sketch.iter().filter(|hash| known.has(**hash)).count();
    common as f32 / sketch.len().max(length).max(1) as f32
}

/// The smallest hashes of each kind of feature, so that two texts that share words share hashes; sorted.
fn sketch(features: &Features) -> Vec<u16> {
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

#[cfg(test)]
#[expect(clippy::format_collect, clippy::cast_sign_loss, reason = "made-up texts and ids")]
mod tests {
    use super::*;

    fn content(author: &str, text: &str) -> Content {
        Content { author: author.into(), text: text.into(), ..Content::default() }
    }

    fn id(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    fn now() -> Timestamp {
        Timestamp::from_second(1_800_000_000).expect("a time")
    }

    fn praise(number: usize) -> Content {
        const SHOPS: [&str; 6] =
            ["Glow Sofas", "Bright Windows", "Quick Roofs", "Fine Rugs", "Cool Lamps", "Soft Beds"];
        let shop = SHOPS[number % SHOPS.len()];
        content(shop, &format!("Lovely read number {number}, we at {shop} can only agree with every word of it."))
    }

    fn question(number: usize) -> Content {
        content("Ida", &format!("Does exercise {number} also help after an operation on the knee?"))
    }

    fn added(memory: &Memory, content: &Content) -> f32 {
        memory.recall(&Features::of(content)).log_odds
    }

    #[test]
    fn ten_decisions_help_and_other_texts_are_left_alone() {
        let mut memory = Memory::default();
        for number in 0..5 {
            assert!(memory.teach(id(number as u128), Some(Label::Spam), &praise(number), now()));
            memory.teach(id(100 + number as u128), Some(Label::Ham), &question(number), now());
        }
        assert!(added(&memory, &praise(77)) > 0.5, "{}", added(&memory, &praise(77)));
        assert!(added(&memory, &question(77)) < added(&memory, &praise(77)) / 2.0);
        assert!(added(&memory, &question(77)) <= BIAS);
        assert!(added(&memory, &content("Ole", "Vielen Dank, bis Donnerstag!")).abs() < 1.0);
    }

    #[test]
    fn a_decision_counts_once_and_an_undone_one_not_at_all() {
        let mut memory = Memory::default();
        memory.teach(id(1), Some(Label::Ham), &question(1), now());
        let before = memory.clone();
        assert!(memory.teach(id(2), Some(Label::Spam), &praise(2), now()));
        let after = memory.clone();
        assert!(!memory.teach(id(2), Some(Label::Spam), &praise(2), now()));
        assert_eq!(memory, after);
        // The same text under many ids is one example.
        for again in 3..50 {
            memory.teach(id(again), Some(Label::Spam), &praise(2), now());
        }
        assert_eq!((memory.len(), added(&memory, &praise(9))), (2, added(&after, &praise(9))));
        memory.teach(id(49), None, &praise(2), now());
        assert_eq!(memory, before);
        assert!(!memory.teach(id(49), None, &praise(2), now()));
    }

    #[test]
    fn a_changed_mind_turns_the_lesson_round() {
        let mut memory = Memory::default();
        memory.teach(id(1), Some(Label::Spam), &praise(1), now());
        let spam = added(&memory, &praise(1));
        memory.teach(id(1), Some(Label::Ham), &praise(1), now());
        assert!(spam > 0.0 && added(&memory, &praise(1)) < 0.0);
        assert_eq!(memory.len(), 1);
    }

    #[test]
    fn the_same_campaign_is_recognised_and_what_was_approved_is_not() {
        let pitch = "We build links for shops like yours, fast and safe, fifty places for one price, answer today";
        let mut memory = Memory::default();
        memory.teach(id(1), Some(Label::Spam), &content("Max", pitch), now());
        let again = |text: &str| memory.recall(&Features::of(&content("Moritz", text))).campaign;
        assert!(again(&format!("{pitch} please")) >= 0.5);
        assert!(again("Could I come on Monday?") < f32::EPSILON);
        memory.teach(id(2), Some(Label::Ham), &content("Moritz", &format!("{pitch} please")), now());
        let recalled = memory.recall(&Features::of(&content("Moritz", &format!("{pitch} please"))));
        assert!(recalled.campaign < f32::EPSILON);
    }

    #[test]
    fn it_survives_as_bytes_stays_small_and_fades() {
        let mut memory = Memory::default();
        for number in 0..400 {
            let long: String = (0..300).map(|word| format!("word{} ", number * 7 + word)).collect();
            memory.teach(id(number as u128), Some(Label::Spam), &content("Long Name Of Many Words", &long), now());
        }
        let bytes = memory.to_bytes();
        assert!(memory.len() == MOST && bytes.len() <= 32 * 1024, "{} {}", memory.len(), bytes.len());
        assert_eq!(Memory::from_bytes(&bytes, now()), Ok(memory.clone()));
        let later = Timestamp::from_second(now().as_second() + 720 * SECONDS_A_DAY).expect("a time");
        let faded = Memory::from_bytes(&bytes, later).expect("the same bytes");
        let text = content("Long Name Of Many Words", "word2000 word2001 word2002");
        assert!(added(&faded, &text).abs() < added(&memory, &text).abs());
        for broken in [&bytes[..0], &bytes[..40], &[9, 1, 2][..]] {
            assert_eq!(Memory::from_bytes(broken, now()), Err(Unreadable));
        }
        assert_eq!(Memory::from_bytes(&Memory::default().to_bytes(), now()), Ok(Memory::default()));
    }
}
