//! From the text of a `deskbell.toml` to a [`Config`] that can work.

use crate::config::document::Document;
use crate::config::mistake::ConfigError;
use crate::config::reading::{self, Reading};
use crate::config::root::Config;
use crate::config::validator::Validator;

impl Config {
    /// Reads and checks the text of a `deskbell.toml`.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        Self::read(&Document::parse(text)?)
    }

    /// Reads and checks a document; gives everything that is wrong with it.
    pub fn read(document: &Document) -> Result<Self, ConfigError> {
        let Reading { config, mut mistakes, mended } = reading::read(document);
        if let Some(config) = &config {
            let mut validator = Validator::new(document, &mended);
            config.check(&mut validator);
            mistakes.extend(validator.into_mistakes());
        }
        match config {
            Some(config) if mistakes.is_empty() => Ok(config.completed()),
            _ => Err(ConfigError::new(document.text(), mistakes)),
        }
    }
}
