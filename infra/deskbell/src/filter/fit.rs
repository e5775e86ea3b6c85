//! Fitting the model's parts to examples. Everything is seeded: the same lines give the same model.

use std::borrow::Cow;

use deskbell_filter::features::GROUPS;
use deskbell_filter::model::{EMBEDDING_BITS, FINAL_HIDDEN, INPUTS, LINEAR_BITS, Layer, NET_HIDDEN, Table, WIDTH};
use fastrand::Rng;

/// A submission as the learners see it.
#[derive(Debug, Clone)]
pub(super) struct Example {
    /// Hashes by group, each once.
    pub(super) groups: [Vec<u32>; GROUPS],
    pub(super) spam: bool,
    /// How much it counts.
    pub(super) weight: f32,
}

impl Example {
    fn sign(&self) -> f64 {
        if self.spam { 1.0 } else { -1.0 }
    }

    /// Buckets of a table of 2^`bits` with their values: each group weighs the same, however many features it has.
    fn buckets(&self, bits: u32) -> Vec<(usize, f32)> {
        let groups = self.groups.iter().filter(|group| !group.is_empty());
        groups
            .flat_map(|group| {
                let value = 1.0 / (group.len() as f32).sqrt();
                group.iter().map(move |hash| ((hash >> (32 - bits)) as usize, value))
            })
            .collect()
    }
}

/// How little the linear weights are held back: the inverse of the penalty on their squares.
const LINEAR_COST: f64 = 30.0;

/// Logistic regression by coordinate descent in the dual (Yu, Huang and Lin, "Dual coordinate descent methods for
/// logistic regression and maximum entropy models", 2011). The last bucket is the offset, which the final layers make
/// anew, so it is left out of the table.
pub(super) fn linear(examples: &[&Example]) -> Table {
    const ROUNDS: usize = 30;
    let offset = 1 << LINEAR_BITS;
    let mut weights = vec![0.0_f32; offset + 1];
    let rows: Vec<Vec<(usize, f32)>> = examples
        .iter()
        .map(|example| example.buckets(LINEAR_BITS).into_iter().chain([(offset, 1.0)]).collect())
        .collect();
    let worth = worth(&rows, examples, offset);
    let rows: Vec<Vec<(usize, f32)>> = rows
        .into_iter()
        .map(|row| row.into_iter().map(|(bucket, value)| (bucket, value * worth[bucket])).collect())
        .collect();
    let mut duals: Vec<f64> = vec![1e-8; examples.len()];
    for ((row, dual), example) in rows.iter().zip(&duals).zip(examples) {
        add(&mut weights, row, example.sign() * dual);
    }
    let mut order: Vec<usize> = (0..examples.len()).collect();
    let mut rng = Rng::with_seed(42);
    for _ in 0..ROUNDS {
        rng.shuffle(&mut order);
        let mut furthest = 0.0_f64;
        for &at in &order {
            let (row, sign) = (&rows[at], examples[at].sign());
            let cost = LINEAR_COST * f64::from(examples[at].weight);
            let margin = sign * row.iter().map(|(bucket, value)| f64::from(weights[*bucket] * value)).sum::<f64>();
            let square = row.iter().map(|(_, value)| f64::from(value * value)).sum::<f64>();
            let step = best(duals[at], cost, square, margin) - duals[at];
            duals[at] += step;
            furthest = furthest.max(step.abs() / cost);
            add(&mut weights, row, sign * step);
        }
        if furthest < 0.01 {
            break;
        }
    }
    weights.iter_mut().zip(&worth).for_each(|(weight, worth)| *weight *= worth);
    weights.truncate(offset);
    quantise(&weights)
}

/// How large each bucket's values are made while its weight is fitted, so that the penalty on weights falls on what
/// says little: common features (by the inverse document frequency) and those that stand in junk and in real texts
/// alike (by the ratio of naive Bayes: Wang and Manning, "Baselines and Bigrams", 2012). The weights take it in
/// afterwards. The last bucket, the offset, is left as it is.
fn worth(rows: &[Vec<(usize, f32)>], examples: &[&Example], offset: usize) -> Vec<f32> {
    const SMOOTHING: f32 = 3.0;
    const RATIO: f32 = 0.25;
    const USUAL: f32 = 5.0;
    let mut found = vec![[0.0_f32; 2]; offset + 1];
    let mut all = [0.0_f32; 2];
    for (row, example) in rows.iter().zip(examples) {
        let side = usize::from(example.spam);
        all[side] += example.weight;
        row.iter().for_each(|(bucket, _)| found[*bucket][side] += example.weight);
    }
    let rate = |found: f32, all: f32| (found + SMOOTHING) / (all + SMOOTHING);
    let worth = |[ham, spam]: [f32; 2]| {
        let ratio = (rate(spam, all[1]) / rate(ham, all[0])).ln().abs();
        let rarity = ((all[0] + all[1]) / (1.0 + ham + spam)).ln();
        (1.0 - RATIO + RATIO * ratio) * rarity / USUAL
    };
    let mut worths: Vec<f32> = found.into_iter().map(worth).collect();
    worths[offset] = 1.0;
    worths
}

