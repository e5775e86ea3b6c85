//! What the owner decides is learnt, by the same function that notifies: once, in the right direction, and for good.

use deskbell::local::{Options, Table};
use deskbell_filter::{Content, Label, SiteModel, Verdict};
use deskbell_functions::delivery::Notifier;
use deskbell_functions::platform::clock::Clock;
use deskbell_functions::platform::outgoing::Services;
use deskbell_functions::submission::{Status, Submission, SubmissionContent};
use futures_util::future::join_all;
use serde_json::json;
use uuid::Uuid;

use crate::harness::fault_proxy::{Call, Fault, FaultProxy, Mail};
use crate::harness::moderation::choose;
use crate::harness::settings::sample_with;
use crate::harness::stream::{handle, notifier_with, record};
use crate::harness::world::{ARTICLE, BLATANT, Desk, eventually};

/// The most that a memory may take in the table, in bytes.
const BOUND: usize = 32 * 1024;

/// What one owner calls spam and another does not.
const PITCH: &str = "Three gardeners from the village look after hedges, lawns and old apple trees all the year round";

fn config(policy: &str) -> String {
    sample_with(&format!("sites.studio.comments.policy = \"{policy}\""))
}

/// A container of its own on the same table: what others have read does not matter to it.
async fn container(proxy: &FaultProxy, policy: &str) -> Desk {
    let options = Options { table: Table::Server(proxy.url.clone()), config: config(policy), ..Options::default() };
    Desk::with(options).await
}

async fn notifier(proxy: &FaultProxy, mail: &Mail) -> Notifier {
    notifier_with(&config("all"), Services::default(), Clock::default(), proxy, mail).await
}

async fn memory(desk: &Desk) -> SiteModel {
    desk.world.app.store.site_model_now("studio").await.expect("the table").model
}

async fn decide(desk: &Desk, id: &str, choice: &str) {
    choose(desk, id, choice).await;
    desk.settled().await;
}

/// What a container that just started thinks of a comment much like the pitch.
async fn verdict(proxy: &FaultProxy, number: u32) -> Verdict {
    let desk = container(proxy, "all").await;
    let sent = desk.comment("Somebody else", &format!("{PITCH}, guaranteed, offer number {number}")).await;
    let verdict = desk.submission(&sent.id()).await.verdict;
    desk.world.stop().await;
    verdict
}

/// What the memory adds to a verdict, in log-odds.
fn learnt(verdict: &Verdict) -> f64 {
    let learnt =
        verdict.reasons.iter().filter(|reason| ["like_junk", "like_real", "campaign"].contains(&&*reason.name));
    learnt.map(|reason| reason.weight).sum()
}

#[tokio::test]
async fn the_next_one_like_it_is_judged_as_the_owner_did_until_that_is_taken_back() {
    let proxy = FaultProxy::start().await;
    let desk = container(&proxy, "all").await;
    let pitch = desk.comment("Seller", PITCH).await.id();
    desk.settled().await;
    let before = verdict(&proxy, 1).await;
    assert!(learnt(&before) == 0.0, "{before:?}");
    decide(&desk, &pitch, "spam").await;
    let after = verdict(&proxy, 2).await;
    assert!(learnt(&after) > 1.0, "{after:?}");

    decide(&desk, &pitch, "approve").await;
    let approved = verdict(&proxy, 3).await;
    assert!(learnt(&approved) < 0.0, "{approved:?}");
    decide(&desk, &pitch, "trash").await;
    let forgotten = verdict(&proxy, 4).await;
    assert!(learnt(&forgotten) == 0.0, "{forgotten:?}");
    assert_eq!(memory(&desk).await, SiteModel::default());
}

#[tokio::test]
async fn leads_are_learnt_from_too_and_what_nobody_decided_is_not() {
    let proxy = FaultProxy::start().await;
    let desk = container(&proxy, "none").await;
    desk.comment("Bo", "Published without a decision").await;
    let caught = [("name", "Ann"), ("email", "ann@example.org"), ("message", BLATANT), ("_gotcha", "x")];
    let caught = desk.post_for_json("/contact", &caught).await.id();
    desk.settled().await;
    assert_eq!(memory(&desk).await, SiteModel::default());

    decide(&desk, &caught, "not_spam").await;
    let released = desk.submission(&caught).await;
    assert_eq!(released.label(), Some(Label::Ham));
    let mut expected = SiteModel::default();
    expected.learn(released.id, Some(Label::Ham), &Content::from(&released.content), jiff::Timestamp::now());
    assert_eq!(memory(&desk).await.to_bytes(), expected.to_bytes());
}

