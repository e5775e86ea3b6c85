//! From answers to log-odds, and what the signs add to them.

/// Slope and offset that turn scores into log-odds (Platt, 1999): two-parameter logistic regression by Newton's steps.
pub(crate) fn calibrate(scores: &[(f32, bool)]) -> [f32; 2] {
    let (mut slope, mut offset) = (1.0_f64, 0.0_f64);
    for _ in 0..50 {
        let (mut g, mut h) = ([0.0; 2], [[1e-6, 0.0], [0.0, 1e-6]]);
        for (score, spam) in scores {
            let x = f64::from(*score);
            let p = 1.0 / (1.0 + (-(slope * x + offset)).exp());
            let error = p - if *spam { 1.0 } else { 0.0 };
            let curve = p * (1.0 - p);
            g = [g[0] + error * x, g[1] + error];
            h = [[h[0][0] + curve * x * x, h[0][1] + curve * x], [h[1][0] + curve * x, h[1][1] + curve]];
        }
        let determinant = h[0][0] * h[1][1] - h[0][1] * h[1][0];
        slope -= (h[1][1] * g[0] - h[0][1] * g[1]) / determinant;
        offset -= (h[0][0] * g[1] - h[1][0] * g[0]) / determinant;
    }
    [slope as f32, offset as f32]
}

/// Prices for the signs on top of the model: logistic regression with the model's log-odds as a given, by gradient
/// steps, held back by a penalty on squares. No sign of spam may speak for a text.
pub(crate) fn prices<const N: usize>(found: &[([f32; N], f32, bool)]) -> [f32; N] {
    const STEPS: usize = 400;
    const RATE: f64 = 2.0;
    const PENALTY: f64 = 0.002;
    let mut prices = [0.0_f64; N];
    for _ in 0..STEPS {
        let mut gradient = prices.map(|price| PENALTY * price);
        for (units, log_odds, spam) in found {
            let sum: f64 = units.iter().zip(&prices).map(|(units, price)| f64::from(*units) * price).sum();
            let p = 1.0 / (1.0 + (-(f64::from(*log_odds) + sum)).exp());
            let error = (p - if *spam { 1.0 } else { 0.0 }) / found.len() as f64;
            gradient.iter_mut().zip(units).for_each(|(gradient, units)| *gradient += error * f64::from(*units));
        }
        prices.iter_mut().zip(&gradient).for_each(|(price, gradient)| *price = (*price - RATE * gradient).max(0.0));
    }
    prices.map(|price| (price * 100.0).round() as f32 / 100.0)
}
