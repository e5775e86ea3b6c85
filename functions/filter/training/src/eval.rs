//! `deskbell-training eval`: how well the filter does on labelled lines.

use std::fmt::Write as _;
use std::ops::RangeInclusive;
use std::path::Path;
use std::time::{Duration, Instant};

use deskbell_filter::{Judging, Signals, SiteModel, judge};

use crate::corpus::{self, Line};
use crate::curve::svg;
use crate::error::{TrainingError, write};
use crate::tables::{Scored, calibration, is_blog, length, overview, parts};

/// Texts of about 200 words, for which the time of a verdict is told.
const LENGTHY: RangeInclusive<usize> = 150..=250;

/// How many of the worst errors of either kind are shown.
const WORST: usize = 10;

/// Measures the filter on the labelled lines of a file; the report as Markdown. Draws the curves into `drawing`.
pub(crate) fn eval(data: &Path, drawing: Option<&Path>) -> Result<String, TrainingError> {
    let lines = corpus::labelled(data)?;
    let (site_model, judging) = (SiteModel::default(), Judging::default());
    let mut times = Vec::new();
    let mut score = |line: &Line| {
        let content = line.content();
        let start = Instant::now();
        let verdict = judge(&content, &Signals::default(), &site_model, &judging);
        if LENGTHY.contains(&line.text.split_whitespace().count()) {
            times.push(start.elapsed());
        }
        verdict.score
    };
    let scores: Vec<f64> = lines.iter().map(&mut score).collect();
    let scored = Scored::of(&lines, &scores, |_| true);
    if let Some(path) = drawing {
        let mut curves = vec![("comments and contact".to_owned(), scored.curve(Line::is_submission))];
        let blog = scored.curve(is_blog);
        curves.extend((blog.spam > 0 && blog.ham > 0).then_some(("blog comments".to_owned(), blog)));
        write(path, svg(&curves).as_bytes())?;
    }
    Ok(report(&scored, &judging) + &speed(times))
}

fn report(scored: &Scored, judging: &Judging) -> String {
    let thresholds = scored.thresholds();
    let mut report = overview(scored);
    let shown = thresholds.map(|threshold| format!("{threshold:.5}")).join(" / ");
    let _ = writeln!(report, "\nThresholds for 0.1 / 0.5 / 1 % on these lines: {shown}\n");
    let set = scored.curve(Line::is_submission);
    for (name, threshold) in [("spam", judging.spam), ("unsure", judging.unsure)] {
        let point = set.at_threshold(threshold);
        let (of, among) = (set.spam, set.ham);
        let (caught, alarms) = (point.caught, point.false_alarms);
        let _ = writeln!(report, "`{name}` from {threshold}: {caught} of {of} spam, {alarms} of {among} ham");
    }
    let tables = [
        parts(scored, thresholds, "source", |line| line.source().into()),
        parts(scored, thresholds, "kind", |line| line.kind().into()),
        parts(scored, thresholds, "language", |line| line.lang().into()),
        parts(scored, thresholds, "length", length),
        calibration(scored),
    ];
    tables.iter().for_each(|table| report.extend(["\n", table]));
    report + &worst(scored)
}

/// How long a verdict took, everything included.
fn speed(mut times: Vec<Duration>) -> String {
    times.sort();
    let Some(last) = times.get(times.len() * 99 / 100) else { return String::new() };
    let mean = times.iter().sum::<Duration>() / u32::try_from(times.len()).unwrap_or(u32::MAX);
    let (from, to) = (LENGTHY.start(), LENGTHY.end());
    format!(
        "\nA verdict on {from} to {to} words ({} texts): mean {mean:.1?}, 99th percentile {last:.1?}\n",
        times.len()
    )
}

/// The ham that looks most like spam, and the spam that looks least like it.
fn worst(scored: &Scored) -> String {
    let sorted = scored.sorted();
    let mut text = String::from("\nWorst false alarms:\n");
    let show = |text: &mut String, line: &Line, score: f64| {
        let start: String = line.text.chars().take(100).map(|c| if c.is_control() { ' ' } else { c }).collect();
        let _ = writeln!(text, "- {score:.4} {} ({}): {start}", line.id, line.source());
    };
    sorted
        .iter()
        .filter(|(line, _)| !line.is_spam())
        .take(WORST)
        .for_each(|(line, score)| show(&mut text, line, *score));
    text.push_str("\nWorst misses:\n");
    let misses = sorted.iter().rev().filter(|(line, _)| line.is_spam());
    misses.take(WORST).for_each(|(line, score)| show(&mut text, line, *score));
    text
}
