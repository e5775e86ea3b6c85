//! What visitors send and see.

pub mod challenge;
pub mod comments;
pub mod contact;
mod embed;
mod offer;
pub mod privacy;
mod response;
pub mod second_chance;

use crate::judging::JudgingError;
use crate::web::Error;

impl From<JudgingError> for Error {
    fn from(error: JudgingError) -> Self {
        match error {
            JudgingError::TooMany(too_many) => too_many.into(),
            JudgingError::Store(error) => error.into(),
        }
    }
}
