//! The rules about what the text does not tell: signals, and what the site's owner has configured. One function and one
//! row each. A rule looks at a [`Case`] and says how much of it it found.
//!
//! The development data carries none of these signals, so the prices cannot be fitted on it, as those of the
//! [signs](crate::signs) are. A price is the logarithm of how much more often machines show the signal than people do,
//! by the rates that stand beside it, and less where being wrong would hurt people.

use std::cell::OnceCell;

use crate::content::Content;
use crate::features::Features;
use crate::judging::{BlockedAs, Judging};
use crate::model::Model;
use crate::reason::Reason;
use crate::signals::{Akismet, Blocked, FormToken, Proof, SecondChance, Signals};
use crate::{disposable, language};

/// What the visitor's browser was given to solve came back solved.
pub const PROOF_SOLVED: &str = "proof_solved";
/// It came back wrong.
pub(crate) const PROOF_FAILED: &str = "proof_failed";
/// It did not come, and the site always wants it.
pub(crate) const PROOF_MISSING: &str = "proof_missing";
/// There was no form token.
pub(crate) const TOKEN_ABSENT: &str = "token_absent";
/// A field that people cannot see was filled in.
pub(crate) const HONEYPOT: &str = "honeypot";
/// It was, and the sender has shown that they are a person all the same.
pub(crate) const HONEYPOT_FORGIVEN: &str = "honeypot_forgiven";
/// Somebody has pressed a button.
pub(crate) const PRESSED: &str = "second_chance";
/// Akismet will know better in a few minutes.
pub(crate) const AKISMET_PENDING: &str = "akismet_pending";

/// What the rules look at.
pub(crate) struct Case<'a> {
    signals: &'a Signals,
    judging: &'a Judging,
    content: &'a Content,
    features: &'a Features,
    /// Author, e-mail address, website and text, lower case; made when a list first asks for it.
    lower: OnceCell<String>,
}

