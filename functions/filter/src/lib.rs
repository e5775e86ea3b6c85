//! The verdict on a submission: a pure function of what was sent and of signals that were gathered before.
//!
//! Every finding adds a weight in log-odds; the sum, squeezed into 0..1, is the score. What the text itself looks like
//! is one finding among them, made by the [learned model](model). The findings stay with the submission, so that the
//! owner can read why, and so that a verdict can be revised when more is known.

pub mod disposable;
pub mod features;
mod judging;
pub mod language;
pub mod memory;
pub mod model;
mod reader;
pub mod reading;
mod rules;
pub mod script;
mod signals;
pub mod signs;

use serde::{Deserialize, Serialize};

use self::features::Features;
pub use self::judging::{BlockedAs, Judging};
pub use self::memory::{Label, Memory, Unreadable};
use self::model::Model;
pub use self::signals::{Akismet, Blocked, FormToken, Proof, Shown, Signals};

/// The content of a submission as the filter sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Content {
    /// The sender's name.
    pub author: String,
    /// The sender's e-mail address.
    pub email: String,
    /// The sender's website.
    pub url: String,
    /// What was written.
    pub text: String,
}

/// The filter's opinion and its reasons.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// 0 (surely real) to 1 (surely junk).
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
    /// Junk.
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

/// One finding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// The stable name; the functions have a sentence for it, in each language.
    pub name: String,
    /// What it adds to the score, in log-odds.
    pub weight: f64,
    /// What was found: a number, or words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// Findings that leave no verdict "real", whatever speaks for it: a check that could not be made, a rule of the owner's
/// own, or somebody else's opinion of junk.
const DOUBTS: [&str; 11] = [
    "blocked_address",
    "blocked_network",
    "model_unknown",
    "memory_unknown",
    "moderation_keys",
    "proof_missing",
    "proof_unknown",
    "akismet_spam",
    "akismet_discard",
    "akismet_pending",
    "akismet_failed",
];

/// Findings below this weight, in log-odds, are noise, and nobody's reason.
const NOISE: f64 = 0.05;

/// Judges a submission. Pure: the same arguments give the same verdict.
#[must_use]
pub fn judge(content: &Content, signals: &Signals, memory: &Memory, judging: &Judging) -> Verdict {
    let features = Features::of(content);
    let mut reasons = of_text(&features);
    reasons.extend(of_memory(&features, memory));
    let case = rules::Case::new(content, &features, signals, judging);
    reasons.extend(rules::RULES.iter().filter_map(|rule| rule.apply(&case)));
    Verdict::weigh(reasons, judging)
}

/// What signals alone add, in log-odds.
#[must_use]
pub fn weight_of(signals: &Signals) -> f64 {
    let (content, judging) = (Content::default(), Judging::default());
    let features = Features::of(&content);
    let case = rules::Case::new(&content, &features, signals, &judging);
    rules::RULES.iter().filter_map(|rule| rule.apply(&case)).map(|reason| reason.weight).sum()
}

/// How much a text alone can speak for itself, in log-odds: anybody can copy an innocent text, so it must not outweigh
/// what is known beside it.
pub const SUREST_REAL: f64 = -5.0;

/// What the model says about the text, and the signs on top of it.
fn of_text(features: &Features) -> Vec<Reason> {
    let Some(model) = Model::released() else {
        return vec![Reason { name: "model_unknown".into(), weight: 0.0, value: None }];
    };
    let opinion = model.opinion(features);
    let weight = f64::from(opinion.log_odds).max(SUREST_REAL);
    let told = (weight > 0.0 && !opinion.telling.is_empty()).then(|| opinion.telling.join(", "));
    let name = match &told {
        Some(_) => "words_junk",
        None if weight > 0.0 => "text_junk",
        None => "text_real",
    };
    let signs = signs::LIST.iter().zip(signs::units(features)).zip(&model.prices).map(|((sign, units), price)| {
        let value = sign.counted.then(|| (sign.find)(features).to_string());
        Reason { name: sign.name.into(), weight: f64::from(units * price), value }
    });
    let text = Reason { name: name.into(), weight, value: told };
    signs.filter(|sign| sign.weight >= NOISE).chain([text]).collect()
}

/// What it adds, in log-odds, to be the very same as something that the owner called junk.
pub const CAMPAIGN: f64 = 5.0;

/// What the site's owner has taught.
fn of_memory(features: &Features, memory: &Memory) -> Vec<Reason> {
    let recollection = memory.recall(features);
    let weight = f64::from(recollection.log_odds);
    let like = Reason { name: if weight > 0.0 { "like_junk" } else { "like_real" }.into(), weight, value: None };
    let campaign = f64::from(recollection.campaign) * CAMPAIGN;
    let campaign = Reason { name: "campaign".into(), weight: campaign, value: None };
    [like, campaign].into_iter().filter(|reason| reason.weight.abs() >= NOISE).collect()
}

