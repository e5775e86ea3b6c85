//! What a site's filter learns online from its owner's decisions: one small, bounded model for each site.
//!
//! It holds examples, not sums: each decided submission leaves a sketch, some ninety hashes of its words, links, name
//! and shape, from which nothing can be read. The weights are fitted anew from the sketches when the model is loaded.
//! So a decision counts once however often it is delivered, one that is undone is as if it had never been, order does
//! not matter, and old examples fade by their age and go when there is no room. What it adds moves a submission between
//! being published and being held; alone it rejects nothing, unless the submission resembles one that the owner called
//! spam.
//!
//! The bytes, little-endian: the version (1); then for each example, the oldest first, its id (16 bytes), whether it is
//! spam (1), the day since 1970 (2), the log-odds that the released model gave it (f32), the number of hashes (1) and
//! the hashes (2 each).

mod example;
mod regression;
mod sketch;

use jiff::Timestamp;
use uuid::Uuid;

use self::example::{Example, SECONDS_A_DAY};
use self::regression::{Weights, fit};
use self::sketch::{Bits, similarity, sketch};
use crate::content::Content;
use crate::features::Features;
use crate::label::Label;
use crate::model::Model;

/// The most examples that are kept: the newest. With them the bytes stay under 32 KiB.
const MOST: usize = 150;

/// How far the site model reaches, in log-odds.
const REACH: f32 = 4.0;

/// The share of a sketch that two versions of one text have in common, from which on they count as one campaign.
const CAMPAIGN: f32 = 0.5;

const VERSION: u8 = 1;

/// What the filter has learned from a site's owner.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SiteModel {
    examples: Vec<Example>,
    weights: Weights,
}

/// What a site's model adds to the verdict on a submission.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Adjustment {
    /// What the words, links and name add, in log-odds; within ±4.
    pub log_odds: f32,
    /// How much it resembles something that the owner called spam, 0..1; 0 if it resembles something real as much.
    pub campaign: f32,
}

/// The bytes are no site model, or one of a newer release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a site model that this release can read")]
pub struct Unreadable;

impl SiteModel {
    /// Reads what [`SiteModel::to_bytes`] wrote. `now` tells how old the examples are.
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
        let weights = fit(&examples, now);
        Ok(Self { examples, weights })
    }

    /// The model as bytes: at most 32 KiB.
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

    /// Whether nothing was learned yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.examples.is_empty()
    }

    /// Learns what the owner decided about a submission; `None` takes the decision back. Says whether anything
    /// changed. The same content counts once, under the id that it was decided last.
    pub fn learn(&mut self, id: Uuid, label: Option<Label>, content: &Content, now: Timestamp) -> bool {
        let known = self.examples.iter().find(|example| example.id == id).map(|example| example.label);
        if known == label {
            return false;
        }
        let features = Features::of(content);
        let log_odds = Model::released().map_or(0.0, |model| model.predict(&features).log_odds);
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
        self.weights = fit(&self.examples, now);
    }

    /// What the site's decisions say about a submission.
    #[must_use]
    pub fn adjust(&self, features: &Features) -> Adjustment {
        if self.examples.is_empty() {
            return Adjustment::default();
        }
        let sketch = sketch(features);
        let known = Bits::of(&sketch);
        let log_odds = self.weights.log_odds(&sketch).clamp(-REACH, REACH);
        let nearest = |label| {
            let alike = self.examples.iter().filter(|example| example.label == label);
            alike.map(|example| similarity(&example.sketch, &known, sketch.len())).fold(0.0, f32::max)
        };
        let (spam, ham) = (nearest(Label::Spam), nearest(Label::Ham));
        let campaign = if spam >= CAMPAIGN && spam > ham { spam } else { 0.0 };
        Adjustment { log_odds, campaign }
    }
}

#[cfg(test)]
#[expect(clippy::format_collect, clippy::cast_sign_loss, reason = "made-up texts and ids")]
mod tests {
    use super::regression::BIAS;
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

    fn added(model: &SiteModel, content: &Content) -> f32 {
        model.adjust(&Features::of(content)).log_odds
    }

