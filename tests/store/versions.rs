//! What earlier releases wrote, and what a newer one wrote.
//!
//! `items/v1.jsonl` holds items of every kind as the first release writes them, made by a real run:
//! `DESKBELL_WRITE_ITEMS=1 cargo test -p deskbell-tests versions`. Once there is a release it stays as it is.

use std::collections::BTreeSet;
use std::path::PathBuf;

use aws_sdk_dynamodb::types::AttributeValue;
use deskbell_functions::app::Aws;
use deskbell_functions::form::Email;
use deskbell_functions::store::{List, StoreError};
use deskbell_functions::submission::Status;
use deskbell_functions::{delivery, rights};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::harness::fault_proxy::FaultProxy;
use crate::harness::fixtures::{Fixtures, everything, kind, put};
use crate::harness::moderation::choose;
use crate::harness::receiver::WHSEC;
use crate::harness::stream::StreamHarness;
use crate::harness::world::{ARTICLE, OWNER, evidence};

/// Every kind of item there is, by the word in its key.
const KINDS: &str = "akismet answered author block claim deployment deployment's-secret digest memory month page person \
    rate secret sessions sign-in stats submission suppressed token undelivered";

fn kept() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("items/v1.jsonl")
}

/// The items that the first release wrote; the times until which they are kept are those that they would have today.
fn first_release() -> Vec<Value> {
    let text = std::fs::read_to_string(kept()).expect("the kept items");
    let mut lines = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let made_at = lines.next().expect("a first line")["made_at"].as_i64().expect("a time");
    let age = Timestamp::now().as_second() - made_at;
    let younger = |mut item: Value| {
        if let Some(until) = item["expires_at"]["N"].as_str().map(|until| until.parse::<i64>().expect("a time")) {
            item["expires_at"]["N"] = (until + age).to_string().into();
        }
        item
    };
    lines.map(younger).collect()
}

fn write(items: &[Value]) {
    let head = json!({ "made_at": Timestamp::now().as_second() });
    let lines: Vec<String> = std::iter::once(&head).chain(items).map(Value::to_string).collect();
    std::fs::write(kept(), lines.join("\n") + "\n").expect("written");
}

fn kinds(items: &[Value]) -> BTreeSet<&str> {
    items.iter().map(kind).collect()
}

#[tokio::test]
async fn items_of_every_kind_carry_a_version_and_are_kept_as_the_first_release_writes_them() {
    let proxy = FaultProxy::start().await;
    let fixtures = Fixtures::open(&proxy.url).await;
    fixtures.fill().await;
    let items = fixtures.items().await;
    for item in &items {
        assert_eq!(item["v"], json!({ "N": "1" }), "{item}");
    }
    if std::env::var_os("DESKBELL_WRITE_ITEMS").is_some() {
        write(&items);
    }
    let kept = first_release();
    assert_eq!(kinds(&kept), KINDS.split_whitespace().collect());
    // What is not written any more: form tokens are noted with what their network has sent.
    let written: BTreeSet<&str> = kinds(&kept).into_iter().filter(|kind| *kind != "token").collect();
    assert!(kinds(&items).is_superset(&written), "{:?}", kinds(&items));
}

/// The site's deployment on a table with what the first release wrote.
async fn upgraded() -> (FaultProxy, Fixtures) {
    let proxy = FaultProxy::start().await;
    proxy.keep_stream_still(true);
    // Makes the table.
    let fixtures = Fixtures::open(&proxy.url).await;
    put(&fixtures.desk.world.app.store, &first_release()).await;
    drop(fixtures);
    let fixtures = Fixtures::open(&proxy.url).await;
    (proxy, fixtures)
}

fn with_status<'a>(items: &'a [Value], what: &str, status: Status) -> BTreeSet<&'a str> {
    let found = items.iter().filter(|item| kind(item) == "submission" && item["status"]["S"] == status.word());
    let found = found.filter(|item| item["wrote"]["M"][what].is_object());
    found.map(|item| item["id"]["S"].as_str().expect("an id")).collect()
}

#[tokio::test]
async fn what_the_first_release_wrote_is_read_and_listed() {
    let (_proxy, fixtures) = upgraded().await;
    let (items, desk) = (first_release(), &fixtures.desk);
    let (app, store) = (&desk.world.app, &desk.world.app.store);
    let all =
        [Status::Received, Status::Read, Status::Done, Status::Held, Status::Published, Status::Spam, Status::Trash];
    let mut read = 0;
    for status in all {
        for (what, list) in [("lead", List::Leads(status)), ("comment", List::Comments(status))] {
            let listed = store.list("studio", list, None, 100).await.expect("the table").submissions;
            let listed: BTreeSet<String> = listed.iter().map(|one| one.id.to_string()).collect();
            assert_eq!(listed.iter().map(String::as_str).collect::<BTreeSet<_>>(), with_status(&items, what, status));
            read += listed.len();
        }
    }
    assert_eq!(read, items.iter().filter(|item| kind(item) == "submission").count());
    let page = desk.comments(ARTICLE).await;
    assert_eq!(page["count"], with_status(&items, "comment", Status::Published).len());
    assert_eq!(page["comments"][0]["replies"][1]["by_owner"], true);

    let site = &app.config.sites["studio"];
    assert!(app.site_model(site).await.is_some_and(|memory| !memory.is_empty()));
    assert_eq!(
        store.named_secret(Some("studio"), &"webhook".parse().expect("a name")).await.ok().flatten().as_deref(),
        Some(WHSEC)
    );
    let member = app.member_hash("studio", OWNER);
    assert_eq!(store.sessions("studio", &member).await.map(|sessions| sessions.len()).ok(), Some(2));
    assert_eq!(store.blocked("studio", None, 9).await.map(|(blocks, _)| blocks.len()).ok(), Some(1));
    assert_eq!(store.provisional_akismet_checks("studio").await.map(|asked| asked.len()).ok(), Some(1));
    assert!(!store.undelivered("studio", None, 100).await.expect("the table").is_empty());
}

