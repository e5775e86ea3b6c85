//! What follows the stream of the table.

pub(crate) mod stats;
pub(crate) mod stream;
