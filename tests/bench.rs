//! What the deployed binaries cost: size, CPU, memory and time of a warm call, and the start of local mode.
//!
//! `cargo build --release && cargo build -p deskbell && cargo test -p deskbell-tests --test bench` (Linux: it reads
//! `/proc`).
//! The binaries run as in Lambda, under a Lambda Runtime API on this machine, with real API Gateway events and an
//! embedded table on loopback without TLS. Baseline: the built-in thank-you page, which asks the table nothing.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a measurement that cannot be made ends")]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use deskbell::local::{Options, Table, World};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Calls that are measured, after as many as warm up.
const CALLS: usize = 300;

const ARTICLE: &str = "/blog/massage-for-back-pain/";

/// A function's binary under a Runtime API of its own.
struct Function {
    process: Child,
    events: Sender<Value>,
    answers: Receiver<Value>,
}

#[derive(Clone)]
struct Runtime {
    events: Arc<Mutex<Receiver<Value>>>,
    answers: Sender<Value>,
}

impl Function {
    async fn start(name: &str, table: &str, config: &Path) -> Self {
        let (events, received) = channel(1);
        let (sender, answers) = channel(1);
        let runtime = Runtime { events: Arc::new(Mutex::new(received)), answers: sender };
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(answered))
            .with_state(runtime);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        let process = Command::new(built("release", name))
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", name)
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
            .env("AWS_REGION", "eu-central-1")
            .env("AWS_ACCESS_KEY_ID", "local")
            .env("AWS_SECRET_ACCESS_KEY", "local")
            .env("AWS_ENDPOINT_URL", table)
            .env("DESKBELL_TABLE", "deskbell")
            .env("DESKBELL_CONFIG", config)
            .stdout(Stdio::null())
            .spawn()
            .expect("run `cargo build --release` first");
        Self { process, events, answers }
    }

    async fn call(&mut self, event: Value, expected: u16) {
        self.events.send(event).await.unwrap();
        let answer = self.answers.recv().await.unwrap();
        assert_eq!(answer["statusCode"], expected, "{answer}");
    }

    /// CPU time so far.
    fn cpu(&self) -> Duration {
        let task = format!("/proc/{}/task", self.process.id());
        let threads = std::fs::read_dir(task).unwrap();
        let nanoseconds = threads.map(|thread| {
            let statistics = std::fs::read_to_string(thread.unwrap().path().join("schedstat")).unwrap();
            statistics.split(' ').next().unwrap().parse::<u64>().unwrap()
        });
        Duration::from_nanos(nanoseconds.sum())
    }

    /// Resident memory in MiB.
    fn memory(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
    }

    /// Medians of CPU and wall time of a call, in milliseconds.
    async fn measure(&mut self, event: impl Fn(usize) -> Value, expected: u16) -> (f64, f64) {
        let (mut cpu, mut wall) = (Vec::new(), Vec::new());
        for number in 0..2 * CALLS {
            let (before, started) = (self.cpu(), Instant::now());
            self.call(event(number), expected).await;
            let (took, used) = (started.elapsed(), self.cpu().saturating_sub(before));
            if number >= CALLS {
                cpu.push(used.as_secs_f64() * 1e3);
                wall.push(took.as_secs_f64() * 1e3);
            }
        }
        (median(cpu), median(wall))
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

async fn next(State(runtime): State<Runtime>) -> Response {
    let event = runtime.events.lock().await.recv().await.unwrap_or_default();
    let deadline = (jiff::Timestamp::now().as_millisecond() + 60_000).to_string();
    let headers = [("lambda-runtime-aws-request-id", "1".to_owned()), ("lambda-runtime-deadline-ms", deadline)];
    (headers, event.to_string()).into_response()
}

async fn answered(State(runtime): State<Runtime>, answer: String) -> &'static str {
    let _ = runtime.answers.send(serde_json::from_str(&answer).unwrap()).await;
    "{}"
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn built(profile: &str, name: &str) -> PathBuf {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target");
    target.join(profile).join(name)
}

/// An event as API Gateway sends it.
fn event(method: &str, path: &str, query: &str, body: &str) -> Value {
    json!({
        "version": "2.0", "routeKey": format!("ANY {path}"), "rawPath": path, "rawQueryString": query,
        "headers": {
            "accept": "application/json", "content-type": "application/x-www-form-urlencoded", "host": "api.example.org",
        },
        "requestContext": {
            "accountId": "0", "apiId": "x", "domainName": "api.example.org", "domainPrefix": "api", "stage": "$default",
            "requestId": "x", "routeKey": format!("ANY {path}"),
            "http": { "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.7", "userAgent": "bench" },
        },
        "body": body, "isBase64Encoded": false,
    })
}

fn lead(number: usize) -> Value {
    let text = "Could+I+come+on+Monday+afternoon%3F+My+back+hurts+again.";
    event("POST", "/contact", "", &format!("name=Ann&email=ann@example.org&message={text}+{number}"))
}

fn page(_: usize) -> Value {
    event("GET", "/comments", &format!("page={ARTICLE}&limit=10"), "")
}

fn thanks(_: usize) -> Value {
    event("GET", "/contact/thanks", "", "")
}

/// A table with a page of comments on it, and the world that keeps it.
async fn table() -> (World, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(dynoxide::server::serve_on(listener, dynoxide::Database::memory().unwrap()));
    let none = "[sites.studio.comments]\npolicy = \"none\"\n\n[sites.studio.judging]";
    let config = deskbell::local::SAMPLE.replace("[sites.studio.judging]", none);
    let world =
        World::start(Options { table: Table::Server(url.clone()), config, ..Options::default() }).await.unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    for number in 0..50 {
        let comment = format!("It helped me a lot, and I **thank** you for it. {number}");
        let fields = [("page", ARTICLE), ("author", "Ann"), ("email", "ann@example.org"), ("comment", &*comment)];
        http.post(format!("{}/comments", world.url)).form(&fields).send().await.unwrap();
    }
    (world, url)
}

/// From the start of the program to its first answer, in milliseconds.
fn start_of_local_mode() -> f64 {
    let times = (0..11).map(|_| {
        let started = Instant::now();
        let mut process = Command::new(built("debug", "deskbell"))
            .args(["dev", "--memory", "--port", "0"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("run `cargo build -p deskbell` first");
        let mut lines = std::io::BufRead::lines(std::io::BufReader::new(process.stdout.take().unwrap()));
        let address = lines.next().unwrap().unwrap().rsplit('/').next().unwrap().to_owned();
        let mut stream = std::net::TcpStream::connect(&address).unwrap();
        let request = format!("GET / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        std::io::Write::write_all(&mut stream, request.as_bytes()).unwrap();
        std::io::Read::read_to_end(&mut stream, &mut Vec::new()).unwrap();
        let took = started.elapsed().as_secs_f64() * 1e3;
        process.kill().unwrap();
        process.wait().unwrap();
        took
    });
    median(times.collect())
}

#[tokio::main]
async fn main() {
    println!("local mode, start to first answer: {:.0} ms", start_of_local_mode());
    for name in ["contact", "comments", "owner", "notify"] {
        let size = std::fs::metadata(built("release", name)).expect("run `cargo build --release` first").len();
        println!("binary {name}: {:.2} MB", f64::from(u32::try_from(size).unwrap()) / 1e6);
    }
    let (_world, url) = table().await;
    let config = std::env::temp_dir().join(format!("deskbell-bench-{}.toml", std::process::id()));
    // One network sends everything here.
    let sample = deskbell::local::SAMPLE.replace("rate_per_minute = 100", "rate_per_minute = 1_000_000");
    std::fs::write(&config, sample).unwrap();
    let mut contact = Function::start("contact", &url, &config).await;
    let baseline = contact.measure(thanks, 200).await;
    let post = contact.measure(lead, 201).await;
    let contact_memory = contact.memory();
    let mut comments = Function::start("comments", &url, &config).await;
    let get = comments.measure(page, 200).await;
    let rows = [
        ("GET /contact/thanks (baseline)", baseline, contact_memory),
        ("POST /contact", post, contact_memory),
        ("GET /comments, 10 of 50", get, comments.memory()),
    ];
    for (name, (cpu, wall), memory) in rows {
        let ratio = cpu / baseline.0;
        println!("{name}: CPU {cpu:.2} ms ({ratio:.1} × baseline), wall {wall:.2} ms, resident {memory:.1} MiB");
    }
    std::fs::remove_file(config).unwrap();
}
