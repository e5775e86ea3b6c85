//! Weights in a byte each.

use std::borrow::Cow;

use deskbell_filter::model::Table;

/// The nearest whole multiples of a step such that all but one in ten thousand fit into a byte.
pub(super) fn quantise(weights: &[f32]) -> Table {
    let mut sizes: Vec<f32> = weights.iter().map(|weight| weight.abs()).filter(|size| *size > 0.0).collect();
    sizes.sort_by(f32::total_cmp);
    let top = sizes.get(sizes.len().saturating_sub(1 + sizes.len() / 10_000)).copied().unwrap_or(1.0);
    let scale = top / 127.0;
    let cells = weights.iter().map(|weight| ((weight / scale).round().clamp(-127.0, 127.0) as i8).cast_unsigned());
    Table { scale, cells: Cow::Owned(cells.collect()) }
}
