//! Judging a submission: what its text, the site's own model and the rules find, weighed together.

use crate::content::Content;
use crate::features::Features;
use crate::judging::Judging;
use crate::model::Model;
use crate::reason::Reason;
use crate::rules::{self, Case};
use crate::signals::Signals;
use crate::signs;
use crate::site_model::SiteModel;
use crate::verdict::Verdict;

/// How much a text alone can speak for itself, in log-odds: anybody can copy an innocent text, so it must not outweigh
/// what is known beside it.
pub const SUREST_REAL: f64 = -5.0;

/// What it adds, in log-odds, to be the very same as something that the owner called spam.
pub const CAMPAIGN: f64 = 5.0;

/// Findings below this weight, in log-odds, are noise, and nobody's reason.
const NOISE: f64 = 0.05;

const SPAM_WORDS: &str = "words_junk";
const SPAM_TEXT: &str = "text_junk";
const REAL_TEXT: &str = "text_real";
const LIKE_SPAM: &str = "like_junk";
const LIKE_REAL: &str = "like_real";
const SAME_CAMPAIGN: &str = "campaign";

/// What the two models find; the names are stored.
pub(crate) const NAMES: [&str; 6] = [SPAM_WORDS, SPAM_TEXT, REAL_TEXT, LIKE_SPAM, LIKE_REAL, SAME_CAMPAIGN];

/// Judges a submission. Pure: the same arguments give the same verdict.
#[must_use]
pub fn judge(content: &Content, signals: &Signals, site_model: &SiteModel, judging: &Judging) -> Verdict {
    let features = Features::of(content);
    let mut reasons = of_text(&features);
    reasons.extend(of_site_model(&features, site_model));
    reasons.extend(rules::apply(&Case::new(content, &features, signals, judging)));
    Verdict::weigh(reasons, judging)
}

/// What signals alone add, in log-odds.
#[must_use]
pub fn weight_of(signals: &Signals) -> f64 {
    rules::of_signals(signals).iter().map(|reason| reason.weight).sum()
}

/// What the model says about the text, and the signs on top of it.
fn of_text(features: &Features) -> Vec<Reason> {
    let Some(model) = Model::released() else { return Vec::new() };
    let prediction = model.predict(features);
    let weight = f64::from(prediction.log_odds).max(SUREST_REAL);
    let words = (weight > 0.0 && !prediction.words.is_empty()).then(|| prediction.words.join(", "));
    let name = match &words {
        Some(_) => SPAM_WORDS,
        None if weight > 0.0 => SPAM_TEXT,
        None => REAL_TEXT,
    };
    let signs = signs::LIST.iter().zip(signs::units(features)).zip(&model.prices).map(|((sign, units), price)| {
        let value = sign.counted.then(|| (sign.find)(features).to_string());
        Reason { name: sign.name.into(), weight: f64::from(units * price), value }
    });
    let text = Reason { name: name.into(), weight, value: words };
    signs.filter(|sign| sign.weight >= NOISE).chain([text]).collect()
}