/// Whether a call puts a memory in place of another.
fn is_lesson(call: &Call) -> bool {
    call.operation == "PutItem" && call.asked.contains("#memory")
}

#[tokio::test]
async fn a_batch_that_comes_three_times_and_late_is_learnt_once_and_as_it_is_now() {
    let (proxy, mail) = (FaultProxy::start().await, Mail::start(0).await);
    let (desk, notifier) = (container(&proxy, "all").await, notifier(&proxy, &mail).await);
    let first = desk.comment("Seller", PITCH).await.id();
    let second = desk.comment("Bo", "My knee is so much better since the last massage").await.id();
    desk.settled().await;
    proxy.quieten().await;
    let post = async |id: &str, choice: &str| {
        choose(&desk, id, choice).await;
        desk.submission(id).await
    };
    let records = [
        record(1, "MODIFY", &post(&first, "approve").await),
        record(2, "MODIFY", &post(&second, "approve").await),
        record(3, "MODIFY", &post(&first, "spam").await),
    ];
    proxy.forget();
    for _ in 0..3 {
        assert_eq!(handle(&notifier, &records).await.len(), 0);
    }
    // The oldest record once more, long after: it says "approved", and that is not so any more.
    assert_eq!(handle(&notifier, &records[..1]).await.len(), 0);
    let writes = proxy.calls().iter().filter(|call| is_lesson(call)).count();
    assert_eq!(writes, 1, "what is known is not written again");
    let mut expected = SiteModel::default();
    for (id, label) in [(&first, Label::Spam), (&second, Label::Ham)] {
        let stored = desk.submission(id).await;
        expected.learn(stored.id, Some(label), &Content::from(&stored.content), jiff::Timestamp::now());
    }
    assert_eq!(memory(&desk).await.to_bytes(), expected.to_bytes());
}

#[tokio::test]
async fn many_who_learn_at_once_lose_nothing() {
    let (proxy, mail) = (FaultProxy::start().await, Mail::start(0).await);
    let (desk, notifier) = (container(&proxy, "all").await, notifier(&proxy, &mail).await);
    let sent =
        async |number: u32| desk.comment("Bo", &format!("{number} is what the {number}th of us wrote here")).await.id();
    let mut ids = Vec::new();
    for number in 0..6 {
        ids.push(sent(number).await);
    }
    desk.settled().await;
    proxy.quieten().await;
    let mut records = Vec::new();
    for (number, id) in ids.iter().enumerate() {
        choose(&desk, id, "approve").await;
        records.push(record(number, "MODIFY", &desk.submission(id).await));
    }
    let handled = join_all(records.iter().map(|record| handle(&notifier, std::slice::from_ref(record)))).await;
    assert_eq!(handled.iter().map(Vec::len).collect::<Vec<_>>(), [0; 6]);
    assert_eq!(desk.world.app.store.site_model_now("studio").await.expect("the table").version, 6);
    proxy.forget();
    assert_eq!(handle(&notifier, &records).await.len(), 0);
    assert!(!proxy.calls().iter().any(is_lesson), "everything was known");
}

#[tokio::test]
async fn a_site_model_that_cannot_be_written_is_retried_after_everything_was_delivered() {
    let (proxy, mail) = (FaultProxy::start().await, Mail::start(0).await);
    let (desk, notifier) = (container(&proxy, "all").await, notifier(&proxy, &mail).await);
    let pitch = desk.comment("Seller", PITCH).await.id();
    desk.settled().await;
    proxy.quieten().await;
    choose(&desk, &pitch, "spam").await;
    let lead = [("name", "Ann"), ("email", "ann@example.org"), ("message", "Announced first")];
    let lead = desk.post_for_json("/contact", &lead).await.id();
    let records =
        [record(1, "MODIFY", &desk.submission(&pitch).await), record(2, "INSERT", &desk.submission(&lead).await)];
    proxy.fail_about("#memory", "PutItem", Fault::Refused);
    assert_eq!((handle(&notifier, &records).await.len(), mail.accepted().len()), (1, 1));
    proxy.mend();
    assert_eq!((handle(&notifier, &records).await.len(), mail.accepted().len()), (0, 1));
    assert_ne!(memory(&desk).await, SiteModel::default());
}

