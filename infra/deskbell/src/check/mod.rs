//! `deskbell check`: everything that is wrong with a configuration, or what is in force by it.

mod diagnostics;
mod in_force;
mod keys;
mod messages;
mod recover;
mod tree;

use std::error::Error;
use std::path::PathBuf;

use clap::Args;

pub use self::diagnostics::{Diagnostics, parse};

/// Which file.
#[derive(Debug, Args)]
pub struct Command {
    /// The file.
    #[arg(long, value_name = "FILE", default_value = "infra/deskbell.toml")]
    config: PathBuf,
}

/// Prints what is in force, defaults included, and of the secrets that it needs which are there; fails with everything
/// that is wrong with the file.
pub async fn run(command: &Command) -> Result<(), Box<dyn Error>> {
    let path = &command.config;
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let (config, document) = parse(&text).map_err(|wrong| wrong.report(&path.display().to_string()))?;
    println!("{} is right. This is in force:\n", path.display());
    print!("{}", in_force::text(&config, &document));
    print!("{}", keys::text(&config).await?);
    Ok(())
}
