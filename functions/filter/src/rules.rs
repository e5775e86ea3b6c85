//! The rules about what the text does not tell: signals, and what the site's owner has configured. One function and one
//! row each. A rule looks at a [`Case`] and says how much of it it found.
//!
//! The development data carries none of these signals, so the prices cannot be fitted on it, as those of the
//! [signs](super::signs) are. A price is the logarithm of how much more often machines show the signal than people do,
//! by the rates that stand beside it, and less where being wrong would hurt people.

use std::cell::OnceCell;

use super::features::Features;
use super::{Akismet, Blocked, BlockedAs, Content, FormToken, Judging, Proof, Reason, Signals, disposable, language};

/// What the rules look at.
pub(super) struct Case<'a> {
    signals: &'a Signals,
    judging: &'a Judging,
    content: &'a Content,
    features: &'a Features,
    /// Author, e-mail address, website and text, lower case; made when a list first asks for it.
    lower: OnceCell<String>,
}

impl<'a> Case<'a> {
    pub(super) fn new(
        content: &'a Content,
        features: &'a Features,
        signals: &'a Signals,
        judging: &'a Judging,
    ) -> Self {
        Self { signals, judging, content, features, lower: OnceCell::new() }
    }

    fn lower(&self) -> &str {
        let Content { author, email, url, text } = self.content;
        self.lower.get_or_init(|| [author.as_str(), email, url, text].join("\n").to_lowercase())
    }
}

/// A named rule with its price.
pub(super) struct Rule {
    name: &'static str,
    /// Log-odds for each unit found.
    weight: f64,
    /// The most units that count.
    most: f64,
    find: fn(&Case) -> Option<Finding>,
}

/// How much was found, and what the owner is told about it.
struct Finding {
    units: f64,
    value: Option<String>,
}

impl Rule {
    pub(super) fn apply(&self, case: &Case) -> Option<Reason> {
        let found = (self.find)(case)?;
        let weight = self.weight * found.units.min(self.most);
        Some(Reason { name: self.name.into(), weight, value: found.value })
    }
}

pub(super) const RULES: [Rule; 26] = [
    // Four machines in five fill it, of people one in a thousand: a browser does it for them. That would be 7; but what
    // fills it must end in the spam folder however innocent its text is, and those who know how texts are judged send
    // innocent ones.
    Rule { name: "honeypot", weight: 13.0, most: 1.0, find: honeypot },
    // What the owner lists is rare in real messages, but does occur.
    Rule { name: "blocklist", weight: 2.5, most: 3.0, find: blocklist },
    // The owner has decided: it weighs more than everything that could speak for a text.
    Rule { name: "disallowed_keys", weight: 25.0, most: 1.0, find: |case| keys(case, &case.judging.disallowed_keys) },
    // So they have of a sender. Where that only holds, it weighs as much as that takes.
    Rule { name: "blocked_address", weight: 25.0, most: 1.0, find: |case| blocked(case, Blocked::Address) },
    Rule { name: "blocked_network", weight: 25.0, most: 1.0, find: |case| blocked(case, Blocked::Network) },
    // Holds, whatever it weighs.
    Rule { name: "moderation_keys", weight: 0.0, most: 1.0, find: |case| keys(case, &case.judging.moderation_keys) },
    // People send a thing again when they got no answer; machines for ever.
    Rule { name: "repeated", weight: 0.8, most: 4.0, find: repeated },
    Rule { name: "rate", weight: 1.0, most: 1.0, find: rate },
    // Guests write in their own language too: a sign, not more.
    Rule { name: "language", weight: 1.5, most: 1.0, find: language },
    // Those who fear spam use such addresses as well as those who send it.
    Rule { name: "disposable_email", weight: 1.0, most: 1.0, find: disposable_email },
    // Of people, two or three in a hundred have no script; of machines most. People must not be shut out for it.
    Rule { name: "token_absent", weight: 0.3, most: 1.0, find: |case| token(case, FormToken::Absent) },
    // Nobody writes a message in three seconds, but some paste one.
    Rule { name: "token_young", weight: 2.0, most: 1.0, find: |case| token(case, FormToken::Young) },
    Rule { name: "token_old", weight: 0.5, most: 1.0, find: |case| token(case, FormToken::Old) },
    Rule { name: "token_replayed", weight: 2.0, most: 1.0, find: |case| token(case, FormToken::Replayed) },
    // A phone changes its network on the way out of the house.
    Rule { name: "token_foreign", weight: 1.5, most: 1.0, find: |case| token(case, FormToken::Foreign) },
    // Most machines do not reckon, but those that sell to many can.
    Rule { name: "proof_solved", weight: -1.0, most: 1.0, find: |case| proof(case, Proof::Solved) },
    Rule { name: "proof_failed", weight: 1.0, most: 1.0, find: |case| proof(case, Proof::Failed) },
    Rule { name: "proof_missing", weight: 1.0, most: 1.0, find: |case| proof(case, Proof::Missing) },
    Rule { name: "proof_unknown", weight: 0.0, most: 1.0, find: |case| found(case.signals.proof_unknown) },
    // Found only later, see `Verdict::revised`: a press of a button says a little less than a person would.
    Rule { name: "second_chance", weight: -1.5, most: 1.0, find: |_| None },
    Rule { name: "memory_unknown", weight: 0.0, most: 1.0, find: |case| found(case.signals.memory_unknown) },
    // A service that is wrong once in a hundred says this.
    Rule { name: "akismet_ham", weight: -1.5, most: 1.0, find: |case| akismet_says(case, Akismet::Ham) },
    Rule { name: "akismet_spam", weight: 4.0, most: 1.0, find: |case| akismet_says(case, Akismet::Spam) },
    Rule { name: "akismet_discard", weight: 10.0, most: 1.0, find: |case| akismet_says(case, Akismet::Discard) },
    Rule { name: "akismet_pending", weight: 0.0, most: 1.0, find: |case| akismet_says(case, Akismet::Pending) },
    Rule { name: "akismet_failed", weight: 0.0, most: 1.0, find: |case| akismet_says(case, Akismet::Failed) },
];

