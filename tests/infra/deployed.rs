//! The packages that cargo-lambda has made, as Lambda runs them: each unpacked into a folder of its own and started below a
//! Runtime API, with no more memory than the template gives it; real events of API Gateway, of the table's stream and of
//! the schedules.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use deskbell::local::{CaughtEmail, Functions, InvocationError, Mailbox, Template, create_table, gateway, pump};
use deskbell_filter::Verdict;
use deskbell_functions::app::{App, Aws};
use deskbell_functions::config::Config;
use deskbell_functions::store::Store;
use deskbell_functions::submission::{Status, Submission};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio::task::JoinSet;

use crate::harness::bounces::bounce;
use crate::harness::fault_proxy::FaultProxy;
use crate::harness::runtime::{self, Function, bootstrap, package, target};
use crate::harness::stream::minutes_ago;
use crate::harness::world::{ARTICLE, Answer, answer, eventually, link, said};
use crate::harness::{submissions, tls, tools};

const TEMPLATE: &str = include_str!("../../infra/template.yaml");
const SETTINGS: &str = include_str!("../../infra/deskbell.toml");
const FUNCTIONS: [&str; 4] = ["contact", "comments", "owner", "notify"];

/// How long Lambda waits for a function to start.
const INIT: Duration = Duration::from_secs(10);

/// The newest C library that `provided.al2023` has.
const GLIBC: (u32, u32) = (2, 34);

/// A table, and a mailbox that catches what is sent.
pub(crate) struct Place {
    pub(crate) aws: Aws,
    pub(crate) store: Store,
    template: Template,
    stream: String,
    mailbox: Mailbox,
    tasks: JoinSet<()>,
    _proxy: FaultProxy,
}

/// The functions and what hands them their events.
struct Deployed {
    url: String,
    place: Place,
    functions: Functions,
    processes: Arc<Processes>,
}

/// Running functions by name.
type Processes = HashMap<&'static str, Mutex<Function>>;

impl Place {
    pub(crate) async fn start() -> Self {
        let (proxy, mailbox, mut tasks) = (FaultProxy::start().await, Mailbox::default(), JoinSet::new());
        let caught = mailbox.serve(&mut tasks).await.expect("a mailbox");
        let aws = Aws::local(proxy.url.clone(), caught);
        let template = Template::built_in();
        let stream = create_table(&aws, &template.table).await.expect("a table");
        let store = Store::new(aws.dynamodb(), template.table.name.clone());
        Self { aws, store, template, stream, mailbox, tasks, _proxy: proxy }
    }

    pub(crate) fn table(&self) -> &str {
        self.aws.dynamodb_url.as_deref().expect("an address")
    }

    pub(crate) fn mail(&self) -> &str {
        self.aws.ses_url.as_deref().expect("an address")
    }

    /// Hands what happens in the table to `notify`, as long as this place is there.
    pub(crate) fn follow(&mut self, functions: &Functions) {
        for mapping in &self.template.mappings {
            let (aws, stream) = (self.aws.clone(), self.stream.clone());
            self.tasks.spawn(pump(aws, stream, mapping.clone(), functions.clone(), Arc::default()));
        }
    }

    async fn email_about(&self, needle: &str) -> CaughtEmail {
        let found = async || self.mailbox.emails().into_iter().find(|email| said(email).contains(needle));
        eventually(needle, found).await
    }
}

/// Stores a message that came so many minutes ago.
pub(crate) async fn earlier_lead(store: &Store, message: &str, minutes: i64) {
    let config = Config::parse(SETTINGS).expect("the settings");
    let id = submissions::id_at(minutes_ago(minutes));
    let wrote = submissions::lead(&[("name", "Bo"), ("email", "bo@example.org"), ("message", message)]);
    let lead = Submission::new(id, &config.sites["studio"], wrote, Verdict::owner(), Status::Received);
    store.insert(lead).await.expect("the table");
}

impl Deployed {
    /// The functions at the template's routes, if their packages are there.
    async fn start(test: &str) -> Option<Self> {
        let folders = unpacked(test)?;
        let prlimit = tools::find(&["prlimit"], test)?;
        let mut place = Place::start().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let mut functions = HashMap::new();
        for (name, folder) in folders {
            let mut command = limited(&prlimit, &bootstrap(&folder, place.table(), place.mail(), &url));
            functions.insert(name, Mutex::new(Function::start(name, &mut command).await.expect("it starts")));
        }
        let processes = Arc::new(functions);
        let called = processes.clone();
        let functions: Functions = Arc::new(move |name, event| Box::pin(call(called.clone(), name.to_owned(), event)));
        let router = gateway(&place.template.routes, &functions);
        place.tasks.spawn(async move { axum::serve(listener, router).await.expect("it serves for ever") });
        place.follow(&functions);
        Some(Self { url, place, functions, processes })
    }
}

