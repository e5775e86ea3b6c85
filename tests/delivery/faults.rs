//! How many leads are lost, and of how many the owner is notified more than once, if a fifth of all that `notify` asks of the table and of the
//! mail service goes wrong. `DESKBELL_LEADS=10000 cargo test -p deskbell-tests faults -- --nocapture` measures it.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use deskbell_functions::delivery::Notifier;
use deskbell_functions::notify;
use deskbell_functions::submission::Submission;
use deskbell_functions::submission::delivery::DeliveryState;
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use uuid::Uuid;

use crate::harness::fault_proxy::{Draw, Fate};
use crate::harness::stream::{StreamHarness, another_notifier, handle, minutes_ago, records};

/// How many leads are sent if nothing else is asked for.
const LEADS: usize = 300;

/// As many as share a table at most: the embedded one looks through all of its stream at each write.
const LEADS_OF_A_TABLE: usize = 500;

/// How many of a hundred calls go wrong however often the SDK repeats them, and how many others do, each time by chance.
const LASTING: u128 = 5;
const FLEETING: u128 = 16;

/// The most containers of `notify` that run at a time, each with a part of the stream.
const CONTAINERS: usize = 40;

/// The most records in an event, and how often Lambda hands one over, as in the template.
const BATCH: usize = 25;
const TRIES: usize = 11;

/// For how many hours it is looked again.
const HOURS: i64 = 14 * 24;

/// Refuses one half of the calls that go wrong, and loses the answers of the other. Most have gone right when the SDK
/// repeats them; a quarter goes wrong each time, or the SDK's own patience would hide nearly everything.
fn fate(invocation: &str) -> Fate {
    let invocation: Uuid = invocation.parse().expect("the SDK names its calls by UUIDs");
    match (percent(invocation), percent(Uuid::new_v4())) {
        (0..LASTING, half) | (_, half @ 0..FLEETING) if half % 2 == 0 => Fate::Refused,
        (0..LASTING, _) | (_, 0..FLEETING) => Fate::AnswerLost,
        _ => Fate::Well,
    }
}

fn percent(chance: Uuid) -> u128 {
    chance.as_u128() % 100
}

/// Hands a batch over as Lambda does: everything from the first failed record on comes again, and a record that failed
/// each time is given up. Gives how many were.
async fn stream(notifier: &Notifier, mut records: &[Value]) -> usize {
    let (mut tries, mut given_up) = (0, 0);
    while !records.is_empty() {
        let failed = handle(notifier, records).await;
        let number = |record: &Value| record["dynamodb"]["SequenceNumber"].as_str().map(str::to_owned);
        let first = records.iter().position(|record| number(record).is_some_and(|number| failed.contains(&number)));
        let Some(first) = first else { break };
        tries = if first == 0 { tries + 1 } else { 1 };
        records = &records[first..];
        if tries == TRIES {
            (records, tries, given_up) = (&records[1..], 0, given_up + 1);
        }
    }
    given_up
}

/// Hands over everything, in parts, to several containers at once.
async fn stream_all(harness: &StreamHarness, leads: &[Submission], faults: &Faults) -> usize {
    let parts: Vec<_> = leads.chunks(leads.len().div_ceil(CONTAINERS).max(BATCH)).collect();
    let notifiers = join_all(parts.iter().map(|_| another_notifier(&harness.proxy, &harness.mail))).await;
    faults.begin(harness);
    let containers = notifiers.iter().zip(parts).map(async |(notifier, part)| {
        let mut given_up = 0;
        for batch in part.chunks(BATCH) {
            given_up += stream(notifier, &records(batch)).await;
            harness.proxy.forget();
        }
        given_up
    });
    let given_up = join_all(containers).await.into_iter().sum();
    Faults::end(harness);
    given_up
}

