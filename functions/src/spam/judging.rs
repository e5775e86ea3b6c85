//! How a site wants its submissions judged: the settings.

use serde::Deserialize;

use super::language;
use crate::captcha::Captcha;

/// How a site's submissions are judged.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Judging {
    /// The score, 0..1, from which on a submission is unsure: comments are held, leads ring with a mark.
    pub unsure: f64,
    /// The score, 0..1, from which on a submission goes to the spam folder.
    pub spam: f64,
    /// Words and phrases, in any case, that the owner knows from junk.
    pub blocklist: Vec<String>,
    /// What is held for the owner wherever it occurs, in any case, even inside a word: in name, e-mail address,
    /// website or text.
    pub moderation_keys: Vec<String>,
    /// What goes to the spam folder wherever it occurs.
    pub disallowed_keys: Vec<String>,
    /// The languages in which people write here, as ISO 639-1 codes; any if empty. Others are a sign of junk.
    pub languages: Vec<String>,
    /// How many submissions one network (/24 or /48) may send in a minute; more are asked to wait.
    pub rate_per_minute: u32,
    /// The hosted captcha that the site's forms hold.
    pub captcha: Option<Captcha>,
}

impl Default for Judging {
    fn default() -> Self {
        Self {
            unsure: 0.7,
            spam: 0.985,
            blocklist: Vec::new(),
            moderation_keys: Vec::new(),
            disallowed_keys: Vec::new(),
            languages: Vec::new(),
            rate_per_minute: 10,
            captcha: None,
        }
    }
}

impl Judging {
    pub(crate) fn check(&self) -> Result<(), String> {
        if !(0.0 < self.unsure && self.unsure <= self.spam && self.spam <= 1.0) {
            return Err("judging: it must hold that 0 < unsure <= spam <= 1".into());
        }
        if self.rate_per_minute == 0 {
            return Err("judging.rate_per_minute: 0 would refuse everybody".into());
        }
        let lists = [
            ("blocklist", &self.blocklist),
            ("moderation_keys", &self.moderation_keys),
            ("disallowed_keys", &self.disallowed_keys),
        ];
        for (name, list) in lists {
            if list.iter().any(|word| word.trim().is_empty()) {
                return Err(format!("judging.{name}: an empty word would be found everywhere"));
            }
        }
        match language::unknown_code(&self.languages) {
            Some(code) => {
                Err(format!("judging.languages: {code:?} is no two-letter code of a language that can be told apart"))
            }
            None => Ok(()),
        }
    }
}
