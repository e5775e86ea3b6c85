//! Everything together: texts as they came, with the signals that a site would have had.
//!
//! The data tells which posts filled the hidden field on one form, which texts came again, and, in the order of the
//! file, what an owner could have decided before. How machines and people treat tokens is not in it: these rates are
//! assumptions, and stand below.

use std::collections::HashMap;

use deskbell_filter::features::Features;
use deskbell_filter::{CAMPAIGN, FormToken, Judging, Proof, SUREST_REAL, Signals, SiteModel, weight_of};
use jiff::Timestamp;
use uuid::Uuid;

use crate::corpus::Line;

/// Assumed: of a thousand machines, so many fill the hidden field (measured elsewhere on 4,906 posts), send no token, a
/// fresh one at once, one used before; the rest send a good one. So many of them solve a proof of work.
const MACHINES: Rates = Rates { honeypot: 800, absent: 700, young: 200, replayed: 50, foreign: 0, solved: 20 };

/// Assumed: of a thousand people, so many have the hidden field filled by their browser, no script, a form open in
/// another network. Those who have a script solve the proof of work, where there is one.
const PEOPLE: Rates = Rates { honeypot: 1, absent: 25, young: 5, replayed: 0, foreign: 10, solved: 975 };

/// When a site wants a proof of work.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// When the verdict is in doubt: then machines that can solve one bring it, and people are not asked before.
    InDoubt,
    /// With each submission.
    Always,
}

struct Rates {
    honeypot: u64,
    absent: u64,
    young: u64,
    replayed: u64,
    foreign: u64,
    solved: u64,
}

/// The scores of lines whose texts alone have the log-odds `log_odds`, with all signals and all that the owner of each
/// source had decided before.
pub(crate) fn with_signals(lines: &[Line], features: &[Features], log_odds: &[f32], wanted: Wanted) -> Vec<f64> {
    let unsure = Judging::default().unsure;
    let mut sources: HashMap<&str, Vec<usize>> = HashMap::new();
    let measured = (0..lines.len()).filter(|at| lines[*at].is_measured() && lines[*at].is_submission());
    measured.for_each(|at| sources.entry(lines[at].source()).or_default().push(at));
    let mut scores = vec![f64::NAN; lines.len()];
    for own in sources.into_values() {
        let (mut site_model, mut seen) = (SiteModel::default(), HashMap::<&str, u32>::new());
        for at in own {
            let line = &lines[at];
            let adjustment = site_model.adjust(&features[at]);
            let repeats = seen.entry(&line.text).or_default();
            let signals = Signals { repeats: *repeats, ..simulated(line, at, wanted) };
            *repeats += 1;
            let sum = f64::from(log_odds[at]).max(SUREST_REAL)
                + f64::from(adjustment.log_odds)
                + f64::from(adjustment.campaign) * CAMPAIGN
                + weight_of(&signals);
            let score = 1.0 / (1.0 + (-sum).exp());
            scores[at] = if signals.proof == Proof::Missing { score.max(unsure) } else { score };
            let id = Uuid::from_u128(at as u128);
            site_model.replace(id, Some(line.truth()), &features[at], log_odds[at], Timestamp::UNIX_EPOCH);
        }
    }
    scores
}

/// The signals that a line might have come with; always the same for the same line.
fn simulated(line: &Line, at: usize, wanted: Wanted) -> Signals {
    let rates = if line.is_spam() { MACHINES } else { PEOPLE };
    let draw = |salt: u64| {
        let mixed = (at as u64 ^ (salt << 40)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 32
    };
    let share = |salt| draw(salt) % 1000;
    let token = share(2);
    let steps = [
        (rates.absent, FormToken::Absent),
        (rates.young, FormToken::Young),
        (rates.replayed, FormToken::Replayed),
        (rates.foreign, FormToken::Foreign),
    ];
    let mut upto = 0;
    let kind = steps.into_iter().find(|(rate, _)| {
        upto += rate;
        token < upto
    });
    let solved = share(3) < rates.solved;
    let proof = match wanted {
        Wanted::Always if solved => Proof::Solved,
        Wanted::Always => Proof::Missing,
        Wanted::InDoubt if solved && line.is_spam() => Proof::Solved,
        Wanted::InDoubt => Proof::Absent,
    };
    Signals {
        honeypot: line.source() == "form-honeypot" || share(1) < rates.honeypot,
        token: kind.map_or(FormToken::Good, |(_, kind)| kind),
        proof,
        ..Signals::default()
    }
}