/// Looks again every hour, until nothing is left to do. Gives how often that was.
async fn hours(harness: &StreamHarness, faults: &Faults) -> i64 {
    let (store, now) = (&harness.notifier.app.store, Timestamp::now());
    for hour in 1..=HOURS {
        faults.begin(harness);
        notify::hourly(&harness.notifier, now + SignedDuration::from_hours(hour)).await;
        Faults::end(harness);
        let untried = store.never_tried("studio", "mail", Timestamp::UNIX_EPOCH, now).await.expect("the table");
        if untried.is_empty() && harness.undelivered().await == 0 {
            return hour;
        }
    }
    HOURS
}

/// What goes wrong, and how much did.
#[derive(Default, Clone)]
struct Faults {
    calls: Arc<AtomicUsize>,
    faults: Arc<AtomicUsize>,
}

impl Faults {
    fn begin(&self, harness: &StreamHarness) {
        let Self { calls, faults } = self.clone();
        let draw: Arc<Draw> = Arc::new(move |invocation| {
            let fate = fate(invocation);
            calls.fetch_add(1, Ordering::Relaxed);
            faults.fetch_add(usize::from(fate != Fate::Well), Ordering::Relaxed);
            fate
        });
        harness.proxy.fates().begin(draw.clone());
        harness.mail.fates().begin(draw);
    }

    fn end(harness: &StreamHarness) {
        harness.proxy.fates().end();
        harness.mail.fates().end();
        harness.proxy.forget();
    }
}

/// How often each lead's email was taken, by the lead's id in its `Message-ID`.
fn copies(harness: &StreamHarness) -> HashMap<String, usize> {
    let mut copies = HashMap::new();
    for email in harness.mail.accepted() {
        let id = email.split_once("Message-ID: <").and_then(|(_, rest)| rest.split_once('@')).expect("a name").0;
        *copies.entry(id.to_owned()).or_default() += 1;
    }
    copies
}

/// What became of leads.
#[derive(Default)]
struct Count {
    leads: usize,
    lost: usize,
    doubled: usize,
    emails: usize,
    by_stream: usize,
    given_up: usize,
    hours: i64,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_lead_is_lost_though_a_fifth_of_all_calls_goes_wrong() {
    let asked = std::env::var("DESKBELL_LEADS").ok();
    let wanted = asked.map_or(LEADS, |count| count.parse().expect("DESKBELL_LEADS is a number"));
    let (faults, mut count) = (Faults::default(), Count::default());
    while count.leads < wanted {
        some(LEADS_OF_A_TABLE.min(wanted - count.leads), &faults, &mut count).await;
    }
    let Count { leads, lost, doubled, emails, by_stream, given_up, hours } = count;
    println!(
        "{leads} leads, {} of {} calls went wrong: {lost} lost, {doubled} delivered more than once ({emails} emails in all, each \
         lead's under one Message-ID). The stream delivered {by_stream} and gave up {given_up} records; the hourly run came {hours} \
         times.",
        faults.faults.load(Ordering::Relaxed),
        faults.calls.load(Ordering::Relaxed),
    );
    assert_eq!((lost, leads), (0, wanted));
}

/// Takes so many leads through, in a table of their own.
async fn some(number: usize, faults: &Faults, count: &mut Count) {
    let harness = StreamHarness::start(0).await;
    let leads = harness.leads(number, "Could I come on Monday?", minutes_ago(20)).await;
    count.given_up += stream_all(&harness, &leads, faults).await;
    count.by_stream += copies(&harness).len();
    let hours = hours(&harness, faults).await;
    assert!(hours < HOURS);

    let copies = copies(&harness);
    assert!(copies.len() <= number, "an email is about no lead");
    count.leads += number;
    count.hours += hours;
    count.lost += leads.iter().filter(|lead| !copies.contains_key(&lead.id.to_string())).count();
    count.doubled += copies.values().filter(|copies| **copies > 1).count();
    count.emails += copies.values().sum::<usize>();
    for lead in &leads {
        assert_eq!(harness.mailed(lead.id).await.map(|mailed| mailed.state), Some(DeliveryState::Sent));
    }
}
