//! Akismet as an optional signal: asked when it matters, believed with care, told when the owner knows better.

use std::time::{Duration, Instant};

use deskbell::local::{Options, Table};
use deskbell_functions::config::secret::Secret;
use deskbell_functions::delivery::Notifier;
use deskbell_functions::platform::clock::Clock;
use deskbell_functions::submission::Submission;
use serde_json::{Value, json};

use crate::harness::fault_proxy::{FaultProxy, Mail};
use crate::harness::moderation::choose;
use crate::harness::services::{Fault, Fields, KEY, Service, value};
use crate::harness::settings::sample_with;
use crate::harness::stream::{handle, notifier_with, record};
use crate::harness::world::{ARTICLE, BLATANT, Desk, answer, eventually, evidence};

/// The test author whom Akismet calls a spammer.
const SPAMMER: &str = "viagra-test-123";

/// How many times sooner it is given up that Akismet answers.
const PACE: u32 = 2;

/// A site that asks Akismet about everything but certain spam, however real it looks.
fn config(akismet: &str, policy: &str) -> String {
    with_certain(0.0, akismet, policy)
}

fn with_certain(certain: f64, akismet: &str, policy: &str) -> String {
    // The test author's name is on the sample's blocklist.
    sample_with(&format!(
        "sites.studio.judging.blocklist = [\"casino\", \"backlinks\"]\nsites.studio.comments.policy = \"{policy}\"\n\
         [sites.studio.akismet]\ncertain = {certain:.1}\n{akismet}\n"
    ))
}

async fn desk(akismet: &Service, config: String) -> Desk {
    let (services, clock) = (akismet.services(), Clock::at_pace(PACE));
    let desk = Desk::with(Options { config, services, clock, ..Options::default() }).await;
    desk.world.app.store.set_named_secret(None, &Secret::Akismet, KEY).await.expect("the table");
    desk
}

/// What Akismet added to the verdict.
fn reasons(submission: &Submission) -> Vec<&str> {
    evidence(&submission.verdict).into_iter().filter(|name| name.starts_with("akismet_")).collect()
}

/// What Akismet is told next.
async fn told(akismet: &Service) -> (String, Fields) {
    eventually("Akismet to be told", async || {
        akismet.asked().into_iter().find(|(route, _)| route.starts_with("submit"))
    })
    .await
}

fn without_key(fields: &Fields) -> Fields {
    fields.iter().filter(|(name, _)| name != "api_key").cloned().collect()
}

#[tokio::test]
async fn akismet_is_asked_what_it_wants_to_know() {
    let akismet = Service::akismet().await;
    let desk = desk(&akismet, config("lang = \"en, sv\"", "none")).await;
    let fields = [
        ("page", ARTICLE),
        ("author", "Bo"),
        ("email", "bo@example.org"),
        ("url", "https://bo.example"),
        ("comment", "It helped, thank you!"),
        ("_gotcha", ""),
    ];
    let page = desk.url(ARTICLE);
    let request = desk.request_post("/comments").header("accept", "application/json");
    let sent = answer(request.header("user-agent", "A browser").header("referer", &page).form(&fields)).await;
    assert_eq!(sent.status, 201);
    let (route, asked) = akismet.asked().remove(0);
    let time = value(&asked, "comment_date_gmt").to_owned();
    assert!(time.ends_with('Z') && time.len() == "2026-11-22T12:00:00Z".len(), "{time}");
    let home = desk.url("/");
    let expected = [
        ("api_key", KEY),
        ("blog", &home),
        ("user_ip", "127.0.0.1"),
        ("user_agent", "A browser"),
        ("permalink", &page),
        ("referrer", &page),
        ("comment_type", "comment"),
        ("comment_author", "Bo"),
        ("comment_author_email", "bo@example.org"),
        ("comment_author_url", "https://bo.example"),
        ("comment_content", "It helped, thank you!"),
        ("comment_date_gmt", &time),
        ("blog_lang", "en, sv"),
        ("blog_charset", "UTF-8"),
        ("honeypot_field_name", "_gotcha"),
        ("_gotcha", ""),
        ("is_test", "1"),
    ];
    let expected: Fields = expected.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    assert_eq!((route.as_str(), asked), ("comment-check", expected));

    let parent = sent.id();
    let reply = [&fields[..4], &[("comment", "A reply"), ("parent", &*parent)]].concat();
    desk.post_for_json("/comments", &reply).await;
    let lead = [("name", "Ann"), ("email", "ann@example.org"), ("message", "Is Monday free?")];
    desk.post_for_json("/contact", &lead).await;
    let asked = akismet.asked();
    let kinds: Vec<_> = asked.iter().map(|(_, fields)| value(fields, "comment_type")).collect();
    assert_eq!(kinds, ["reply", "contact-form"]);
    assert_eq!(value(&asked[1].1, "comment_author"), "Ann");
    assert_eq!(value(&asked[1].1, "permalink"), home);
}

