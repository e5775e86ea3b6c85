//! A table of one-byte weights.

use std::borrow::Cow;

/// A table of small whole numbers that stand for multiples of `scale`.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// What 1 stands for.
    pub scale: f32,
    /// The numbers, each an `i8`.
    pub cells: Cow<'static, [u8]>,
}
