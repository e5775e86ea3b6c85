//! How large the parts of the model are.

use crate::features::{GROUPS, MEASURES};

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