    #[test]
    fn ten_decisions_help_and_other_texts_are_left_alone() {
        let mut model = SiteModel::default();
        for number in 0..5 {
            assert!(model.learn(id(number as u128), Some(Label::Spam), &praise(number), now()));
            model.learn(id(100 + number as u128), Some(Label::Ham), &question(number), now());
        }
        assert!(added(&model, &praise(77)) > 0.5, "{}", added(&model, &praise(77)));
        assert!(added(&model, &question(77)) < added(&model, &praise(77)) / 2.0);
        assert!(added(&model, &question(77)) <= BIAS);
        assert!(added(&model, &content("Ole", "Vielen Dank, bis Donnerstag!")).abs() < 1.0);
    }

    #[test]
    fn a_decision_counts_once_and_an_undone_one_not_at_all() {
        let mut model = SiteModel::default();
        model.learn(id(1), Some(Label::Ham), &question(1), now());
        let before = model.clone();
        assert!(model.learn(id(2), Some(Label::Spam), &praise(2), now()));
        let after = model.clone();
        assert!(!model.learn(id(2), Some(Label::Spam), &praise(2), now()));
        assert_eq!(model, after);
        // The same text under many ids is one example.
        for again in 3..50 {
            model.learn(id(again), Some(Label::Spam), &praise(2), now());
        }
        assert_eq!((model.len(), added(&model, &praise(9))), (2, added(&after, &praise(9))));
        model.learn(id(49), None, &praise(2), now());
        assert_eq!(model, before);
        assert!(!model.learn(id(49), None, &praise(2), now()));
    }

    #[test]
    fn a_changed_mind_turns_the_lesson_round() {
        let mut model = SiteModel::default();
        model.learn(id(1), Some(Label::Spam), &praise(1), now());
        let spam = added(&model, &praise(1));
        model.learn(id(1), Some(Label::Ham), &praise(1), now());
        assert!(spam > 0.0 && added(&model, &praise(1)) < 0.0);
        assert_eq!(model.len(), 1);
    }

    #[test]
    fn the_same_campaign_is_recognised_and_what_was_approved_is_not() {
        let pitch = "We build links for shops like yours, fast and safe, fifty places for one price, answer today";
        let mut model = SiteModel::default();
        model.learn(id(1), Some(Label::Spam), &content("Max", pitch), now());
        let again = |text: &str| model.adjust(&Features::of(&content("Moritz", text))).campaign;
        assert!(again(&format!("{pitch} please")) >= 0.5);
        assert!(again("Could I come on Monday?") < f32::EPSILON);
        model.learn(id(2), Some(Label::Ham), &content("Moritz", &format!("{pitch} please")), now());
        let recalled = model.adjust(&Features::of(&content("Moritz", &format!("{pitch} please"))));
        assert!(recalled.campaign < f32::EPSILON);
    }

    #[test]
    fn it_survives_as_bytes_stays_small_and_fades() {
        let mut model = SiteModel::default();
        for number in 0..400 {
            let long: String = (0..300).map(|word| format!("word{} ", number * 7 + word)).collect();
            model.learn(id(number as u128), Some(Label::Spam), &content("Long Name Of Many Words", &long), now());
        }
        let bytes = model.to_bytes();
        assert!(model.len() == MOST && bytes.len() <= 32 * 1024, "{} {}", model.len(), bytes.len());
        assert_eq!(SiteModel::from_bytes(&bytes, now()), Ok(model.clone()));
        let later = Timestamp::from_second(now().as_second() + 720 * SECONDS_A_DAY).expect("a time");
        let faded = SiteModel::from_bytes(&bytes, later).expect("the same bytes");
        let text = content("Long Name Of Many Words", "word2000 word2001 word2002");
        assert!(added(&faded, &text).abs() < added(&model, &text).abs());
        for broken in [&bytes[..0], &bytes[..40], &[9, 1, 2][..]] {
            assert_eq!(SiteModel::from_bytes(broken, now()), Err(Unreadable));
        }
        assert_eq!(SiteModel::from_bytes(&SiteModel::default().to_bytes(), now()), Ok(SiteModel::default()));
    }
}
