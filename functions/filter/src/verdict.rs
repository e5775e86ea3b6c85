//! The filter's opinion and its reasons; and how it changes when more is known.

use serde::{Deserialize, Serialize};

use crate::judging::Judging;
use crate::reason::Reason;
use crate::rules::{
    self, AKISMET_PENDING, Doubt, HONEYPOT, HONEYPOT_FORGIVEN, PRESSED, PROOF_FAILED, PROOF_MISSING, PROOF_SOLVED,
    TOKEN_ABSENT,
};
use crate::signals::{Akismet, Proof, SecondChance, Signals};

/// The filter's opinion and its reasons.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// 0 (surely real) to 1 (surely spam).
    pub score: f64,
    /// The score by the site's thresholds.
    pub decision: Decision,
    /// What was found, the weightiest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
}

/// The score by the site's thresholds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// Real.
    Ham,
    /// Not certain; somebody should look.
    Unsure,
    /// Spam.
    Spam,
}

impl Decision {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ham => "ham",
            Self::Unsure => "unsure",
            Self::Spam => "spam",
        }
    }
}

impl Verdict {
    /// The verdict that these findings make.
    pub(crate) fn weigh(mut reasons: Vec<Reason>, judging: &Judging) -> Self {
        forgive_honeypot(&mut reasons, judging);
        let mut log_odds: f64 = reasons.iter().map(|reason| reason.weight).sum();
        let doubt = reasons.iter_mut().find(|reason| rules::doubt(&reason.name) != Doubt::None);
        let in_doubt = doubt.is_some();
        if let Some(doubt) = doubt {
            // It weighs as much as it takes.
            let short = (logit(judging.unsure) - log_odds).max(0.0);
            doubt.weight += short;
            log_odds += short;
        }
        reasons.sort_by(|a, b| b.weight.abs().total_cmp(&a.weight.abs()));
        let score = (1.0 / (1.0 + (-log_odds).exp()) * 1e6).round() / 1e6;
        let decision = match score {
            score if score >= judging.spam => Decision::Spam,
            score if score >= judging.unsure || in_doubt => Decision::Unsure,
            _ => Decision::Ham,
        };
        Self { score, decision, reasons }
    }

    /// The verdict once the visitor has shown, after the submission was stored, to be a person.
    #[must_use]
    pub fn revised(&self, second_chance: SecondChance, judging: &Judging) -> Self {
        let (proof, answered): (_, &[&str]) = match second_chance {
            SecondChance::Delay => (Proof::Absent, &[PROOF_MISSING]),
            SecondChance::ProofOfWork => (Proof::Solved, &[PROOF_MISSING, PROOF_FAILED, TOKEN_ABSENT]),
        };
        let later = Signals { second_chance: Some(second_chance), proof, ..Signals::default() };
        self.with(&later, answered, judging)
    }

    /// The verdict when Akismet has made up its mind. None if nothing waited for that.
    #[must_use]
    pub fn with_akismet(&self, akismet: Akismet, judging: &Judging) -> Option<Self> {
        let later = Signals { akismet, ..Signals::default() };
        self.has(AKISMET_PENDING).then(|| self.with(&later, &[AKISMET_PENDING], judging))
    }

    /// The verdict with what later signals say, each finding once, and without those that they answer.
    fn with(&self, later: &Signals, answered: &[&str], judging: &Judging) -> Self {
        let new = rules::of_signals(later);
        let is_known = |reason: &Reason| new.iter().any(|found| found.name == reason.name);
        let kept = self.reasons.iter().filter(|reason| !answered.contains(&reason.name.as_str()) && !is_known(reason));
        Self::weigh(kept.cloned().chain(new.clone()).collect(), judging)
    }

    /// The verdict on what the owner wrote.
    #[must_use]
    pub fn owner() -> Self {
        Self { score: 0.0, decision: Decision::Ham, reasons: Vec::new() }
    }

    /// Whether this was found.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.reasons.iter().any(|reason| reason.name == name)
    }

    /// Whether what was found speaks for spam so much that there is doubt, whatever else makes it doubtful.
    #[must_use]
    pub fn is_suspicious(&self, judging: &Judging) -> bool {
        let evidence = self.reasons.iter().filter(|reason| rules::doubt(&reason.name) != Doubt::NoEvidence);
        let log_odds: f64 = evidence.map(|reason| reason.weight).sum();
        // Scores are rounded.
        log_odds >= logit(judging.unsure) - 1e-5
    }
}

/// Whoever has pressed a button or solved something is no machine, and a browser fills in what people cannot see. That
/// is forgiven, though not forgotten: it still holds. Unless the rest, without the merit of having done so, is spam by
/// itself.
fn forgive_honeypot(reasons: &mut [Reason], judging: &Judging) {
    let is_merit = |reason: &Reason| [PRESSED, PROOF_SOLVED].contains(&&*reason.name);
    let rest = reasons.iter().filter(|reason| reason.name != HONEYPOT && !is_merit(reason));
    let log_odds: f64 = rest.map(|reason| reason.weight).sum();
    if log_odds >= logit(judging.spam) || !reasons.iter().any(is_merit) {
        return;
    }
    if let Some(honeypot) = reasons.iter_mut().find(|reason| reason.name == HONEYPOT) {
        *honeypot = Reason { name: HONEYPOT_FORGIVEN.into(), weight: 0.0, value: None };
    }
}

fn logit(score: f64) -> f64 {
    (score / (1.0 - score)).ln()
}
