//! What somebody agreed to by ticking a box.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::form::field::Field;

/// What somebody agreed to: the very words that stood beside the box, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// The name of the field.
    pub field: String,
    /// The words, as the configuration in force at that time has them.
    pub text: String,
    /// When, in seconds since 1970.
    pub at: i64,
}

/// What boxes send that are not ticked, by those who write their own forms; others send nothing at all.
const NOT_TICKED: [&str; 5] = ["", "0", "false", "no", "off"];

impl Consent {
    /// Whether this is what a ticked box sends.
    #[must_use]
    pub fn is_ticked(typed: &str) -> bool {
        !NOT_TICKED.contains(&typed.trim().to_ascii_lowercase().as_str())
    }

    /// Consent given now, if `typed` is what a ticked box sends.
    pub(super) fn given(field: &Field, typed: &str) -> Option<Self> {
        let text = field.label.clone().unwrap_or_default();
        Self::is_ticked(typed).then(|| Self { field: field.name.clone(), text, at: Timestamp::now().as_second() })
    }
}