/// A decided comment of sixty words that no other has.
fn decided(pattern: &Submission, number: u32) -> Submission {
    let words: Vec<String> =
        (0..60).map(|word| format!("word{}", u64::from(number) * 7_919 + word * 104_729)).collect();
    let mut wrote = serde_json::to_value(&pattern.content).expect("JSON");
    wrote["comment"]["text"] = words.join(" ").into();
    let wrote: SubmissionContent = serde_json::from_value(wrote).expect("a comment");
    let status = if number.is_multiple_of(2) { Status::Spam } else { Status::Published };
    Submission { id: Uuid::now_v7(), content: wrote, status, decisions: 1, counted: true, ..pattern.clone() }
}

#[tokio::test]
async fn a_memory_never_outgrows_its_bound_and_warm_requests_do_not_pay_for_it() {
    let proxy = FaultProxy::start().await;
    let desk = container(&proxy, "none").await;
    let sent = desk.comment("Bo", "A pattern").await.id();
    let pattern = desk.submission(&sent).await;
    let mut full = SiteModel::default();
    // More than are kept.
    for number in 0..250 {
        let submission = decided(&pattern, number);
        full.learn(submission.id, submission.label(), &Content::from(&submission.content), jiff::Timestamp::now());
    }
    let size = full.to_bytes().len();
    assert!((1..=BOUND).contains(&size), "{size}");
    assert!(desk.world.app.store.replace_site_model("studio", 0, &full).await.expect("the table"));

    // The first function's own calls are no part of what the second one's start costs.
    desk.settled().await;
    proxy.quieten().await;
    let warm = container(&proxy, "none").await;
    let of_start = |call: &&Call| call.who == "comments" && call.operation == "GetItem";
    let start = proxy.calls().iter().filter(of_start).map(|call| call.units).sum::<f64>();
    proxy.keep_stream_still(false);
    warm.settled().await;
    proxy.quieten().await;
    let fields = [("page", ARTICLE), ("author", "Cy"), ("email", "cy@example.org"), ("comment", "A warm request")];
    assert_eq!(warm.post_for_json("/comments", &fields).await.status, 201);
    let units = proxy.units();
    println!("a memory of {size} bytes: {start} read units for the start of a function, then {units:?} for a comment");
    // Its secret, and the memory once.
    assert!(start <= 1.0 + 4.5 && units.read <= 2.0 && units.write <= 4.0, "{start} {units:?}");
}

#[tokio::test]
async fn comments_wait_as_long_as_the_memory_could_never_be_read() {
    let proxy = FaultProxy::start().await;
    container(&proxy, "none").await.world.stop().await;
    proxy.fail_about("#memory", "GetItem", Fault::Refused);
    let desk = container(&proxy, "none").await;
    let sent = desk.comment("Bo", "Judged without").await;
    let held = desk.submission(&sent.id()).await;
    assert_eq!((sent.status, held.verdict.reasons[0].name.as_str()), (202, "memory_unknown"));
    proxy.mend();
    let published =
        async || (desk.comment("Bo", &format!("Again {}", Uuid::now_v7())).await.status == 201).then_some(());
    eventually("the memory to be read", published).await;
}

#[tokio::test]
async fn what_a_newer_release_has_learnt_is_neither_overwritten_nor_trusted() {
    let (proxy, mail) = (FaultProxy::start().await, Mail::start(0).await);
    let (desk, notifier) = (container(&proxy, "none").await, notifier(&proxy, &mail).await);
    let newer = json!({
        "pk": { "S": "studio#memory" }, "sk": { "S": "item" }, "version": { "N": "7" }, "memory": { "B": "////" },
    });
    let put = json!({ "TableName": "deskbell", "Item": newer });
    proxy.database.put_item(serde_json::from_value(put).expect("a request")).expect("put");
    let sent = container(&proxy, "none").await.comment("Bo", "Judged without").await;
    assert_eq!(sent.status, 202);
    proxy.quieten().await;
    choose(&desk, &sent.id(), "spam").await;
    assert_eq!(handle(&notifier, &[record(1, "MODIFY", &desk.submission(&sent.id()).await)]).await.len(), 1);
    let get = json!({ "TableName": "deskbell", "Key": { "pk": newer["pk"], "sk": newer["sk"] } });
    let kept = proxy.database.get_item(serde_json::from_value(get).expect("a request")).expect("an answer");
    assert_eq!(serde_json::to_value(kept).expect("JSON")["Item"], newer);
}
