//! The log: JSON, one line for each thing, as Lambda's JSON log format takes it over. No line holds an address, a name,
//! a text, a network address, or a signed link.
//!
//! Lambda goes by `level` and `timestamp`
//! (<https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html>). What happens while a
//! request is answered or an event is handled bears what is known of it: `requestId`, as in Lambda's own lines about
//! it, and more by [`crate::web`]. A line with one of [`METRICS`] is a metric besides, in CloudWatch's embedded metric
//! format
//! (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>):
//! it costs nothing as long as nothing fails.

use std::env;
use std::fmt;
use std::io::{self, Write as _};
use std::panic;
use std::time::Instant;

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::registry::{LookupSpan, Registry, Scope};

/// What alarms count, by the names of the fields that say how many. `DeliveriesFailed`: tries that failed to deliver
/// something. `Unstored`: what somebody sent and the table did not take.
pub const METRICS: [&str; 2] = ["DeliveriesFailed", "Unstored"];

/// The metrics' namespace. Their one dimension, `Table`, is the table's name: what the functions of a deployment count
/// is one metric.
pub const NAMESPACE: &str = "Deskbell";

/// Whose lines are written with what they say. Of others it is not known what they say.
const OURS: &str = "deskbell";

/// Writes to standard output from now on. What a panic says may hold a visitor's text, so only where it happened is
/// written.
pub(crate) fn start() {
    let table = env::var("DESKBELL_TABLE").unwrap_or_else(|_| "local".into());
    let write = |line: &str| {
        // In one piece, so that lines are whole. Nobody could be told that the log cannot be written.
        let _ = io::stdout().write_all(line.as_bytes());
    };
    if tracing::subscriber::set_global_default(Registry::default().with(Lines::new(table, write))).is_ok() {
        panic::set_hook(Box::new(|panicked| {
            let at = panicked.location().map(ToString::to_string);
            tracing::error!(at, "a function panicked");
        }));
    }
}

/// Writes what is logged as lines.
pub struct Lines<W> {
    table: String,
    write: W,
}

impl<W: Fn(&str) + 'static> Lines<W> {
    /// Gives each line, with its end, to `write`, as the log of a function with that table.
    pub fn new(table: impl Into<String>, write: W) -> Self {
        Self { table: table.into(), write }
    }
}

/// What is known, by name.
#[derive(Debug, Clone, Default)]
struct Fields(Map<String, Value>);

impl<S, W> Layer<S> for Lines<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: Fn(&str) + 'static,
{
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        let least = if is_ours(metadata) { Level::INFO } else { Level::ERROR };
        *metadata.level() <= least
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::INFO)
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        for span in context.event_scope(event).into_iter().flat_map(Scope::from_root) {
            fields.0.extend(span.extensions().get::<Fields>().cloned().unwrap_or_default().0);
        }
        let mut said = Fields::default();
        event.record(&mut said);
        if !is_ours(event.metadata()) {
            said.0.retain(|name, _| name == "message");
        }
        fields.0.extend(said.0);
        (self.write)(&self.line(event.metadata(), Timestamp::now(), fields));
    }
}

fn is_ours(metadata: &Metadata<'_>) -> bool {
    metadata.target().starts_with(OURS)
}

impl<W> Lines<W> {
    fn line(&self, metadata: &Metadata<'_>, now: Timestamp, Fields(mut line): Fields) -> String {
        line.insert("timestamp".into(), format!("{now:.3}").into());
        line.insert("level".into(), metadata.level().as_str().into());
        line.insert("target".into(), metadata.target().into());
        let counted: Vec<&str> = METRICS.into_iter().filter(|name| line.contains_key(*name)).collect();
        if !counted.is_empty() {
            let metrics: Vec<Value> = counted.iter().map(|name| json!({ "Name": name, "Unit": "Count" })).collect();
            line.insert("Table".into(), self.table.as_str().into());
            let directive = json!({ "Namespace": NAMESPACE, "Dimensions": [["Table"]], "Metrics": metrics });
            line.insert("_aws".into(), json!({ "Timestamp": now.as_millisecond(), "CloudWatchMetrics": [directive] }));
        }
        format!("{}\n", Value::Object(line))
    }
}

impl Fields {
    fn say(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().into(), value.into());
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.say(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.say(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.say(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.say(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.say(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.say(field, format!("{value:?}"));
    }
}

impl<W> fmt::Debug for Lines<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lines").field("table", &self.table).finish_non_exhaustive()
    }
}

/// The time since then, in milliseconds with one decimal.
pub(crate) fn milliseconds(began: Instant) -> f64 {
    (began.elapsed().as_secs_f64() * 10_000.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    fn logged(log: impl FnOnce()) -> Vec<Value> {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let kept = lines.clone();
        let write = move |line: &str| {
            let value = serde_json::from_str(line.strip_suffix('\n').expect("an end")).expect("JSON");
            kept.lock().expect("lines").push(value);
        };
        let subscriber = Registry::default().with(Lines::new("a-table", write));
        tracing::subscriber::with_default(subscriber, log);
        std::mem::take(&mut *lines.lock().expect("lines"))
    }

    #[test]
    fn a_line_bears_what_is_known_of_its_request_and_what_lambda_goes_by() {
        let lines = logged(|| {
            let span = tracing::info_span!("request", requestId = "r-1", id = tracing::field::Empty);
            let _entered = span.enter();
            tracing::info!(count = 2, share = 0.5, open = true, "first \"words\"");
            span.record("id", "an id");
            tracing::warn!("second");
            tracing::debug!("not written");
        });
        assert_eq!(lines.len(), 2);
        for (name, value) in [("requestId", json!("r-1")), ("count", json!(2)), ("share", json!(0.5))] {
            assert_eq!(lines[0][name], value);
        }
        assert_eq!((&lines[0]["message"], &lines[0]["level"]), (&json!("first \"words\""), &json!("INFO")));
        assert_eq!((&lines[1]["id"], &lines[1]["level"]), (&json!("an id"), &json!("WARN")));
        let at = lines[1]["timestamp"].as_str().expect("a time").parse::<Timestamp>().expect("RFC 3339");
        assert!(at.as_second() > 1_700_000_000);
    }

    #[test]
    fn what_fails_is_a_metric_and_nothing_else_is() {
        let lines = logged(|| {
            tracing::error!(DeliveriesFailed = 1, channel = "mail", "not delivered");
            tracing::error!("something else");
        });
        assert!(lines[1].get("_aws").is_none());
        let line = &lines[0];
        assert_eq!((&line["DeliveriesFailed"], &line["Table"]), (&json!(1), &json!("a-table")));
        assert!(line["_aws"]["Timestamp"].as_i64().is_some_and(|at| at > 1_700_000_000_000));
        let directive = json!([{
            "Namespace": "Deskbell", "Dimensions": [["Table"]],
            "Metrics": [{ "Name": "DeliveriesFailed", "Unit": "Count" }],
        }]);
        assert_eq!(line["_aws"]["CloudWatchMetrics"], directive);
    }

    #[test]
    fn of_what_others_log_only_the_words_of_errors_are_written() {
        let lines = logged(|| {
            tracing::error!(target: "lambda_runtime", error = "of a visitor", "the handler failed");
            tracing::warn!(target: "aws_sdk", "of a visitor");
        });
        assert_eq!(lines.len(), 1);
        assert_eq!((&lines[0]["message"], lines[0].get("error")), (&json!("the handler failed"), None));
    }
}
