//! The final layers.

use deskbell_filter::model::{FINAL_HIDDEN, INPUTS, Layer};
use fastrand::Rng;

use super::normal::normal;

/// What a final layer learns from.
pub(crate) struct Seen {
    /// Inputs, each as a multiple of its spread around its mean.
    pub(crate) inputs: [f32; INPUTS],
    pub(crate) spam: bool,
    pub(crate) weight: f32,
}

/// A final layer, by Adam (Kingma and Ba, 2015) over batches of 64.
pub(crate) fn final_layer(seen: &[Seen], seed: u64) -> Layer {
    const EPOCHS: usize = 40;
    const BATCH: usize = 64;
    let mut rng = Rng::with_seed(seed + 1);
    let mut adam = Adam::new(&mut rng);
    let mut order: Vec<usize> = (0..seen.len()).collect();
    for epoch in 0..EPOCHS {
        let rate = 0.002 * (1.0 - 0.9 * epoch as f32 / EPOCHS as f32);
        rng.shuffle(&mut order);
        for batch in order.chunks(BATCH) {
            let mut gradient = vec![0.0; Adam::ALL];
            batch.iter().for_each(|at| adam.blame(&seen[*at], &mut gradient));
            adam.step(&gradient, BATCH as f32, rate);
        }
    }
    adam.finish()
}

/// All of a layer's numbers in a row: weights, biases, outputs, bias.
struct Adam {
    values: Vec<f32>,
    means: Vec<f32>,
    squares: Vec<f32>,
    steps: i32,
}

impl Adam {
    const BIASES: usize = INPUTS * FINAL_HIDDEN;
    const OUTPUTS: usize = Self::BIASES + FINAL_HIDDEN;
    const BIAS: usize = Self::OUTPUTS + FINAL_HIDDEN;
    const ALL: usize = Self::BIAS + 1;

    fn new(rng: &mut Rng) -> Self {
        let spread = |at: usize| match at {
            at if at < Self::BIASES => 0.7 * (2.0 / INPUTS as f32).sqrt(),
            at if (Self::OUTPUTS..Self::BIAS).contains(&at) => 0.7 * (2.0 / FINAL_HIDDEN as f32).sqrt(),
            _ => 0.0,
        };
        let values = (0..Self::ALL).map(|at| normal(rng, spread(at))).collect();
        Self { values, means: vec![0.0; Self::ALL], squares: vec![0.0; Self::ALL], steps: 0 }
    }

    fn blame(&self, seen: &Seen, gradient: &mut [f32]) {
        let unit = |unit: usize| {
            let weights = self.values[unit * INPUTS..][..INPUTS].iter();
            self.values[Self::BIASES + unit] + weights.zip(&seen.inputs).map(|(w, i)| w * i).sum::<f32>()
        };
        let units: [f32; FINAL_HIDDEN] = std::array::from_fn(unit);
        let outputs = &self.values[Self::OUTPUTS..Self::BIAS];
        let answer = self.values[Self::BIAS] + units.iter().zip(outputs).map(|(u, o)| u.max(0.0) * o).sum::<f32>();
        let truth = if seen.spam { 1.0 } else { 0.0 };
        let error = (1.0 / (1.0 + (-answer).exp()) - truth) * seen.weight;
        gradient[Self::BIAS] += error;
        for (unit, value) in units.iter().enumerate().filter(|(_, value)| **value > 0.0) {
            let share = error * outputs[unit];
            gradient[Self::OUTPUTS + unit] += error * value;
            gradient[Self::BIASES + unit] += share;
            for (cell, input) in gradient[unit * INPUTS..][..INPUTS].iter_mut().zip(&seen.inputs) {
                *cell += share * input;
            }
        }
    }

    fn step(&mut self, gradient: &[f32], batch: f32, rate: f32) {
        const MEAN: f32 = 0.9;
        const SQUARE: f32 = 0.999;
        const PENALTY: f32 = 1e-4;
        self.steps += 1;
        let (mean, square) = (1.0 - MEAN.powi(self.steps), 1.0 - SQUARE.powi(self.steps));
        for (at, gradient) in gradient.iter().enumerate() {
            let penalty = if at < Self::BIASES { PENALTY * self.values[at] } else { 0.0 };
            let gradient = gradient / batch + penalty;
            self.means[at] = MEAN * self.means[at] + (1.0 - MEAN) * gradient;
            self.squares[at] = SQUARE * self.squares[at] + (1.0 - SQUARE) * gradient * gradient;
            self.values[at] -= rate * (self.means[at] / mean) / ((self.squares[at] / square).sqrt() + 1e-8);
        }
    }

    fn finish(self) -> Layer {
        Layer {
            inputs: INPUTS,
            weights: self.values[..Self::BIASES].to_vec(),
            biases: self.values[Self::BIASES..Self::OUTPUTS].to_vec(),
            outputs: self.values[Self::OUTPUTS..Self::BIAS].to_vec(),
            bias: self.values[Self::BIAS],
        }
    }
}
