//! What a threshold costs and gives: spam caught against false alarms.

use std::fmt::Write as _;

/// The false-alarm rates at which everything is reported.
pub(crate) const RATES: [f64; 3] = [0.001, 0.005, 0.01];

/// Scores of texts whose label is known.
#[derive(Debug, Clone, Default)]
pub(crate) struct Curve {
    /// Score and whether it is spam, the highest score first.
    sorted: Vec<(f64, bool)>,
    pub(crate) spam: usize,
    pub(crate) ham: usize,
}

/// A threshold and what it does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Point {
    pub(crate) threshold: f64,
    pub(crate) caught: usize,
    pub(crate) false_alarms: usize,
}

impl Curve {
    pub(crate) fn of(scored: impl IntoIterator<Item = (f64, bool)>) -> Self {
        let mut sorted: Vec<(f64, bool)> = scored.into_iter().collect();
        sorted.sort_by(|a, b| b.0.total_cmp(&a.0));
        let spam = sorted.iter().filter(|(_, spam)| *spam).count();
        Self { ham: sorted.len() - spam, spam, sorted }
    }

    /// What the lowest threshold does that gives at most this rate of false alarms. Texts of one score stand or fall
    /// together.
    pub(crate) fn at_rate(&self, rate: f64) -> Point {
        let mut best = Point { threshold: f64::INFINITY, caught: 0, false_alarms: 0 };
        for point in self.points() {
            if point.false_alarms as f64 <= rate * self.ham as f64 {
                best = point;
            }
        }
        best
    }

    /// What a threshold does: it takes in every score from it on.
    pub(crate) fn at_threshold(&self, threshold: f64) -> Point {
        let above = self.sorted.iter().take_while(|(score, _)| *score >= threshold);
        let (mut caught, mut false_alarms) = (0, 0);
        above.for_each(|(_, spam)| *(if *spam { &mut caught } else { &mut false_alarms }) += 1);
        Point { threshold, caught, false_alarms }
    }

    /// Every threshold that there is, from the highest.
    fn points(&self) -> impl Iterator<Item = Point> {
        let mut so_far = Point { threshold: f64::INFINITY, caught: 0, false_alarms: 0 };
        self.sorted.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()).map(move |same| {
            so_far.threshold = same[0].0;
            let spam = same.iter().filter(|(_, spam)| *spam).count();
            so_far.caught += spam;
            so_far.false_alarms += same.len() - spam;
            so_far
        })
    }

    /// The mean precision over all spam, from the highest score down.
    pub(crate) fn average_precision(&self) -> f64 {
        let mut before = 0;
        let mut sum = 0.0;
        for point in self.points() {
            let precision = point.caught as f64 / (point.caught + point.false_alarms) as f64;
            sum += precision * (point.caught - before) as f64;
            before = point.caught;
        }
        sum / self.spam.max(1) as f64
    }

    /// Ten equal steps of the score: how many texts fall there, their mean score, and the share of spam among them.
    pub(crate) fn calibration(&self) -> Vec<(usize, f64, f64)> {
        let bin = |score: f64| ((score * 10.0) as usize).min(9);
        (0..10)
            .map(|number| {
                let here: Vec<&(f64, bool)> = self.sorted.iter().filter(|(score, _)| bin(*score) == number).collect();
                let count = here.len().max(1) as f64;
                let mean = here.iter().map(|(score, _)| score).sum::<f64>() / count;
                let spam = here.iter().filter(|(_, spam)| *spam).count() as f64 / count;
                (here.len(), mean, spam)
            })
            .collect()
    }

    /// The mean distance between score and share of spam over the steps of [`Curve::calibration`].
    pub(crate) fn calibration_error(&self) -> f64 {
        let off = |(count, mean, spam): &(usize, f64, f64)| *count as f64 * (mean - spam).abs();
        self.calibration().iter().map(off).sum::<f64>() / self.sorted.len().max(1) as f64
    }
}

/// The interval in which a share lies with 95 % confidence, as per cents (Wilson, 1927).
pub(crate) fn interval(part: usize, whole: usize) -> (f64, f64) {
    if whole == 0 {
        return (0.0, 100.0);
    }
    let (n, z) = (whole as f64, 1.96_f64);
    let share = part as f64 / n;
    let middle = share + z * z / (2.0 * n);
    let reach = z * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    let scale = 100.0 / (1.0 + z * z / n);
    (((middle - reach) * scale).max(0.0), ((middle + reach) * scale).min(100.0))
}

/// A share as per cents.
pub(crate) fn percent(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}

/// Draws curves: spam caught against the rate of false alarms, which grows tenfold from mark to mark.
pub(crate) fn svg(curves: &[(String, Curve)]) -> String {
    const COLOURS: [&str; 6] = ["#1f5fa8", "#b3421e", "#2f7a3d", "#7a3f98", "#8a6d00", "#444444"];
    let x = |rate: f64| 60.0 + (rate.clamp(1e-4, 1.0).log10() + 4.0) * 130.0;
    let y = |caught: f64| 380.0 - caught * 340.0;
    let mut svg = String::from(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 620 440\" font-family=\"sans-serif\" \
         font-size=\"12\" role=\"img\">\n<title>Spam caught against false alarms</title>\n\
         <rect width=\"620\" height=\"440\" fill=\"#fff\"/>\n",
    );
    for (rate, name) in [(1e-4, "0.01 %"), (1e-3, "0.1 %"), (1e-2, "1 %"), (1e-1, "10 %"), (1.0, "100 %")] {
        let at = x(rate);
        let _ = writeln!(
            svg,
            "<path d=\"M{at:.0} 40V380\" stroke=\"#ddd\"/><text x=\"{at:.0}\" y=\"398\" text-anchor=\"middle\">{name}</text>"
        );
    }
    for tenth in 0..=10 {
        let at = y(f64::from(tenth) / 10.0);
        let _ = writeln!(
            svg,
            "<path d=\"M60 {at:.0}H580\" stroke=\"#ddd\"/><text x=\"52\" y=\"{:.0}\" text-anchor=\"end\">{} %</text>",
            at + 4.0,
            tenth * 10
        );
    }
    svg.push_str("<text x=\"320\" y=\"424\" text-anchor=\"middle\">false alarms</text>\n<text x=\"60\" y=\"28\">spam caught</text>\n");
    for (number, (name, curve)) in curves.iter().enumerate() {
        let colour = COLOURS[number % COLOURS.len()];
        let point = |point: Point| {
            let rate = point.false_alarms as f64 / curve.ham.max(1) as f64;
            format!("{:.1} {:.1}", x(rate), y(point.caught as f64 / curve.spam.max(1) as f64))
        };
        let path: Vec<String> = curve.points().map(point).collect();
        let _ =
            writeln!(svg, "<path d=\"M{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\"/>", path.join("L"));
        let _ = writeln!(svg, "<text x=\"400\" y=\"{}\" fill=\"{colour}\">{}</text>", 300 + 16 * number, escape(name));
    }
    svg + "</svg>\n"
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
