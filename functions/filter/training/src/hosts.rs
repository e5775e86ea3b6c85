//! `deskbell-training hosts`: the list of mail hosts that give addresses for a few minutes, as hashes.

use std::path::Path;

use deskbell_filter::disposable::hash;

use crate::error::{TrainingError, write};

/// Writes the list of this release's `mailchecker`.
pub(crate) fn hosts(path: &Path) -> Result<(), TrainingError> {
    let mut hashes: Vec<u32> = mailchecker::blacklist().into_iter().map(hash).collect();
    hashes.sort_unstable();
    hashes.dedup();
    let bytes: Vec<u8> = hashes.iter().flat_map(|hash| hash.to_le_bytes()).collect();
    write(path, &bytes)
}