#[tokio::test]
async fn what_the_first_release_wrote_is_moderated_and_erased() {
    let (proxy, fixtures) = upgraded().await;
    let (items, desk) = (first_release(), &fixtures.desk);
    let (app, store) = (&desk.world.app, &desk.world.app.store);
    proxy.keep_stream_still(false);
    let before = desk.count(ARTICLE).await;
    for (at, held) in with_status(&items, "comment", Status::Held).into_iter().enumerate() {
        choose(desk, held, "approve").await;
        assert_eq!(desk.count(ARTICLE).await, before + 1 + u64::try_from(at).expect("few"));
    }
    let lead = *with_status(&items, "lead", Status::Received).first().expect("a lead");
    choose(desk, lead, "spam").await;
    assert_eq!(desk.submission(lead).await.status, Status::Spam);
    assert_eq!(desk.comment("Eva", "It still helps me.").await.status, 201, "she was approved");
    let blocked = desk.comment("Jim", "It is me again.").await;
    assert_eq!(blocked.status, 202);
    assert!(evidence(&desk.submission(&blocked.id()).await.verdict).contains(&"blocked_address"));
    assert!(delivery::redrive(store, "studio").await.expect("the table") > 0);
    desk.settled().await;

    let (site, email) = (&app.config.sites["studio"], Email::parse("fay@example.org").expect("an address"));
    let stored = rights::export(app, site, &email, 100).await.expect("the table").stored;
    assert!(stored.iter().filter(|stored| !stored.written.is_empty()).count() == 2, "{stored:?}");
    let erased = rights::erase(app, site, &email, 100).await.expect("the table");
    assert_eq!((erased.comments + erased.tombstones, erased.more), (2, false));
    desk.settled().await;
    let left = everything(store).await;
    assert!(!left.iter().any(|item| item.to_string().contains("fay@example.org")));
}

/// Makes of an item one that a newer release may have written.
async fn make_newer(harness: &StreamHarness, id: &str) -> Value {
    let client = Aws::local(harness.proxy.url.clone(), harness.proxy.url.clone()).dynamodb();
    let update = client.update_item().table_name("deskbell").update_expression("SET v = :v, wrote = :wrote");
    let email = AttributeValue::M([("email".into(), AttributeValue::S("in another shape".into()))].into());
    let update = update.expression_attribute_values(":v", AttributeValue::N("2".into()));
    let update = update.expression_attribute_values(":wrote", email);
    let update = update.key("pk", AttributeValue::S(format!("studio#submission#{id}")));
    update.key("sk", AttributeValue::S("item".into())).send().await.expect("the table");
    raw(harness, id).await
}

async fn raw(harness: &StreamHarness, id: &str) -> Value {
    let items = everything(&harness.notifier.app.store).await;
    items.into_iter().find(|item| kind(item) == "submission" && item["id"]["S"] == id).expect("it is there")
}

#[tokio::test]
async fn an_item_of_a_newer_release_is_neither_misread_nor_destroyed() {
    let harness = StreamHarness::start(0).await;
    let (app, store) = (&harness.notifier.app, &harness.notifier.app.store);
    let records = [harness.lead(1, "The newer one").await, harness.lead(2, "The older one").await];
    assert_eq!(harness.handle(&records).await, [""; 0]);
    let id = |record: &Value| record["dynamodb"]["NewImage"]["id"]["S"].as_str().expect("an id").to_owned();
    let (newer, older) = (id(&records[0]), id(&records[1]));
    let link = app.moderation_path(&harness.desk.submission(&newer).await);
    let before = make_newer(&harness, &newer).await;

    assert!(matches!(store.submission("studio", newer.parse().expect("an id")).await, Err(StoreError::Newer)));
    let listed = store.list("studio", List::Leads(Status::Received), None, 9).await.expect("the table").submissions;
    assert_eq!(listed.iter().map(|one| one.id.to_string()).collect::<Vec<_>>(), [&*older], "the others are there");
    let browser_sees = harness.desk.get_html(&link).await;
    assert_eq!(browser_sees.status, 503, "nobody decides about what cannot be read");
    assert_eq!(harness.desk.post(&link, &[("choice", "spam")]).await.status, 503);

    let mut changed = records[0].clone();
    changed["dynamodb"]["NewImage"] = before.clone();
    changed["dynamodb"]["SequenceNumber"] = "3".into();
    assert_eq!(harness.handle(&[changed, records[1].clone()]).await, ["3"], "it comes again, and others are handled");
    let (site, email) = (&app.config.sites["studio"], Email::parse("ann@example.org").expect("an address"));
    assert!(matches!(rights::erase(app, site, &email, 9).await, Err(StoreError::Newer)), "that must not look done");
    assert_eq!(raw(&harness, &newer).await, before);
}