/// Hands an event to a function; gives its answer, or the error that it reports.
async fn call(processes: Arc<Processes>, name: String, event: Value) -> Result<Value, InvocationError> {
    let (answer, _) = processes[&*name].lock().await.call(event).await;
    answer.map_err(|error| error.to_string().into())
}

/// The folders of the unpacked packages, by function.
fn unpacked(test: &str) -> Option<Vec<(&'static str, PathBuf)>> {
    tools::find(&["unzip"], test)?;
    let home = target().join("tmp").join(format!("packages-{}", uuid::Uuid::new_v4().simple()));
    let mut folders = Vec::new();
    for name in FUNCTIONS {
        let Some(package) = package(name) else {
            tools::missing(test, &format!("a package of {name} made from this code (see .ci/run)"));
            return None;
        };
        folders.push((name, runtime::unpacked(&package, &home.join(name))));
    }
    Some(folders)
}

/// The same command with the least memory that the template gives a function. What a process may have of its own is limited
/// (`RLIMIT_DATA`): more strictly than by Lambda, which counts what it uses of that.
fn limited(prlimit: &Path, command: &Command) -> Command {
    let sizes = TEMPLATE.lines().filter_map(|line| line.trim().strip_prefix("MemorySize: ")?.parse::<u64>().ok());
    let megabytes = sizes.min().expect("a memory size");
    let mut limited = Command::new(prlimit);
    limited.arg(format!("--data={}", megabytes * 1024 * 1024)).arg(command.get_program()).env_clear();
    limited.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    limited.current_dir(command.get_current_dir().expect("a folder"));
    limited
}

/// What Deskbell is made for, from outside: a message is announced; a comment waits, is announced and approved by the link in the
/// email and appears.
pub(crate) async fn walkthrough(url: &str, place: &Place) {
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let post = async |path: &str, fields: &[(&str, &str)]| {
        answer(http.post(format!("{url}{path}")).header("accept", "application/json").form(fields)).await
    };
    let lead = [("name", "Ann"), ("email", "ann@example.org"), ("message", "Is Monday free?")];
    let taken: Answer = post("/contact", &lead).await;
    assert_eq!(taken.status, 201, "{taken:?}");
    let email = place.email_about("Is Monday free?").await;
    assert_eq!((&*email.to[0], email.reply_to.as_deref()), ("alex@example.org", Some("ann@example.org")));

    let comment = "It helped me a lot, and I thank you for it.";
    let fields = [("page", ARTICLE), ("author", "Bo"), ("email", "bo@example.org"), ("comment", comment)];
    let held = post("/comments", &fields).await;
    assert_eq!(held.status, 202, "{held:?}");
    let comments = async || answer(http.get(format!("{url}/comments?page={ARTICLE}"))).await.json();
    assert_eq!(comments().await["comments"], json!([]));
    let deciding = link(&place.email_about(comment).await);
    assert!(deciding.starts_with(url), "{deciding} is not at {url}");
    let page = answer(http.get(&deciding)).await;
    assert!(page.status == 200 && page.body.contains(comment), "{page:?}");
    assert_eq!(answer(http.post(&deciding).form(&[("choice", "approve")])).await.status, 200);
    assert_eq!(comments().await["comments"][0]["author"], "Bo");
    let count = answer(http.get(format!("{url}/comments/count?page={ARTICLE}"))).await.json();
    assert_eq!(count["counts"][ARTICLE], 1);
}