/// What the site model says.
fn of_site_model(features: &Features, site_model: &SiteModel) -> Vec<Reason> {
    let adjustment = site_model.adjust(features);
    let weight = f64::from(adjustment.log_odds);
    let like = Reason { name: if weight > 0.0 { LIKE_SPAM } else { LIKE_REAL }.into(), weight, value: None };
    let campaign = f64::from(adjustment.campaign) * CAMPAIGN;
    let campaign = Reason { name: SAME_CAMPAIGN.into(), weight: campaign, value: None };
    [like, campaign].into_iter().filter(|reason| reason.weight.abs() >= NOISE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signals::{Akismet, FormToken, Proof, SecondChance};
    use crate::verdict::Decision;

    fn verdict(text: &str, signals: Signals) -> Verdict {
        let content = Content { author: "Ann".into(), text: text.into(), ..Content::default() };
        let judging = Judging { blocklist: vec!["Casino".into()], ..Judging::default() };
        judge(&content, &signals, &SiteModel::default(), &judging)
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
            assert!(verdict.has(reason), "{text}: {verdict:?}");
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
            let verdict = judge(&content, &Signals::default(), &SiteModel::default(), &keys(moderation, disallowed));
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
            (Signals { site_model_unknown: true, ..Signals::default() }, Decision::Unsure, "memory_unknown"),
            (Signals { proof_unknown: true, ..Signals::default() }, Decision::Unsure, "proof_unknown"),
            (Signals { proof: Proof::Missing, ..Signals::default() }, Decision::Unsure, "proof_missing"),
            (Signals { proof: Proof::Failed, ..Signals::default() }, Decision::Ham, "proof_failed"),
        ];
        for unsure in [0.3, 0.33333, 0.5, 0.7] {
            let judging = Judging { unsure, ..Judging::default() };
            for (signals, decision, name) in cases {
                let content = Content { text: "Thank you!".into(), ..Content::default() };
                let verdict = judge(&content, &signals, &SiteModel::default(), &judging);
                assert_eq!(verdict.decision, decision, "{verdict:?}");
                assert!(verdict.has(name), "{verdict:?}");
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
        let with =
            |akismet| judge(&content, &Signals { akismet, ..Signals::default() }, &SiteModel::default(), &judging);
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
            assert!(reason.is_empty() || verdict.has(reason), "{verdict:?}");
        }
    }

    #[test]
    fn a_second_chance_lowers_the_score_but_does_not_forget() {
        let judging = Judging::default();
        let doubtful = verdict("Hello", Signals { token: FormToken::Replayed, ..Signals::default() });
        let pressed = doubtful.revised(SecondChance::Delay, &judging);
        assert!(pressed.score < doubtful.score);
        assert!(pressed.has("token_replayed") && pressed.has("second_chance"));

        let missing = Signals { proof: Proof::Missing, token: FormToken::Absent, ..Signals::default() };
        let missing = verdict("Hello", missing);
        for (shown, token) in [(SecondChance::Delay, true), (SecondChance::ProofOfWork, false)] {
            let revised = missing.revised(shown, &judging);
            assert_eq!((revised.decision, revised.has("token_absent")), (Decision::Ham, token));
        }
        let caught = verdict("Hello", Signals { honeypot: true, ..Signals::default() });
        let pressed = caught.revised(SecondChance::Delay, &judging);
        assert!(pressed.score < caught.score);
    }

    #[test]
    fn a_person_in_the_trap_is_held_and_spam_in_the_trap_stays_spam() {
        let links = "<a href=\"https://a.example\">buy</a> <a href=\"https://b.example\">cheap</a> [url=https://c.example]pills[/url]";
        let texts = [
            "",
            "Hi",
            "Could I come on Monday?",
            "Could you see https://example.org/doc?",
            "Danke!",
            "ありがとうございます",
            "My brother won a massage at the casino.",
            "casino",
            links,
            "best CASINO bonus https://a.example https://b.example free pills",
        ];
        let tokens = [FormToken::Good, FormToken::Absent, FormToken::Young, FormToken::Replayed];
        for (text, token, repeats, (unsure, spam)) in texts.into_iter().flat_map(|text| {
            let cases = tokens.into_iter().flat_map(|token| [0, 3].map(|repeats| (token, repeats)));
            let cases = cases.flat_map(|(token, repeats)| [(0.8, 0.985), (0.3, 0.5)].map(|at| (token, repeats, at)));
            cases.map(move |(token, repeats, at)| (text, token, repeats, at)).collect::<Vec<_>>()
        }) {
            let judging = Judging { blocklist: vec!["Casino".into()], unsure, spam, ..Judging::default() };
            let content = Content { author: "Ann".into(), text: text.into(), ..Content::default() };
            let of = |signals: Signals| judge(&content, &signals, &SiteModel::default(), &judging);
            let alone = Signals { repeats, token, ..Signals::default() };
            let trapped = Signals { honeypot: true, ..alone };
            let caught = of(trapped);
            assert_eq!(caught.decision, Decision::Spam, "{text}");
            // Without what is seen of a token where a proof is taken for it.
            let by_itself = of(alone).decision;
            let pressed = caught.revised(SecondChance::Delay, &judging);
            let solved = of(Signals { proof: Proof::Solved, ..trapped });
            for shown in [&pressed, &solved, &pressed.revised(SecondChance::Delay, &judging)] {
                let case = format!("{text}, {token:?}, {repeats}: {shown:?}");
                if by_itself == Decision::Spam {
                    assert!(shown.decision == Decision::Spam && shown.has("honeypot"), "{case}");
                } else {
                    assert!(shown.decision == Decision::Unsure && shown.has("honeypot_forgiven"), "{case}");
                    assert!(!shown.has("honeypot") && shown.is_suspicious(&judging), "{case}");
                }
            }
        }
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

    #[test]
    fn what_only_could_not_be_looked_at_is_not_suspected() {
        let judging =
            Judging { blocklist: vec!["casino".into()], moderation_keys: vec!["knee".into()], ..Judging::default() };
        let suspected = |text: &str, signals: Signals| {
            let content = Content { author: "Ann".into(), text: text.into(), ..Content::default() };
            judge(&content, &signals, &SiteModel::default(), &judging).is_suspicious(&judging)
        };
        let akismet = |akismet| Signals { akismet, ..Signals::default() };
        let fine = "Thank you, the exercises have helped my back a lot!";
        for signals in [
            Signals::default(),
            akismet(Akismet::Failed),
            akismet(Akismet::Pending),
            Signals { site_model_unknown: true, ..Signals::default() },
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
