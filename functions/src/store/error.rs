//! What can go wrong with the table.

use std::error::Error;
use std::fmt::Write as _;

use aws_sdk_dynamodb::error::SdkError;

use deskbell_filter::Unreadable;

/// What can go wrong with the table. Says nothing about how a visitor is answered.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The table did not answer, or refused; with the chain of causes, which holds no submitted text.
    #[error("DynamoDB: {0}")]
    Unavailable(String),
    /// An item is not what this code, or an earlier release, wrote.
    #[error("an item cannot be read: {0}")]
    Shape(#[from] serde_dynamo::Error),
    /// What a site has learnt is not what this code, or an earlier release, wrote.
    #[error("what was learnt: {0}")]
    Memory(#[from] Unreadable),
    /// An item was written by a newer release, in a shape that this one does not know.
    #[error("an item was written by a newer release of Deskbell")]
    Newer,
    /// An item is not there.
    #[error("there is no such item")]
    Missing,
    /// Somebody else has decided meanwhile.
    #[error("somebody else has decided meanwhile")]
    Decided,
}

impl<E, R> From<SdkError<E, R>> for StoreError
where
    E: Error + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    fn from(error: SdkError<E, R>) -> Self {
        Self::Unavailable(chain(&error))
    }
}

impl From<aws_sdk_dynamodb::error::BuildError> for StoreError {
    fn from(error: aws_sdk_dynamodb::error::BuildError) -> Self {
        Self::Unavailable(chain(&error))
    }
}

/// An error and its causes in one line. The SDK's outermost message ("service error") says nothing alone.
#[must_use]
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let _ = write!(text, ": {error}");
        cause = error.source();
    }
    text
}