#[tokio::test]
async fn a_site_that_does_not_want_it_and_a_certain_verdict_ask_nobody() {
    let akismet = Service::akismet().await;
    let plain = Desk::with(Options { services: akismet.services(), ..Options::default() }).await;
    assert_eq!(plain.comment(SPAMMER, "Nobody is asked about this").await.status, 202);

    let sure = desk(&akismet, with_certain(0.5, "", "none")).await;
    assert_eq!(sure.comment("Bo", "Thank you, my back is better!").await.status, 201);
    let caught = [("name", "Ann"), ("email", "ann@example.org"), ("message", BLATANT), ("_gotcha", "x")];
    assert_eq!(sure.post_for_json("/contact", &caught).await.status, 201);
    assert_eq!(akismet.asked(), []);
}

#[tokio::test]
async fn only_a_plain_false_is_good_news() {
    let akismet = Service::akismet().await;
    let desk = desk(&akismet, config("", "none")).await;
    let good = desk.comment("Bo", "Thank you, my back is better!").await;
    assert_eq!((good.status, reasons(&desk.submission(&good.id()).await)), (201, vec!["akismet_ham"]));

    let spam = desk.comment(SPAMMER, "Thank you, my knee is better!").await;
    let spam = desk.submission(&spam.id()).await;
    assert_eq!((spam.status.word(), reasons(&spam)), ("held", vec!["akismet_spam"]));
    akismet.fault(Fault::Discard);
    let blatant = desk.comment("Bo", "Thank you, my neck is better!").await;
    let blatant = desk.submission(&blatant.id()).await;
    let put_away = ["held", "spam"].contains(&blatant.status.word());
    assert_eq!((put_away, reasons(&blatant)), (true, vec!["akismet_discard"]), "by how real it looks");

    let faults = [
        Fault::Broken,
        Fault::Garbage,
        Fault::Huge,
        Fault::Elsewhere,
        Fault::Alert,
        Fault::Error,
        Fault::Throttled,
        Fault::Slow,
    ];
    for fault in faults {
        akismet.fault(fault);
        let started = Instant::now();
        let sent = desk.comment("Bo", &format!("Thank you, my foot is better! {fault:?}")).await;
        assert!(started.elapsed() < Duration::from_secs(5) / PACE, "{fault:?}");
        let held = desk.submission(&sent.id()).await;
        assert_eq!(
            (sent.status, held.status.word(), reasons(&held)),
            (202, "held", vec!["akismet_failed"]),
            "{fault:?}"
        );
    }
    akismet.fault(None);
    assert!(akismet.asked().iter().all(|(route, _)| route == "comment-check"), "no redirect is followed");
}

#[tokio::test]
async fn without_a_key_that_akismet_knows_everything_waits_and_leads_are_announced() {
    let akismet = Service::akismet().await;
    let gone = Desk::with(Options { config: config("", "none"), ..Options::default() }).await;
    let sent = gone.comment("Bo", "Thank you, my back is better!").await;
    assert_eq!((sent.status, reasons(&gone.submission(&sent.id()).await)), (202, vec!["akismet_failed"]));

    let desk = desk(&akismet, config("", "none")).await;
    // The site's own goes before the one for all sites.
    desk.world.app.store.set_named_secret(Some("studio"), &Secret::Akismet, "wrong").await.expect("the table");
    let lead = [("name", "Ann"), ("email", "ann@example.org"), ("message", "Announced all the same")];
    assert_eq!(desk.post_for_json("/contact", &lead).await.status, 201);
    let email = desk.email_about("Announced all the same").await;
    assert!(
        email.subject.starts_with("[possible spam]")
            && crate::harness::world::said(&email).contains("Akismet did not answer"),
        "{email:?}"
    );
    assert_eq!(value(&akismet.asked()[0].1, "api_key"), "wrong");
}

#[tokio::test]
async fn a_server_that_is_not_there_holds_too() {
    let akismet = Service::akismet().await;
    let services = akismet.services();
    drop(akismet);
    let desk = Desk::with(Options { config: config("", "none"), services, ..Options::default() }).await;
    desk.world.app.store.set_named_secret(None, &Secret::Akismet, KEY).await.expect("the table");
    let sent = desk.comment("Bo", "Thank you, my back is better!").await;
    assert_eq!((sent.status, reasons(&desk.submission(&sent.id()).await)), (202, vec!["akismet_failed"]));
}