impl<'a> Case<'a> {
    pub(crate) fn new(
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
pub(crate) struct Rule {
    /// The stable name, which is stored; the functions have a text for it, in each language.
    pub(crate) name: &'static str,
    /// Log-odds for each unit found.
    weight: f64,
    /// The most units that count.
    most: f64,
    /// Whether it holds a submission, however little it weighs.
    doubt: Doubt,
    find: fn(&Case) -> Option<Finding>,
}

/// Whether a finding leaves no verdict "real", whatever speaks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// No: it weighs what it weighs.
    None,
    /// Yes, and it is evidence of spam.
    Evidence,
    /// Yes, though it says nothing against the submission: a check could not be made, or the owner wants to look.
    NoEvidence,
}

/// What most rules are like: found or not, and no doubt by itself; and those that hold, see [`Doubt`].
const RULE: Rule = Rule { name: "", weight: 0.0, most: 1.0, doubt: Doubt::None, find: |_| None };
const HOLDING: Rule = Rule { doubt: Doubt::Evidence, ..RULE };
const UNDECIDED: Rule = Rule { doubt: Doubt::NoEvidence, ..RULE };

/// How much was found, and what the owner is told about it.
struct Finding {
    units: f64,
    value: Option<String>,
}

impl Rule {
    fn apply(&self, case: &Case) -> Option<Reason> {
        let found = (self.find)(case)?;
        let weight = self.weight * found.units.min(self.most);
        Some(Reason { name: self.name.into(), weight, value: found.value })
    }
}

/// Every rule. A new one is a row here, its function below, and a text `reason_NAME` in each language.
pub(crate) const RULES: &[Rule] = &[
    // Four machines in five fill it, of people one in a thousand: a browser does it for them. That would be 7; but what
    // fills it must end in the spam folder however innocent its text is, and those who know how texts are judged send
    // innocent ones.
    Rule { name: HONEYPOT, weight: 13.0, find: honeypot, ..RULE },
    // Never found by itself: `Verdict::weigh` puts it in the place of the one above. Somebody is to look all the same.
    Rule { name: HONEYPOT_FORGIVEN, ..HOLDING },
    // What the owner lists is rare in real messages, but does occur.
    Rule { name: "blocklist", weight: 2.5, most: 3.0, find: blocklist, ..RULE },
    // The owner has decided: it weighs more than everything that could speak for a text.
    Rule { name: "disallowed_keys", weight: 25.0, find: |case| keys(case, &case.judging.disallowed_keys), ..RULE },
    // So they have of a sender. Where that only holds, it weighs as much as that takes.
    Rule { name: "blocked_address", weight: 25.0, find: |case| blocked(case, Blocked::Address), ..HOLDING },
    Rule { name: "blocked_network", weight: 25.0, find: |case| blocked(case, Blocked::Network), ..HOLDING },
    // Holds, whatever it weighs.
    Rule { name: "moderation_keys", find: |case| keys(case, &case.judging.moderation_keys), ..UNDECIDED },
    // People send a thing again when they got no answer; machines for ever.
    Rule { name: "repeated", weight: 0.8, most: 4.0, find: repeated, ..RULE },
    Rule { name: "rate", weight: 1.0, find: rate, ..RULE },
    // Guests write in their own language too: a sign, not more.
    Rule { name: "language", weight: 1.5, find: language, ..RULE },
    // Those who fear spam use such addresses as well as those who send it.
    Rule { name: "disposable_email", weight: 1.0, find: disposable_email, ..RULE },
    // Of people, two or three in a hundred have no script; of machines most. People must not be shut out for it.
    Rule { name: TOKEN_ABSENT, weight: 0.3, find: |case| token(case, FormToken::Absent), ..RULE },
    // Nobody writes a message in three seconds, but some paste one.
    Rule { name: "token_young", weight: 2.0, find: |case| token(case, FormToken::Young), ..RULE },
    Rule { name: "token_old", weight: 0.5, find: |case| token(case, FormToken::Old), ..RULE },
    Rule { name: "token_replayed", weight: 2.0, find: |case| token(case, FormToken::Replayed), ..RULE },
    // A phone changes its network on the way out of the house.
    Rule { name: "token_foreign", weight: 1.5, find: |case| token(case, FormToken::Foreign), ..RULE },
    // Most machines do not reckon, but those that sell to many can.
    Rule { name: PROOF_SOLVED, weight: -1.0, find: |case| proof(case, Proof::Solved), ..RULE },
    Rule { name: PROOF_FAILED, weight: 1.0, find: |case| proof(case, Proof::Failed), ..RULE },
    Rule { name: PROOF_MISSING, weight: 1.0, find: |case| proof(case, Proof::Missing), ..HOLDING },
    Rule { name: "proof_unknown", find: |case| found(case.signals.proof_unknown), ..UNDECIDED },
    // Found only later, see `Verdict::revised`: a press of a button says a little less than a person would.
    Rule { name: PRESSED, weight: -1.5, find: second_chance, ..RULE },
    Rule { name: "model_unknown", find: |_| found(Model::released().is_none()), ..UNDECIDED },
    Rule { name: "memory_unknown", find: |case| found(case.signals.site_model_unknown), ..UNDECIDED },
    // A service that is wrong once in a hundred says this.
    Rule { name: "akismet_ham", weight: -1.5, find: |case| akismet_says(case, Akismet::Ham), ..RULE },
    Rule { name: "akismet_spam", weight: 4.0, find: |case| akismet_says(case, Akismet::Spam), ..HOLDING },
    Rule { name: "akismet_discard", weight: 10.0, find: |case| akismet_says(case, Akismet::Discard), ..HOLDING },
    Rule { name: AKISMET_PENDING, find: |case| akismet_says(case, Akismet::Pending), ..UNDECIDED },
    Rule { name: "akismet_failed", find: |case| akismet_says(case, Akismet::Failed), ..UNDECIDED },
];

/// Everything that the rules find.
pub(crate) fn apply(case: &Case) -> impl Iterator<Item = Reason> {
    RULES.iter().filter_map(|rule| rule.apply(case))
}

/// What the rules find in signals alone.
pub(crate) fn of_signals(signals: &Signals) -> Vec<Reason> {
    let (content, judging) = (Content::default(), Judging::default());
    let features = Features::of(&content);
    apply(&Case::new(&content, &features, signals, &judging)).collect()
}

/// Whether a finding of this name holds a submission.
pub(crate) fn doubt(name: &str) -> Doubt {
    RULES.iter().find(|rule| rule.name == name).map_or(Doubt::None, |rule| rule.doubt)
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

/// A proof of work is a finding of its own.
fn second_chance(case: &Case) -> Option<Finding> {
    found(case.signals.second_chance == Some(SecondChance::Delay))
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
