//! The linear table.

use deskbell_filter::model::{LINEAR_BITS, Table};
use fastrand::Rng;

use super::example::Example;
use super::quantise::quantise;

/// How little the linear weights are held back: the inverse of the penalty on their squares.
const LINEAR_COST: f64 = 30.0;

/// Logistic regression by coordinate descent in the dual (Yu, Huang and Lin, "Dual coordinate descent methods for
/// logistic regression and maximum entropy models", 2011). The last bucket is the offset, which the final layers make
/// anew, so it is left out of the table.
pub(crate) fn linear(examples: &[&Example]) -> Table {
    const ROUNDS: usize = 30;
    let offset = 1 << LINEAR_BITS;
    let mut weights = vec![0.0_f32; offset + 1];
    let rows: Vec<Vec<(usize, f32)>> = examples
        .iter()
        .map(|example| example.buckets(LINEAR_BITS).into_iter().chain([(offset, 1.0)]).collect())
        .collect();
    let worth = worth(&rows, examples, offset);
    let rows: Vec<Vec<(usize, f32)>> = rows
        .into_iter()
        .map(|row| row.into_iter().map(|(bucket, value)| (bucket, value * worth[bucket])).collect())
        .collect();
    let mut duals: Vec<f64> = vec![1e-8; examples.len()];
    for ((row, dual), example) in rows.iter().zip(&duals).zip(examples) {
        add(&mut weights, row, example.sign() * dual);
    }
    let mut order: Vec<usize> = (0..examples.len()).collect();
    let mut rng = Rng::with_seed(42);
    for _ in 0..ROUNDS {
        rng.shuffle(&mut order);
        let mut furthest = 0.0_f64;
        for &at in &order {
            let (row, sign) = (&rows[at], examples[at].sign());
            let cost = LINEAR_COST * f64::from(examples[at].weight);
            let margin = sign * row.iter().map(|(bucket, value)| f64::from(weights[*bucket] * value)).sum::<f64>();
            let square = row.iter().map(|(_, value)| f64::from(value * value)).sum::<f64>();
            let step = best(duals[at], cost, square, margin) - duals[at];
            duals[at] += step;
            furthest = furthest.max(step.abs() / cost);
            add(&mut weights, row, sign * step);
        }
        if furthest < 0.01 {
            break;
        }
    }
    weights.iter_mut().zip(&worth).for_each(|(weight, worth)| *weight *= worth);
    weights.truncate(offset);
    quantise(&weights)
}

/// How large each bucket's values are made while its weight is fitted, so that the penalty on weights falls on what
/// says little: common features (by the inverse document frequency) and those that stand in spam and in real texts
/// alike (by the ratio of naive Bayes: Wang and Manning, "Baselines and Bigrams", 2012). The weights take it in
/// afterwards. The last bucket, the offset, is left as it is.
fn worth(rows: &[Vec<(usize, f32)>], examples: &[&Example], offset: usize) -> Vec<f32> {
    const SMOOTHING: f32 = 3.0;
    const RATIO: f32 = 0.25;
    const USUAL: f32 = 5.0;
    let mut found = vec![[0.0_f32; 2]; offset + 1];
    let mut all = [0.0_f32; 2];
    for (row, example) in rows.iter().zip(examples) {
        let side = usize::from(example.spam);
        all[side] += example.weight;
        row.iter().for_each(|(bucket, _)| found[*bucket][side] += example.weight);
    }
    let rate = |found: f32, all: f32| (found + SMOOTHING) / (all + SMOOTHING);
    let worth = |[ham, spam]: [f32; 2]| {
        let ratio = (rate(spam, all[1]) / rate(ham, all[0])).ln().abs();
        let rarity = ((all[0] + all[1]) / (1.0 + ham + spam)).ln();
        (1.0 - RATIO + RATIO * ratio) * rarity / USUAL
    };
    let mut worths: Vec<f32> = found.into_iter().map(worth).collect();
    worths[offset] = 1.0;
    worths
}

fn add(weights: &mut [f32], row: &[(usize, f32)], factor: f64) {
    row.iter().for_each(|(bucket, value)| weights[*bucket] += factor as f32 * value);
}

/// The dual that is best while all others stand still: Newton's steps, kept inside 0..`cost`.
fn best(dual: f64, cost: f64, square: f64, margin: f64) -> f64 {
    let mut best = dual;
    for _ in 0..20 {
        let slope = square * (best - dual) + margin + (best / (cost - best)).ln();
        if slope.abs() < 1e-6 {
            break;
        }
        let step = slope / (square + cost / (best * (cost - best)));
        best = match best - step {
            next if next <= 0.0 => best * 0.1,
            next if next >= cost => best + (cost - best) * 0.9,
            next => next,
        };
    }
    best
}
