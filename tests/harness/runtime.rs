//! Lambda on this machine: a Runtime API (<https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>) for each
//! program that Lambda would start, and the packages that cargo-lambda has made.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Path as Route, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinSet;
use tokio::time::timeout;

/// How long a program may take to start, and to answer.
const DEADLINE: Duration = Duration::from_mins(1);

/// A program under a Runtime API of its own. Both end when this is dropped.
pub(crate) struct Function {
    /// From just before its start until it asked for its first event.
    pub(crate) init: Duration,
    process: Child,
    events: Sender<Value>,
    answers: Receiver<(Instant, Answer)>,
    asked: Receiver<Instant>,
    _api: JoinSet<()>,
}

/// What a function answers, or the error that it reports instead.
pub(crate) type Answer = Result<Value, Value>;

#[derive(Clone)]
struct Runtime {
    events: Arc<Mutex<Receiver<Value>>>,
    answers: Sender<(Instant, Answer)>,
    asked: Sender<Instant>,
}

impl Function {
    /// Starts a program with what Lambda adds to its environment, and waits until it asks for its first event; gives how it
    /// ended, if it ends instead.
    pub(crate) async fn start(name: &str, command: &mut Command) -> Result<Self, ExitStatus> {
        let (events, received) = channel(1);
        let (sender, answers) = channel(1);
        let (asking, mut asked) = channel(1);
        let runtime = Runtime { events: Arc::new(Mutex::new(received)), answers: sender, asked: asking };
        let mut api = JoinSet::new();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        api.spawn(async move { axum::serve(listener, router(runtime)).await.expect("it serves for ever") });
        command.env("AWS_LAMBDA_RUNTIME_API", address).env("AWS_LAMBDA_FUNCTION_NAME", name);
        command.env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128").env("AWS_LAMBDA_FUNCTION_VERSION", "1");
        let started = Instant::now();
        let mut process = command.spawn().expect("the program starts");
        let ready = first(&mut asked, &mut process).await?;
        Ok(Self { init: ready - started, process, events, answers, asked, _api: api })
    }

    /// Hands it an event; gives its answer and how long that took.
    pub(crate) async fn call(&mut self, event: Value) -> (Answer, Duration) {
        let started = Instant::now();
        self.events.send(event).await.expect("a Runtime API");
        let (ended, answer) = timeout(DEADLINE, self.answers.recv()).await.expect("an answer").expect("a Runtime API");
        // Now it has done whatever there was to do after its answer, too.
        timeout(DEADLINE, self.asked.recv()).await.expect("the next question").expect("a Runtime API");
        (answer, ended - started)
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// A number in the process' status, as `VmRSS` (KiB).
    pub(crate) fn status(&self, name: &str) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).expect("a running process");
        let line = status.lines().find(|line| line.starts_with(name)).expect("a line of it");
        line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("a number")
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// When a program asks for its first event; or how it ended.
async fn first(asked: &mut Receiver<Instant>, process: &mut Child) -> Result<Instant, ExitStatus> {
    let until = Instant::now() + DEADLINE;
    while Instant::now() < until {
        if let Ok(ready) = timeout(Duration::from_millis(20), asked.recv()).await {
            return Ok(ready.expect("a Runtime API"));
        }
        if let Some(ended) = process.try_wait().expect("a process") {
            return Err(ended);
        }
    }
    panic!("the program does not ask for an event");
}

fn router(runtime: Runtime) -> Router {
    Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/{kind}", post(answered))
        .with_state(runtime)
}

async fn next(State(runtime): State<Runtime>) -> Response {
    let _ = runtime.asked.send(Instant::now()).await;
    let event = runtime.events.lock().await.recv().await.unwrap_or_default();
    let deadline = (jiff::Timestamp::now().as_millisecond() + 15_000).to_string();
    let headers = [
        ("lambda-runtime-aws-request-id", "1".to_owned()),
        ("lambda-runtime-deadline-ms", deadline),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-central-1:000000000000:function:it".into()),
        ("content-type", "application/json".into()),
    ];
    (headers, event.to_string()).into_response()
}

async fn answered(State(runtime): State<Runtime>, Route((_, kind)): Route<(String, String)>, body: String) -> Response {
    let now = Instant::now();
    let body = serde_json::from_str(&body).expect("JSON");
    let answer = if kind == "response" { Ok(body) } else { Err(body) };
    let _ = runtime.answers.send((now, answer)).await;
    (axum::http::StatusCode::ACCEPTED, "{}").into_response()
}

/// Processor time of a process so far, of the threads that it has now.
pub(crate) fn cpu(process: u32) -> Duration {
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).expect("a process");
    // One that ends meanwhile counts no more.
    let each = threads.filter_map(|thread| std::fs::read_to_string(thread.ok()?.path().join("schedstat")).ok());
    Duration::from_nanos(each.filter_map(|all| all.split(' ').next()?.parse::<u64>().ok()).sum())
}

/// The folder in which everything is built.
pub(crate) fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the folder that is built in")
}

/// The package of a function that `cargo lambda build --release --output-format zip --bin NAME` has made; none if there is none, or
/// one that is older than what it was made of.
pub(crate) fn package(name: &str) -> Option<PathBuf> {
    let package = target().join("lambda").join(name).join("bootstrap.zip");
    let made = package.metadata().and_then(|made| made.modified()).ok()?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?;
    let changed = [root.join("functions"), root.join("Cargo.lock"), root.join("infra/deskbell.toml")];
    (changed.iter().all(|path| newest(path) <= made)).then_some(package)
}

/// When a file, or the last of those below a folder, was changed. Texts about the code are no part of what is built.
fn newest(path: &Path) -> std::time::SystemTime {
    if path.extension().is_some_and(|extension| extension == "md") {
        return std::time::SystemTime::UNIX_EPOCH;
    }
    let below = std::fs::read_dir(path).into_iter().flatten().map(|entry| newest(&entry.expect("a file").path()));
    let own = path.metadata().and_then(|changed| changed.modified()).expect("a file");
    if path.is_dir() { below.max().unwrap_or(own) } else { own }
}

/// Unpacks a package into a folder of its own, as Lambda does.
pub(crate) fn unpacked(package: &Path, into: &Path) -> PathBuf {
    std::fs::create_dir_all(into).expect("a folder");
    let unzipped = Command::new("unzip").arg("-qo").arg(package).arg("-d").arg(into).status().expect("unzip runs");
    assert!(unzipped.success(), "{} cannot be unpacked", package.display());
    into.to_owned()
}

/// What Lambda starts where a package lies unpacked, with what the template says in its environment. The table, the mail and
/// the text messages are on servers of this machine.
pub(crate) fn bootstrap(folder: &Path, table: &str, services: &str, url: &str) -> Command {
    let mut command = Command::new(folder.join("bootstrap"));
    command.current_dir(folder).env_clear().env("LAMBDA_TASK_ROOT", folder);
    command.env("AWS_REGION", "eu-central-1").env("AWS_ACCESS_KEY_ID", "local").env("AWS_SECRET_ACCESS_KEY", "local");
    command.env("AWS_ENDPOINT_URL", services).env("AWS_ENDPOINT_URL_DYNAMODB", table);
    command.env("DESKBELL_TABLE", "deskbell").env("DESKBELL_URL", url);
    command
}
