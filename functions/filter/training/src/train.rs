//! Makes the model from labelled lines, and measures it in ways that learning by heart cannot pass.

use std::path::Path;

use deskbell_filter::model::Model;

use crate::card::{self, Measured};
use crate::corpus::{self, Line, SEEDS};
use crate::error::{TrainingError, write};
use crate::fit;
use crate::names::named;
use crate::replay::{Wanted, with_signals};
use crate::say;
use crate::trainer::Trainer;

/// Trains on `data` and `seeds`; writes the model and its card.
pub(crate) fn train(data: &Path, seeds: &Path, model: &Path, card: &Path) -> Result<(), TrainingError> {
    let mut lines = corpus::labelled(data)?;
    let named = named(&lines);
    let seeds = corpus::labelled_any(seeds)?.into_iter().map(|line| Line { source: Some(SEEDS.into()), ..line });
    lines.extend(seeds.chain(named));
    let trainer = Trainer::new(&lines);
    say(std::io::stderr(), format_args!("{} lines read; cross-validation\n", lines.len()));
    let (inputs, answers) = trainer.cross_validate();
    let submissions = |at: &usize| lines[*at].is_measured() && lines[*at].is_submission();
    let judged: Vec<(f32, bool)> =
        (0..lines.len()).filter(submissions).map(|at| (answers[at], lines[at].is_spam())).collect();
    let calibration = fit::calibrate(&judged);
    let log_odds: Vec<f32> = answers.iter().map(|answer| calibration[0] * answer + calibration[1]).collect();
    let found = (0..lines.len()).filter(submissions).map(|at| (trainer.signs(at), log_odds[at], lines[at].is_spam()));
    let prices = fit::prices(&found.collect::<Vec<_>>());
    let everything: Vec<usize> = (0..lines.len()).collect();
    say(std::io::stderr(), format_args!("the model itself\n"));
    let made = Model { calibration, prices: prices.to_vec(), ..trainer.model(&everything, &inputs) };
    write(model, &made.to_bytes())?;
    say(std::io::stderr(), format_args!("each source left out in turn\n"));
    let scores = |log_odds: &[f32]| -> Vec<f64> {
        log_odds.iter().enumerate().map(|(at, odds)| trainer.score(at, *odds, &prices)).collect()
    };
    let (alone, adapted) = trainer.leave_sources_out(&inputs, calibration);
    let measured = Measured {
        cross_validated: scores(&log_odds),
        left_out: scores(&alone),
        adapted: scores(&adapted),
        with_signals: [Wanted::InDoubt, Wanted::Always]
            .map(|wanted| with_signals(&lines, &trainer.features, &log_odds, wanted)),
        prices: &prices,
    };
    write(card, card::write(&lines, &measured).as_bytes())
}
