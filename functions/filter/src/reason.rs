//! What was found, and what it weighs.

use serde::{Deserialize, Serialize};

/// One finding. Findings of releases to come, or of rules that are gone, are kept as they were stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// The stable name; the functions have a sentence for it, in each language.
    pub name: String,
    /// What it adds to the score, in log-odds.
    pub weight: f64,
    /// What was found: a number, or words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}
