//! What a person has sent is shown in full, and erased so that nothing of the person is left.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use deskbell::connect::Deployment;
use deskbell::data_subject::{Erase, Person, write_erase, write_export};
use deskbell::local::{Options, Table};
use deskbell_functions::config::secret::Secret;
use deskbell_functions::form::Email;
use deskbell_functions::rights::{self, Report};
use deskbell_functions::submission::Submission;
use deskbell_functions::submission::delivery::{Delivery, DeliveryState};
use serde_json::Value;

use crate::harness::client::Client;
use crate::harness::fault_proxy::{Fault, FaultProxy};
use crate::harness::moderation::{choose, reply};
use crate::harness::services::{KEY, Service};
use crate::harness::settings::sample_with;
use crate::harness::table::items;
use crate::harness::world::{ARTICLE, BLATANT, Desk, OWNER, eventually};
use crate::rights::stored::filed;

/// The person, by what nobody else bears.
const EMAIL: &str = "Zelda.Quist@example.org";
const NEEDLES: [&str; 5] = ["zelda", "quist", "xylophone", "zq.example", "203-555"];

/// A world in which the person has sent one of everything, and others have, too.
struct Fixtures {
    proxy: FaultProxy,
    desk: Desk,
    akismet: Service,
    /// What others have sent.
    others: Vec<String>,
}

impl Fixtures {
    async fn start() -> Self {
        let (proxy, akismet) = (FaultProxy::start().await, Service::akismet().await);
        let config = sample_with("[sites.studio]\ncomments.policy = \"all\"\nakismet.certain = 0.0");
        let table = Table::Server(proxy.url.clone());
        let desk = Desk::with(Options { table, config, services: akismet.services(), ..Options::default() }).await;
        desk.world.app.store.set_named_secret(None, &Secret::Akismet, KEY).await.expect("the table");
        let mut fixtures = Self { proxy, desk, akismet, others: Vec::new() };
        fixtures.fill().await;
        fixtures
    }

    async fn fill(&mut self) {
        let desk = &self.desk;
        let lead = |message| [("name", "Zelda Quist"), ("email", EMAIL), ("phone", "203-555"), ("message", message)];
        let asked = desk.post_for_json("/contact", &lead("Does a xylophone hurt the wrist?")).await.id();
        let trap = [&lead(BLATANT)[..], &[("_gotcha", "x")]].concat();
        desk.post_for_json("/contact", &trap).await;
        let first = self.comment(None, "My xylophone is heavy").await;
        let bo = reply_after(desk, &first, "Bo", "So is my tuba").await;
        let second = self.comment(Some(&bo), "Not as heavy as a xylophone").await;
        choose(desk, &second, "approve").await;
        self.comment(None, "A xylophone comes in a case").await;
        let cy = desk.comment("Cy", "I play the flute").await.id();
        choose(desk, &cy, "approve").await;
        let third = self.comment(Some(&cy), "The xylophone is better").await;
        choose(desk, &third, "approve").await;
        // It could not be delivered.
        let failed =
            Delivery { state: DeliveryState::Failed, at: 1, tries: 1, reason: None, since: None, again_at: None };
        let lead = stored(desk, &asked).await.expect("stored");
        desk.world.app.store.keep_undelivered(&lead, "mail", &failed).await.expect("the table");
        desk.settled().await;
        self.others = vec![bo, cy];
    }

    async fn comment(&self, parent: Option<&str>, text: &str) -> String {
        let mut fields = vec![("page", ARTICLE), ("author", "Zelda Quist"), ("email", EMAIL), ("comment", text)];
        fields.push(("url", "https://zq.example/"));
        fields.extend(parent.map(|parent| ("parent", parent)));
        self.desk.post_for_json("/comments", &fields).await.id()
    }

    async fn erase(&self) -> Report {
        let app = &self.desk.world.app;
        rights::erase(app, &app.config.sites["studio"], &email(EMAIL), 100).await.expect("the table")
    }

    /// Every item by its key, with bytes readable as text.
    fn items(&self) -> BTreeMap<String, String> {
        let text = |item: &Value| {
            let binaries = item.as_object().expect("an item").values().filter_map(|value| value["B"].as_str());
            let bytes = binaries.map(|binary| BASE64.decode(binary).expect("base64"));
            let bytes: String = bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).collect();
            format!("{item}{bytes}").to_lowercase()
        };
        let key = |item: &Value| format!("{} {}", item["pk"]["S"], item["sk"]["S"]);
        items(&self.proxy).iter().map(|item| (key(item), text(item))).collect()
    }
}

/// Approves a comment, and has somebody reply to it.
async fn reply_after(desk: &Desk, parent: &str, author: &str, text: &str) -> String {
    choose(desk, parent, "approve").await;
    let id = reply(desk, parent, author, text).await;
    choose(desk, &id, "approve").await;
    id
}

fn email(text: &str) -> Email {
    Email::parse(text).expect("an address")
}

async fn stored(desk: &Desk, id: &str) -> Option<Submission> {
    desk.world.app.store.submission("studio", id.parse().expect("an id")).await.expect("the table")
}

