//! The embeddings and the layer over their sums.

use deskbell_filter::features::GROUPS;
use deskbell_filter::model::{EMBEDDING_BITS, Layer, NET_HIDDEN, Table, WIDTH};
use fastrand::Rng;

use super::example::Example;
use super::normal::normal;
use super::quantise::quantise;

/// Embeddings of the buckets and the layer over their sums, learned together.
pub(crate) fn embeddings(examples: &[&Example]) -> (Table, Layer) {
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