#[tokio::test]
async fn the_packages_do_everything_within_the_templates_memory() {
    let test = "infra::deployed::the_packages_do_everything_within_the_templates_memory";
    let Some(deployed) = Deployed::start(test).await else { return };
    let place = &deployed.place;
    walkthrough(&deployed.url, place).await;

    // What a week brought, and what was never delivered.
    earlier_lead(&place.store, "Are you open on Sundays?", 30).await;
    place.email_about("Are you open on Sundays?").await;
    let schedules = &place.template.schedules;
    assert!(schedules.len() >= 2, "{schedules:?}");
    for schedule in schedules {
        let event = serde_json::from_str(&schedule.input).expect("JSON");
        let done = (deployed.functions)("notify", event).await.expect("an answer");
        assert_eq!(done["batchItemFailures"], json!([]));
    }
    let digest = async || place.mailbox.emails().into_iter().find(|email| email.subject.contains("week"));
    assert_eq!(eventually("the digest", digest).await.to, ["alex@example.org"]);
    // An email that came back.
    let app = App::with(place.store.clone(), Config::parse(SETTINGS).expect("the settings")).await.expect("the table");
    let gone = app.address_hash("gone@example.org");
    (deployed.functions)("notify", bounce("Permanent", "gone@example.org", None)).await.expect("an answer");
    assert!(app.store.suppressed(&gone).await.expect("the table").is_some(), "it is written to no more");

    for (name, function) in deployed.processes.iter() {
        let function = function.lock().await;
        let most = function.status("VmHWM") / 1024.0;
        assert!(most < 64.0, "{name} needs {most} MiB");
        assert!(function.init < INIT, "{name} starts for {:?}", function.init);
    }
}

/// Which a program that aborts could not do. The profile says the same for what is deployed.
#[tokio::test]
async fn a_panic_is_an_error_and_the_same_process_answers_the_next_request() {
    let beside = std::env::current_exe().expect("a program");
    let panics = beside.ancestors().nth(2).expect("a folder").join("examples/panics");
    let mut function = Function::start("panics", Command::new(panics).env_clear()).await.expect("it starts");
    assert_eq!(function.call(json!("go")).await.0, Ok(json!("well")));
    let reported = function.call(json!("panic")).await.0.expect_err("a panic");
    assert!(reported["errorMessage"].as_str().is_some_and(|message| message.contains("as it was told")), "{reported}");
    assert_eq!(function.call(json!("go")).await.0, Ok(json!("well")));

    let manifest: toml::Table = include_str!("../../Cargo.toml").parse().expect("a manifest");
    assert_eq!(manifest["profile"]["release"]["panic"].as_str(), Some("unwind"));
}

#[test]
fn a_package_holds_a_program_for_lambda_and_the_settings() {
    let Some(folders) = unpacked("infra::deployed::a_package_holds_a_program_for_lambda_and_the_settings") else {
        return;
    };
    for (name, folder) in folders {
        let mut names: Vec<_> = std::fs::read_dir(&folder)
            .expect("a folder")
            .map(|entry| entry.expect("a file").file_name().into_string().expect("a name"))
            .collect();
        names.sort();
        assert_eq!(names, ["bootstrap", "deskbell.toml"], "{name}");
        assert_eq!(std::fs::read_to_string(folder.join("deskbell.toml")).expect("a text"), SETTINGS);
        let newest = newest_glibc(&std::fs::read(folder.join("bootstrap")).expect("a program"));
        assert!(newest <= GLIBC, "{name} needs a C library of {newest:?}, which Lambda has not");
    }
}

/// The newest version of the C library that a program names.
fn newest_glibc(program: &[u8]) -> (u32, u32) {
    let names = program.windows(6).enumerate().filter(|(_, window)| window == b"GLIBC_");
    let versions = names.filter_map(|(at, _)| {
        let version = std::str::from_utf8(program[at + 6..].split(|byte| *byte == 0).next()?).ok()?;
        let mut numbers = version.split('.').map(str::parse);
        Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
    });
    versions.max().expect("a version")
}

#[tokio::test]
async fn a_table_is_known_by_amazons_authorities_or_the_systems_or_those_that_are_named() {
    let test = "infra::deployed::a_table_is_known_by_amazons_authorities_or_the_systems_or_those_that_are_named";
    let Some(folders) = unpacked(test) else { return };
    let place = Place::start().await;
    let (url, authorities) = tls::before(place.table().to_owned()).await;
    for (_, folder) in folders.iter().filter(|(name, _)| ["contact", "notify"].contains(name)) {
        let start = async |trusted: Option<(&str, &Path)>| {
            let mut command = bootstrap(folder, &url, place.mail(), "https://deskbell.example.org");
            command.env("SSL_CERT_DIR", folder).envs(trusted);
            Function::start("it", &mut command).await
        };
        start(Some(("AWS_CA_BUNDLE", &authorities.own))).await.expect("it starts with those that are named");
        start(Some(("SSL_CERT_FILE", &authorities.all))).await.expect("it starts with the system's");
        assert!(start(None).await.is_err(), "a stranger is not believed");
    }
}
