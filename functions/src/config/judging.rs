//! What a site says about judging: by the filter, by form tokens and proofs of work, by Akismet.

use serde::Deserialize;

use crate::config::validator::Validator;
use crate::form::captcha::Captcha;
use deskbell_filter::Judging;
use deskbell_filter::language::is_known;

/// How a site's form tokens and proofs of work are treated.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ChallengeSettings {
    /// When a proof of work is asked for.
    pub proof: ProofWanted,
    /// A form that is sent in fewer seconds than this was hardly filled in by hand.
    pub min_seconds: u32,
    /// A form that was open for more hours than this says nothing any more.
    pub max_hours: u32,
    /// The hosted captcha that the site's forms hold: its answer is the proof, then.
    pub captcha: Option<Captcha>,
}

/// When a proof of work is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProofWanted {
    /// At no time.
    Never,
    /// After a submission whose verdict is in doubt, and before one from a busy network.
    Unsure,
    /// Before each submission; one without is in doubt.
    Always,
}

impl Default for ChallengeSettings {
    fn default() -> Self {
        Self { proof: ProofWanted::Unsure, min_seconds: 3, max_hours: 12, captcha: None }
    }
}

impl ChallengeSettings {
    pub(super) fn check(&self, validator: &mut Validator) {
        if self.max_hours == 0 || self.max_hours > 24 * 30 {
            validator.wrong("max_hours", "must be from 1 to 720");
        }
        if self.min_seconds > 600 {
            validator.wrong("min_seconds", "must be at most 600, or real visitors would be treated as bots");
        }
        if self.captcha.is_some() && self.proof == ProofWanted::Never {
            validator.wrong("captcha", "`captcha` has no effect, because `proof` is \"never\"");
        }
    }

    pub(crate) fn max_ms(&self) -> i64 {
        i64::from(self.max_hours) * 3_600_000
    }
}

/// How a site uses Akismet. Its key is the secret `akismet`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AkismetSettings {
    /// The languages that are written on the site, as Akismet reads them (`en, fr_ca`); the site's own if absent.
    pub lang: Option<String>,
    /// Below this score, 0..1, a submission is certainly real, and Akismet is not asked.
    pub certain: f64,
}

impl Default for AkismetSettings {
    fn default() -> Self {
        Self { lang: None, certain: 0.05 }
    }
}

impl AkismetSettings {
    /// Tells what cannot be meant, or would never come into play for what is spam from a score of `spam` on.
    pub(super) fn check(&self, spam: f64, validator: &mut Validator) {
        if !(0.0..=1.0).contains(&self.certain) {
            validator.wrong("certain", "must be between 0 and 1");
        } else if self.certain >= spam {
            let problem = "Akismet would never be used: everything it would check already counts as spam";
            validator.advise("certain", problem, "must be below `judging.spam`");
        }
    }
}

/// Tells what cannot be meant.
pub(super) fn check(judging: &Judging, validator: &mut Validator) {
    let score = |score: f64| 0.0 < score && score <= 1.0;
    for (key, _) in [("unsure", judging.unsure), ("spam", judging.spam)].into_iter().filter(|(_, value)| !score(*value))
    {
        validator.wrong(key, "must be above 0 and at most 1");
    }
    if score(judging.unsure) && score(judging.spam) && judging.unsure > judging.spam {
        let key = if validator.is_given("unsure") { "unsure" } else { "spam" };
        let problem =
            format!("`unsure` ({}) is above `spam` ({}), so nothing could be unsure", judging.unsure, judging.spam);
        validator.advise(key, problem, "`unsure` must be at most `spam`");
    }
    if judging.rate_per_minute == 0 {
        validator.wrong("rate_per_minute", "0 would reject every message");
    }
    check_lists(judging, validator);
}

fn check_lists(judging: &Judging, validator: &mut Validator) {
    let lists = [
        ("blocklist", &judging.blocklist),
        ("moderation_keys", &judging.moderation_keys),
        ("disallowed_keys", &judging.disallowed_keys),
    ];
    for (name, list) in lists {
        let empty = list.iter().enumerate().filter(|(_, word)| word.trim().is_empty());
        for (index, _) in empty {
            validator.within(name, |validator| validator.wrong(index, "an empty word would match every message"));
        }
    }
    let unknown = judging.languages.iter().enumerate().filter(|(_, code)| !is_known(code));
    for (index, _) in unknown {
        let problem = "unknown language code";
        validator
            .within("languages", |validator| validator.advise(index, problem, "use two letters, such as en or de"));
    }
}
