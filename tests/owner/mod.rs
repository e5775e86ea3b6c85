//! What the owner and the team do.

pub(crate) mod folders;
pub(crate) mod inbox;
pub(crate) mod moderate;
pub(crate) mod roles;
pub(crate) mod search;
pub(crate) mod session;
pub(crate) mod sign_in;
