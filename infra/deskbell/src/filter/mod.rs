//! The spam filter from the operator's side: training it, measuring it, and asking it about texts.

#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts and small weights: far below what the types hold"
)]
#![expect(
    clippy::needless_for_each,
    clippy::similar_names,
    clippy::type_complexity,
    reason = "a run of the operator's, read as the formulas are written"
)]

use std::path::Path;

mod campaigns;
mod card;
mod corpus;
mod curve;
mod eval;
mod fit;
mod hosts;
mod replay;
mod score;
mod tables;
mod train;

pub use self::eval::eval;
pub use self::hosts::hosts;
pub use self::score::score;
pub use self::train::train;

/// Why a command of the filter ended early.
#[derive(Debug, thiserror::Error)]
pub enum FilterError {
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
        /// The file, or `standard input`.
        path: String,
        /// Its number, from 1.
        line: usize,
        /// What went wrong.
        error: String,
    },
    /// There are no lines of one of the two labels.
    #[error("{0}: there must be lines labelled \"spam\" and lines labelled \"ham\"")]
    OneSided(String),
    /// The model in this program cannot be read.
    #[error("the filter's model cannot be read; \"deskbell train\" makes a new one")]
    NoModel,
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), FilterError> {
    std::fs::write(path, bytes).map_err(|error| FilterError::File { path: path.display().to_string(), error })
}
