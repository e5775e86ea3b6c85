//! The learned part of the filter: how much a text reads like junk.
//!
//! Two learners look at the same hashed features (see [`Features`]). The first is linear: a weight for each of 2^18
//! buckets. The second gives each of 2^16 buckets eight numbers, adds them up for each group of features and passes the
//! sums through one hidden layer. What both say, and what can be counted in the text, goes into a few small networks
//! whose mean, calibrated, is the text's log-odds of being junk. `deskbell train` makes the file; no text is in it.
//!
//! The file, little-endian: the four bytes `DBM1`; the linear table's scale (f32) and weights (i8); the embeddings'
//! scale (f32) and rows (8 × i8); the [`Layer`] on the embeddings; the mean and spread of each input (f32 each); the
//! final layers; slope and offset of the calibration; the prices of the signs, in their order.

#![expect(clippy::cast_precision_loss, reason = "small numbers, weighed in f32 as they were trained")]
#![expect(clippy::large_stack_arrays, reason = "32 KiB, for as long as one text is looked at")]

use std::borrow::Cow;
use std::sync::LazyLock;

use super::features::{Features, GROUPS, Group, MEASURES, NOWHERE, Sink};
use super::signs::SIGNS;

/// The model that this release was built with.
static RELEASED: LazyLock<Option<Model>> = LazyLock::new(|| Model::from_bytes(include_bytes!("../model/spam.model")));

/// Buckets of the linear table, as a power of two.
pub const LINEAR_BITS: u32 = 18;
/// Buckets of the embeddings, as a power of two.
pub const EMBEDDING_BITS: u32 = 16;
/// Numbers in an embedding.
pub const WIDTH: usize = 8;
/// Hidden units over the embeddings.
pub const NET_HIDDEN: usize = 24;
/// What the final layers look at: the groups' sums and peaks, the embeddings' opinion, and the measures.
pub const INPUTS: usize = GROUPS * 2 + 1 + MEASURES;
/// Hidden units of a final layer.
pub const FINAL_HIDDEN: usize = 32;
/// How many final layers are averaged.
pub const FINALS: usize = 4;

const MAGIC: &[u8] = b"DBM1";

/// A hidden layer of rectified units and the sum over it.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    /// How many inputs there are.
    pub inputs: usize,
    /// The weight of each input in each unit, unit by unit.
    pub weights: Vec<f32>,
    /// What each unit starts from.
    pub biases: Vec<f32>,
    /// The weight of each unit.
    pub outputs: Vec<f32>,
    /// What the sum starts from.
    pub bias: f32,
}

impl Layer {
    /// The layer's answer to `inputs`.
    #[must_use]
    pub fn answer(&self, inputs: &[f32]) -> f32 {
        let units = self.weights.chunks_exact(self.inputs).zip(&self.biases).zip(&self.outputs);
        let sum: f32 = units
            .map(|((weights, bias), output)| {
                let unit = bias + dot(weights, inputs);
                if unit > 0.0 { unit * output } else { 0.0 }
            })
            .sum();
        sum + self.bias
    }
}

/// The sum of the products, in eight partial sums, which a processor adds up at once.
fn dot(weights: &[f32], inputs: &[f32]) -> f32 {
    let (weights, more_weights) = weights.as_chunks::<8>();
    let (inputs, more_inputs) = inputs.as_chunks::<8>();
    let mut sums = [0.0_f32; 8];
    for (weights, inputs) in weights.iter().zip(inputs) {
        for ((sum, weight), input) in sums.iter_mut().zip(weights).zip(inputs) {
            *sum += weight * input;
        }
    }
    let rest = more_weights.iter().zip(more_inputs).map(|(weight, input)| weight * input);
    sums.iter().sum::<f32>() + rest.sum::<f32>()
}

/// A table of small whole numbers that stand for multiples of `scale`.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// What 1 stands for.
    pub scale: f32,
    /// The numbers, each an `i8`.
    pub cells: Cow<'static, [u8]>,
}

