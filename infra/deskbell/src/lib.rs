//! The operator's program: what is needed around the deployed functions, and not in them.

pub mod check;
pub mod cost;
pub mod digest;
pub mod doctor;
pub mod local;
pub mod mail_again;
pub mod moving;
pub mod redrive;
pub mod rights;
pub mod score;
pub mod secret;
pub mod stats;
