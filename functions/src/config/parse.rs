//! From the text of a `deskbell.toml` to a [`Config`] that can work.

use crate::config::document::Document;
use crate::config::mistake::{ConfigError, Mistake};
use crate::config::root::Config;
use crate::config::validator::Validator;

impl Config {
    /// Reads and checks the text of a `deskbell.toml`.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        Self::read(&Document::parse(text)?)
    }

    /// Reads and checks a document; gives the first place that does not fit, or else everything that cannot work.
    pub fn read(document: &Document) -> Result<Self, ConfigError> {
        let config: Self = document.read()?;
        let mistakes = config.mistakes(document);
        if mistakes.is_empty() { Ok(config.completed()) } else { Err(ConfigError::new(document.text(), mistakes)) }
    }

    /// Everything that cannot work, or would never come into play, in what was read of a document.
    #[must_use]
    pub fn mistakes(&self, document: &Document) -> Vec<Mistake> {
        let mut validator = Validator::new(document);
        self.check(&mut validator);
        validator.into_mistakes()
    }
}
