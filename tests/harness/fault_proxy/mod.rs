//! The fault proxy between the SDK and DynamoDB: an embedded table with a relay in front of it that adds up what each
//! request costs, remembers what was asked, and can break.

mod fate;
mod mail;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

pub(crate) use self::fate::{Draw, Fate, Fates};
pub(crate) use self::mail::{Mail, Mood};

/// The relay and the table behind it. Both end when it is dropped.
pub(crate) struct FaultProxy {
    /// The relay's address.
    pub(crate) url: String,
    /// The table itself.
    pub(crate) database: dynoxide::Database,
    state: Relay,
    _tasks: JoinSet<()>,
}

/// What happens to the requests of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Refused before it is carried out.
    Refused,
    /// Carried out, and then the answer is lost.
    AnswerLost,
}

/// One request that went through the proxy.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) operation: String,
    /// Whose key signed it: in a world, the function's name.
    pub(crate) who: String,
    /// The request, as JSON.
    pub(crate) asked: String,
    /// Consumed units, of reading or of writing, by the operation's kind.
    pub(crate) units: f64,
}

/// When a call came, and when it was answered.
#[derive(Debug, Clone, Copy)]
struct Span {
    came: Instant,
    answered: Instant,
}

/// An operation, a text that its requests hold, and what happens to them.
type Broken = (&'static str, &'static str, Fault);

#[derive(Clone)]
struct Relay {
    target: String,
    http: reqwest::Client,
    calls: Arc<Mutex<Vec<Call>>>,
    spans: Arc<Mutex<Vec<Span>>>,
    faults: Arc<Mutex<Vec<Broken>>>,
    still: Arc<AtomicBool>,
    late: Arc<Mutex<Duration>>,
    fates: Fates,
    looks: Arc<watch::Sender<BTreeMap<String, Looks>>>,
}

/// How the stream is followed.
#[derive(Debug, Clone, Copy, Default)]
struct Looks {
    /// How often somebody has looked for records.
    begun: u64,
    /// The last look that has found none, by its number.
    in_vain: u64,
}

/// Units by kind.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Units {
    pub(crate) read: f64,
    pub(crate) write: f64,
}

impl FaultProxy {
    /// A relay in front of a new embedded table.
    pub(crate) async fn start() -> Self {
        let mut tasks = JoinSet::new();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let target = format!("http://{}", listener.local_addr().expect("an address"));
        let database = dynoxide::Database::memory().expect("a table");
        tasks.spawn(dynoxide::server::serve_on(listener, database.clone()));

        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        let state = Relay {
            target,
            http,
            calls: Arc::default(),
            spans: Arc::default(),
            faults: Arc::default(),
            still: Arc::default(),
            late: Arc::default(),
            fates: Fates::default(),
            looks: Arc::default(),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let router = Router::new().fallback(relay).with_state(state.clone());
        tasks.spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Self { url, database, state, _tasks: tasks }
    }

    /// Shows nothing new to those who follow the stream, as long as it is still.
    pub(crate) fn keep_stream_still(&self, still: bool) {
        self.state.still.store(still, Ordering::SeqCst);
    }

    /// Stops the stream, and waits until those who followed it have done what they were at.
    pub(crate) async fn quieten(&self) {
        self.keep_stream_still(true);
        self.caught_up().await;
        self.forget();
    }

    /// Waits until who follows the stream has done all that it asks for: they have looked for more, found nothing, and
    /// asked for nothing else since.
    pub(crate) async fn caught_up(&self) {
        let mut looks = self.state.looks.subscribe();
        let mut calls = usize::MAX;
        while calls != self.calls().len() {
            calls = self.calls().len();
            // A look that had begun before may be about what has changed meanwhile.
            let begun = looks.borrow_and_update().clone();
            let all_in_vain = |looks: &BTreeMap<String, Looks>| {
                let in_vain = |(who, before): (&String, &Looks)| looks[who].in_vain > before.begun;
                !begun.is_empty() && begun.iter().all(in_vain)
            };
            looks.wait_for(all_in_vain).await.expect("somebody follows the stream");
        }
    }

    /// Answers every call, other than for the stream, so much later from now on.
    pub(crate) fn answer_late(&self, by: Duration) {
        *self.state.late.lock().unwrap() = by;
    }

    /// How many of the calls since [`Self::forget`] waited for each other: the longest chain in which each came after
    /// the one before was answered. What is asked at once counts once, if answers are late enough for all of it to be
    /// on its way before the first comes back.
    pub(crate) fn round_trips(&self) -> usize {
        let mut spans = self.state.spans.lock().unwrap().clone();
        spans.sort_by_key(|call| call.came);
        let mut chains: Vec<usize> = Vec::new();
        for call in &spans {
            let before = spans.iter().zip(&chains).filter(|(other, _)| other.answered <= call.came);
            let longest = before.map(|(_, chain)| *chain).max().unwrap_or_default();
            chains.push(longest + 1);
        }
        chains.into_iter().max().unwrap_or_default()
    }

    /// Breaks every request of an operation (as `PutItem`), until [`Self::mend`].
    pub(crate) fn fail(&self, operation: &'static str, fault: Fault) {
        self.fail_about("", operation, fault);
    }

    /// Breaks the requests of an operation that hold a text, until [`Self::mend`].
    pub(crate) fn fail_about(&self, needle: &'static str, operation: &'static str, fault: Fault) {
        self.state.faults.lock().unwrap().push((operation, needle, fault));
    }

    /// Breaks nothing any more.
    pub(crate) fn mend(&self) {
        self.state.faults.lock().unwrap().clear();
    }

    /// Lets its calls, other than for the stream, have fates.
    pub(crate) fn fates(&self) -> &Fates {
        &self.state.fates
    }

    /// Forgets what was asked so far.
    pub(crate) fn forget(&self) {
        self.state.calls.lock().unwrap().clear();
        self.state.spans.lock().unwrap().clear();
    }

    /// What was asked since, other than for the stream.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.state.calls.lock().unwrap().clone()
    }

