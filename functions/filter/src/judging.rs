//! How a site wants its submissions judged: the settings.

use serde::Deserialize;

/// How a site's submissions are judged.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Judging {
    /// The score, 0..1, from which on a submission is unsure: comments are held, leads are marked.
    pub unsure: f64,
    /// The score, 0..1, from which on a submission goes to the spam folder.
    pub spam: f64,
    /// Words and phrases, in any case, that the owner knows from spam.
    pub blocklist: Vec<String>,
    /// What is held for the owner wherever it occurs, in any case, even inside a word: in name, e-mail address,
    /// website or text.
    pub moderation_keys: Vec<String>,
    /// What goes to the spam folder wherever it occurs.
    pub disallowed_keys: Vec<String>,
    /// The languages in which people write here, as ISO 639-1 codes; any if empty. Others are a sign of spam.
    pub languages: Vec<String>,
    /// What becomes of what a blocked sender sends.
    pub block: BlockedAs,
    /// How many submissions one network (/24 or /48) may send in a minute; more are asked to wait.
    pub rate_per_minute: u32,
}

/// What becomes of what a blocked sender sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BlockedAs {
    /// It is unsure, whatever speaks for it: comments are held, leads are marked.
    Hold,
    /// It goes to the spam folder.
    Spam,
}

impl Default for Judging {
    fn default() -> Self {
        Self {
            unsure: 0.8,
            spam: 0.985,
            blocklist: Vec::new(),
            moderation_keys: Vec::new(),
            disallowed_keys: Vec::new(),
            languages: Vec::new(),
            block: BlockedAs::Hold,
            rate_per_minute: 10,
        }
    }
}
