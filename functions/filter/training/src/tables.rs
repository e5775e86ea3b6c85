//! The figures of a filter as Markdown tables: for the model's card, and for `deskbell-training eval`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::corpus::Line;
use crate::curve::{Curve, Point, RATES, interval, percent};

/// Texts shorter than this count as short notes.
const SHORT_WORDS: usize = 8;

/// Labelled lines with their scores, 0..1.
pub(crate) struct Scored<'a>(Vec<(&'a Line, f64)>);

impl<'a> Scored<'a> {
    /// Those of the lines that have a score and that are `wanted`.
    pub(crate) fn of(lines: &'a [Line], scores: &[f64], wanted: impl Fn(&Line) -> bool) -> Self {
        let scored = lines.iter().zip(scores.iter().copied());
        Self(scored.filter(|(line, score)| wanted(line) && !score.is_nan()).collect())
    }

    /// The highest score first.
    pub(crate) fn sorted(&self) -> Vec<(&'a Line, f64)> {
        let mut sorted = self.0.clone();
        sorted.sort_by(|a, b| b.1.total_cmp(&a.1));
        sorted
    }

    pub(crate) fn curve(&self, of: impl Fn(&Line) -> bool) -> Curve {
        Curve::of(self.0.iter().filter(|(line, _)| of(line)).map(|(line, score)| (*score, line.is_spam())))
    }

    /// A curve for each value that a property has, by name.
    fn by(&self, of: impl Fn(&Line) -> String) -> Vec<(String, Curve)> {
        let mut parts: BTreeMap<String, Vec<(f64, bool)>> = BTreeMap::new();
        for (line, score) in &self.0 {
            parts.entry(of(line)).or_default().push((*score, line.is_spam()));
        }
        parts.into_iter().map(|(name, scored)| (name, Curve::of(scored))).collect()
    }

    /// The thresholds that give the reported rates of false alarms over what comes through forms.
    pub(crate) fn thresholds(&self) -> [f64; 3] {
        let curve = self.curve(Line::is_submission);
        RATES.map(|rate| curve.at_rate(rate).threshold)
    }
}

/// Whether a comment came from, or stands on, a blog.
pub(crate) fn is_blog(line: &Line) -> bool {
    ["static-site:", "archive:"].iter().any(|kind| line.source().starts_with(kind))
}

/// Caught spam at each rate of false alarms, average precision and calibration, for everything and for parts.
pub(crate) fn overview(scored: &Scored) -> String {
    let mut table = String::from(
        "| | spam | ham | caught at 0.1 % | at 0.5 % | at 1 % | average precision | calibration error |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    let parts: [(&str, fn(&Line) -> bool); 3] =
        [("comments and contact", Line::is_submission), ("blog comments", is_blog), ("all lines", |_| true)];
    for (name, of) in parts {
        let curve = scored.curve(of);
        if curve.spam == 0 || curve.ham == 0 {
            continue;
        }
        let at = RATES.map(|rate| caught(&curve, curve.at_rate(rate)));
        let _ = writeln!(
            table,
            "| {name} | {} | {} | {} | {:.4} | {:.3} |",
            curve.spam,
            curve.ham,
            at.join(" | "),
            curve.average_precision(),
            curve.calibration_error(),
        );
    }
    table
}

fn caught(curve: &Curve, point: Point) -> String {
    let (low, high) = interval(point.caught, curve.spam);
    format!("{:.1} % ({low:.1}–{high:.1})", percent(point.caught, curve.spam))
}

/// What fixed thresholds do to each part: spam caught, and false alarms.
pub(crate) fn parts(scored: &Scored, thresholds: [f64; 3], what: &str, of: impl Fn(&Line) -> String) -> String {
    let mut table = format!(
        "| {what} | spam | caught at {} | ham | false alarms at {} | 95 % interval at the last |\n\
         | --- | ---: | ---: | ---: | ---: | ---: |\n",
        RATES.map(|rate| format!("{} %", rate * 100.0)).join(" / "),
        RATES.map(|rate| format!("{} %", rate * 100.0)).join(" / "),
    );
    for (name, curve) in scored.by(of) {
        let points = thresholds.map(|threshold| curve.at_threshold(threshold));
        let caught = match curve.spam {
            0 => "–".to_owned(),
            spam => points.map(|point| format!("{:.1} %", percent(point.caught, spam))).join(" / "),
        };
        let (alarms, sure) = match curve.ham {
            0 => ("–".to_owned(), "–".to_owned()),
            ham => {
                let (low, high) = interval(points[2].false_alarms, ham);
                let alarms = points.map(|point| format!("{:.2} %", percent(point.false_alarms, ham))).join(" / ");
                (alarms, format!("{low:.2}–{high:.2} %"))
            }
        };
        let _ = writeln!(table, "| {name} | {} | {caught} | {} | {alarms} | {sure} |", curve.spam, curve.ham);
    }
    table
}

/// Scores against what really is spam, in ten steps.
pub(crate) fn calibration(scored: &Scored) -> String {
    let mut table = String::from("| score | texts | mean score | spam among them |\n| --- | ---: | ---: | ---: |\n");
    for (number, (count, mean, spam)) in scored.curve(Line::is_submission).calibration().into_iter().enumerate() {
        let (from, to) = (number as f64 / 10.0, (number + 1) as f64 / 10.0);
        let _ = writeln!(table, "| {from:.1}–{to:.1} | {count} | {mean:.3} | {:.1} % |", spam * 100.0);
    }
    table
}

/// Short notes and longer texts.
pub(crate) fn length(line: &Line) -> String {
    let words = line.text.split_whitespace().count();
    if words < SHORT_WORDS { format!("under {SHORT_WORDS} words") } else { format!("{SHORT_WORDS} words or more") }
}