    /// What it cost.
    pub(crate) fn units(&self) -> Units {
        let mut units = Units::default();
        for call in self.calls() {
            match call.operation.as_str() {
                "GetItem" | "Query" | "BatchGetItem" => units.read += call.units,
                _ => units.write += call.units,
            }
        }
        units
    }
}

impl Relay {
    /// Notes that somebody looks for records; gives the look's number.
    fn look(&self, who: &str) -> u64 {
        let mut number = 0;
        self.looks.send_modify(|looks| {
            let looks = looks.entry(who.to_owned()).or_default();
            looks.begun += 1;
            number = looks.begun;
        });
        number
    }

    fn in_vain(&self, who: &str, look: u64) {
        self.looks.send_modify(|looks| {
            let looks = looks.entry(who.to_owned()).or_default();
            looks.in_vain = looks.in_vain.max(look);
        });
    }
}

/// Whether an answer to `GetRecords` holds none.
fn finds_nothing(body: &Bytes) -> bool {
    let answer: Value = serde_json::from_slice(body).unwrap_or_default();
    answer["Records"].as_array().is_some_and(Vec::is_empty)
}

async fn relay(State(state): State<Relay>, headers: HeaderMap, body: Bytes) -> Response {
    let came = Instant::now();
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default().to_owned();
    let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
    let streams = target.starts_with("DynamoDBStreams");
    let text = String::from_utf8_lossy(&body);
    let meant = |(name, needle, _): &&Broken| *name == operation && text.contains(*needle);
    let who = signer(&headers);
    let fault = state.faults.lock().unwrap().iter().find(meant).map(|(_, _, fault)| *fault);
    let invocation = headers.get("amz-sdk-invocation-id").and_then(|id| id.to_str().ok()).unwrap_or_default();
    let fate = if streams { Fate::Well } else { state.fates.draw(invocation) };
    let late = *state.late.lock().unwrap();
    if !streams && !late.is_zero() {
        tokio::time::sleep(late).await;
    }
    if fault == Some(Fault::Refused) || fate == Fate::Refused {
        return broken();
    }
    if fate == Fate::Unheard {
        return state.fates.kill().await;
    }
    let look = (operation == "GetRecords").then(|| state.look(&who));
    if let Some(look) = look.filter(|_| state.still.load(Ordering::SeqCst)) {
        state.in_vain(&who, look);
        let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
        return axum::Json(json!({ "Records": [], "NextShardIterator": asked["ShardIterator"] })).into_response();
    }
    let mut request = state.http.post(&state.target);
    for name in ["x-amz-target", "content-type", "authorization", "x-amz-date"] {
        if let Some(value) = headers.get(name) {
            request = request.header(name, value);
        }
    }
    let mut asked: Value = serde_json::from_slice(&body).unwrap_or_default();
    let counted =
        ["GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan", "BatchGetItem", "TransactWriteItems"];
    if !streams && counted.contains(&operation.as_str()) {
        asked["ReturnConsumedCapacity"] = json!("INDEXES");
    }
    let answered = request.body(asked.to_string()).send().await.expect("the table answers");
    let (status, kind) = (answered.status(), answered.headers().get("content-type").cloned());
    let body = answered.bytes().await.expect("a body");
    if let Some(look) = look.filter(|_| finds_nothing(&body)) {
        state.in_vain(&who, look);
    }
    // A world looks once a minute for what is due, whatever a test is at.
    let look = operation == "Query" && text.contains("deployment#due") && who == "notify";
    if !streams && !look {
        let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
        // A refused condition is charged like the write that it refused: one unit for these small items.
        let refused = if status.is_success() { 0.0 } else { 1.0 };
        state.calls.lock().unwrap().push(Call {
            operation,
            who,
            asked: text.into_owned(),
            units: units(&answer["ConsumedCapacity"]) + refused,
        });
        state.spans.lock().unwrap().push(Span { came, answered: Instant::now() });
    }
    if fate == Fate::Unanswered {
        return state.fates.kill().await;
    }
    if fault == Some(Fault::AnswerLost) || fate == Fate::AnswerLost {
        return broken();
    }
    let mut response = (status, body).into_response();
    if let Some(kind) = kind {
        response.headers_mut().insert("content-type", kind);
    }
    response
}

/// Whose key a request was signed with, by AWS's `Authorization: AWS4-HMAC-SHA256 Credential=KEY/…`.
pub(crate) fn signer(headers: &HeaderMap) -> String {
    let signed = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let key = signed.split_once("Credential=").and_then(|(_, rest)| rest.split('/').next());
    key.unwrap_or_default().to_owned()
}

fn units(capacity: &Value) -> f64 {
    match capacity {
        Value::Array(each) => each.iter().map(units).sum(),
        one => one["CapacityUnits"].as_f64().unwrap_or(0.0),
    }
}

fn broken() -> Response {
    let body =
        json!({ "__type": "com.amazonaws.dynamodb.v20120810#InternalServerError", "message": "broken by a test" });
    let mut response = (axum::http::StatusCode::INTERNAL_SERVER_ERROR, body.to_string()).into_response();
    let kind = "application/x-amz-json-1.0".parse().expect("a header");
    response.headers_mut().insert("content-type", kind);
    response
}
