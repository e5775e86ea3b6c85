//! The settings file that a command is given, and which of its sites are meant.

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use deskbell_functions::config::{Config, Site};

use crate::check;

/// Where the settings are, seen from Deskbell's folder.
pub const DEFAULT: &str = "infra/deskbell.toml";

/// Which settings file: an argument, or `--config`.
#[derive(Debug, Clone, Default, Args)]
pub struct SettingsFile {
    /// The settings file [default: infra/deskbell.toml]
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// The same, as an option
    #[arg(long, value_name = "FILE", conflicts_with = "file")]
    pub config: Option<PathBuf>,
}

impl SettingsFile {
    /// The file that was named, if one was.
    #[must_use]
    pub fn named(&self) -> Option<&Path> {
        self.file.as_deref().or(self.config.as_deref())
    }

    /// The file that was named, or the one in Deskbell's folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.named().unwrap_or(Path::new(DEFAULT))
    }

    /// The file's settings; or everything that is wrong with it.
    pub fn read(&self) -> Result<Config, String> {
        parse(&read(self.path())?, self.path())
    }
}

/// The text of a settings file; or what to do where it cannot be read.
pub fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            format!("{}: not found. Run this in Deskbell's folder, or name a file: --config FILE", path.display())
        }
        _ => format!("{}: {error}", path.display()),
    })
}

/// The settings in a file's text; or everything that is wrong with it, as compilers report it.
pub fn parse(text: &str, path: &Path) -> Result<Config, String> {
    match check::parse(text) {
        Ok((config, _)) => Ok(config),
        Err(wrong) => Err(wrong.report(&path.display().to_string())),
    }
}

/// The site of this name; all without one.
pub fn sites<'a>(config: &'a Config, named: Option<&'a str>) -> Result<impl Iterator<Item = &'a Site>, String> {
    if let Some(unknown) = named.filter(|site| !config.sites.contains_key(*site)) {
        let known: Vec<&str> = config.sites.keys().map(String::as_str).collect();
        return Err(format!("unknown site {unknown:?}; the settings have: {}", known.join(", ")));
    }
    Ok(config.sites.values().filter(move |site| named.is_none_or(|named| named == site.id)))
}
