//! The verdict on a submission: a pure function of what was sent and of signals that were gathered before.
//!
//! Every finding adds a weight in log-odds to `BASE`; the sum, squeezed into 0..1, is the score. The findings
//! stay with the submission, so that the owner can read why.

mod rules;
mod text;

use serde::{Deserialize, Serialize};

use crate::submission::Wrote;

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
    /// How many submissions one network (/24 or /48) may send in a minute; more are asked to wait.
    pub rate_per_minute: u32,
}

impl Default for Judging {
    fn default() -> Self {
        Self { unsure: 0.5, spam: 0.9, blocklist: Vec::new(), rate_per_minute: 10 }
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
        if self.blocklist.iter().any(|word| word.trim().is_empty()) {
            return Err("judging.blocklist: an empty word would be found everywhere".into());
        }
        Ok(())
    }
}

/// What is known about a submission beside its content; gathered with I/O before judging.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Signals {
    /// A field that people cannot see was filled in.
    pub honeypot: bool,
    /// How often the very same content came before, more than ten minutes apart.
    pub repeats: u32,
    /// How many submissions came from this network in this minute, this one included.
    pub rate: u32,
    /// What the form's token is worth.
    pub token: FormToken,
    /// What the proof of work is worth.
    pub proof: Proof,
    /// The visitor has shown to be a person after the submission was stored.
    pub second_chance: bool,
}

/// What a form's token is worth.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FormToken {
    /// Fetched for this form from this network, neither young nor old, and never used; or nothing is known about it.
    #[default]
    Good,
    /// There is none: a script did not run.
    Absent,
    /// Fetched only a moment ago.
    Young,
    /// Fetched too long ago to say anything.
    Old,
    /// Used before, for something else.
    Replayed,
    /// Not ours, or of another site, form or network.
    Foreign,
}

/// What a proof of work is worth.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Proof {
    /// There is none, nor was there need of one.
    #[default]
    Absent,
    /// There is none, or a wrong one, and the site wants one for each submission.
    Missing,
    /// A right one.
    Solved,
    /// A wrong one.
    Failed,
}

/// The text of a submission as the rules see it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Content {
    /// The sender's name.
    pub author: String,
    /// The sender's website.
    pub url: String,
    /// What was written.
    pub text: String,
}

impl From<&Wrote> for Content {
    fn from(wrote: &Wrote) -> Self {
        match wrote {
            Wrote::Lead(lead) => {
                Self { author: lead.name().unwrap_or_default().into(), url: String::new(), text: lead.text() }
            }
            Wrote::Comment(comment) => Self {
                author: comment.author().into(),
                url: comment.url().unwrap_or_default().into(),
                text: comment.text().into(),
            },
        }
    }
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

/// How a visitor has shown to be a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// By waiting a moment and pressing a button.
    Patience,
    /// By a proof of work.
    Work,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// The rule's stable name; [`crate::words`] has a sentence for it.
    pub name: String,
    /// What it adds to the score, in log-odds.
    pub weight: f64,
    /// What was found: a number, or the site's own blocked words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// The log-odds of junk when nothing was found. The learned model will replace this constant: it is the one
/// opinion about a text that does not come from a rule.
const BASE: f64 = -2.0;

/// The finding with which no submission is surely real, however good it looks.
const NEVER_SURE: &str = "proof_missing";

/// Judges a submission. Pure: the same arguments give the same verdict.
#[must_use]
pub fn judge(content: &Content, signals: &Signals, judging: &Judging) -> Verdict {
    let case = rules::Case::new(content, signals, judging);
    Verdict::of(rules::RULES.iter().filter_map(|rule| rule.apply(&case)).collect(), judging)
}

impl Verdict {
    fn of(mut reasons: Vec<Reason>, judging: &Judging) -> Self {
        reasons.sort_by(|a, b| b.weight.abs().total_cmp(&a.weight.abs()));
        let log_odds = BASE + reasons.iter().map(|reason| reason.weight).sum::<f64>();
        let score = (1.0 / (1.0 + (-log_odds).exp()) * 10_000.0).round() / 10_000.0;
        let doubtful = score >= judging.unsure || reasons.iter().any(|reason| reason.name == NEVER_SURE);
        let decision = match score {
            score if score >= judging.spam => Decision::Spam,
            _ if doubtful => Decision::Unsure,
            _ => Decision::Ham,
        };
        Self { score, decision, reasons }
    }

    /// The verdict once the visitor has shown, after the submission was stored, to be a person.
    #[must_use]
    pub fn revised(&self, shown: Shown, judging: &Judging) -> Self {
        let (name, answered): (_, &[&str]) = match shown {
            Shown::Patience => ("second_chance", &[NEVER_SURE]),
            Shown::Work => ("proof_solved", &[NEVER_SURE, "proof_failed", "token_absent"]),
        };
        let kept = self.reasons.iter().filter(|reason| !answered.contains(&reason.name.as_str())).cloned();
        Self::of(kept.chain(rules::reason(name)).collect(), judging)
    }

