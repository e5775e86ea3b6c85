//! The operator's program: what is needed around the deployed functions, and not in them.

pub mod check;
pub mod connect;
pub mod cost;
pub mod data_subject;
pub mod dev;
pub mod digest;
pub mod doctor;
mod fetch;
mod filled;
pub mod init;
pub mod local;
pub mod output;
pub mod redrive;
pub mod score;
pub mod secret;
pub mod settings;
pub mod snippet;
pub mod stats;
pub mod transfer;
pub mod unsuppress;
