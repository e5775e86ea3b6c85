//! What can go wrong with the table: a variant for each thing that a caller can act on.

use std::error::Error;
use std::fmt::Write as _;

use aws_sdk_dynamodb::error::SdkError;

use crate::submission::delivery::SendError;
use crate::submission::reason::DeliveryReason;
use deskbell_filter::Unreadable;

/// What can go wrong with the table. Says nothing about how a visitor is answered.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The table did not answer, refused, or has too much to do: it may be tried again later. With the chain of causes,
    /// which holds no submitted text.
    #[error("DynamoDB: {0}")]
    Unavailable(String),
    /// Others are changing the same items, however often it was tried: it may be tried again at once. With what is
    /// changed.
    #[error("{0}: many are changing it at once")]
    Contended(&'static str),
    /// An item is not what this code, or an earlier release, wrote: trying again does not help. With what is wrong.
    #[error("an item cannot be read: {0}")]
    Malformed(String),
    /// An item was written by a newer release, in a shape that this one does not know.
    #[error("an item was written by a newer release of Deskbell")]
    Newer,
    /// The item that was to be changed is not there: it was erased, or has expired.
    #[error("there is no such item any more")]
    Gone,
    /// What can be used once was used, or has expired.
    #[error("it was used before, or has expired")]
    Consumed,
    /// The item is not as it was when it was looked at: somebody has decided meanwhile, or it was judged anew.
    #[error("somebody else has changed it meanwhile")]
    Conflict,
    /// This machine has no random bytes.
    #[error("no random bytes")]
    NoRandomness,
}

impl StoreError {
    /// An item that lacks what every one of its kind has.
    pub(crate) fn malformed(what: &str) -> Self {
        Self::Malformed(what.into())
    }

    /// Whether an item is there and cannot be read by this release.
    pub(crate) fn is_unreadable(&self) -> bool {
        matches!(self, Self::Malformed(_) | Self::Newer)
    }

    /// A failure that has no variant of its own.
    pub(super) fn unavailable(error: &dyn Error) -> Self {
        Self::Unavailable(chain(error))
    }
}

impl From<serde_dynamo::Error> for StoreError {
    fn from(error: serde_dynamo::Error) -> Self {
        Self::Malformed(error.to_string())
    }
}

impl From<Unreadable> for StoreError {
    fn from(error: Unreadable) -> Self {
        Self::Malformed(format!("the site model: {error}"))
    }
}

impl<E, R> From<SdkError<E, R>> for StoreError
where
    E: Error + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    fn from(error: SdkError<E, R>) -> Self {
        Self::unavailable(&error)
    }
}

impl From<aws_sdk_dynamodb::error::BuildError> for StoreError {
    fn from(error: aws_sdk_dynamodb::error::BuildError) -> Self {
        Self::unavailable(&error)
    }
}

/// What the table does not say now it may say another time.
impl From<StoreError> for SendError {
    fn from(_: StoreError) -> Self {
        Self::again(DeliveryReason::StoreUnavailable)
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
