//! Why something was not transferred.

use std::io;
use std::path::{Path, PathBuf};

/// Why something was not transferred. What is done so far stays done.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// The table did not answer.
    #[error(transparent)]
    Table(#[from] deskbell_functions::store::StoreError),
    /// The file cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is not what it should be.
    #[error("{path}: {what}")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// In which respect, and what to do.
        what: String,
    },
    /// The table holds another deployment's secret.
    #[error(
        "the table already has a secret, so links, approvals and blocks in the file would not work there. If no site uses \
         that table yet, --replace-secret overwrites it; then deploy again, so that every function starts anew"
    )]
    Secret,
}

impl TransferError {
    pub(super) fn invalid(path: &Path, what: impl Into<String>) -> Self {
        Self::Invalid { path: path.into(), what: what.into() }
    }
}

/// Says of an error in a file which file that was.
pub(super) fn in_file(path: &Path) -> impl Fn(io::Error) -> TransferError + '_ {
    |source| TransferError::File { path: path.into(), source }
}
