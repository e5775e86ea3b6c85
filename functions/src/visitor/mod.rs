//! What visitors send and see.

pub mod challenge;
pub mod comments;
pub mod contact;
mod outcome;
pub mod privacy;
pub mod second_chance;
