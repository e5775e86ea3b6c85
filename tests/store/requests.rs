//! What the table is asked, and what it costs: units are added up by the fault proxy, from what the table itself reports.

use deskbell_functions::store::List;
use deskbell_functions::submission::{Status, Submission};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::client::csrf;
use crate::harness::fault_proxy::{FaultProxy, Units};
use crate::harness::fixtures::kind;
use crate::harness::metered::{cost, metered};
use crate::harness::moderation::{choose, published, reply};
use crate::harness::table::{copies, copy};
use crate::harness::world::{ARTICLE, Desk, OWNER, answer, eventually};

/// What requests cost, by name.
type Costs = Vec<(&'static str, Units)>;

/// What the usual requests cost with whatever is stored already. `name` keeps one measurement's content from being a
/// repeat of another's.
async fn measure(proxy: &FaultProxy, desk: &Desk, name: &str, parent: &str) -> Costs {
    let email = format!("{name}@example.org");
    let text = "Could I come on Monday afternoon? My back hurts again, and I would be glad of an hour with you.";
    let lead = [("name", name), ("email", &*email), ("phone", "+46 8 555 010"), ("message", text)];
    let comment = [("page", ARTICLE), ("author", name), ("email", &*email), ("comment", text)];
    let reply = [&comment[..], &[("parent", parent)]].concat();
    let spam = [&comment[..], &[("_gotcha", "x"), ("url", "https://a.example")]].concat();
    let post = async |path: &'static str, fields: &[(&str, &str)]| {
        cost(proxy, desk, async || desk.post_for_json(path, fields).await.status).await
    };
    let get = async |path: String| cost(proxy, desk, async || desk.get(&path).await.status).await;
    vec![
        ("lead", post("/contact", &lead).await),
        ("the same lead again", post("/contact", &lead).await),
        ("comment", post("/comments", &comment).await),
        ("reply", post("/comments", &reply).await),
        ("spam", post("/comments", &spam).await),
        ("page of 10, oldest first", get(format!("/comments?page={ARTICLE}&limit=10")).await),
        ("page of 10, newest first", get(format!("/comments?page={ARTICLE}&limit=10&order=newest")).await),
        ("page of 10 as HTML", {
            let page = format!("/comments?page={ARTICLE}&limit=10");
            cost(proxy, desk, async || desk.get_html(&page).await.status).await
        }),
        ("two counts", get(format!("/comments/count?page={ARTICLE}&page=/b/")).await),
    ]
}

/// Puts copies of a stored comment on the same page, `each` of every status, straight into the table.
fn fill(proxy: &FaultProxy, pattern: &Submission, each: usize) {
    let mut items = Vec::new();
    for status in [Status::Published, Status::Held, Status::Spam, Status::Trash] {
        for _ in 0..each {
            items.push(copy(pattern, status));
        }
    }
    proxy.database.import_items("deskbell", items, dynoxide::ImportOptions::default()).expect("imported");
}

#[tokio::test]
async fn costs_are_bounded_and_do_not_grow_with_what_is_stored() {
    let (proxy, desk) = metered("").await;
    let pattern = published(&desk).await;
    let parent = pattern.id.to_string();
    fill(&proxy, &pattern, 10);
    let few = measure(&proxy, &desk, "few", &parent).await;
    fill(&proxy, &pattern, 2_500);
    let many = measure(&proxy, &desk, "many", &parent).await;
    for (name, units) in &many {
        println!("{name}: {} write units, {} read units, with 10,000 more on the page", units.write, units.read);
        assert!(units.write <= 4.0 && units.read <= 2.0, "{name}: {units:?}");
    }
    assert_eq!(few, many);
    let read = |wanted: &str| many.iter().find(|(name, _)| *name == wanted).map(|(_, units)| units.read);
    assert_eq!((read("page of 10, oldest first"), read("page of 10 as HTML")), (Some(1.5), Some(1.0)));

    let page = desk.get(&format!("/comments?page={ARTICLE}&limit=100")).await.json();
    assert_eq!(page["comments"].as_array().map(Vec::len), Some(100));
}

#[tokio::test]
async fn where_pages_close_a_comment_and_a_reply_cost_no_more_than_two_reads() {
    let (proxy, desk) = metered("sites.studio.comments.close_after_days = 30").await;
    let parent = published(&desk).await.id.to_string();
    for (name, units) in measure(&proxy, &desk, "closing", &parent).await {
        assert!(units.write <= 4.0 && units.read <= 2.0, "{name}: {units:?}");
    }
}