    /// The verdict on what the owner wrote.
    #[must_use]
    pub fn owner() -> Self {
        Self { score: 0.0, decision: Decision::Ham, reasons: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(text: &str, signals: Signals) -> Verdict {
        let content = Content { author: "Ann".into(), url: String::new(), text: text.into() };
        judge(&content, &signals, &Judging { blocklist: vec!["Casino".into()], ..Judging::default() })
    }

    #[test]
    fn verdicts_follow_the_evidence_and_name_it() {
        let honeypot = Signals { honeypot: true, ..Signals::default() };
        let repeated = Signals { repeats: 9, ..Signals::default() };
        let busy = Signals { rate: 10, ..Signals::default() };
        let links = "https://a.example https://b.example https://c.example https://d.example https://e.example";
        let cases = [
            ("Thank you, my back is better!", Signals::default(), Decision::Ham, ""),
            ("Danke!", Signals::default(), Decision::Ham, ""),
            ("Спасибо, очень помогло.", Signals::default(), Decision::Ham, ""),
            ("شكرا جزيلا على المقال", Signals::default(), Decision::Ham, ""),
            ("有没有周六的时间?", Signals::default(), Decision::Ham, ""),
            ("Could you see https://example.org/doc before I come?", Signals::default(), Decision::Ham, "links"),
            ("Could I come on Monday?", busy, Decision::Ham, "rate"),
            ("Could I come on Monday?", repeated, Decision::Unsure, "repeated"),
            ("Could I come on Monday?", honeypot, Decision::Spam, "honeypot"),
            (links, Signals::default(), Decision::Spam, "links"),
            ("best CASINO bonus", Signals::default(), Decision::Unsure, "blocklist"),
            ("casino https://a.example [url=https://b.example]x[/url]", Signals::default(), Decision::Spam, "markup"),
            ("xkqwrtpz sdfghjkl qwrtzpkv bcdfghjk", Signals::default(), Decision::Unsure, "gibberish"),
            ("Вuу сhеаp wаtсhеs nоw", Signals::default(), Decision::Unsure, "mixed_script"),
        ];
        for (text, signals, decision, reason) in cases {
            let verdict = verdict(text, signals);
            assert_eq!(verdict.decision, decision, "{text}: {verdict:?}");
            assert_eq!(verdict.reasons.first().map_or("", |first| &first.name), reason, "{text}");
        }
    }

    #[test]
    fn a_name_that_is_a_web_address_is_doubtful() {
        let content = Content { author: "https://a.example/".into(), url: String::new(), text: "Nice".into() };
        let verdict = judge(&content, &Signals::default(), &Judging::default());
        assert_eq!((verdict.decision, verdict.reasons[0].name.as_str()), (Decision::Unsure, "name_link"));
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
            (token(FormToken::Young), Decision::Unsure, "token_young"),
            (token(FormToken::Replayed), Decision::Unsure, "token_replayed"),
            (proof(Proof::Absent), Decision::Ham, ""),
            (proof(Proof::Solved), Decision::Ham, "proof_solved"),
            (proof(Proof::Failed), Decision::Ham, "proof_failed"),
            (proof(Proof::Missing), Decision::Unsure, "proof_missing"),
        ];
        for (signals, decision, reason) in cases {
            let verdict = verdict("Could I come on Monday?", signals);
            let first = verdict.reasons.first().map_or("", |first| &first.name);
            assert_eq!((verdict.decision, first), (decision, reason), "{signals:?}");
        }
    }

    #[test]
    fn a_second_chance_lowers_the_score_but_does_not_forget() {
        let names = |verdict: &Verdict| verdict.reasons.iter().map(|reason| reason.name.clone()).collect::<Vec<_>>();
        let judging = Judging::default();
        let doubtful = verdict("Hello", Signals { token: FormToken::Replayed, ..Signals::default() });
        let pressed = doubtful.revised(Shown::Patience, &judging);
        assert_eq!((doubtful.decision, pressed.decision), (Decision::Unsure, Decision::Ham));
        assert_eq!(names(&pressed), ["token_replayed", "second_chance"]);

        let missing = Signals { proof: Proof::Missing, token: FormToken::Absent, ..Signals::default() };
        let missing = verdict("Hello", missing);
        for (shown, left) in
            [(Shown::Patience, vec!["second_chance", "token_absent"]), (Shown::Work, vec!["proof_solved"])]
        {
            let revised = missing.revised(shown, &judging);
            assert_eq!(
                (revised.decision, names(&revised)),
                (Decision::Ham, left.into_iter().map(Into::into).collect())
            );
        }
        let caught = verdict("Hello", Signals { honeypot: true, ..Signals::default() });
        assert_eq!(caught.revised(Shown::Patience, &judging).decision, Decision::Spam);
    }

    #[test]
    fn hostile_text_is_judged_without_panic() {
        let long = "a".repeat(5_000);
        for text in ["", "\0", "\u{202e}\u{fffd}", "🙂🙂🙂", &long, "[url", "<a", "http://", "https://["] {
            let signals = Signals { repeats: u32::MAX, rate: u32::MAX, honeypot: true, ..Signals::default() };
            let verdict = verdict(text, signals);
            assert!((0.0..=1.0).contains(&verdict.score), "{text}");
        }
    }
}