fn person(email_text: &str, site: Option<&str>) -> Person {
    Person { email: email(email_text), site: site.map(str::to_owned) }
}

#[tokio::test]
async fn an_export_holds_all_that_is_stored_and_nothing_of_others() {
    let fixtures = Fixtures::start().await;
    let mut output = Vec::new();
    write_export(&person("zelda.quist@example.org", None), &fixtures.desk.world.app, &mut output)
        .await
        .expect("written");
    let export: Value = serde_json::from_slice(&output).expect("JSON");
    assert_eq!((&export[0]["site"], export.as_array().map(Vec::len)), (&"Studio Lindqvist".into(), Some(1)));
    let words = deskbell_functions::words::english();
    let count =
        |what: &str| export[0]["stored"].as_array().map(|all| all.iter().filter(|one| one["what"] == what).count());
    assert_eq!(count(words.stored_lead), Some(2));
    assert_eq!(count(words.stored_comment), Some(4));
    assert_eq!(count(words.stored_duplicate), Some(6));
    assert_eq!(count(words.stored_akismet), Some(5));
    assert_eq!(count(words.stored_learning), Some(3));
    assert_eq!(count(words.stored_trust), Some(1));
    let text = export.to_string().to_lowercase();
    for needle in NEEDLES.iter().chain(&["user_ip", "expires_at", "deliveries", "approved"]) {
        assert!(text.contains(needle), "{needle}");
    }
    for foreign in ["tuba", "flute", "bo@example.org"] {
        assert!(!text.contains(foreign), "{foreign}");
    }
    let refused = write_export(&person(EMAIL, Some("nowhere")), &fixtures.desk.world.app, Vec::new()).await;
    assert!(refused.is_err_and(|error| error.to_string().contains("nowhere")));
}

#[tokio::test]
async fn the_owner_shows_and_erases_what_is_stored_from_the_inbox() {
    let fixtures = Fixtures::start().await;
    let owner = Client::new(&fixtures.desk);
    owner.sign_in(OWNER).await;
    let about = "/inbox/person?email=zelda.quist%40example.org";
    let page = owner.get(about).await;
    for line in ["Messages: 2", "Comments: 3", "because others have replied: 1", "Approvals as an author: 1"] {
        assert!(page.status == 200 && page.body.contains(line), "{line}: {page:?}");
    }
    let file = owner.get(&format!("{about}&format=json")).await;
    assert!(file.header("content-disposition").contains("studio-person.json"), "{file:?}");
    assert_eq!(file.json()["stored"].as_array().map(Vec::len), Some(21), "{file:?}");
    assert!(!file.body.contains("tuba") && file.header("cache-control") == "no-store", "{file:?}");

    // Nothing goes by mistake.
    let before = filed(&fixtures.desk, EMAIL).await.len();
    for (fields, said) in [
        (vec![("email", EMAIL)], "tick the box"),
        (vec![("email", "zelda"), ("sure", "yes")], "full email address"),
        (vec![("sure", "yes")], "full email address"),
    ] {
        let refused = owner.post("/inbox/person", &fields).await;
        assert!(refused.status == 422 && refused.body.contains(said), "{refused:?}");
    }
    let forged = owner.post_bare("/inbox/person", &[("email", EMAIL), ("sure", "yes"), ("csrf", "x")]).await;
    assert_ne!(forged.status, 200);
    assert_eq!(filed(&fixtures.desk, EMAIL).await.len(), before);

    let erased = owner.post("/inbox/person", &[("email", EMAIL), ("sure", "yes")]).await;
    assert!(erased.status == 200 && erased.body.contains("Deleted:"), "{erased:?}");
    assert!(erased.body.contains("Messages: 2") && erased.body.contains("Nothing is stored"), "{erased:?}");
    assert_eq!(filed(&fixtures.desk, EMAIL).await.len(), 0);
    let again = owner.post("/inbox/person", &[("email", EMAIL), ("sure", "yes")]).await;
    assert!(again.body.contains("nothing to delete"), "{again:?}");
}

