//! Why a command ends early.

use std::path::Path;

/// Why a command ended early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TrainingError {
    /// A file could not be read or written.
    #[error("{path}: {error}")]
    File {
        /// The file.
        path: String,
        /// What went wrong.
        error: std::io::Error,
    },
    /// A line is not what it should be.
    #[error("{path}, line {line}: {error}")]
    Line {
        /// The file.
        path: String,
        /// Its number, from 1.
        line: usize,
        /// What went wrong.
        error: String,
    },
    /// There are no lines of one of the two labels.
    #[error("{0}: there must be lines labelled \"spam\" and lines labelled \"ham\"")]
    OneSided(String),
}

/// Writes a file.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), TrainingError> {
    std::fs::write(path, bytes).map_err(|error| TrainingError::File { path: path.display().to_string(), error })
}
