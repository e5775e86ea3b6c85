//! `deskbell export --all` and `deskbell import`: moves what is stored, of one site or of all, from one table to another,
//! by a file. Either can be broken off at any point and goes on where it was; doing it twice is doing it once.
//!
//! Like `deskbell secret` they find the table by the environment that the functions have.

mod command;
mod export;
mod file;
mod import;

use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};

pub use self::command::{Export, Import, run_export, run_import};
pub use self::export::{Exported, export};
pub use self::import::{Imported, import};

/// Why something was not moved. What is done so far stays done.
#[derive(Debug, thiserror::Error)]
pub enum MoveError {
    /// The table did not answer.
    #[error(transparent)]
    Table(#[from] deskbell_functions::store::StoreError),
    /// The file cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not what it should be.
    #[error("{path}: {what}")]
    Unfit {
        /// The file.
        path: PathBuf,
        /// In which respect, and what to do.
        what: String,
    },
    /// The table holds another deployment's secret.
    #[error(
        "the table has a secret of its own, by which people, networks and links are known: what the file holds would fit \
         nothing there. If no site uses that table yet, --replace-secret puts the file's in its place; deploy once more \
         afterwards, so that every function starts anew"
    )]
    Secret,
}

impl MoveError {
    fn unfit(path: &Path, what: impl Into<String>) -> Self {
        Self::Unfit { path: path.into(), what: what.into() }
    }
}

/// Tells of an error in a file which file that was.
fn at(path: &Path) -> impl Fn(std::io::Error) -> MoveError + '_ {
    |source| MoveError::File { path: path.into(), source }
}

/// A bar for `total` of something; nothing where nobody looks on.
fn bar(total: u64, template: &str) -> ProgressBar {
    let bar = ProgressBar::new(total);
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style.progress_chars("=> ")),
        Err(_) => bar,
    }
}
