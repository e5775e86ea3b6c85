//! The whole way of submissions, once: everything that visitors, the team and the clock can have the functions do.

use deskbell::local::{Options, Table};
use deskbell_functions::delivery::digest::weekly;
use deskbell_functions::notify::{Start, hourly, start};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use uuid::Uuid;

use super::recorder::Recorder;
use crate::harness::challenge::solved;
use crate::harness::client::Client;
use crate::harness::moderation::{choose, reply};
use crate::harness::page::{boxes, flash_boxes};
use crate::harness::receiver::{Answering, Receiver, WHSEC, delivery, set};
use crate::harness::services::{Fault, KEY, Service};
use crate::harness::settings::sample_with;
use crate::harness::world::{ARTICLE, BLATANT, Desk, OWNER, answer, eventually};

/// What is configured beside the sample: everything that makes a call of its own.
const TABLES: &str = r#"
[[sites.studio.channels]]
kind = "sms"
to = "+491701234567"

[[sites.studio.channels]]
kind = "autoresponse"
subject = "Thanks"
text = "Hello {name}"

[sites.studio.akismet]
certain = 0.0
"#;

/// Walks it, and gives the address that emails come from.
pub(super) async fn walk(recorder: &Recorder) -> String {
    let (akismet, receiver) = (Service::akismet().await, Receiver::start().await);
    let desk = desk(recorder, &akismet, &receiver).await;
    let doubtful = visitors(&desk).await;
    receiver.answer(&[Answering::Status(500)]);
    akismet.fault(Fault::Provisional(1));
    let failed = message(&desk, "Dee", "Is there a place on Tuesday?").await;
    delivery(&desk, &failed, "webhook").await;
    akismet.fault(None);
    team(&desk, &doubtful, &failed, &receiver).await;
    clock(&desk).await;
    desk.settled().await;
    desk.world.app.config.mail.from.as_str().to_owned()
}

async fn desk(recorder: &Recorder, akismet: &Service, receiver: &Receiver) -> Desk {
    let webhook = format!("\n[[sites.studio.channels]]\nkind = \"webhook\"\nurl = \"{}\"\n", receiver.url("/hook"));
    let sure = "[sites.studio.judging]\nunsure = 0.9\nspam = 0.99\n";
    let services =
        deskbell_functions::platform::outgoing::Services { reach: receiver.services().reach, ..akismet.services() };
    let options = Options {
        config: sample_with(&format!("{TABLES}{webhook}{sure}")),
        table: Table::Server(recorder.proxy.url.clone()),
        ses_url: Some(recorder.url.clone()),
        sns_url: Some(recorder.url.clone()),
        services,
        ..Options::default()
    };
    let desk = Desk::with(options).await;
    recorder.lead_to(&desk.world.caught);
    set(&desk, "webhook", WHSEC).await;
    set(&desk, "akismet", KEY).await;
    desk
}

async fn message(desk: &Desk, name: &str, message: &str) -> String {
    let email = format!("{}@example.org", name.to_lowercase());
    desk.post_for_json("/contact", &[("name", name), ("email", &email), ("message", message)]).await.id()
}

/// What visitors do; gives the id of a message that was taken for spam, and cleared by its sender.
async fn visitors(desk: &Desk) -> String {
    assert_eq!(desk.count(ARTICLE).await, 0);
    let token = desk.token("default", 20_000);
    let lead = |text| [("name", "Ann"), ("email", "ann@example.org"), ("message", text), ("_token", &*token)];
    let first = desk.post_for_json("/contact", &lead("Could I come on Monday?")).await.id();
    // Once more, it is the same; and the token, used for something else, is none.
    assert_eq!(desk.post_for_json("/contact", &lead("Could I come on Monday?")).await.id(), first);
    let spam = desk.post_for_json("/contact", &lead(BLATANT)).await;
    let chance = spam.json()["second_chance"]["url"].as_str().expect("a second chance").to_owned();
    let altcha = solved(&desk.challenge("default").await);
    assert_eq!(desk.post_for_json(&chance, &[("altcha", &altcha)]).await.status, 201);
    let trap = [("name", "Bot"), ("email", "bot@example.org"), ("message", BLATANT), ("_gotcha", "x")];
    desk.post("/contact", &trap).await;

    let root = desk.comment("Bo", "It helped, thank you!").await.id();
    choose(desk, &root, "approve").await;
    let second = desk.comment("Cy", "My shoulder is better.").await.id();
    let link = desk.link_about("My shoulder is better.").await;
    assert_eq!(desk.post(&link, &[("choice", "reply"), ("reply", "I am glad.")]).await.status, 200);
    let answer = reply(desk, &root, "Dee", "For me, too.").await;
    choose(desk, &answer, "approve").await;
    // The author is trusted now.
    assert_eq!(desk.comment("Bo", "And my neighbour's back, too.").await.status, 201);
    doubtful_comment(desk).await;
    let page = desk.get(&format!("/comments?page={ARTICLE}&limit=1")).await.json();
    let next = page["next"].as_str().expect("more");
    for path in [format!("/comments/feed?page={ARTICLE}"), "/comments/feed".into()] {
        assert_eq!(desk.get(&path).await.status, 200);
    }
    assert_eq!(desk.get(&format!("/comments?page={ARTICLE}&limit=1&after={next}")).await.status, 200);
    // A first comment that others have answered goes with the last of them.
    for (id, choice) in [(&root, "trash"), (&answer, "spam"), (&second, "trash")] {
        choose(desk, id, choice).await;
    }
    first
}

