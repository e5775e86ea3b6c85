//! Why a world cannot start.

use std::io;
use std::path::PathBuf;

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
    /// The folder that is to be served is none.
    #[error("{0} is not a folder: build your site first, and name the folder that it is built into")]
    NoFolder(PathBuf),
    /// A folder has the pages of one site.
    #[error("--serve serves the pages of one site, and the settings have several")]
    SeveralSites,
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
