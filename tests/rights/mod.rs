//! What a person has sent: shown, and erased.

pub(crate) mod erase;
pub(crate) mod kinds;
pub(crate) mod stored;
