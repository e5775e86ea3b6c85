//! What comes of an attempt to deliver.

/// What came of an attempt to deliver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attempt {
    /// It was made.
    Made,
    /// It was refused for good.
    Refused,
    /// It is tried again.
    PutOff,
}
