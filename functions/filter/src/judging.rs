//! How a site wants its submissions judged: the settings.

use serde::Deserialize;

use super::{Verdict, logit};

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
    /// What becomes of what a blocked sender sends.
    pub block: BlockedAs,
    /// How many submissions one network (/24 or /48) may send in a minute; more are asked to wait.
    pub rate_per_minute: u32,
}

/// What becomes of what a blocked sender sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BlockedAs {
    /// It is unsure, whatever speaks for it: comments are held, leads ring with a mark.
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

/// Findings that make something doubtful and say nothing against it: a check that could not be made, or a rule of the
/// owner's own.
const NO_EVIDENCE: [&str; 6] =
    ["model_unknown", "memory_unknown", "moderation_keys", "proof_unknown", "akismet_pending", "akismet_failed"];

impl Judging {
    /// Whether what was found speaks for junk so much that there is doubt, whatever else makes it doubtful.
    #[must_use]
    pub fn suspects(&self, verdict: &Verdict) -> bool {
        let evidence = verdict.reasons.iter().filter(|reason| !NO_EVIDENCE.contains(&reason.name.as_str()));
        let log_odds: f64 = evidence.map(|reason| reason.weight).sum();
        // Scores are rounded.
        log_odds >= logit(self.unsure) - 1e-5
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Akismet, Content, Memory, Proof, Signals, judge};

    #[test]
    fn what_only_could_not_be_looked_at_is_not_suspected() {
        let judging =
            Judging { blocklist: vec!["casino".into()], moderation_keys: vec!["knee".into()], ..Judging::default() };
        let suspected = |text: &str, signals: Signals| {
            let content = Content { author: "Ann".into(), text: text.into(), ..Content::default() };
            judging.suspects(&judge(&content, &signals, &Memory::default(), &judging))
        };
        let akismet = |akismet| Signals { akismet, ..Signals::default() };
        let fine = "Thank you, the exercises have helped my back a lot!";
        for signals in [
            Signals::default(),
            akismet(Akismet::Failed),
            akismet(Akismet::Pending),
            Signals { memory_unknown: true, ..Signals::default() },
            Signals { proof_unknown: true, ..Signals::default() },
        ] {
            assert!(!suspected(fine, signals), "{signals:?}");
        }
        assert!(!suspected("Thank you, the exercises have helped my knee a lot!", Signals::default()));
        assert!(suspected("My casino: https://casino.example https://b.example https://c.example", Signals::default()));
        for signals in
            [akismet(Akismet::Spam), akismet(Akismet::Discard), Signals { proof: Proof::Missing, ..Signals::default() }]
        {
            assert!(suspected(fine, signals), "{signals:?}");
        }
    }
}