/// The finding of a rule that knows nothing but yes and no, made without a case.
pub(super) fn reason(name: &str) -> Option<Reason> {
    let rule = RULES.iter().find(|rule| rule.name == name)?;
    Some(Reason { name: rule.name.into(), weight: rule.weight, value: None })
}

/// What Akismet's opinion adds.
pub(super) fn akismet(akismet: Akismet) -> Option<Reason> {
    reason(match akismet {
        Akismet::NotAsked => return None,
        Akismet::Ham => "akismet_ham",
        Akismet::Pending => "akismet_pending",
        Akismet::Spam => "akismet_spam",
        Akismet::Discard => "akismet_discard",
        Akismet::Failed => "akismet_failed",
    })
}

fn akismet_says(case: &Case, akismet: Akismet) -> Option<Finding> {
    found(case.signals.akismet == akismet)
}

fn token(case: &Case, token: FormToken) -> Option<Finding> {
    found(case.signals.token == token)
}

fn proof(case: &Case, proof: Proof) -> Option<Finding> {
    found(case.signals.proof == proof)
}

fn found(condition: bool) -> Option<Finding> {
    condition.then_some(Finding { units: 1.0, value: None })
}

fn counted(count: usize) -> Option<Finding> {
    let units = f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    (count > 0).then(|| Finding { units, value: Some(count.to_string()) })
}

fn honeypot(case: &Case) -> Option<Finding> {
    found(case.signals.honeypot)
}

/// Those of a list that occur anywhere, in any case.
fn hits<'a>(case: &Case, list: &'a [String]) -> Vec<&'a str> {
    list.iter().map(|key| key.trim()).filter(|key| case.lower().contains(&key.to_lowercase())).collect()
}

fn keys(case: &Case, list: &[String]) -> Option<Finding> {
    let hits = hits(case, list);
    (!hits.is_empty()).then(|| Finding { units: 1.0, value: Some(hits.join(", ")) })
}

fn blocked(case: &Case, what: Blocked) -> Option<Finding> {
    let units = if case.judging.block == BlockedAs::Spam { 1.0 } else { 0.0 };
    (case.signals.blocked == Some(what)).then_some(Finding { units, value: None })
}

fn blocklist(case: &Case) -> Option<Finding> {
    let hits = hits(case, &case.judging.blocklist);
    let units = counted(hits.len())?.units;
    Some(Finding { units, value: Some(hits.join(", ")) })
}

fn repeated(case: &Case) -> Option<Finding> {
    counted(usize::try_from(case.signals.repeats).unwrap_or(usize::MAX))
}

fn rate(case: &Case) -> Option<Finding> {
    found(case.signals.rate > case.judging.rate_per_minute.div_ceil(2).max(2))
}

fn language(case: &Case) -> Option<Finding> {
    let letters = case.features.text.counts.letters;
    let found = language::unexpected(&case.content.text, letters, &case.judging.languages)?;
    Some(Finding { units: 1.0, value: Some(found.into()) })
}

fn disposable_email(case: &Case) -> Option<Finding> {
    found(disposable::is_disposable(&case.content.email))
}
