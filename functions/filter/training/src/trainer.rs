//! Models made from some of the lines, and asked about the others.
//!
//! Cross-validation in five parts by campaign, and with each source left out in turn. The final layers learn from what
//! the first two learners say about texts that they have not seen; so do the calibration and the prices.

use std::collections::BTreeSet;

use deskbell_filter::features::{Features, GROUPS, Group, Sink};
use deskbell_filter::model::{FINALS, INPUTS, Layer, Model, Table};
use deskbell_filter::signs::{self, SIGNS};
use deskbell_filter::{CAMPAIGN, SUREST_REAL, SiteModel};
use jiff::Timestamp;
use uuid::Uuid;

use crate::campaigns::{FOLDS, folds};
use crate::cores::both_cores;
use crate::corpus::{Line, SEEDS};
use crate::fit::{self, Example, Seen};

/// How many decisions of a site's owner are tried.
pub(crate) const DECISIONS: usize = 50;

type Inputs = [f32; INPUTS];

/// Lines made ready to learn from.
pub(crate) struct Trainer<'a> {
    lines: &'a [Line],
    pub(crate) features: Vec<Features>,
    examples: Vec<Example>,
    folds: Vec<usize>,
}

impl<'a> Trainer<'a> {
    pub(crate) fn new(lines: &'a [Line]) -> Self {
        let features: Vec<Features> = lines.iter().map(|line| Features::of(&line.content())).collect();
        let examples = lines.iter().zip(&features).map(|(line, features)| example(line, features)).collect();
        let folds = folds(lines, &features);
        Self { lines, features, examples, folds }
    }

    /// The first two learners, fitted to some lines.
    fn learners(&self, from: &[usize]) -> Model {
        let examples: Vec<&Example> = from.iter().map(|at| &self.examples[*at]).collect();
        let (embeddings, net) = fit::embeddings(&examples);
        Model { linear: fit::linear(&examples), embeddings, net, ..empty() }
    }

    fn inputs(&self, learners: &Model, of: usize) -> Inputs {
        learners.evidence(&self.features[of]).inputs
    }

    /// The whole model: learners fitted to some lines, final layers fitted to what other learners said of them.
    pub(crate) fn model(&self, from: &[usize], said: &[Inputs]) -> Model {
        let finals = self.finals(from, said);
        let Model { linear, embeddings, net, .. } = self.learners(from);
        Model { linear, embeddings, net, ..finals }
    }

    /// The final layers, fitted to what the learners said of some lines that they had not seen.
    fn finals(&self, from: &[usize], said: &[Inputs]) -> Model {
        let count = from.len() as f32;
        let mean = |input: usize| from.iter().map(|at| said[*at][input]).sum::<f32>() / count;
        let means: Inputs = std::array::from_fn(mean);
        let spread = |input: usize| {
            let squares = from.iter().map(|at| (said[*at][input] - means[input]).powi(2)).sum::<f32>();
            (squares / count).sqrt().max(0.05)
        };
        let spreads: Inputs = std::array::from_fn(spread);
        let seen: Vec<Seen> = from
            .iter()
            .map(|at| Seen {
                inputs: std::array::from_fn(|k| ((said[*at][k] - means[k]) / spreads[k]).clamp(-5.0, 5.0)),
                spam: self.examples[*at].spam,
                weight: self.examples[*at].weight,
            })
            .collect();
        let finals = (0..FINALS).map(|number| fit::final_layer(&seen, number as u64)).collect();
        Model { means: means.to_vec(), spreads: spreads.to_vec(), finals, ..empty() }
    }

    fn without(&self, folds: &[usize]) -> Vec<usize> {
        (0..self.lines.len()).filter(|at| !folds.contains(&self.folds[*at])).collect()
    }

    fn within(&self, fold: usize) -> Vec<usize> {
        (0..self.lines.len()).filter(|at| self.folds[*at] == fold).collect()
    }

    /// For each line what learners say that have not seen its fold; and what a whole model answers that has not.
    pub(crate) fn cross_validate(&self) -> (Vec<Inputs>, Vec<f32>) {
        let pairs: Vec<(usize, usize)> = (0..FOLDS).flat_map(|a| (a..FOLDS).map(move |b| (a, b))).collect();
        // Learners that have seen neither fold speak about both.
        let told = both_cores(&pairs, |(a, b)| {
            let learners = self.learners(&self.without(&[*a, *b]));
            let about = |fold| self.within(fold).into_iter().map(|at| (at, self.inputs(&learners, at))).collect();
            let (of_a, of_b): (Vec<_>, Vec<_>) = (about(*a), about(*b));
            (of_a, of_b)
        });
        // said[fold]: what learners say that have seen neither that fold nor the line's own.
        let mut said = vec![vec![[0.0; INPUTS]; self.lines.len()]; FOLDS];
        for ((a, b), (of_a, of_b)) in pairs.iter().zip(told) {
            of_a.into_iter().for_each(|(at, inputs)| said[*b][at] = inputs);
            of_b.into_iter().for_each(|(at, inputs)| said[*a][at] = inputs);
        }
        let folds: Vec<usize> = (0..FOLDS).collect();
        let judges = both_cores(&folds, |fold| self.finals(&self.without(&[*fold]), &said[*fold]));
        let unseen = |at: usize| said[self.folds[at]][at];
        let inputs: Vec<Inputs> = (0..self.lines.len()).map(unseen).collect();
        let answers = inputs.iter().enumerate().map(|(at, inputs)| judges[self.folds[at]].answer(inputs)).collect();
        (inputs, answers)
    }

