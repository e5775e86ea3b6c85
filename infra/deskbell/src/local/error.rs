//! Why a world cannot start.

use std::io;

use deskbell_functions::app::StartError;
use deskbell_functions::config::ConfigError;

/// Why a world cannot start.
#[derive(Debug, thiserror::Error)]
pub enum WorldError {
    /// Another program has the port.
    #[error("port {0} is in use: stop the other program, or choose another port with --port N (0 for a free one)")]
    PortInUse(u16),
    /// The port cannot be had for another reason.
    #[error("port {0}: {1}")]
    Port(u16, io::Error),
    /// The configuration is wrong.
    #[error("invalid settings: {0}")]
    Config(#[from] ConfigError),
    /// The table cannot be made or reached.
    #[error("the table: {0}")]
    Table(String),
    /// A function cannot start.
    #[error(transparent)]
    Start(#[from] StartError),
}
