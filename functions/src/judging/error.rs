//! Why something cannot be judged now.

use crate::store::StoreError;
use crate::submission::sender::TooMany;

/// Why something cannot be judged now.
#[derive(Debug)]
pub enum JudgingError {
    /// The sender's network has sent too much.
    TooMany(TooMany),
    /// The table does not answer.
    Store(StoreError),
}

impl From<TooMany> for JudgingError {
    fn from(too_many: TooMany) -> Self {
        Self::TooMany(too_many)
    }
}

impl From<StoreError> for JudgingError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
