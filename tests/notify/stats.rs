//! What is counted of a day, from the stream to `deskbell stats`: exactly, whatever comes twice, and of nobody.

use deskbell::connect::Deployment;
use deskbell::stats::{self, Command};
use deskbell_functions::notify::stats::days;
use deskbell_functions::submission::Submission;
use deskbell_functions::submission::tally::Tally;
use deskbell_functions::{notify, rights};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::harness::fault_proxy::Mood;
use crate::harness::metered::metered;
use crate::harness::stream::{StreamHarness, minutes_ago, record};
use crate::harness::world::{BLATANT, Desk};

impl StreamHarness {
    async fn today(&self) -> Tally {
        self.on(Timestamp::now()).await
    }

    /// The numbers of today, as they are read at a time.
    async fn on(&self, time: Timestamp) -> Tally {
        let since = (time.as_second() - Timestamp::now().as_second()) / 86_400;
        let days = days(&self.notifier.app.store, "studio", u16::try_from(since + 1).expect("days"), time).await;
        days.expect("the table")[0].1
    }
}

/// The record of a change.
fn changed(number: usize, before: &Submission, after: &Submission) -> Value {
    let mut changed = record(number, "MODIFY", after);
    changed["dynamodb"]["OldImage"] = record(number, "MODIFY", before)["dynamodb"]["NewImage"].clone();
    changed
}

/// What the program prints.
async fn printed(desk: &Desk, site: Option<&str>, days: u16, json: bool) -> String {
    let command = Command { site: site.map(str::to_owned), days, json, deployment: Deployment::default() };
    let mut output = Vec::new();
    let (config, store) = (&desk.world.app.config, &desk.world.app.store);
    let done = stats::write(&command, config, store, Timestamp::now(), &mut output).await;
    done.map_or_else(|error| error.to_string(), |()| String::from_utf8(output).expect("text"))
}

#[tokio::test]
async fn whatever_comes_three_times_in_any_order_counts_once() {
    let harness = StreamHarness::start(0).await;
    let mut leads = harness.leads(2, "Is Monday free?", minutes_ago(0)).await;
    leads.extend(harness.leads(1, "Is Tuesday free?", minutes_ago(0)).await);
    // Each twice: with a Reply-To, and without.
    harness.mail.always("Is Tuesday free?", Mood::Refuses(400, "MessageRejected"));
    let came: Vec<Value> = leads.iter().enumerate().map(|(at, lead)| record(at + 1, "INSERT", lead)).collect();
    assert_eq!(harness.handle(&came).await, [""; 0]);
    let expected = Tally { leads: 3, ham: 3, ..Tally::default() };
    assert_eq!(harness.today().await, expected);
    let mut told = Vec::new();
    for (at, lead) in leads.iter().enumerate() {
        told.push(changed(at + 11, lead, &harness.stored(lead.id).await));
    }
    for batch in [&came, &told, &told, &came, &told, &came] {
        assert_eq!(harness.handle(batch).await, [""; 0]);
    }
    let expected = Tally { delivered: 2, failed: 1, ..expected };
    assert_eq!(harness.today().await, expected);

    // What failed is delivered later, and what said that it failed comes once more.
    let failed = leads.iter().zip(&told).find(|(_, told)| told.to_string().contains("MessageRejected"));
    let (lead, failure) = failed.expect("one failed");
    let before = harness.stored(lead.id).await;
    harness.mail.mend();
    deskbell_functions::delivery::redrive(&harness.notifier.app.store, "studio").await.expect("the table");
    let due = harness.stored(lead.id).await;
    harness.handle(&[changed(21, &before, &due)]).await;
    harness.handle(&[changed(22, &due, &harness.stored(lead.id).await)]).await;
    harness.handle(std::slice::from_ref(failure)).await;
    assert_eq!(harness.today().await, Tally { delivered: 3, failed: 0, ..expected });
}

#[tokio::test]
async fn a_day_is_added_up_once_nothing_of_it_can_come_and_outlives_what_it_counted() {
    let harness = StreamHarness::start(0).await;
    let lead = harness.lead(1, "Is Monday free?").await;
    harness.handle(std::slice::from_ref(&lead)).await;
    let site = &harness.notifier.app.config.sites["studio"];
    let id = lead["dynamodb"]["NewImage"]["id"]["S"].as_str().expect("an id").parse().expect("an id");
    harness.handle(&[changed(2, &{ harness.stored(id).await }, &harness.stored(id).await)]).await;
    let counted = harness.today().await;
    assert_eq!((counted.leads, counted.spam), (1, 0));
    let day = |days: i64| Timestamp::now() + SignedDuration::from_hours(24 * days);

    let kept = async || {
        let today = Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
        harness.notifier.app.store.tallies("studio", today, today).await.expect("the table").len()
    };
    notify::hourly(&harness.notifier, day(1)).await;
    assert_eq!((kept().await, harness.on(day(2)).await), (0, counted), "more may come");
    notify::hourly(&harness.notifier, day(4)).await;
    assert_eq!((kept().await, harness.on(day(4)).await), (1, counted));
    let email = deskbell_functions::form::Email::parse("ann@example.org").expect("an address");
    let erased = rights::erase(&harness.notifier.app, site, &email, 10).await.expect("the table");
    assert_eq!(erased.leads, 1);
    harness.proxy.forget();
    notify::hourly(&harness.notifier, day(4)).await;
    assert!(harness.proxy.units().write == 0.0, "it was added up");
    assert_eq!(harness.on(day(30)).await, counted);
}

