//! `deskbell export --all` and `deskbell import` as programs that are killed halfway, and run again.
#![expect(clippy::expect_used, reason = "a test says what it expects by failing")]

use std::collections::BTreeMap;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use dynoxide::{Database, ImportOptions};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// How many items move.
const ITEMS: usize = 2_000;

/// A table on a server of its own.
struct Table {
    database: Database,
    url: String,
}

impl Table {
    async fn start() -> Self {
        let database = Database::memory().expect("a database");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(dynoxide::server::serve_on(listener, database.clone()));
        let key = |name: &str, kind: &str| json!({ "AttributeName": name, "KeyType": kind });
        let index = |name: &str, attribute: &str| {
            json!({ "IndexName": name, "KeySchema": [key(attribute, "HASH"), key("id", "RANGE")],
                "Projection": { "ProjectionType": "ALL" } })
        };
        let attributes = ["pk", "sk", "list", "folder", "id"];
        let attributes = attributes.map(|name| json!({ "AttributeName": name, "AttributeType": "S" }));
        let table = json!({
            "TableName": "deskbell", "BillingMode": "PAY_PER_REQUEST", "AttributeDefinitions": attributes,
            "KeySchema": [key("pk", "HASH"), key("sk", "RANGE")],
            "GlobalSecondaryIndexes": [index("lists", "list"), index("folders", "folder")],
        });
        database.create_table(serde_json::from_value(table).expect("a request")).expect("a table");
        Self { database, url }
    }

    fn items(&self) -> BTreeMap<String, Value> {
        let (mut found, mut after) = (BTreeMap::new(), Value::Null);
        loop {
            let mut scan = json!({ "TableName": "deskbell" });
            if !after.is_null() {
                scan["ExclusiveStartKey"] = after;
            }
            let page = self.database.scan(serde_json::from_value(scan).expect("a request")).expect("a scan");
            let mut page = serde_json::to_value(page).expect("JSON");
            for item in page["Items"].as_array().expect("items") {
                found.insert(format!("{}{}", item["pk"]["S"], item["sk"]["S"]), item.clone());
            }
            after = page["LastEvaluatedKey"].take();
            if after.is_null() {
                return found;
            }
        }
    }
}

/// Items of every kind, many times over: those that the first release wrote, under further keys, with all that a value
/// can be.
fn fill(table: &Table) {
    let kept = include_str!("../../../tests/items/v1.jsonl");
    let kept: Vec<Value> = kept.lines().skip(1).map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let further = |(number, mut item): (usize, Value)| {
        let pk = item["pk"]["S"].as_str().expect("a key").to_owned();
        if number >= kept.len() && pk != "deployment" {
            item["pk"]["S"] = format!("{pk}{number}").into();
        } else if number >= kept.len() {
            item["sk"]["S"] = format!("secret#name-{number}").into();
        }
        // Whenever this runs.
        if item["expires_at"].is_object() {
            item["expires_at"] = json!({ "N": "32503680000" });
        }
        item["further"] = json!({ "L": [
            { "N": "12345678901234567890.123456789012345678" }, { "N": "-1E-100" }, { "B": "AP8QgA==" }, { "NULL": true },
            { "SS": ["a", "ä"] }, { "M": { " ": { "BOOL": false }, "deep": { "L": [{ "S": "🔔\u{2028}\"" }] } } },
        ] });
        serde_json::from_value(item).expect("an item")
    };
    let items = kept.iter().cloned().cycle().take(ITEMS).enumerate().map(further).collect();
    table.database.import_items("deskbell", items, ImportOptions::default()).expect("imported");
}

/// A way to a table on which, after so many bytes, nothing gets through any more.
struct Narrow {
    url: String,
    stuck: Arc<AtomicBool>,
}

