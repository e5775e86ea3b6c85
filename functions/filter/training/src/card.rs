//! The model's card: what it was made from, what it can do, where it is weak, how to make it anew.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use deskbell_filter::Judging;
use deskbell_filter::signs::LIST;

use crate::corpus::{Line, SEEDS};
use crate::curve::{Curve, RATES, percent};
use crate::tables::{Scored, calibration, is_blog, length, overview, parts};
use crate::trainer::DECISIONS;

/// What training has measured.
pub(crate) struct Measured<'a> {
    /// The score of each line by a model that has not seen its campaign.
    pub(crate) cross_validated: Vec<f64>,
    /// The score of each line by a model that has not seen its source.
    pub(crate) left_out: Vec<f64>,
    /// The same after the source's owner has decided the first [`DECISIONS`] lines, which have no score here.
    pub(crate) adapted: Vec<f64>,
    /// The cross-validated score with the signals that a site would have had: where a proof of work is wanted in doubt,
    /// and where it is wanted always.
    pub(crate) with_signals: [Vec<f64>; 2],
    /// The price of each sign.
    pub(crate) prices: &'a [f32],
}

/// The card as Markdown.
pub(crate) fn write(lines: &[Line], measured: &Measured) -> String {
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
        ("{{adapted}}", adapted(lines, measured, thresholds)),
        ("{{signals}}", with_signals(lines, &measured.with_signals[0])),
        ("{{signals_always}}", with_signals(lines, &measured.with_signals[1])),
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

/// What the same thresholds do to the rest of each source before and after its owner's first decisions.
fn adapted(lines: &[Line], measured: &Measured, thresholds: [f64; 3]) -> String {
    let mut table = format!(
        "| source | spam | missed before | after {DECISIONS} decisions | ham | false alarms before | after |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n"
    );
    let rest = |scores, of: &dyn Fn(&Line) -> bool| {
        let left = lines.iter().zip(&measured.adapted).map(|(line, score)| !score.is_nan() && of(line));
        let scores: &Vec<f64> = scores;
        let kept: Vec<f64> = left.zip(scores).map(|(left, score)| if left { *score } else { f64::NAN }).collect();
        Scored::of(lines, &kept, Line::is_measured).curve(|_| true)
    };
    let mut row = |name: &str, of: &dyn Fn(&Line) -> bool| {
        let (before, after) = (rest(&measured.left_out, of), rest(&measured.adapted, of));
        let missed = |curve: &Curve| join(thresholds.map(|at| curve.spam - curve.at_threshold(at).caught));
        let alarms = |curve: &Curve| join(thresholds.map(|at| curve.at_threshold(at).false_alarms));
        let _ = writeln!(
            table,
            "| {name} | {} | {} | {} | {} | {} | {} |",
            before.spam,
            missed(&before),
            missed(&after),
            before.ham,
            alarms(&before),
            alarms(&after)
        );
    };
    let sources: BTreeSet<&str> = lines.iter().filter(|line| is_blog(line)).map(Line::source).collect();
    sources.iter().for_each(|source| row(source, &|line| line.source() == *source));
    row("all blogs", &is_blog);
    row("all sources", &|_| true);
    table
}

/// What never reaches the owner's mail, by the thresholds that a site starts with.
fn with_signals(lines: &[Line], scores: &[f64]) -> String {
    let Judging { spam, unsure, .. } = Judging::default();
    let mut table = format!(
        "| | spam | in the spam folder (from {spam}) | held or marked (from {unsure}) | ham | in the spam folder | held or marked |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n"
    );
    let scored = Scored::of(lines, scores, Line::is_measured);
    let parts: [(&str, fn(&Line) -> bool); 3] =
        [("comments and contact", |_| true), ("contact", |line| line.kind() == "contact"), ("blog comments", is_blog)];
    for (name, of) in parts {
        let curve = scored.curve(of);
        let (filed, doubt) = (curve.at_threshold(spam), curve.at_threshold(unsure));
        let _ = writeln!(
            table,
            "| {name} | {} | {:.2} % | {:.2} % | {} | {} | {} |",
            curve.spam,
            percent(filed.caught, curve.spam),
            percent(doubt.caught - filed.caught, curve.spam),
            curve.ham,
            filed.false_alarms,
            doubt.false_alarms - filed.false_alarms
        );
    }
    table
}

fn join(counts: [usize; 3]) -> String {
    counts.map(|count| count.to_string()).join(" / ")
}
