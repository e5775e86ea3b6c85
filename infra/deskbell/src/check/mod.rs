//! `deskbell check`: everything that is wrong with a configuration, or what is in force by it.

mod in_force;
mod keys;

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use deskbell_functions::config::{Config, ConfigError, Document};

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
    let read = Document::parse(&text).and_then(|document| Ok((Config::read(&document)?, document)));
    let (config, document) = read.map_err(|wrong| report(&wrong, path))?;
    println!("{} is right. This is in force:\n", path.display());
    print!("{}", in_force::text(&config, &document));
    print!("{}", keys::text(&config).await?);
    Ok(())
}

/// Everything that is wrong with a file, as compilers tell it.
#[must_use]
pub fn report(wrong: &ConfigError, path: &Path) -> String {
    let file = path.display().to_string();
    let mut text = match wrong.count() {
        1 => format!("{file} has a mistake\n\n"),
        count => format!("{file} has {count} mistakes\n\n"),
    };
    let _ = write!(text, "{}", wrong.report(&file).trim_end());
    text
}
