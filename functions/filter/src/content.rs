//! What the filter reads.

/// The content of a submission as the filter sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Content {
    /// The sender's name.
    pub author: String,
    /// The sender's e-mail address.
    pub email: String,
    /// The sender's website.
    pub url: String,
    /// What was written.
    pub text: String,
}