/// A comment by somebody who is trusted is in doubt, and published once they have shown to be a person.
async fn doubtful_comment(desk: &Desk) {
    let sent = desk.comment("Bo", "Free casino.").await;
    let chance = |name: &str| sent.json()["second_chance"][name].as_str().expect("a second chance").to_owned();
    let altcha = solved(&desk.get(&chance("challenge")).await.json());
    assert_eq!(desk.post_for_json(&chance("url"), &[("altcha", &altcha)]).await.status, 201);
}

/// What the team does.
async fn team(desk: &Desk, lead: &str, failed: &str, receiver: &Receiver) {
    let browser = desk.sign_in(OWNER).await;
    let pages =
        ["messages/new", "messages/spam", "comments/pending", "comments/published", "comments/trash", "deliveries"];
    for page in pages {
        assert_eq!(browser.get(&format!("/inbox/{page}")).await.status, 200, "{page}");
    }
    for query in ["q=ann%40example.org", "q=monday", "q=%2Fblog%2Fmassage-for-back-pain%2F"] {
        assert_eq!(browser.get(&format!("/inbox/messages/new?{query}")).await.status, 200, "{query}");
    }
    assert_eq!(browser.get("/inbox/export?folder=messages/new&format=csv").await.status, 200);
    bulk(&browser).await;
    let item = format!("/inbox/item/{lead}");
    let note_id = Uuid::new_v4().to_string();
    for (deed, text) in [("note", "Called her."), ("delete_note", "")] {
        browser.post(&item, &[("do", deed), ("note_id", &note_id), ("note", text)]).await;
    }
    blocks(desk).await;
    for person in ["bo@example.org", "eve@example.org"] {
        assert_eq!(browser.get(&format!("/inbox/person?email={person}")).await.status, 200);
        assert_eq!(browser.post("/inbox/person", &[("email", person), ("sure", "yes")]).await.status, 200);
    }
    receiver.answer(&[Answering::Status(200)]);
    assert_eq!(browser.post("/inbox/deliveries", &[]).await.status, 303);
    let sent = async || (desk.submission(failed).await.deliveries["webhook"].again_at.is_none()).then_some(());
    eventually("what failed", sent).await;
    let again = desk.sign_in(OWNER).await;
    again.post("/inbox/sign-out", &[("where", "here")]).await;
    browser.post("/inbox/sign-out", &[("where", "everywhere")]).await;
}

/// Several at once, and taken back.
async fn bulk(browser: &Client<'_>) {
    let shown = boxes(&browser.get("/inbox/messages/new").await);
    let fields: Vec<_> = shown.iter().map(|item| ("item", item.as_str())).chain([("do", "read")]).collect();
    let done = browser.post("/inbox/messages/new", &fields).await;
    let told = browser.get(done.header("location")).await;
    let read = flash_boxes(&told);
    let fields: Vec<_> = read.iter().map(|item| ("item", item.as_str())).chain([("do", "undo")]).collect();
    browser.post("/inbox/messages/new", &fields).await;
}

/// A sender is blocked by a link in an email, and not any more by another one.
async fn blocks(desk: &Desk) {
    let id = message(desk, "Eve", "Do you sell gift cards?").await;
    choose(desk, &id, "block_address").await;
    let again = message(desk, "Eve", "Or anything else?").await;
    choose(desk, &again, "unblock_address").await;
}

/// What happens without anybody.
async fn clock(desk: &Desk) {
    let now = Timestamp::now();
    hourly(&desk.world.notifier, now + SignedDuration::from_hours(2)).await;
    weekly(&desk.world.notifier, now + SignedDuration::from_hours(2)).await;
    let gone = json!({
        "eventType": "Bounce", "bounce": { "bounceType": "Permanent", "bouncedRecipients": [{ "emailAddress": "gone@example.org" }] },
        "mail": {},
    });
    let told = json!({ "Records": [{ "Sns": { "Message": gone.to_string() } }] });
    let told: Start = serde_json::from_value(told).expect("an event");
    start(&desk.world.notifier, told).await.expect("heard");
    let page = answer(desk.request_post("/_digest")).await;
    assert_eq!(page.status, 303);
}