    /// The log-odds of each line by a model that has seen nothing of its source; and by the same model after the
    /// source's owner has decided the first lines, those left out.
    pub(crate) fn leave_sources_out(&self, said: &[Inputs], calibration: [f32; 2]) -> (Vec<f32>, Vec<f32>) {
        let sources: BTreeSet<&str> = self.lines.iter().filter(|line| line.is_submission()).map(Line::source).collect();
        let sources: Vec<&str> = sources.into_iter().collect();
        let told = both_cores(&sources, |source| {
            let of = |at: &usize| self.lines[*at].source() == *source;
            let (own, others): (Vec<usize>, Vec<usize>) = (0..self.lines.len()).partition(of);
            let model = Model { calibration, ..self.model(&others, said) };
            let own = own.into_iter().filter(|at| self.lines[*at].copy_of.is_none());
            let alone: Vec<(usize, f32)> = own.map(|at| (at, model.log_odds(&self.inputs(&model, at)))).collect();
            let adapted = self.learn(&alone);
            (alone, adapted)
        });
        let mut log_odds = (vec![f32::NAN; self.lines.len()], vec![f32::NAN; self.lines.len()]);
        for (alone, adapted) in told {
            alone.into_iter().for_each(|(at, odds)| log_odds.0[at] = odds);
            adapted.into_iter().for_each(|(at, odds)| log_odds.1[at] = odds);
        }
        log_odds
    }

    /// The log-odds of the rest after the first lines were decided by the source's owner.
    fn learn(&self, alone: &[(usize, f32)]) -> Vec<(usize, f32)> {
        let (first, rest) = alone.split_at(DECISIONS.min(alone.len()));
        let (mut site_model, now) = (SiteModel::default(), Timestamp::UNIX_EPOCH);
        for (at, odds) in first {
            let label = self.lines[*at].truth();
            site_model.replace(Uuid::from_u128(*at as u128), Some(label), &self.features[*at], *odds, now);
        }
        let after = |(at, odds): &(usize, f32)| {
            let adjustment = site_model.adjust(&self.features[*at]);
            (*at, odds.max(SUREST_REAL as f32) + adjustment.log_odds + adjustment.campaign * CAMPAIGN as f32)
        };
        rest.iter().map(after).collect()
    }

    pub(crate) fn signs(&self, at: usize) -> [f32; SIGNS] {
        signs::units(&self.features[at])
    }

    /// The score, 0..1: the text's log-odds and the signs' prices.
    pub(crate) fn score(&self, at: usize, log_odds: f32, prices: &[f32; SIGNS]) -> f64 {
        let signs: f32 = self.signs(at).iter().zip(prices).map(|(units, price)| units * price).sum();
        1.0 / (1.0 + (-f64::from(log_odds + signs)).exp())
    }
}

/// A model of which parts are still to be made.
fn empty() -> Model {
    let table = Table { scale: 1.0, cells: Vec::new().into() };
    Model {
        linear: table.clone(),
        embeddings: table,
        net: Layer { inputs: 0, weights: Vec::new(), biases: Vec::new(), outputs: Vec::new(), bias: 0.0 },
        means: Vec::new(),
        spreads: Vec::new(),
        finals: Vec::new(),
        calibration: [1.0, 0.0],
        prices: vec![0.0; SIGNS],
    }
}

/// How much a line counts: comments of sites like ours most, mail and short messages least.
fn weight(line: &Line) -> f32 {
    match (line.kind(), line.source()) {
        _ if line.copy_of.is_some() => 0.3,
        ("email" | "sms", _) | (_, SEEDS) => 0.3,
        (_, source) if source.starts_with("static-site:") || source.starts_with("archive:") => 2.0,
        _ => 1.0,
    }
}

fn example(line: &Line, features: &Features) -> Example {
    #[derive(Default)]
    struct All([Vec<u32>; GROUPS]);
    impl Sink for All {
        fn feature(&mut self, group: Group, hash: u32, _: usize) {
            self.0[group as usize].push(hash);
        }
    }
    let mut all = All::default();
    features.each(&mut all);
    for group in &mut all.0 {
        group.sort_unstable();
        group.dedup();
    }
    Example { groups: all.0, spam: line.is_spam(), weight: weight(line) }
}