impl Verdict {
    fn weigh(mut reasons: Vec<Reason>, judging: &Judging) -> Self {
        let mut log_odds: f64 = reasons.iter().map(|reason| reason.weight).sum();
        let doubt = reasons.iter_mut().find(|reason| DOUBTS.contains(&reason.name.as_str()));
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
    pub fn revised(&self, shown: Shown, judging: &Judging) -> Self {
        let (name, answered): (_, &[&str]) = match shown {
            Shown::Patience => ("second_chance", &["proof_missing"]),
            Shown::Work => ("proof_solved", &["proof_missing", "proof_failed", "token_absent"]),
        };
        self.with(rules::reason(name), answered, judging)
    }

    /// The verdict when Akismet has made up its mind. None if nothing waited for that.
    #[must_use]
    pub fn with_akismet(&self, akismet: Akismet, judging: &Judging) -> Option<Self> {
        let waited = self.reasons.iter().any(|reason| reason.name == "akismet_pending");
        waited.then(|| self.with(rules::akismet(akismet), &["akismet_pending"], judging))
    }

    /// The verdict with one more reason, and without those that it answers.
    fn with(&self, reason: Option<Reason>, answered: &[&str], judging: &Judging) -> Self {
        let kept = self.reasons.iter().filter(|reason| !answered.contains(&reason.name.as_str())).cloned();
        Self::weigh(kept.chain(reason).collect(), judging)
    }

    /// The verdict on what the owner wrote.
    #[must_use]
    pub fn owner() -> Self {
        Self { score: 0.0, decision: Decision::Ham, reasons: Vec::new() }
    }
}

fn logit(score: f64) -> f64 {
    (score / (1.0 - score)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(text: &str, signals: Signals) -> Verdict {
        let content = Content { author: "Ann".into(), text: text.into(), ..Content::default() };
        let judging = Judging { blocklist: vec!["Casino".into()], ..Judging::default() };
        judge(&content, &signals, &Memory::default(), &judging)
    }

    fn has(verdict: &Verdict, name: &str) -> bool {
        verdict.reasons.iter().any(|reason| reason.name == name)
    }

    #[test]
    fn verdicts_follow_the_evidence_and_name_it() {
        let none = Signals::default();
        let honeypot = Signals { honeypot: true, ..none };
        let repeated = Signals { repeats: 9, ..none };
        let busy = Signals { rate: 10, ..none };
        let links = "<a href=\"https://a.example\">buy</a> <a href=\"https://b.example\">cheap</a> [url=https://c.example]pills[/url]";
        let casino = format!("best CASINO bonus {links}");
        let cases = [
            ("Thank you, my back is better!", none, Decision::Ham, "text_real"),
            ("Danke!", none, Decision::Ham, "text_real"),
            ("Спасибо, очень помогло.", none, Decision::Ham, "text_real"),
            ("شكرا جزيلا على المقال", none, Decision::Ham, "text_real"),
            ("有没有周六的时间?", none, Decision::Ham, "text_real"),
            ("Could I come on Monday?", busy, Decision::Ham, "rate"),
            ("Could I come on Monday?", repeated, Decision::Ham, "repeated"),
            ("Could I come on Monday?", honeypot, Decision::Spam, "honeypot"),
            (links, none, Decision::Spam, "words_junk"),
            (&casino, none, Decision::Spam, "blocklist"),
        ];
        for (text, signals, decision, reason) in cases {
            let verdict = verdict(text, signals);
            assert_eq!(verdict.decision, decision, "{text}: {verdict:?}");
            assert!(has(&verdict, reason), "{text}: {verdict:?}");
        }
    }

    #[test]
    fn keys_hold_or_condemn_wherever_they_occur() {
        let keys = |moderation: &str, disallowed: &str| Judging {
            moderation_keys: vec![moderation.into()],
            disallowed_keys: vec![disallowed.into()],
            ..Judging::default()
        };
        let content = Content {
            author: "Ann".into(),
            email: "ann@mail.example".into(),
            url: "https://ann.example/".into(),
            text: "Thank you for the cosy hour!".into(),
        };
        let cases = [
            ("zzz", "zzz", Decision::Ham),
            ("MAIL.example", "zzz", Decision::Unsure),
            ("cosy", "zzz", Decision::Unsure),
            ("zzz", "osy", Decision::Spam),
            ("zzz", "ann.example", Decision::Spam),
            ("zzz", "ann", Decision::Spam),
        ];
        for (moderation, disallowed, decision) in cases {
            let verdict = judge(&content, &Signals::default(), &Memory::default(), &keys(moderation, disallowed));
            assert_eq!(verdict.decision, decision, "{moderation} {disallowed}: {verdict:?}");
        }
    }

    #[test]
    fn doubt_holds_whatever_speaks_for_a_text_and_only_a_plain_answer_is_good_news() {
        let akismet = |akismet| Signals { akismet, proof: Proof::Solved, ..Signals::default() };
        let cases = [
            (akismet(Akismet::NotAsked), Decision::Ham, "proof_solved"),
            (akismet(Akismet::Ham), Decision::Ham, "akismet_ham"),
            (akismet(Akismet::Pending), Decision::Unsure, "akismet_pending"),
            (akismet(Akismet::Failed), Decision::Unsure, "akismet_failed"),
            (akismet(Akismet::Spam), Decision::Unsure, "akismet_spam"),
            (akismet(Akismet::Discard), Decision::Unsure, "akismet_discard"),
            (Signals { memory_unknown: true, ..Signals::default() }, Decision::Unsure, "memory_unknown"),
            (Signals { proof_unknown: true, ..Signals::default() }, Decision::Unsure, "proof_unknown"),
            (Signals { proof: Proof::Missing, ..Signals::default() }, Decision::Unsure, "proof_missing"),
            (Signals { proof: Proof::Failed, ..Signals::default() }, Decision::Ham, "proof_failed"),
        ];
        for unsure in [0.3, 0.33333, 0.5, 0.7] {
            let judging = Judging { unsure, ..Judging::default() };
            for (signals, decision, name) in cases {
                let content = Content { text: "Thank you!".into(), ..Content::default() };
                let verdict = judge(&content, &signals, &Memory::default(), &judging);
                assert_eq!(verdict.decision, decision, "{verdict:?}");
                assert!(has(&verdict, name), "{verdict:?}");
                if decision != Decision::Ham {
                    assert!(verdict.score >= unsure - 0.0001, "{verdict:?}");
                }
            }
        }
    }

    #[test]
    fn what_waited_for_akismet_is_judged_as_if_it_had_known() {
        let judging = Judging::default();
        let content = Content { text: "Could you see https://example.org/doc?".into(), ..Content::default() };
        let with = |akismet| judge(&content, &Signals { akismet, ..Signals::default() }, &Memory::default(), &judging);
        let waited = with(Akismet::Pending);
        for akismet in [Akismet::Ham, Akismet::Spam, Akismet::Discard, Akismet::Failed] {
            let (later, at_once) = (waited.with_akismet(akismet, &judging).expect("it waited"), with(akismet));
            assert!((later.score - at_once.score).abs() < 0.001, "{later:?} {at_once:?}");
            assert_eq!(later.decision, at_once.decision);
        }
        assert_eq!(with(Akismet::Ham).with_akismet(Akismet::Spam, &judging), None);
    }

    #[test]
    fn tokens_and_proofs_are_evidence_and_lacking_them_refuses_nobody() {
        let token = |token| Signals { token, ..Signals::default() };
        let proof = |proof| Signals { proof, ..Signals::default() };
        let cases = [
            (token(FormToken::Good), Decision::Ham, ""),
            (token(FormToken::Absent), Decision::Ham, "token_absent"),
            (token(FormToken::Old), Decision::Ham, "token_old"),
            (token(FormToken::Foreign), Decision::Ham, "token_foreign"),
            (token(FormToken::Young), Decision::Ham, "token_young"),
            (token(FormToken::Replayed), Decision::Ham, "token_replayed"),
            (proof(Proof::Absent), Decision::Ham, ""),
            (proof(Proof::Solved), Decision::Ham, "proof_solved"),
            (proof(Proof::Failed), Decision::Ham, "proof_failed"),
            (proof(Proof::Missing), Decision::Unsure, "proof_missing"),
        ];
        for (signals, decision, reason) in cases {
            let verdict = verdict("Could I come on Monday?", signals);
            assert_eq!(verdict.decision, decision, "{signals:?}");
            assert!(reason.is_empty() || has(&verdict, reason), "{verdict:?}");
        }
    }

    #[test]
    fn a_second_chance_lowers_the_score_but_does_not_forget() {
        let judging = Judging::default();
        let doubtful = verdict("Hello", Signals { token: FormToken::Replayed, ..Signals::default() });
        let pressed = doubtful.revised(Shown::Patience, &judging);
        assert!(pressed.score < doubtful.score);
        assert!(has(&pressed, "token_replayed") && has(&pressed, "second_chance"));

        let missing = Signals { proof: Proof::Missing, token: FormToken::Absent, ..Signals::default() };
        let missing = verdict("Hello", missing);
        for (shown, token) in [(Shown::Patience, true), (Shown::Work, false)] {
            let revised = missing.revised(shown, &judging);
            assert_eq!((revised.decision, has(&revised, "token_absent")), (Decision::Ham, token));
        }
        let caught = verdict("Hello", Signals { honeypot: true, ..Signals::default() });
        let pressed = caught.revised(Shown::Patience, &judging);
        assert!(pressed.score < caught.score);
    }

    #[test]
    fn hostile_text_is_judged_without_panic() {
        let long = "a".repeat(70_000);
        let marks = "<a ".repeat(9_000);
        let texts = [
            "",
            "\0",
            "\u{202e}\u{fffd}",
            "🙂🙂🙂",
            &long,
            &marks,
            "[url",
            "<a",
            "http://",
            "https://[",
            "&#",
            "@",
            "a@",
        ];
        for text in texts {
            let verdict =
                verdict(text, Signals { repeats: u32::MAX, rate: u32::MAX, honeypot: true, ..Signals::default() });
            assert!((0.0..=1.0).contains(&verdict.score), "{text}");
        }
    }
}