#[tokio::test]
async fn akismet_gets_feedback_when_the_owner_knows_better_and_in_the_right_direction() {
    let akismet = Service::akismet().await;
    let desk = desk(&akismet, config("", "all")).await;
    let real = desk.comment(SPAMMER, "A real person of that name").await.id();
    let spam = desk.comment("Bo", "Cheap and wonderful").await.id();
    let checks = akismet.asked();
    assert_eq!(checks.len(), 2);

    choose(&desk, &real, "approve").await;
    let (route, fields) = told(&akismet).await;
    assert_eq!((route.as_str(), fields), ("submit-ham", checks[0].1.clone()), "the very same fields");
    choose(&desk, &spam, "spam").await;
    let (route, fields) = told(&akismet).await;
    assert_eq!((route.as_str(), fields), ("submit-spam", checks[1].1.clone()));

    // What is taken back is taken back there.
    choose(&desk, &spam, "trash").await;
    let (route, fields) = told(&akismet).await;
    assert_eq!((route.as_str(), without_key(&fields)), ("submit-ham", without_key(&checks[1].1)));

    // Nothing to tell where both agree, or where nobody has decided.
    let agreed = desk.comment("Cy", "Agreed").await.id();
    let thrown = desk.comment(SPAMMER, "Thrown away").await.id();
    akismet.asked();
    choose(&desk, &agreed, "approve").await;
    choose(&desk, &thrown, "trash").await;
    desk.settled().await;
    assert!(akismet.asked().iter().all(|(route, _)| route == "comment-check"));
}

/// A world on a metered table, and a notifier of the test's own on it.
async fn harness(akismet: &Service, refused: usize) -> (FaultProxy, Desk, Notifier, Mail) {
    let proxy = FaultProxy::start().await;
    let options = Options {
        table: Table::Server(proxy.url.clone()),
        config: config("", "all"),
        services: akismet.services(),
        ..Options::default()
    };
    let desk = Desk::with(options).await;
    desk.world.app.store.set_named_secret(None, &Secret::Akismet, KEY).await.expect("the table");
    let mail = Mail::start(refused).await;
    let notifier = notifier_with(&config("", "all"), akismet.services(), Clock::default(), &proxy, &mail).await;
    (proxy, desk, notifier, mail)
}

#[tokio::test]
async fn feedback_is_tried_three_times_and_once_given_never_again() {
    let akismet = Service::akismet().await;
    let (proxy, desk, notifier, mail) = harness(&akismet, 0).await;
    let spam = desk.comment("Bo", "Cheap and wonderful").await.id();
    desk.settled().await;
    // From here on only the test's own notifier follows.
    proxy.quieten().await;
    choose(&desk, &spam, "spam").await;
    let lead = [("name", "Ann"), ("email", "ann@example.org"), ("message", "Announced first")];
    let lead = desk.post_for_json("/contact", &lead).await.id();
    let records =
        [record(1, "MODIFY", &desk.submission(&spam).await), record(2, "INSERT", &desk.submission(&lead).await)];
    akismet.asked();

    akismet.fault(Fault::Broken);
    assert_eq!(handle(&notifier, &records).await, ["1"]);
    assert_eq!(mail.accepted().len(), 1, "the lead was announced");
    akismet.fault(None);
    // Two records about one submission, in one batch.
    let records = [&records[..1], &records[..]].concat();
    for _ in 0..3 {
        assert_eq!(handle(&notifier, &records).await, [""; 0]);
    }
    let routes: Vec<_> = akismet.asked().into_iter().map(|(route, _)| route).collect();
    assert_eq!(routes, ["submit-spam", "submit-spam"], "once in vain, once for good");

    // The next decision, and a server that does not come back.
    choose(&desk, &spam, "approve").await;
    let records = [record(3, "MODIFY", &desk.submission(&spam).await)];
    akismet.fault(Fault::Garbage);
    let failed: Vec<usize> =
        [handle(&notifier, &records).await, handle(&notifier, &records).await, handle(&notifier, &records).await]
            .iter()
            .map(Vec::len)
            .collect();
    assert_eq!(failed, [1, 1, 0], "then it is given up");
    akismet.fault(None);
    handle(&notifier, &records).await;
    assert_eq!(akismet.asked().len(), 3);
    assert_eq!(mail.accepted().len(), 1);
}

