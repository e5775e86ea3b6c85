//! The ground that the functions run on: AWS, the log, and the way to third parties.

pub(crate) mod aws;
pub mod log;
pub mod outgoing;
pub(crate) mod render;
