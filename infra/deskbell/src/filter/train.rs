//! `deskbell train`: makes the model from labelled lines, and measures it in ways that memory cannot pass.
//!
//! Cross-validation in five parts by campaign, and with each source left out in turn. The final layers learn from what
//! the first two learners say about texts that they have not seen; so do the calibration and the prices.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;

use deskbell_filter::features::{Features, GROUPS, Group, Sink};
use deskbell_filter::model::{FINALS, INPUTS, Layer, Model, Table};
use deskbell_filter::script::{Script, script};
use deskbell_filter::signs::{self, SIGNS};
use deskbell_filter::{self, CAMPAIGN, Memory, SUREST_REAL};

use jiff::Timestamp;
use uuid::Uuid;

use super::campaigns::{FOLDS, folds};
use super::card::{self, Measured};
use super::corpus::{self, Line};
use super::fit::{self, Example, Seen};
use super::replay::{Wanted, with_signals};
use super::{FilterError, write};

type Inputs = [f32; INPUTS];

/// Trains on `data` and `seeds`; writes the model and its card.
pub fn train(data: &Path, seeds: &Path, model: &Path, card: &Path) -> Result<(), FilterError> {
    let mut lines = corpus::labelled(data)?;
    let named = named(&lines);
    let seeds = corpus::labelled_any(seeds)?.into_iter().map(|line| Line { source: Some(SEEDS.into()), ..line });
    lines.extend(seeds.chain(named));
    let trainer = Trainer::new(&lines);
    eprintln!("{} lines read; cross-validation", lines.len());
    let (inputs, answers) = trainer.cross_validate();
    let submissions = |at: &usize| lines[*at].is_measured() && lines[*at].is_submission();
    let judged: Vec<(f32, bool)> =
        (0..lines.len()).filter(submissions).map(|at| (answers[at], lines[at].is_spam())).collect();
    let calibration = fit::calibrate(&judged);
    let log_odds: Vec<f32> = answers.iter().map(|answer| calibration[0] * answer + calibration[1]).collect();
    let found = (0..lines.len()).filter(submissions).map(|at| (trainer.signs(at), log_odds[at], lines[at].is_spam()));
    let prices = fit::prices(&found.collect::<Vec<_>>());
    let everything: Vec<usize> = (0..lines.len()).collect();
    eprintln!("the model itself");
    let made = Model { calibration, prices: prices.to_vec(), ..trainer.model(&everything, &inputs) };
    write(model, &made.to_bytes())?;
    eprintln!("each source left out in turn");
    let scores = |log_odds: &[f32]| -> Vec<f64> {
        log_odds.iter().enumerate().map(|(at, odds)| trainer.score(at, *odds, &prices)).collect()
    };
    let (alone, taught) = trainer.leave_sources_out(&inputs, calibration);
    let measured = Measured {
        cross_validated: scores(&log_odds),
        left_out: scores(&alone),
        taught: scores(&taught),
        with_signals: [Wanted::InDoubt, Wanted::Always]
            .map(|wanted| with_signals(&lines, &trainer.features, &log_odds, wanted)),
        prices: &prices,
    };
    write(card, card::write(&lines, &measured).as_bytes())
}

/// How many decisions of a site's owner are tried.
pub(super) const DECISIONS: usize = 50;

/// The source of lines that were written to learn from.
pub(super) const SEEDS: &str = "seeds";

/// Messages without a name once more, under a name: nearly all messages on sites have one, and in some languages the
/// data knows real messages only without, which is not what makes them real.
fn named(lines: &[Line]) -> Vec<Line> {
    let names: Vec<&str> = include_str!("names.txt").lines().collect();
    let nameless = |line: &Line| line.is_submission() && line.author.is_none() && !line.is_spam();
    let nameless = lines.iter().enumerate().filter(|(_, line)| nameless(line));
    let latin = |text: &str| text.chars().find(|c| c.is_alphabetic()).is_none_or(|c| script(c) == Script::Latin);
    let (latin_names, others): (Vec<&str>, Vec<&str>) = names.iter().partition(|name| latin(name));
    nameless
        .enumerate()
        .map(|(number, (at, line))| {
            let main = line.text.chars().find(|c| c.is_alphabetic()).map(script);
            let own: Vec<&str> =
                others.iter().copied().filter(|name| name.chars().next().map(script) == main).collect();
            let pool = if own.is_empty() || number % 3 == 0 { &latin_names } else { &own };
            let author = Some(pool[number % pool.len()].to_owned());
            Line { author, copy_of: Some(at), ..line.clone() }
        })
        .collect()
}