#[tokio::test]
async fn what_is_counted_holds_nothing_of_a_person_and_costs_one_unit_and_one_for_each_delivery() {
    let harness = StreamHarness::start(0).await;
    let lead = harness.lead(1, "My lumbago hurts").await;
    harness.proxy.forget();
    harness.handle(std::slice::from_ref(&lead)).await;
    let marks = |calls: Vec<crate::harness::fault_proxy::Call>| -> Vec<crate::harness::fault_proxy::Call> {
        calls.into_iter().filter(|call| call.asked.contains("studio#stats")).collect()
    };
    let mut found = marks(harness.proxy.calls());
    let id = lead["dynamodb"]["NewImage"]["id"]["S"].as_str().expect("an id");
    let stored = harness.stored(id.parse().expect("an id")).await;
    let mut told = changed(2, &stored, &stored);
    told["dynamodb"]["OldImage"]["deliveries"] = json!({ "M": {} });
    harness.proxy.forget();
    harness.handle(&[told.clone()]).await;
    found.extend(marks(harness.proxy.calls()));
    let units: Vec<f64> = found.iter().map(|call| call.units).collect();
    assert_eq!(units, [1.0, 1.0], "{found:?}");
    for call in found {
        let asked: Value = serde_json::from_str(&call.asked).expect("JSON");
        let names: Vec<&str> = asked["Item"].as_object().expect("an item").keys().map(String::as_str).collect();
        let mut names = names.clone();
        names.sort_unstable();
        assert_eq!(
            names,
            ["decision", "delivered", "expires_at", "failed", "kind", "pk", "sequence_number", "sk", "v"]
        );
        assert!(!call.asked.contains("Ann") && !call.asked.contains("lumbago"), "{}", call.asked);
    }
    harness.proxy.forget();
    harness.handle(&[changed(3, &stored, &stored)]).await;
    assert_eq!(marks(harness.proxy.calls()).len(), 0, "what changes nothing that is counted costs nothing");
}

#[tokio::test]
async fn the_program_prints_days_and_their_sum_or_that_nothing_came() {
    let (_proxy, desk) = metered("").await;
    assert_eq!(printed(&desk, None, 7, false).await, "studio: no submissions, the last 7 days (UTC)\n");
    let lead = [("name", "Ann"), ("email", "ann@example.org"), ("message", "Is Monday free?")];
    desk.post_for_json("/contact", &lead).await;
    let spam = [("name", "Ann"), ("email", "ann@example.org"), ("message", BLATANT), ("_gotcha", "x")];
    desk.post_for_json("/contact", &spam).await;
    desk.comment("Ann", "It helped, thank you!").await;
    crate::harness::world::eventually("the counts", async || {
        let json: Value = serde_json::from_str(&printed(&desk, None, 2, true).await).expect("JSON");
        let total = &json[0]["total"];
        (total["leads"] == 2 && total["comments"] == 1 && total["delivered"] == 2).then_some(json)
    })
    .await;
    let json: Value = serde_json::from_str(&printed(&desk, None, 2, true).await).expect("JSON");
    assert_eq!((&json[0]["site"], &json[0]["total"]["spam"]), (&json!("studio"), &json!(1)));
    let days = json[0]["days"].as_array().expect("days");
    let today = Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    assert_eq!((days.len(), &days[1]["day"]), (2, &json!(today.to_string())));

    let text = printed(&desk, None, 2, false).await;
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "studio, the last 2 days (UTC)");
    assert_eq!(lines[2], "day         messages  comments  ham  unsure  spam  delivered  failed");
    assert!(lines[4].starts_with(&format!("{today}         2         1")), "{text}");
    assert!(lines[5].starts_with("total              2         1"), "{text}");
    assert!(lines[2..].iter().all(|line| line.len() == lines[2].len()), "{text}");
    assert!(printed(&desk, Some("other"), 2, false).await.contains("other"));
}
