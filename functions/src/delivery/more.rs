//! What a message about several submissions holds.

use uuid::Uuid;

/// What is told about a bundle.
pub(crate) struct More {
    /// Names the message: the same each time it is sent.
    pub(crate) id: Uuid,
    /// How many there are.
    pub(crate) count: usize,
    /// The newest of them: who, and how it begins.
    pub(crate) listed: Vec<(String, String)>,
    /// The ids of those.
    pub(crate) ids: Vec<Uuid>,
}
