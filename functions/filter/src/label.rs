//! What a submission turned out to be.

use serde::Deserialize;

/// What a submission was, in the owner's eyes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Label {
    /// Somebody's own words.
    Ham,
    /// Spam.
    Spam,
}