struct Trainer<'a> {
    lines: &'a [Line],
    features: Vec<Features>,
    examples: Vec<Example>,
    folds: Vec<usize>,
}

impl<'a> Trainer<'a> {
    fn new(lines: &'a [Line]) -> Self {
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
        learners.look(&self.features[of]).inputs
    }

    /// The whole model: learners fitted to some lines, final layers fitted to what other learners said of them.
    fn model(&self, from: &[usize], said: &[Inputs]) -> Model {
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
    fn cross_validate(&self) -> (Vec<Inputs>, Vec<f32>) {
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
    fn leave_sources_out(&self, said: &[Inputs], calibration: [f32; 2]) -> (Vec<f32>, Vec<f32>) {
        let sources: BTreeSet<&str> = self.lines.iter().filter(|line| line.is_submission()).map(Line::source).collect();
        let sources: Vec<&str> = sources.into_iter().collect();
        let told = both_cores(&sources, |source| {
            let of = |at: &usize| self.lines[*at].source() == *source;
            let (own, others): (Vec<usize>, Vec<usize>) = (0..self.lines.len()).partition(of);
            let model = Model { calibration, ..self.model(&others, said) };
            let own = own.into_iter().filter(|at| self.lines[*at].copy_of.is_none());
            let alone: Vec<(usize, f32)> = own.map(|at| (at, model.log_odds(&self.inputs(&model, at)))).collect();
            let taught = self.teach(&alone);
            (alone, taught)
        });
        let mut log_odds = (vec![f32::NAN; self.lines.len()], vec![f32::NAN; self.lines.len()]);
        for (alone, taught) in told {
            alone.into_iter().for_each(|(at, odds)| log_odds.0[at] = odds);
            taught.into_iter().for_each(|(at, odds)| log_odds.1[at] = odds);
        }
        log_odds
    }

    /// The log-odds of the rest after the first lines were decided by the source's owner.
    fn teach(&self, alone: &[(usize, f32)]) -> Vec<(usize, f32)> {
        let (first, rest) = alone.split_at(DECISIONS.min(alone.len()));
        let (mut memory, now) = (Memory::default(), Timestamp::UNIX_EPOCH);
        for (at, odds) in first {
            let label =
                if self.lines[*at].is_spam() { deskbell_filter::Label::Spam } else { deskbell_filter::Label::Ham };
            memory.replace(Uuid::from_u128(*at as u128), Some(label), &self.features[*at], *odds, now);
        }
        let after = |(at, odds): &(usize, f32)| {
            let recalled = memory.recall(&self.features[*at]);
            (*at, odds.max(SUREST_REAL as f32) + recalled.log_odds + recalled.campaign * CAMPAIGN as f32)
        };
        rest.iter().map(after).collect()
    }

    fn signs(&self, at: usize) -> [f32; SIGNS] {
        signs::units(&self.features[at])
    }

    /// The score, 0..1: the text's log-odds and the signs' prices.
    fn score(&self, at: usize, log_odds: f32, prices: &[f32; SIGNS]) -> f64 {
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

/// Does a list of jobs on two cores; the answers come in the order of the jobs.
fn both_cores<Job: Sync, Answer: Send>(jobs: &[Job], work: impl Fn(&Job) -> Answer + Sync) -> Vec<Answer> {
    let next = Mutex::new(jobs.iter().enumerate());
    let answers = Mutex::new(Vec::new());
    let worker = || {
        loop {
            let job = next.lock().ok().and_then(|mut next| next.next());
            let Some((number, job)) = job else { break };
            let answer = work(job);
            if let Ok(mut answers) = answers.lock() {
                answers.push((number, answer));
            }
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(worker);
        worker();
    });
    let mut answers = answers.into_inner().unwrap_or_default();
    answers.sort_by_key(|(number, _)| *number);
    answers.into_iter().map(|(_, answer)| answer).collect()
}