impl Narrow {
    async fn to(table: &Table, bytes: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let target = table.url.trim_start_matches("http://").to_owned();
        let (stuck, left) = (Arc::<AtomicBool>::default(), Arc::new(AtomicUsize::new(bytes)));
        let way = stuck.clone();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let far = TcpStream::connect(&target).await.expect("the table");
                let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
                tokio::spawn(carry(near_in, far_out, left.clone(), way.clone()));
                tokio::spawn(carry(far_in, near_out, left.clone(), way.clone()));
            }
        });
        Self { url, stuck }
    }
}

async fn carry(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    left: Arc<AtomicUsize>,
    stuck: Arc<AtomicBool>,
) {
    let mut bytes = vec![0; 4_096];
    while let Ok(length) = from.read(&mut bytes).await {
        let through = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(length)).is_ok();
        if !through {
            stuck.store(true, Ordering::SeqCst);
            std::future::pending::<()>().await;
        }
        if length == 0 || to.write_all(&bytes[..length]).await.is_err() {
            return;
        }
    }
}

fn deskbell(url: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deskbell"));
    command.args(arguments).env_clear().stdout(Stdio::piped()).stderr(Stdio::piped());
    let environment = [
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ACCESS_KEY_ID", "none"),
        ("AWS_SECRET_ACCESS_KEY", "none"),
        ("DESKBELL_TABLE", "deskbell"),
        ("AWS_ENDPOINT_URL", url),
    ];
    command.envs(environment);
    command
}

/// Runs the program until nothing gets through any more, and kills it.
async fn killed(table: &Table, bytes: usize, arguments: &[&str]) {
    let way = Narrow::to(table, bytes).await;
    let mut program = deskbell(&way.url, arguments).spawn().expect("it starts");
    while !way.stuck.load(Ordering::SeqCst) {
        if program.try_wait().expect("a state").is_some() {
            let said = program.wait_with_output().expect("what it said").stderr;
            panic!("it ended before {bytes} bytes: {}", String::from_utf8_lossy(&said));
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    program.kill().expect("killed");
    program.wait().expect("ended");
}

/// Runs the program to its end; gives what it says.
async fn run(url: &str, arguments: &[&str]) -> String {
    let mut command = deskbell(url, arguments);
    let Output { status, stdout, stderr } =
        tokio::task::spawn_blocking(move || command.output()).await.expect("a thread").expect("it runs");
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).expect("text")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_thousand_items_of_every_kind_move_though_the_program_is_killed_on_the_way() {
    let (here, there) = (Table::start().await, Table::start().await);
    let folder = tempfile::tempdir().expect("a folder");
    fill(&here);
    let all = here.items();
    assert_eq!(all.len(), ITEMS);
    let stays = ["claim", "rate", "token", "sign-in", "sessions"];
    let kind = |key: &str| key.trim_matches('"').split('#').nth(1).unwrap_or_default().to_owned();
    let wanted: BTreeMap<_, _> = all.into_iter().filter(|(key, _)| !stays.contains(&&*kind(key))).collect();
    let (to, name) = (there.url.as_str(), folder.path().join("items.jsonl").to_string_lossy().into_owned());

    let export = ["export", "--all", "--output", &name];
    killed(&here, 1_300_000, &export).await;
    let said = run(&here.url, &export).await;
    assert!(said.starts_with(&format!("Exported {} items to {name} (resumed).", wanted.len())), "{said}");

    let import = ["import", &name];
    for bytes in [900_000, 1_100_000] {
        killed(&there, bytes, &import).await;
        let arrived = there.items();
        assert!(arrived.len() > 100 && arrived.len() < wanted.len(), "{}", arrived.len());
        assert!(arrived.iter().all(|(key, item)| wanted.get(key) == Some(item)));
    }
    let said = run(to, &import).await;
    assert!(said.contains("items (resumed);"), "{said}");
    let arrived = there.items();
    assert_eq!(arrived.len(), wanted.len());
    assert!(arrived == wanted, "item by item");

    let said = run(to, &import).await;
    assert_eq!(said, format!("Imported 0 items; {} were already there.\n", wanted.len()));
    assert!(there.items() == wanted, "twice is once");
}
