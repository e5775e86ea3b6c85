//! The rules: one function and one row each. A rule looks at a [`Case`] and says how much of it it found.

use super::text::Statistics;
use super::{Akismet, Content, Judging, Memory, Proof, Reason, Signals};

/// What the rules look at.
pub(super) struct Case<'a> {
    signals: &'a Signals,
    judging: &'a Judging,
    /// What earlier decisions say, -1 (real) to 1 (junk).
    opinion: f64,
    /// Links in the author's name.
    name_links: usize,
    /// Author, website and text, lower case.
    lower: String,
    statistics: Statistics,
}

impl<'a> Case<'a> {
    pub(super) fn new(content: &'a Content, signals: &'a Signals, memory: &Memory, judging: &'a Judging) -> Self {
        let lower = [content.author.as_str(), &content.url, &content.text].join("\n").to_lowercase();
        Self {
            signals,
            judging,
            opinion: memory.opinion(content),
            name_links: Statistics::of(&content.author).links,
            lower,
            statistics: Statistics::of(&content.text),
        }
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

pub(super) const RULES: [Rule; 20] = [
    Rule { name: "honeypot", weight: 7.0, most: 1.0, find: honeypot },
    Rule { name: "links", weight: 0.9, most: 6.0, find: links },
    Rule { name: "name_link", weight: 3.0, most: 1.0, find: name_link },
    Rule { name: "markup", weight: 2.5, most: 1.0, find: markup },
    Rule { name: "blocklist", weight: 2.5, most: 3.0, find: blocklist },
    Rule { name: "repeated", weight: 0.8, most: 4.0, find: repeated },
    Rule { name: "rate", weight: 1.0, most: 1.0, find: rate },
    Rule { name: "mixed_script", weight: 2.5, most: 1.0, find: mixed_script },
    Rule { name: "gibberish", weight: 3.0, most: 1.0, find: gibberish },
    Rule { name: "like_junk", weight: 4.0, most: 1.0, find: |case| found(case.opinion > 0.0) },
    Rule { name: "like_real", weight: -4.0, most: 1.0, find: |case| found(case.opinion < 0.0) },
    Rule { name: "memory_unknown", weight: 0.0, most: 1.0, find: |case| found(case.signals.memory_unknown) },
    Rule { name: "proof_solved", weight: -1.0, most: 1.0, find: |case| found(case.signals.proof == Proof::Solved) },
    Rule { name: "proof_failed", weight: 1.0, most: 1.0, find: |case| found(case.signals.proof == Proof::Failed) },
    Rule { name: "proof_unknown", weight: 0.0, most: 1.0, find: |case| found(case.signals.proof_unknown) },
    Rule { name: "akismet_ham", weight: -1.5, most: 1.0, find: |case| says(case, Akismet::Ham) },
    Rule { name: "akismet_pending", weight: 0.0, most: 1.0, find: |case| says(case, Akismet::Pending) },
    Rule { name: "akismet_spam", weight: 4.0, most: 1.0, find: |case| says(case, Akismet::Spam) },
    Rule { name: "akismet_discard", weight: 8.0, most: 1.0, find: |case| says(case, Akismet::Discard) },
    Rule { name: "akismet_failed", weight: 0.0, most: 1.0, find: |case| says(case, Akismet::Failed) },
];

/// What Akismet's opinion alone adds.
pub(super) fn akismet(akismet: Akismet) -> Option<Reason> {
    let (content, judging) = (Content::default(), Judging::default());
    let signals = Signals { akismet, ..Signals::default() };
    let case = Case::new(&content, &signals, &Memory::default(), &judging);
    RULES.iter().filter(|rule| rule.name.starts_with("akismet_")).find_map(|rule| rule.apply(&case))
}

fn says(case: &Case, akismet: Akismet) -> Option<Finding> {
    found(case.signals.akismet == akismet)
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

fn links(case: &Case) -> Option<Finding> {
    counted(case.statistics.links)
}

fn name_link(case: &Case) -> Option<Finding> {
    found(case.name_links > 0)
}

/// Markup that a form's plain text field has no use for, and that machines try everywhere.
fn markup(case: &Case) -> Option<Finding> {
    found(["[url", "[link", "<a href", "<a  href", "[/url]"].iter().any(|tag| case.lower.contains(tag)))
}

fn blocklist(case: &Case) -> Option<Finding> {
    let blocked = case.judging.blocklist.iter();
    let hits: Vec<&str> =
        blocked.map(|word| word.trim()).filter(|word| case.lower.contains(&word.to_lowercase())).collect();
    let units = counted(hits.len())?.units;
    Some(Finding { units, value: Some(hits.join(", ")) })
}

fn repeated(case: &Case) -> Option<Finding> {
    counted(usize::try_from(case.signals.repeats).unwrap_or(usize::MAX))
}

fn rate(case: &Case) -> Option<Finding> {
    found(case.signals.rate > case.judging.rate_per_minute.div_ceil(2).max(2))
}

fn mixed_script(case: &Case) -> Option<Finding> {
    found(case.statistics.mixed_script_words >= 2)
}

fn gibberish(case: &Case) -> Option<Finding> {
    let words = case.statistics.latin_words;
    found(words >= 1 && case.statistics.gibberish_words * 2 > words && case.statistics.gibberish_letters >= 12)
}
