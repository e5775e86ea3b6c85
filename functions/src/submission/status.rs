//! What became of a submission.

use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

/// What became of a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantArray)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Status {
    /// A lead that is delivered, or is about to.
    Received,
    /// A lead that somebody has read.
    Read,
    /// A lead that needs nothing more.
    Done,
    /// A comment that waits for the owner.
    Held,
    /// A comment that everybody can read.
    Published,
    /// Spam, by the filter or by the owner; kept for a while.
    Spam,
    /// In the trash; kept for a while.
    Trash,
}

impl Status {
    /// All of them.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The word that is stored and shown to machines.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }
}
