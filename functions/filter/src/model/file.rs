//! Numbers, tables and layers in the model's file.

use std::borrow::Cow;

use super::layer::Layer;
use super::table::Table;

/// What is left of a file.
pub(super) struct File(pub(super) &'static [u8]);

impl File {
    fn take(&mut self, length: usize) -> Option<&'static [u8]> {
        let (taken, left) = self.0.split_at_checked(length)?;
        self.0 = left;
        Some(taken)
    }

    pub(super) fn number(&mut self) -> Option<f32> {
        let number = f32::from_le_bytes(self.take(4)?.try_into().ok()?);
        number.is_finite().then_some(number)
    }

    pub(super) fn numbers(&mut self, count: usize) -> Option<Vec<f32>> {
        (0..count).map(|_| self.number()).collect()
    }

    pub(super) fn table(&mut self, cells: usize) -> Option<Table> {
        Some(Table { scale: self.number()?, cells: Cow::Borrowed(self.take(cells)?) })
    }

    pub(super) fn layer(&mut self, inputs: usize, hidden: usize) -> Option<Layer> {
        Some(Layer {
            inputs,
            weights: self.numbers(inputs * hidden)?,
            biases: self.numbers(hidden)?,
            outputs: self.numbers(hidden)?,
            bias: self.number()?,
        })
    }
}
