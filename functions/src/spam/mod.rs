//! The verdict on a submission: a pure function of what was sent and of signals that were gathered before.
//!
//! Every finding adds a weight in log-odds to `BASE`; the sum, squeezed into 0..1, is the score. The findings
//! stay with the submission, so that the owner can read why.

mod memory;
mod rules;
mod text;

use serde::{Deserialize, Serialize};

pub use self::memory::{Label, Memory, Unreadable};
use crate::captcha::Captcha;
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
    /// The hosted captcha that the site's forms hold.
    pub captcha: Option<Captcha>,
}

impl Default for Judging {
    fn default() -> Self {
        Self { unsure: 0.5, spam: 0.9, blocklist: Vec::new(), rate_per_minute: 10, captcha: None }
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
    /// What Akismet says.
    pub akismet: Akismet,
    /// Whether something to be solved in the browser was solved.
    pub proof: Proof,
    /// The provider that should say whether it was solved could not be asked.
    pub proof_unknown: bool,
    /// What was learnt from the owner could not be read.
    pub memory_unknown: bool,
}

/// What Akismet says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Akismet {
    /// Nothing, for it was not asked: the site does not want it, or the verdict is certain without.
    #[default]
    NotAsked,
    /// Not spam.
    Ham,
    /// Not spam, but it will know better in a few minutes.
    Pending,
    /// Spam.
    Spam,
    /// Blatant spam.
    Discard,
    /// It could not be asked, or its answer could not be understood.
    Failed,
}

/// Whether the visitor's browser has solved what it was given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Proof {
    /// Nothing was asked for, or nothing came.
    #[default]
    Absent,
    /// Solved.
    Solved,
    /// Something came that is no solution, or one that was used before.
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

/// Judges a submission. Pure: the same arguments give the same verdict.
#[must_use]
pub fn judge(content: &Content, signals: &Signals, memory: &Memory, judging: &Judging) -> Verdict {
    let case = rules::Case::new(content, signals, memory, judging);
    let reasons: Vec<Reason> = rules::RULES.iter().filter_map(|rule| rule.apply(&case)).collect();
    let log_odds = BASE + reasons.iter().map(|reason| reason.weight).sum::<f64>();
    Verdict::weigh(log_odds, reasons, judging)
}

/// Findings that leave no verdict "real", whatever speaks for it: a check that could not be made, or one that is
/// somebody else's opinion of junk.
const DOUBTS: [&str; 6] =
    ["akismet_spam", "akismet_discard", "akismet_pending", "akismet_failed", "proof_unknown", "memory_unknown"];

impl Verdict {
    fn weigh(mut log_odds: f64, mut reasons: Vec<Reason>, judging: &Judging) -> Self {
        let doubt = reasons.iter_mut().find(|reason| DOUBTS.contains(&reason.name.as_str()));
        let in_doubt = doubt.is_some();
        if let Some(doubt) = doubt {
            // It weighs as much as it takes.
            let short = (logit(judging.unsure) - log_odds).max(0.0);
            doubt.weight += short;
            log_odds += short;
        }
        reasons.sort_by(|a, b| b.weight.abs().total_cmp(&a.weight.abs()));
        let score = (1.0 / (1.0 + (-log_odds).exp()) * 10_000.0).round() / 10_000.0;
        let decision = match score {
            score if score >= judging.spam => Decision::Spam,
            score if score >= judging.unsure || in_doubt => Decision::Unsure,
            _ => Decision::Ham,
        };
        Self { score, decision, reasons }
    }

    /// The verdict when Akismet has made up its mind. None if nothing waited for that.
    #[must_use]
    pub fn with_akismet(&self, akismet: Akismet, judging: &Judging) -> Option<Self> {
        let (pending, others): (Vec<Reason>, Vec<Reason>) =
            self.reasons.iter().cloned().partition(|reason| reason.name == "akismet_pending");
        let waited = pending.first()?.weight;
        let found = rules::akismet(akismet);
        let weight = found.as_ref().map_or(0.0, |found| found.weight);
        let log_odds = logit(self.score.clamp(0.0001, 0.9999)) - waited + weight;
        Some(Self::weigh(log_odds, others.into_iter().chain(found).collect(), judging))
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
        let content = Content { author: "Ann".into(), url: String::new(), text: text.into() };
        judge(
            &content,
            &signals,
            &Memory::default(),
            &Judging { blocklist: vec!["Casino".into()], ..Judging::default() },
        )
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
    fn doubt_holds_whatever_speaks_for_a_text_and_only_a_plain_answer_is_good_news() {
        let akismet = |akismet| Signals { akismet, proof: Proof::Solved, ..Signals::default() };
        let cases = [
            (akismet(Akismet::NotAsked), Decision::Ham, "proof_solved"),
            (akismet(Akismet::Ham), Decision::Ham, "akismet_ham"),
            (akismet(Akismet::Pending), Decision::Unsure, "akismet_pending"),
            (akismet(Akismet::Failed), Decision::Unsure, "akismet_failed"),
            (akismet(Akismet::Spam), Decision::Unsure, "akismet_spam"),
            (akismet(Akismet::Discard), Decision::Spam, "akismet_discard"),
            (Signals { memory_unknown: true, ..Signals::default() }, Decision::Unsure, "memory_unknown"),
            (Signals { proof_unknown: true, ..Signals::default() }, Decision::Unsure, "proof_unknown"),
            (Signals { proof: Proof::Failed, ..Signals::default() }, Decision::Ham, "proof_failed"),
        ];
        for unsure in [0.3, 0.33333, 0.5, 0.7] {
            let judging = Judging { unsure, ..Judging::default() };
            for (signals, decision, first) in cases {
                let verdict = judge(
                    &Content { text: "Thank you!".into(), ..Content::default() },
                    &signals,
                    &Memory::default(),
                    &judging,
                );
                assert_eq!((verdict.decision, verdict.reasons[0].name.as_str()), (decision, first), "{verdict:?}");
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
    fn a_name_that_is_a_web_address_is_doubtful() {
        let content = Content { author: "https://a.example/".into(), url: String::new(), text: "Nice".into() };
        let verdict = judge(&content, &Signals::default(), &Memory::default(), &Judging::default());
        assert_eq!((verdict.decision, verdict.reasons[0].name.as_str()), (Decision::Unsure, "name_link"));
    }

    #[test]
    fn hostile_text_is_judged_without_panic() {
        let long = "a".repeat(5_000);
        for text in ["", "\0", "\u{202e}\u{fffd}", "🙂🙂🙂", &long, "[url", "<a", "http://", "https://["] {
            let verdict =
                verdict(text, Signals { repeats: u32::MAX, rate: u32::MAX, honeypot: true, ..Signals::default() });
            assert!((0.0..=1.0).contains(&verdict.score), "{text}");
        }
    }
}