fn add(weights: &mut [f32], row: &[(usize, f32)], factor: f64) {
    row.iter().for_each(|(bucket, value)| weights[*bucket] += factor as f32 * value);
}

/// The dual that is best while all others stand still: Newton's steps, kept inside 0..`cost`.
fn best(dual: f64, cost: f64, square: f64, margin: f64) -> f64 {
    let mut best = dual;
    for _ in 0..20 {
        let slope = square * (best - dual) + margin + (best / (cost - best)).ln();
        if slope.abs() < 1e-6 {
            break;
        }
        let step = slope / (square + cost / (best * (cost - best)));
        best = match best - step {
            next if next <= 0.0 => best * 0.1,
            next if next >= cost => best + (cost - best) * 0.9,
            next => next,
        };
    }
    best
}

/// The nearest whole multiples of a step such that all but one in ten thousand fit into a byte.
fn quantise(weights: &[f32]) -> Table {
    let mut sizes: Vec<f32> = weights.iter().map(|weight| weight.abs()).filter(|size| *size > 0.0).collect();
    sizes.sort_by(f32::total_cmp);
    let top = sizes.get(sizes.len().saturating_sub(1 + sizes.len() / 10_000)).copied().unwrap_or(1.0);
    let scale = top / 127.0;
    let cells = weights.iter().map(|weight| ((weight / scale).round().clamp(-127.0, 127.0) as i8).cast_unsigned());
    Table { scale, cells: Cow::Owned(cells.collect()) }
}

/// A weight that remembers how much it was moved, so as to move less (AdaGrad).
#[derive(Clone, Copy)]
struct Cell {
    value: f32,
    moved: f32,
}

impl Cell {
    fn new(value: f32) -> Self {
        Self { value, moved: 1e-6 }
    }

    fn step(&mut self, gradient: f32) {
        const RATE: f32 = 0.02;
        self.moved += gradient * gradient;
        self.value -= RATE * gradient / self.moved.sqrt();
    }
}

fn normal(rng: &mut Rng, spread: f32) -> f32 {
    // The sum of four evenly spread numbers is near enough.
    ((rng.f32() + rng.f32() + rng.f32() + rng.f32()) - 2.0) * 1.73 * spread
}

/// Embeddings of the buckets and the layer over their sums, learned together.
pub(super) fn embeddings(examples: &[&Example]) -> (Table, Layer) {
    const EPOCHS: usize = 8;
    let mut rng = Rng::with_seed(7);
    let mut net = Net::new(&mut rng);
    let rows: Vec<[Vec<(usize, f32)>; GROUPS]> = examples
        .iter()
        .map(|example| {
            let value = |group: &Vec<u32>| 1.0 / (group.len().max(1) as f32).sqrt();
            example.groups.each_ref().map(|group| {
                group.iter().map(|hash| ((hash >> (32 - EMBEDDING_BITS)) as usize * WIDTH, value(group))).collect()
            })
        })
        .collect();
    let mut order: Vec<usize> = (0..examples.len()).collect();
    for _ in 0..EPOCHS {
        rng.shuffle(&mut order);
        order.iter().for_each(|at| net.learn(&rows[*at], examples[*at], &mut rng));
    }
    net.finish()
}

struct Net {
    cells: Vec<Cell>,
    weights: Vec<Cell>,
    biases: Vec<Cell>,
    outputs: Vec<Cell>,
    bias: Cell,
}

impl Net {
    const WIDE: usize = GROUPS * WIDTH;

    fn new(rng: &mut Rng) -> Self {
        let mut cells =
            |count: usize, spread: f32| -> Vec<Cell> { (0..count).map(|_| Cell::new(normal(rng, spread))).collect() };
        Self {
            cells: cells(WIDTH << EMBEDDING_BITS, 0.02),
            weights: cells(Self::WIDE * NET_HIDDEN, 1.0 / (Self::WIDE as f32).sqrt()),
            biases: cells(NET_HIDDEN, 0.0),
            outputs: cells(NET_HIDDEN, 1.0 / (NET_HIDDEN as f32).sqrt()),
            bias: Cell::new(0.0),
        }
    }

