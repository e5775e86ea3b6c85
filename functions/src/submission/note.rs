//! Notes of the team about leads.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A note of somebody of the team, about a lead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Made by the form, so that pressing its button twice adds one note.
    pub id: Uuid,
    /// The name of who wrote it.
    pub by: String,
    /// When, in seconds since 1970.
    pub at: i64,
    /// Plain text.
    pub text: String,
}

impl Note {
    /// The longest note, in characters.
    pub const MAX: usize = 2_000;

    /// How many notes a lead can have, so that it stays small enough for the table.
    pub const COUNT: usize = 20;
}
