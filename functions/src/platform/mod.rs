//! The ground that the functions run on: AWS, the log, the clock, and the way to third parties.

pub(crate) mod aws;
pub mod clock;
pub mod log;
pub mod outgoing;
pub(crate) mod render;
