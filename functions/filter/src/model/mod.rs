//! The learned part of the filter: how much a text reads like spam.
//!
//! Two learners look at the same hashed features (see [`Features`]). The first is linear: a weight for each of 2^18
//! buckets. The second gives each of 2^16 buckets eight numbers, adds them up for each group of features and passes the
//! sums through one hidden layer. What both say, and what can be counted in the text, goes into a few small networks
//! whose mean, calibrated, is the text's log-odds of being spam. `deskbell-training train` makes the file; no text is
//! in it.
//!
//! The file, little-endian: the four bytes `DBM1`; the linear table's scale (f32) and weights (i8); the embeddings'
//! scale (f32) and rows (8 × i8); the [`Layer`] on the embeddings; the mean and spread of each input (f32 each); the
//! final layers; slope and offset of the calibration; the prices of the signs, in their order.

#![expect(clippy::cast_precision_loss, reason = "a handful of layers")]

mod dimensions;
mod evidence;
mod file;
mod layer;
mod table;

use std::sync::LazyLock;

use self::file::File;
use crate::features::{Features, GROUPS};
use crate::signs::SIGNS;

pub use self::dimensions::{EMBEDDING_BITS, FINAL_HIDDEN, FINALS, INPUTS, LINEAR_BITS, NET_HIDDEN, WIDTH};
pub use self::evidence::Evidence;
pub use self::layer::Layer;
pub use self::table::Table;

/// The model that this release was built with.
static RELEASED: LazyLock<Option<Model>> =
    LazyLock::new(|| Model::from_bytes(include_bytes!("../../model/spam.model")));

const MAGIC: &[u8] = b"DBM1";

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
    /// What each of the [signs](crate::signs) adds, in log-odds for each unit.
    pub prices: Vec<f32>,
}

/// What the model makes of a text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Prediction {
    /// The log-odds of spam.
    pub log_odds: f32,
    /// The words that speak most for spam, the strongest first; none if the text speaks for itself.
    pub words: Vec<String>,
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

    /// How much a submission reads like spam.
    #[must_use]
    pub fn predict(&self, features: &Features) -> Prediction {
        let evidence = self.evidence(features);
        let log_odds = self.log_odds(&evidence.inputs);
        let words = if log_odds > 0.0 { evidence.telling(features) } else { Vec::new() };
        Prediction { log_odds, words }
    }

    /// What the final layers look at.
    #[must_use]
    pub fn evidence(&self, features: &Features) -> Evidence {
        Evidence::of(features, &self.linear, &self.embeddings, &self.net)
    }

    /// The log-odds of spam for what the final layers look at.
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
