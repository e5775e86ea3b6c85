//! The model's card: what it was made from, what it can do, where it is weak, how to make it anew.

use std::fmt::Write as _;

use deskbell_functions::spam::signs::LIST;

use super::corpus::Line;
use super::curve::{RATES, percent};
use super::tables::{Scored, calibration, is_blog, length, overview, parts};
use super::train::SEEDS;

/// What training has measured.
pub(super) struct Measured<'a> {
    /// The score of each line by a model that has not seen its campaign.
    pub(super) cross_validated: Vec<f64>,
    /// The score of each line by a model that has not seen its source.
    pub(super) left_out: Vec<f64>,
    /// The price of each sign.
    pub(super) prices: &'a [f32],
}

/// The card as Markdown.
pub(super) fn write(lines: &[Line], measured: &Measured) -> String {
    let crossed = Scored::of(lines, &measured.cross_validated, Line::is_measured);
    let submissions = Scored::of(lines, &measured.cross_validated, |line| line.is_measured() && line.is_submission());
    let alone = Scored::of(lines, &measured.left_out, Line::is_measured);
    let seeds = |scores| Scored::of(lines, scores, |line| line.source() == SEEDS);
    let thresholds = crossed.thresholds();
    let mut card = include_str!("card.md").to_owned();
    let sections = [
        ("{{lines}}", lines.iter().filter(|line| line.is_measured()).count().to_string()),
        ("{{seeds}}", lines.iter().filter(|line| line.source() == SEEDS).count().to_string()),
        ("{{overview}}", overview(&crossed)),
        ("{{thresholds}}", thresholds_table(&crossed, thresholds)),
        ("{{sources}}", parts(&crossed, thresholds, "source", |line| line.source().into())),
        ("{{languages}}", parts(&submissions, thresholds, "language", |line| line.lang().into())),
        ("{{lengths}}", parts(&submissions, thresholds, "length", length)),
        ("{{calibration}}", calibration(&crossed)),
        ("{{alone_overview}}", overview(&alone)),
        ("{{alone}}", parts(&alone, thresholds, "source left out", |line| line.source().into())),
        (
            "{{seeds_crossed}}",
            parts(&seeds(&measured.cross_validated), thresholds, "cross-validated", |line| line.kind().into()),
        ),
        ("{{seeds_alone}}", parts(&seeds(&measured.left_out), thresholds, "left out", |line| line.kind().into())),
        ("{{prices}}", prices(measured.prices)),
    ];
    for (place, text) in sections {
        card = card.replace(place, text.trim_end());
    }
    card
}

fn thresholds_table(scored: &Scored, thresholds: [f64; 3]) -> String {
    let mut table = String::from(
        "| threshold for | score from | caught | false alarms | blog comments: caught | false alarms |\n\
         | --- | ---: | ---: | ---: | ---: | ---: |\n",
    );
    let (all, blog) = (scored.curve(Line::is_submission), scored.curve(is_blog));
    for (rate, threshold) in RATES.iter().zip(thresholds) {
        let _ = write!(table, "| {} % | {threshold:.5} |", rate * 100.0);
        for curve in [&all, &blog] {
            let point = curve.at_threshold(threshold);
            let (caught, alarms) = (percent(point.caught, curve.spam), percent(point.false_alarms, curve.ham));
            let _ = write!(table, " {caught:.1} % | {alarms:.2} % |");
        }
        table.push('\n');
    }
    table
}

fn prices(prices: &[f32]) -> String {
    let mut table = String::from("| sign | log-odds for each | at most |\n| --- | ---: | ---: |\n");
    for (sign, price) in LIST.iter().zip(prices) {
        let _ = writeln!(table, "| `{}` | {price:.2} | {} |", sign.name, sign.most);
    }
    table
}