#[tokio::test]
async fn erasing_leaves_nothing_of_the_person_and_everything_of_others() {
    let fixtures = Fixtures::start().await;
    let desk = &fixtures.desk;
    fixtures.proxy.quieten().await;
    let before = fixtures.items();
    let found = |items: &BTreeMap<String, String>| {
        let holds = |text: &str| NEEDLES.iter().any(|needle| text.contains(needle));
        items.iter().filter(|(_, text)| holds(text)).map(|(key, _)| key.clone()).collect::<Vec<_>>()
    };
    assert_eq!(found(&before).len(), 6, "the test looks for the right words");
    assert_eq!(desk.count(ARTICLE).await, 5);

    let app = &desk.world.app;
    let planned = rights::would_erase(app, &app.config.sites["studio"], &email(EMAIL)).await.expect("the table");
    assert_eq!(fixtures.items(), before, "a dry run changes nothing");
    let report = fixtures.erase().await;
    let expected = Report { leads: 2, comments: 3, tombstones: 1, approvals: 1, questions: 5, lessons: 3, more: false };
    assert_eq!((report, planned), (expected, expected));
    fixtures.proxy.keep_stream_still(false);
    desk.settled().await;

    let after = fixtures.items();
    assert_eq!(found(&after), [""; 0]);
    let person = app.person_hash("studio", EMAIL);
    let gone = |key: &&String| key.contains(&person) || key.contains("#undelivered") || key.contains("#akismet#");
    let kept_questions = before.keys().filter(|key| key.contains("#akismet#")).count() - 5;
    let left: Vec<_> = after.keys().filter(gone).filter(|key| before.contains_key(*key)).collect();
    assert_eq!(left.len(), kept_questions, "{left:?}");
    for id in &fixtures.others {
        let key = after.keys().find(|key| key.contains(&format!("#submission#{id}"))).expect("kept");
        assert_eq!(before[key].replace("\"replies\":{\"n\":\"1\"}", "\"replies\":{\"n\":\"0\"}"), after[key]);
    }

    // The thread stands, its first comment as one that was removed; the other thread lost its reply.
    let page = desk.comments(ARTICLE).await;
    let threads = page["comments"].as_array().expect("threads");
    assert_eq!((&page["count"], threads.len()), (&2.into(), 2), "{page}");
    assert_eq!((&threads[0]["removed"], &threads[0]["author"]), (&true.into(), &"".into()));
    assert_eq!(threads[0]["replies"][0]["author"], "Bo");
    assert_eq!((&threads[1]["author"], &threads[1]["replies"]), (&"Cy".into(), &Value::Array(Vec::new())));

    let again = fixtures.erase().await;
    assert!(again.is_empty(), "{again:?}");
    let but_numbers = |mut items: BTreeMap<String, String>| {
        items.retain(|key, _| !key.contains("#stats#"));
        items
    };
    assert_eq!(but_numbers(fixtures.items()), but_numbers(after), "the second time nothing is left to do");
    assert_eq!(filed(desk, EMAIL).await, []);
    drop(fixtures.akismet);
}

#[tokio::test]
async fn the_empty_place_goes_with_the_last_reply_and_cannot_be_brought_back() {
    let fixtures = Fixtures::start().await;
    let desk = &fixtures.desk;
    fixtures.erase().await;
    let place = desk.comments(ARTICLE).await["comments"][0]["id"].as_str().expect("an id").to_owned();
    let link = desk.world.app.moderation_path(&stored(desk, &place).await.expect("a place"));
    assert_eq!(desk.post(&link, &[("choice", "approve")]).await.status, 404);
    choose(desk, &fixtures.others[0], "spam").await;
    eventually("the place to go", async || stored(desk, &place).await.is_none().then_some(())).await;
    assert_eq!(desk.count(ARTICLE).await, 1);
}

#[tokio::test]
async fn what_was_interrupted_is_finished_the_next_time() {
    let fixtures = Fixtures::start().await;
    let (app, proxy) = (&fixtures.desk.world.app, &fixtures.proxy);
    proxy.quieten().await;
    let site = &app.config.sites["studio"];
    let interruptions = [
        ("TransactWriteItems", "", Fault::AnswerLost),
        ("DeleteItem", "#akismet#", Fault::Refused),
        ("PutItem", "#memory", Fault::Refused),
        ("DeleteItem", "#author#", Fault::Refused),
        ("DeleteItem", "#person#", Fault::Refused),
    ];
    for (operation, needle, fault) in interruptions {
        proxy.fail_about(needle, operation, fault);
        assert!(rights::erase(app, site, &email(EMAIL), 100).await.is_err(), "{operation} {needle}");
        proxy.mend();
    }
    fixtures.erase().await;
    proxy.keep_stream_still(false);
    fixtures.desk.settled().await;
    for (key, text) in fixtures.items() {
        assert!(!NEEDLES.iter().any(|needle| text.contains(needle)), "{key}");
        assert!(!key.contains(&app.person_hash("studio", EMAIL)), "{key}");
    }
    assert_eq!(fixtures.desk.count(ARTICLE).await, 2);
    assert!(fixtures.erase().await.is_empty());
}

#[tokio::test]
async fn the_operator_reads_how_much_was_erased_and_nothing_about_whom() {
    let fixtures = Fixtures::start().await;
    let app = &fixtures.desk.world.app;
    let run = async |dry_run| {
        let mut output = Vec::new();
        let erase = Erase { deployment: Deployment::default(), person: person(EMAIL, None), dry_run };
        write_erase(&erase, app, &mut output).await.expect("the table");
        String::from_utf8(output).expect("text")
    };
    let parts = "studio: 2 messages, 3 comments, 1 comment with replies (a placeholder stays), 1 approved author, \
                 5 Akismet checks, 3 decisions learned by the filter";
    assert_eq!(run(true).await, format!("{parts} would be erased\n"));
    assert_eq!(run(false).await, format!("{parts} erased\n"));
    assert_eq!(run(false).await, "studio: nothing is stored\n");
}