/// The learned part of the filter.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// A weight for each bucket.
    pub linear: Table,
    /// A row for each bucket.
    pub embeddings: Table,
    /// What the embeddings' sums mean.
    pub net: Layer,
    /// The mean of each input of the final layers.
    pub means: Vec<f32>,
    /// The spread of each input of the final layers.
    pub spreads: Vec<f32>,
    /// The final layers; their answers are averaged.
    pub finals: Vec<Layer>,
    /// From the mean answer to log-odds: slope and offset.
    pub calibration: [f32; 2],
    /// What each of the [signs](super::signs) adds, in log-odds for each unit.
    pub prices: Vec<f32>,
}

/// What the model makes of a text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Opinion {
    /// The log-odds of junk.
    pub log_odds: f32,
    /// The words that speak most for junk, the strongest first; none if the text speaks for itself.
    pub telling: Vec<String>,
}

impl Model {
    /// The model that this release was built with; `None` if its file is damaged.
    #[must_use]
    pub fn released() -> Option<&'static Self> {
        RELEASED.as_ref()
    }

    /// Reads a model; `None` if it is none.
    #[must_use]
    pub fn from_bytes(bytes: &'static [u8]) -> Option<Self> {
        let mut file = File(bytes.strip_prefix(MAGIC)?);
        let model = Self {
            linear: file.table(1 << LINEAR_BITS)?,
            embeddings: file.table(WIDTH << EMBEDDING_BITS)?,
            net: file.layer(GROUPS * WIDTH, NET_HIDDEN)?,
            means: file.numbers(INPUTS)?,
            spreads: file.numbers(INPUTS)?,
            finals: (0..FINALS).map(|_| file.layer(INPUTS, FINAL_HIDDEN)).collect::<Option<_>>()?,
            calibration: [file.number()?, file.number()?],
            prices: file.numbers(SIGNS)?,
        };
        file.0.is_empty().then_some(model)
    }

    /// The file of this model.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        for table in [&self.linear, &self.embeddings] {
            bytes.extend(table.scale.to_le_bytes());
            bytes.extend_from_slice(&table.cells);
        }
        let mut numbers = Vec::new();
        let layer = |layer: &Layer, numbers: &mut Vec<f32>| {
            numbers.extend([&layer.weights, &layer.biases, &layer.outputs].into_iter().flatten());
            numbers.push(layer.bias);
        };
        layer(&self.net, &mut numbers);
        numbers.extend(self.means.iter().chain(&self.spreads));
        self.finals.iter().for_each(|last| layer(last, &mut numbers));
        numbers.extend(self.calibration.iter().chain(&self.prices));
        bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        bytes
    }

    /// The opinion about a text.
    #[must_use]
    pub fn opinion(&self, features: &Features) -> Opinion {
        let look = self.look(features);
        let log_odds = self.log_odds(&look.inputs);
        let telling = if log_odds > 0.0 { look.telling(features) } else { Vec::new() };
        Opinion { log_odds, telling }
    }

    /// What the final layers look at.
    #[must_use]
    pub fn look(&self, features: &Features) -> Look {
        let mut tally = Tally {
            model: self,
            groups: [Sums::default(); GROUPS],
            seen: [0; SEEN],
            pieces: vec![0; features.text.pieces.len()],
        };
        features.each(&mut tally);
        let mut inputs = [0.0; INPUTS];
        let mut pooled = [0.0; GROUPS * WIDTH];
        for (group, sums) in tally.groups.iter().enumerate() {
            let share = 1.0 / sums.count.max(1.0).sqrt();
            inputs[group] = sums.linear as f32 * self.linear.scale * share;
            inputs[GROUPS + group] = f32::from(sums.peak) * self.linear.scale * share;
            for (cell, sum) in pooled[group * WIDTH..].iter_mut().zip(sums.embedding) {
                *cell = sum as f32 * self.embeddings.scale * share;
            }
        }
        inputs[GROUPS * 2] = self.net.answer(&pooled);
        inputs[GROUPS * 2 + 1..].copy_from_slice(&features.measures());
        Look { inputs, pieces: tally.pieces }
    }

    /// The log-odds of junk for what the final layers look at.
    #[must_use]
    pub fn log_odds(&self, inputs: &[f32; INPUTS]) -> f32 {
        let answer = self.answer(inputs);
        let [slope, offset] = self.calibration;
        slope * answer + offset
    }

    /// The mean answer of the final layers, not yet calibrated.
    #[must_use]
    pub fn answer(&self, inputs: &[f32; INPUTS]) -> f32 {
        let mut usual = [0.0; INPUTS];
        for (index, input) in inputs.iter().enumerate() {
            usual[index] = ((input - self.means[index]) / self.spreads[index]).clamp(-5.0, 5.0);
        }
        self.finals.iter().map(|layer| layer.answer(&usual)).sum::<f32>() / FINALS as f32
    }
}

