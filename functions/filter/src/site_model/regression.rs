//! The weights that a site's examples give, on top of what the model says.

#![expect(clippy::cast_precision_loss, reason = "small numbers, weighed in f32 as they were trained")]

use std::collections::HashMap;

use jiff::Timestamp;

use super::example::{Example, SECONDS_A_DAY};
use crate::label::Label;

/// Days in which an example loses half of its weight.
const HALF_LIFE_DAYS: f32 = 180.0;

/// How much more an error about a real message weighs.
const HAM_WEIGHT: f32 = 3.0;

/// How often all examples are gone through, how far a step goes, and how much of a weight it forgets.
const STEPS: usize = 60;
const RATE: f32 = 1.0;
const DECAY: f32 = 0.002;

/// How far decisions about some texts may speak against all others, in log-odds: a site that gets much spam is no
/// reason to doubt everybody.
pub(super) const BIAS: f32 = 1.2;

/// The weight of each hash in a sketch.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Weights {
    of: HashMap<u16, f32>,
    bias: f32,
}

impl Weights {
    /// What the examples say about a submission, in log-odds.
    pub(super) fn log_odds(&self, sketch: &[u16]) -> f32 {
        let sum: f32 = sketch.iter().filter_map(|hash| self.of.get(hash)).sum();
        self.bias + sum / share(sketch.len())
    }
}

/// Logistic regression on top of what the model said, by gradient steps over all examples. Few examples move the
/// weights little.
pub(super) fn fit(examples: &[Example], now: Timestamp) -> Weights {
    let mut hashes: Vec<u16> = examples.iter().flat_map(|example| example.sketch.iter().copied()).collect();
    hashes.sort_unstable();
    hashes.dedup();
    let place = |hash: &u16| hashes.binary_search(hash).unwrap_or_default();
    let today = now.as_second() / SECONDS_A_DAY;
    let lessons: Vec<Lesson> =
        examples.iter().map(|example| Lesson::of(example, today, example.sketch.iter().map(place).collect())).collect();
    let (mut weights, mut bias) = (vec![0.0_f32; hashes.len()], 0.0_f32);
    for _ in 0..STEPS {
        for lesson in &lessons {
            lesson.learn(&mut weights, &mut bias);
        }
    }
    Weights { of: hashes.into_iter().zip(weights).collect(), bias }
}

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

/// Long sketches count as much as short ones.
fn share(length: usize) -> f32 {
    (length.max(1) as f32).sqrt()
}