#[tokio::test]
async fn a_provisional_answer_holds_and_is_asked_for_again() {
    let akismet = Service::akismet().await;
    let desk = desk(&akismet, config("", "none")).await;
    akismet.fault(Fault::Provisional(1));
    let good = desk.comment("Bo", "Thank you, my back is better!").await;
    let bad = desk.comment(SPAMMER, "Thank you, my knee is better!").await;
    let decided = desk.comment("Cy", "Thank you, my foot is better!").await;
    assert_eq!((good.status, bad.status), (202, 202));
    assert_eq!(reasons(&desk.submission(&good.id()).await), ["akismet_pending"]);
    choose(&desk, &decided.id(), "trash").await;
    akismet.fault(None);
    akismet.asked();
    // The next record of the site after the time makes the notifier ask again.
    let settled = async || {
        desk.settled().await;
        let (good, bad) = (desk.submission(&good.id()).await, desk.submission(&bad.id()).await);
        (reasons(&good) == ["akismet_ham"] && reasons(&bad) != ["akismet_pending"]).then_some((good, bad))
    };
    let (good, bad) = eventually("settled answers", settled).await;
    assert_eq!((good.status.word(), good.counted, good.decisions), ("published", true, 0));
    assert_eq!((bad.status.word(), reasons(&bad)), ("held", vec!["akismet_spam"]));
    assert_eq!(desk.submission(&decided.id()).await.status.word(), "trash");
    let again = akismet.asked();
    let again: Vec<_> = again.iter().filter(|(_, fields)| !value(fields, "recheck_reason").is_empty()).collect();
    assert_eq!(again.len(), 2, "once each, and not about what was decided");
    assert_eq!(desk.count(ARTICLE).await, 1);
}

#[tokio::test]
async fn what_is_never_settled_stays_held_and_is_given_up() {
    let akismet = Service::akismet().await;
    let desk = desk(&akismet, config("", "none")).await;
    akismet.fault(Fault::Provisional(1));
    let sent = desk.comment("Bo", "Thank you, my back is better!").await;
    let id = sent.id().parse().expect("an id");
    let given_up = async || {
        desk.settled().await;
        let check = desk.world.app.store.akismet_check("studio", id).await.expect("the table").expect("kept");
        check.recheck.is_none().then_some(())
    };
    eventually("it to be given up", given_up).await;
    let held = desk.submission(&sent.id()).await;
    assert_eq!((held.status.word(), reasons(&held)), ("held", vec!["akismet_pending"]));
}

#[tokio::test]
async fn asking_costs_one_more_write_unit_and_keeps_no_address_in_the_clear() {
    let akismet = Service::akismet().await;
    let (proxy, desk, _notifier, _mail) = harness(&akismet, 0).await;
    desk.comment("Bo", "The first one reads the key").await;
    desk.settled().await;
    proxy.quieten().await;
    let lead = [("name", "Ann"), ("email", "ann@example.org"), ("message", "Could I come on Monday afternoon?")];
    for (what, write, read) in [("lead", 5.0, 1.0), ("comment", 5.0, 1.0)] {
        proxy.forget();
        let sent = match what {
            "lead" => desk.post_for_json("/contact", &lead).await,
            _ => desk.comment("Cy", "Could I come on Monday afternoon?").await,
        };
        assert!(sent.status < 300);
        let units = proxy.units();
        println!("{what} with Akismet: {} write units, {} read units", units.write, units.read);
        assert!(units.write <= write && units.read <= read, "{what}: {units:?}");
    }
    // Sent again within ten minutes, it is not paid for again.
    akismet.asked();
    let again = desk.post_for_json("/contact", &lead).await;
    assert_eq!((again.status, akismet.asked()), (201, vec![]));

    let scan = serde_json::from_value(json!({ "TableName": "deskbell" })).expect("a request");
    let items = serde_json::to_value(proxy.database.scan(scan).expect("a scan")).expect("JSON")["Items"].clone();
    let kept = |kind: &str| {
        let items = items.as_array().expect("items").iter();
        items.filter(|item| item["pk"]["S"].as_str().is_some_and(|pk| pk.contains(kind))).collect::<Vec<_>>()
    };
    assert!(!kept("#akismet#").is_empty());
    assert!(!items.to_string().contains("127.0.0.1"));
    let days = |item: &Value| {
        let at: i64 = item["expires_at"]["N"].as_str().and_then(|at| at.parse().ok()).expect("a time");
        (at - jiff::Timestamp::now().as_second() + 43_200) / 86_400
    };
    assert!(kept("#akismet#").into_iter().all(|item| days(item) == 15));
}