    /// One example, of which three in ten features, and now and then a whole group, are hidden: so that no feature
    /// relies on another one being there.
    fn learn(&mut self, groups: &[Vec<(usize, f32)>; GROUPS], example: &Example, rng: &mut Rng) {
        const HIDDEN: f32 = 0.3;
        let mut sums = [0.0_f32; Self::WIDE];
        let mut kept: Vec<(usize, usize, f32)> = Vec::new();
        for (group, rows) in groups.iter().enumerate() {
            if rng.f32() < HIDDEN / 5.0 {
                continue;
            }
            for (row, value) in rows {
                if rng.f32() >= HIDDEN {
                    kept.push((group * WIDTH, *row, value / (1.0 - HIDDEN)));
                }
            }
        }
        for (group, row, value) in &kept {
            for (sum, cell) in sums[*group..][..WIDTH].iter_mut().zip(&self.cells[*row..]) {
                *sum += value * cell.value;
            }
        }
        let units: Vec<f32> = self
            .weights
            .chunks_exact(Self::WIDE)
            .zip(&self.biases)
            .map(|(weights, bias)| bias.value + weights.iter().zip(&sums).map(|(w, s)| w.value * s).sum::<f32>())
            .collect();
        let answer = self.bias.value
            + units.iter().zip(&self.outputs).map(|(unit, output)| unit.max(0.0) * output.value).sum::<f32>();
        let truth = if example.spam { 1.0 } else { 0.0 };
        let error = (1.0 / (1.0 + (-answer).exp()) - truth) * example.weight;
        if error.abs() > 1e-4 {
            self.correct(error, &units, &sums, &kept);
        }
    }

    fn correct(&mut self, error: f32, units: &[f32], sums: &[f32], kept: &[(usize, usize, f32)]) {
        let mut blame = [0.0_f32; Self::WIDE];
        self.bias.step(error);
        for (unit, value) in units.iter().enumerate().filter(|(_, value)| **value > 0.0) {
            let share = error * self.outputs[unit].value;
            self.outputs[unit].step(error * value);
            self.biases[unit].step(share);
            for (at, weight) in self.weights[unit * Self::WIDE..][..Self::WIDE].iter_mut().enumerate() {
                blame[at] += share * weight.value;
                weight.step(share * sums[at]);
            }
        }
        for (group, row, value) in kept {
            for (cell, blame) in self.cells[*row..][..WIDTH].iter_mut().zip(&blame[*group..]) {
                cell.step(blame * value);
            }
        }
    }

    fn finish(self) -> (Table, Layer) {
        let values = |cells: Vec<Cell>| cells.into_iter().map(|cell| cell.value).collect::<Vec<f32>>();
        let layer = Layer {
            inputs: Self::WIDE,
            weights: values(self.weights),
            biases: values(self.biases),
            outputs: values(self.outputs),
            bias: self.bias.value,
        };
        (quantise(&values(self.cells)), layer)
    }
}

/// What a final layer learns from.
pub(super) struct Seen {
    /// Inputs, each as a multiple of its spread around its mean.
    pub(super) inputs: [f32; INPUTS],
    pub(super) spam: bool,
    pub(super) weight: f32,
}

/// A final layer, by Adam (Kingma and Ba, 2015) over batches of 64.
pub(super) fn final_layer(seen: &[Seen], seed: u64) -> Layer {
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

/// Slope and offset that turn scores into log-odds (Platt, 1999): two-parameter logistic regression by Newton's steps.
pub(super) fn calibrate(scores: &[(f32, bool)]) -> [f32; 2] {
    let (mut slope, mut offset) = (1.0_f64, 0.0_f64);
    for _ in 0..50 {
        let (mut g, mut h) = ([0.0; 2], [[1e-6, 0.0], [0.0, 1e-6]]);
        for (score, spam) in scores {
            let x = f64::from(*score);
            let p = 1.0 / (1.0 + (-(slope * x + offset)).exp());
            let error = p - if *spam { 1.0 } else { 0.0 };
            let curve = p * (1.0 - p);
            g = [g[0] + error * x, g[1] + error];
            h = [[h[0][0] + curve * x * x, h[0][1] + curve * x], [h[1][0] + curve * x, h[1][1] + curve]];
        }
        let determinant = h[0][0] * h[1][1] - h[0][1] * h[1][0];
        slope -= (h[1][1] * g[0] - h[0][1] * g[1]) / determinant;
        offset -= (h[0][0] * g[1] - h[1][0] * g[0]) / determinant;
    }
    [slope as f32, offset as f32]
}

/// Prices for the signs on top of the model: logistic regression with the model's log-odds as a given, by gradient
/// steps, held back by a penalty on squares. No sign of junk may speak for a text.
pub(super) fn prices<const N: usize>(found: &[([f32; N], f32, bool)]) -> [f32; N] {
    const STEPS: usize = 400;
    const RATE: f64 = 2.0;
    const PENALTY: f64 = 0.002;
    let mut prices = [0.0_f64; N];
    for _ in 0..STEPS {
        let mut gradient = prices.map(|price| PENALTY * price);
        for (units, log_odds, spam) in found {
            let sum: f64 = units.iter().zip(&prices).map(|(units, price)| f64::from(*units) * price).sum();
            let p = 1.0 / (1.0 + (-(f64::from(*log_odds) + sum)).exp());
            let error = (p - if *spam { 1.0 } else { 0.0 }) / found.len() as f64;
            gradient.iter_mut().zip(units).for_each(|(gradient, units)| *gradient += error * f64::from(*units));
        }
        prices.iter_mut().zip(&gradient).for_each(|(price, gradient)| *price = (*price - RATE * gradient).max(0.0));
    }
    prices.map(|price| (price * 100.0).round() as f32 / 100.0)
}