/// What the final layers look at, and how much each piece of the text speaks for junk.
pub struct Look {
    /// See [`INPUTS`].
    pub inputs: [f32; INPUTS],
    pieces: Vec<i32>,
}

impl Look {
    /// The words that speak most for junk: at most five, each once, the strongest first.
    fn telling(&self, features: &Features) -> Vec<String> {
        let mut order: Vec<usize> = (0..self.pieces.len()).filter(|piece| self.pieces[*piece] > TELLING).collect();
        order.sort_by_key(|piece| (-self.pieces[*piece], *piece));
        let mut words: Vec<String> = Vec::new();
        for piece in order {
            let word = features.word(piece);
            if words.len() < 5 && word.chars().count() >= SHORTEST && !words.contains(&word) {
                words.push(word);
            }
        }
        words
    }
}

/// How much a word must weigh, in cells of the linear table, to be told to the owner.
const TELLING: i32 = 30;

/// Shorter words, in characters, stand in every text.
const SHORTEST: usize = 4;

/// How many features are remembered so as to count each once. A power of two.
const SEEN: usize = 8192;

#[derive(Clone, Copy, Default)]
struct Sums {
    count: f32,
    linear: i32,
    peak: i8,
    embedding: [i32; WIDTH],
}

struct Tally<'a> {
    model: &'a Model,
    groups: [Sums; GROUPS],
    seen: [u32; SEEN],
    pieces: Vec<i32>,
}

impl Sink for Tally<'_> {
    fn feature(&mut self, group: Group, hash: u32, piece: usize) {
        // A feature counts once. What falls into the same place as another may count again, which does no harm.
        let slot = &mut self.seen[hash as usize & (SEEN - 1)];
        if *slot == hash {
            return;
        }
        *slot = hash;
        let weight = self.model.linear.cells[(hash >> (32 - LINEAR_BITS)) as usize].cast_signed();
        let row = (hash >> (32 - EMBEDDING_BITS)) as usize * WIDTH;
        let row = &self.model.embeddings.cells[row..row + WIDTH];
        let sums = &mut self.groups[group as usize];
        sums.count += 1.0;
        sums.linear += i32::from(weight);
        sums.peak = sums.peak.max(weight);
        for (sum, cell) in sums.embedding.iter_mut().zip(row) {
            *sum += i32::from(cell.cast_signed());
        }
        if piece != NOWHERE && matches!(group, Group::Words | Group::Links) {
            self.pieces[piece] += i32::from(weight);
        }
    }
}

/// What is left of a file.
struct File(&'static [u8]);

impl File {
    fn take(&mut self, length: usize) -> Option<&'static [u8]> {
        let (taken, left) = self.0.split_at_checked(length)?;
        self.0 = left;
        Some(taken)
    }

    fn number(&mut self) -> Option<f32> {
        let number = f32::from_le_bytes(self.take(4)?.try_into().ok()?);
        number.is_finite().then_some(number)
    }

    fn numbers(&mut self, count: usize) -> Option<Vec<f32>> {
        (0..count).map(|_| self.number()).collect()
    }

    fn table(&mut self, cells: usize) -> Option<Table> {
        Some(Table { scale: self.number()?, cells: Cow::Borrowed(self.take(cells)?) })
    }

    fn layer(&mut self, inputs: usize, hidden: usize) -> Option<Layer> {
        Some(Layer {
            inputs,
            weights: self.numbers(inputs * hidden)?,
            biases: self.numbers(hidden)?,
            outputs: self.numbers(hidden)?,
            bias: self.number()?,
        })
    }
}