#[tokio::test]
async fn a_comment_published_as_it_comes_costs_no_more_than_one_that_waits() {
    let (proxy, desk) = metered(r#"sites.studio.comments.policy = "none""#).await;
    let units = cost(&proxy, &desk, async || desk.comment("Bo", "At once").await.status).await;
    assert!(units.write <= 4.0 && units.read <= 2.0, "{units:?}");
    eventually("the count", async || (desk.count(ARTICLE).await == 1).then_some(())).await;
}

#[tokio::test]
async fn owner_lists_cost_what_they_show() {
    let (proxy, desk) = metered("").await;
    let pattern = published(&desk).await;
    let store = &desk.world.app.store;
    let list = async || {
        store.list("studio", List::Comments(Status::Spam), None, 20).await.expect("the table").submissions.len()
    };
    fill(&proxy, &pattern, 25);
    let few = cost(&proxy, &desk, async || 200 + u16::from(list().await != 20)).await;
    fill(&proxy, &pattern, 1_000);
    let many = cost(&proxy, &desk, async || 200 + u16::from(list().await != 20)).await;
    assert_eq!(few, many);
    assert!(many.read <= 5.0, "{many:?}");
}

/// What the first page of the inbox, a folder, an item, and a search of it cost.
async fn inbox(proxy: &FaultProxy, desk: &Desk, id: &str) -> Costs {
    let browser = desk.sign_in(OWNER).await;
    let get = async |path: &str| cost(proxy, desk, async || browser.get(path).await.status).await;
    vec![
        ("the first page", get("/inbox").await),
        ("a folder", get("/inbox/comments/published").await),
        ("an item", get(&format!("/inbox/item/{id}")).await),
        ("a search for words", get("/inbox/messages/done?q=nowhere").await),
        ("a search for a person", get("/inbox/messages/new?q=nobody@example.org").await),
    ]
}

/// With 10 items, with 5,400 and with 6,300; `DESKBELL_LARGE=100000` asks for as many as that.
#[tokio::test]
async fn the_inbox_costs_what_it_shows_whatever_is_stored() {
    let large = std::env::var("DESKBELL_LARGE").map_or(6_300_usize, |count| count.parse().expect("a number"));
    let (proxy, desk) = metered("").await;
    let comment = published(&desk).await;
    let text = "Could I come on Monday afternoon? My back hurts again, and I would be glad of an hour with you.";
    let id = desk.message_from("Ann", text).await;
    let lead = desk.submission(&id).await;
    let fill = |each: usize| {
        fill(&proxy, &comment, each);
        for status in [Status::Received, Status::Read, Status::Done, Status::Spam, Status::Trash] {
            copies(&proxy, &Submission { status, ..lead.clone() }, each, text);
        }
    };
    fill(1);
    for (name, units) in inbox(&proxy, &desk, &id).await {
        println!("{name}: {} read units, {} write units, with 10 items", units.read, units.write);
    }
    fill(600);
    let few = inbox(&proxy, &desk, &id).await;
    fill(large / 9 - 600);
    let many = inbox(&proxy, &desk, &id).await;
    for (name, units) in &many {
        println!("{name}: {} read units, {} write units, with {large} items or more", units.read, units.write);
        assert!(units.write == 0.0 && units.read <= if name.contains("words") { 75.0 } else { 10.0 }, "{name}");
    }
    assert_eq!(few, many);
}

#[tokio::test]
async fn decisions_and_notes_cost_the_same_whatever_is_stored() {
    let (proxy, desk) = metered("").await;
    let pattern = published(&desk).await;
    let browser = desk.sign_in(OWNER).await;
    let csrf = csrf(&browser.get("/inbox").await);
    let mut costs = Vec::new();
    for each in [10, 600] {
        fill(&proxy, &pattern, each);
        let lead = desk.message_from("Ann", &format!("A message, with {each} stored")).await;
        let comment = desk.comment("Bo", &format!("A comment, with {each} stored")).await.id();
        let answer =
            reply(&desk, &pattern.id.to_string(), &format!("Cy{each}"), &format!("A reply, with {each} stored")).await;
        let post = async |id: &str, fields: &[(&str, &str)]| {
            let fields = [&[("csrf", &*csrf)], fields].concat();
            let path = format!("/inbox/item/{id}");
            // A redirect to the page that tells of it.
            cost(&proxy, &desk, async || browser.post_bare(&path, &fields).await.status - 103).await
        };
        let decide = async |id: &str, decisions: u32, deed: &str| {
            post(id, &[("do", deed), ("item", &format!("{id}.{decisions}"))]).await
        };
        let note = [("do", "note"), ("note_id", &*Uuid::new_v4().to_string()), ("note", "A note")];
        costs.push([
            ("approving a reply", decide(&answer, 0, "approve").await),
            ("approving a comment", decide(&comment, 0, "approve").await),
            ("taking that back", decide(&comment, 1, "undo").await),
            ("marking a message as read", decide(&lead, 0, "read").await),
            ("a note", post(&lead, &note).await),
        ]);
    }
    for (name, units) in costs[1] {
        println!("{name}: {} write units, {} read units", units.write, units.read);
        assert!(units.write <= 15.0 && units.read <= 4.0, "{name}: {units:?}");
    }
    assert_eq!(costs[0], costs[1]);
}

#[tokio::test]
async fn nothing_scans_and_every_item_has_a_version_and_a_time_of_keeping() {
    let (proxy, desk) = metered("").await;
    let pattern = published(&desk).await;
    measure(&proxy, &desk, "everything", &pattern.id.to_string()).await;
    let token = desk.challenge("default").await["token"].as_str().expect("a token").to_owned();
    desk.post("/contact", &[("name", "Ann"), ("email", "ann@example.org"), ("message", "x"), ("_token", &token)]).await;
    proxy.forget();
    answer(desk.request_get("/_items")).await;
    desk.settled().await;
    let asked: Vec<_> = proxy.calls().into_iter().map(|call| call.operation).collect();
    assert!(!asked.is_empty() && !asked.iter().any(|operation| operation == "Scan"), "{asked:?}");

    let scan = serde_json::from_value(json!({ "TableName": "deskbell" })).expect("a request");
    let items = serde_json::to_value(proxy.database.scan(scan).expect("a scan")).expect("JSON")["Items"].clone();
    let now = jiff::Timestamp::now().as_second();
    for item in items.as_array().expect("items") {
        let pk = item["pk"]["S"].as_str().expect("a key");
        let day = 86_400;
        // Rounded to the nearest day, for some time has passed since it was stored.
        let days =
            item["expires_at"]["N"].as_str().map(|at| (at.parse::<i64>().expect("a number") - now + day / 2) / day);
        let expected = match (kind(item), item["status"]["S"].as_str()) {
            // As long as form tokens are good, and an hour.
            ("sent", None) => Some(1),
            ("submission", Some("published")) | ("page" | "memory" | "deployment", None) => None,
            ("author", None) => Some(730),
            ("submission", Some("spam" | "trash")) | ("claim", None) => Some(30),
            ("submission", Some("received" | "held")) | ("block", None) => Some(365),
            // As long as what it points to, which a test of its own promises.
            ("person", None) => continue,
            // To the end of a day.
            ("stats", None) if matches!(days, Some(10 | 11)) => continue,
            ("rate" | "hour", None) => Some(0),
            other => panic!("{other:?} is not in the table of keys"),
        };
        assert_eq!(days, expected, "{pk}");
        assert_eq!(item["v"], json!({ "N": "1" }), "{pk}");
        assert!(!item.to_string().contains("127.0.0"), "no address is stored: {item}");
    }
    let values: Vec<&Value> =
        items.as_array().expect("items").iter().filter(|item| item["network"].is_object()).collect();
    assert!(!values.is_empty(), "the network's hash is stored");
}

#[tokio::test]
async fn what_everybody_may_see_is_read_without_anybody_s_address() {
    let (proxy, desk) = metered("").await;
    let first = desk.comment("Ann", "First words").await.id();
    choose(&desk, &first, "approve").await;
    let second = reply(&desk, &first, "Bo", "Second words").await;
    choose(&desk, &second, "approve").await;
    proxy.forget();
    for path in [format!("/comments?page={ARTICLE}"), format!("/comments/feed?page={ARTICLE}"), "/comments/feed".into()]
    {
        let shown = desk.get(&path).await.body;
        assert!(shown.contains("First words") && shown.contains("Second words"), "{shown}");
    }
    let asked = proxy.calls().into_iter().filter(|call| call.operation == "Query" && call.who != "notify");
    let asked: Vec<String> = asked.map(|call| call.asked).collect();
    assert_eq!(asked.len(), 5);
    assert!(asked.iter().all(|query| query.contains("ProjectionExpression") && !query.contains("email")), "{asked:?}");
}
