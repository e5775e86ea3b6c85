//! The owner is notified of every lead: whatever the mail service does, and whenever `notify` dies.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use deskbell::local::{Options, Table, Template};
use deskbell::redrive;
use deskbell_functions::app::App;
use deskbell_functions::delivery;
use deskbell_functions::notify::{self, Event};
use deskbell_functions::submission::Submission;
use deskbell_functions::submission::delivery::{Delivery, DeliveryState};
use deskbell_functions::submission::reason::DeliveryReason;
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::harness::fault_proxy::{Draw, Fate, FaultProxy, Mail, Mood};
use crate::harness::stream::{StreamHarness, another_notifier, handle, minutes, minutes_ago, record, records};
use crate::harness::world::{Desk, eventually};

/// How long Lambda gives `notify`, in the template.
const TIMEOUT: Duration = Duration::from_mins(1);

/// Hands a batch over until nothing of it has to come again.
async fn until_handled(harness: &StreamHarness, records: &[Value]) {
    for _ in 0..11 {
        if harness.handle(records).await.is_empty() {
            return;
        }
    }
    panic!("a record would end in the queue");
}

async fn hourly(harness: &StreamHarness, hours: i64) {
    notify::hourly(&harness.notifier, Timestamp::now() + SignedDuration::from_hours(hours)).await;
}

/// That the owner was notified of a lead, at most so many times, and that nothing is left to do.
async fn assert_delivered(harness: &StreamHarness, lead: &Submission, most: usize) {
    let copies = harness.copies(lead.id);
    assert!((1..=most).contains(&copies), "{copies}");
    assert_eq!(harness.mailed(lead.id).await.map(|mailed| mailed.state), Some(DeliveryState::Sent));
}

#[tokio::test]
async fn fifty_leads_are_announced_once_the_mail_service_is_up_again() {
    let harness = StreamHarness::start(0).await;
    harness.mail.always("", Mood::Refuses(503, "ServiceUnavailable"));
    let leads = harness.leads(50, "While it was down", minutes_ago(1)).await;
    let records = records(&leads);
    let other = another_notifier(&harness.proxy, &harness.mail).await;
    let (first, second) = futures_util::join!(harness.handle(&records[..25]), handle(&other, &records[25..]));
    assert_eq!((first.len(), second.len()), (0, 0), "the stream is not held up");
    assert_eq!(harness.undelivered().await, 50);
    let failed = harness.mailed(leads[0].id).await.expect("noted");
    assert_eq!(
        (failed.state, failed.tries, failed.reason),
        (DeliveryState::Failed, 1, Some(DeliveryReason::Ses("ServiceUnavailable".into())))
    );
    // While it is down, few are tried, and those that are not do not rest any longer for it.
    minutes(&harness.notifier, 3).await;
    let tries = join_all(leads.iter().map(async |lead| harness.mailed(lead.id).await.expect("noted").tries)).await;
    assert!(tries.iter().filter(|tries| **tries == 1).count() >= 30, "{tries:?}");

    harness.mail.mend();
    minutes(&harness.notifier, 4).await;
    for lead in &leads {
        assert_delivered(&harness, lead, 1).await;
    }
    assert_eq!(harness.undelivered().await, 0);
}

#[tokio::test]
async fn a_slow_mail_service_holds_up_neither_the_others_nor_the_function() {
    let harness = StreamHarness::at_pace(4, 0).await;
    harness.mail.always("dawdling", Mood::Late(Duration::from_secs(90)));
    let mut leads = harness.leads(1, "dawdling", minutes_ago(1)).await;
    leads.extend(harness.leads(24, "quick", minutes_ago(1)).await);
    let started = Instant::now();
    assert_eq!(harness.handle(&records(&leads)).await, [""; 0]);
    assert!(started.elapsed() < TIMEOUT / 3 / 4, "{:?}", started.elapsed());
    let failed = harness.mailed(leads[0].id).await.and_then(|failed| failed.reason);
    assert_eq!(failed, Some(DeliveryReason::Timeout));
    for lead in &leads[1..] {
        assert_delivered(&harness, lead, 1).await;
    }
    harness.mail.mend();
    minutes(&harness.notifier, 1).await;
    assert_delivered(&harness, &leads[0], 1).await;
}

#[tokio::test]
async fn a_batch_of_which_every_email_takes_too_long_ends_in_time() {
    let harness = StreamHarness::at_pace(10, 0).await;
    harness.mail.always("", Mood::Late(TIMEOUT * 2));
    let leads = harness.leads(25, "dawdling", minutes_ago(1)).await;
    let started = Instant::now();
    assert_eq!(harness.handle(&records(&leads)).await, [""; 0]);
    assert!(started.elapsed() < TIMEOUT / 3 / 10, "{:?}", started.elapsed());
    assert_eq!(harness.undelivered().await, 25);
}

#[tokio::test]
async fn what_may_work_another_time_comes_again_and_what_cannot_is_told_without_an_address() {
    let harness = StreamHarness::start(0).await;
    let moods = [
        (429, "TooManyRequestsException", true),
        (400, "LimitExceededException", true),
        (400, "SendingPausedException", true),
        (500, "InternalFailure", true),
        (502, "BadGateway", true),
        (403, "AccessDeniedException", true),
        (400, "MessageRejected", false),
        (400, "BadRequestException", false),
    ];
    for (number, (status, name, again)) in moods.into_iter().enumerate() {
        harness.mail.mend();
        harness.mail.always("", Mood::Refuses(status, name));
        // What is known of the service is forgotten.
        harness.notifier.app.clock.advance(SignedDuration::from_mins(1));
        let lead = harness.leads(1, name, minutes_ago(1)).await.remove(0);
        assert_eq!(harness.handle(&[record(number, "INSERT", &lead)]).await, [""; 0]);
        let Some(failed) = harness.mailed(lead.id).await else {
            assert!(number < 2, "{name} is a failure, and not only a request to go slower");
            continue;
        };
        assert!(number >= 2, "{name} only asks to go slower");
        assert_eq!((failed.state, failed.again_at.is_some()), (DeliveryState::Failed, again), "{name}");
        assert_eq!(failed.reason, Some(DeliveryReason::Ses(name.into())));
    }
    assert_eq!(harness.undelivered().await, moods.len());

    harness.mail.mend();
    minutes(&harness.notifier, 1).await;
    assert_eq!(harness.mail.accepted().len(), 6);
    assert_eq!(harness.undelivered().await, 2, "what cannot be helped by trying again stays, for the owner to see");
}

#[tokio::test]
async fn an_email_that_was_taken_without_an_answer_is_the_same_email_when_it_is_sent_again() {
    let harness = StreamHarness::start(0).await;
    // As often as the SDK tries, and once more.
    harness.mail.next("", 4, Mood::Cuts);
    let lead = harness.leads(1, "Did you get this?", minutes_ago(1)).await.remove(0);
    let records = [record(1, "INSERT", &lead)];
    until_handled(&harness, &records).await;
    assert_eq!(harness.mailed(lead.id).await.and_then(|failed| failed.reason), Some(DeliveryReason::NoConnection));
    minutes(&harness.notifier, 1).await;
    assert_delivered(&harness, &lead, 5).await;
    assert_eq!(harness.mail.accepted().len(), harness.copies(lead.id), "all under one name");
}

#[tokio::test]
async fn a_batch_that_comes_three_times_is_notified_once() {
    let harness = StreamHarness::start(0).await;
    let leads = harness.leads(5, "Once", minutes_ago(1)).await;
    for _ in 0..3 {
        assert_eq!(harness.handle(&records(&leads)).await, [""; 0]);
    }
    for lead in &leads {
        assert_delivered(&harness, lead, 1).await;
    }
}

/// Fates by which who makes the call with this number, from 0, is killed.
fn kill_at(number: usize, fate: Fate) -> (Arc<Draw>, Arc<AtomicUsize>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = calls.clone();
    (Arc::new(move |_: &str| if counted.fetch_add(1, Ordering::SeqCst) == number { fate } else { Fate::Well }), calls)
}

/// Hands a batch over, kills `notify` at one of its calls, and hands the batch over again; then the hourly run comes.
/// Gives whether there was such a call.
async fn killed_at(harness: &StreamHarness, number: usize, fate: Fate, records: &[Value]) -> bool {
    let (draw, calls) = kill_at(number, fate);
    harness.proxy.fates().begin(draw.clone());
    harness.mail.fates().begin(draw);
    tokio::select! {
        _ = harness.handle(records) => {}
        () = harness.proxy.fates().killed() => {}
        () = harness.mail.fates().killed() => {}
    }
    harness.proxy.fates().end();
    harness.mail.fates().end();
    let reached = calls.load(Ordering::SeqCst) > number;
    until_handled(harness, records).await;
    hourly(harness, 1).await;
    reached
}

#[tokio::test]
async fn notify_may_be_killed_between_any_two_calls() {
    let harness = StreamHarness::start(0).await;
    for fate in [Fate::Unheard, Fate::Unanswered] {
        for number in 0.. {
            let leads = harness.leads(2, "Is anybody there?", minutes_ago(1)).await;
            let reached = killed_at(&harness, number, fate, &records(&leads)).await;
            for lead in &leads {
                assert_delivered(&harness, lead, 2).await;
            }
            if !reached {
                assert!(number > 6, "{number} calls are too few");
                break;
            }
        }
    }
    assert_eq!(harness.undelivered().await, 0);
}

#[tokio::test]
async fn notify_may_be_killed_while_it_notes_a_failure_and_while_it_mends_it() {
    let harness = StreamHarness::start(0).await;
    for fate in [Fate::Unheard, Fate::Unanswered] {
        for number in 0.. {
            let lead = harness.leads(1, "Is anybody there?", minutes_ago(1)).await.remove(0);
            let records = [record(1, "INSERT", &lead)];
            // What one container could not send, another one does: the first time, or when it comes again.
            harness.mail.next("", 1, Mood::Refuses(403, "AccessDeniedException"));
            let mut reached = killed_at(&harness, number, fate, &records).await;
            harness.mail.mend();
            assert_delivered(&harness, &lead, 2).await;
            assert_eq!(harness.undelivered().await, 0, "{fate:?} at call {number}");

            let lead = harness.leads(1, "And now?", minutes_ago(1)).await.remove(0);
            let records = [record(1, "INSERT", &lead)];
            harness.mail.next("", 1, Mood::Refuses(403, "AccessDeniedException"));
            assert_eq!(harness.handle(&records).await, [""; 0]);
            reached |= killed_at(&harness, number, fate, &records).await;
            assert_delivered(&harness, &lead, 2).await;
            assert_eq!(harness.undelivered().await, 0, "{fate:?} at call {number}");
            if !reached {
                break;
            }
        }
    }
}

#[tokio::test]
async fn what_the_stream_never_brought_is_delivered_within_the_hour() {
    let harness = StreamHarness::start(0).await;
    let lost = harness.leads(3, "Lost on the way", minutes_ago(20)).await;
    let fresh = harness.leads(1, "The stream will bring it", minutes_ago(5)).await;
    let old = harness.leads(1, "Long ago", minutes_ago(60 * 24 * 15)).await;
    // Of another channel it is known that it was made.
    let sent = Delivery { state: DeliveryState::Sent, at: 0, tries: 1, reason: None, since: None, again_at: None };
    harness.notifier.app.store.note_delivery(&lost[0], "webhook-1", &sent).await.expect("noted");
    hourly(&harness, 0).await;
    for lead in &lost {
        assert_delivered(&harness, lead, 1).await;
    }
    assert_eq!(harness.mail.accepted().len(), 3);
    hourly(&harness, 0).await;
    assert_eq!(harness.mail.accepted().len(), 3);
    assert_eq!((harness.copies(fresh[0].id), harness.copies(old[0].id)), (0, 0));
}

#[tokio::test]
async fn what_failed_rests_before_it_is_tried_again_and_is_forgotten_once_it_applies_no_more() {
    let harness = StreamHarness::start(0).await;
    harness.mail.always("", Mood::Refuses(503, "ServiceUnavailable"));
    let leads = harness.leads(2, "Not yet", minutes_ago(1)).await;
    harness.handle(&records(&leads)).await;
    hourly(&harness, 0).await;
    assert_eq!(harness.mailed(leads[0].id).await.map(|failed| failed.tries), Some(1));
    hourly(&harness, 1).await;
    assert_eq!(harness.mailed(leads[0].id).await.map(|failed| failed.tries), Some(2));

    // The owner has put one of them away meanwhile; the owner is notified when it comes back.
    let link = harness.notifier.app.moderation_path(&harness.stored(leads[0].id).await);
    assert_eq!(harness.desk.post(&link, &[("choice", "spam")]).await.status, 200);
    harness.mail.mend();
    hourly(&harness, 1).await;
    assert_eq!((harness.copies(leads[0].id), harness.copies(leads[1].id), harness.undelivered().await), (0, 1, 0));
    let spam = harness.stored(leads[0].id).await;
    assert!(spam.deliveries.is_empty(), "{spam:?}");
    let link = harness.notifier.app.moderation_path(&spam);
    assert_eq!(harness.desk.post(&link, &[("choice", "not_spam")]).await.status, 200);
    let mut released = record(9, "MODIFY", &harness.stored(leads[0].id).await);
    released["dynamodb"]["OldImage"] = record(9, "MODIFY", &spam)["dynamodb"]["NewImage"].clone();
    assert_eq!(harness.handle(&[released]).await, [""; 0]);
    assert_delivered(&harness, &leads[0], 1).await;
}

#[tokio::test]
async fn the_hourly_run_costs_what_is_due_whatever_else_is_stored() {
    let harness = StreamHarness::start(0).await;
    let cost = async || {
        harness.proxy.forget();
        hourly(&harness, 0).await;
        harness.proxy.units()
    };
    let empty = cost().await;
    assert_eq!((empty.read, empty.write), (4.0, 0.0));
    harness.leads(300, "Long ago", minutes_ago(60 * 24 * 15)).await;
    assert_eq!(cost().await, empty);
}

#[tokio::test]
async fn a_look_for_what_is_due_costs_half_a_read_unit_whatever_is_stored() {
    let harness = StreamHarness::start(0).await;
    let cost = async || {
        harness.proxy.forget();
        notify::minutely(&harness.notifier, harness.notifier.app.clock.now()).await;
        (harness.proxy.units().read, harness.proxy.units().write, harness.proxy.calls().len())
    };
    assert_eq!(cost().await, (0.5, 0.0, 1));
    harness.mail.always("", Mood::Refuses(400, "MessageRejected"));
    harness.handle(&records(&harness.leads(30, "Refused for good", minutes_ago(1)).await)).await;
    assert_eq!(harness.undelivered().await, 30);
    assert_eq!(cost().await, (0.5, 0.0, 1), "what is not tried again is not looked at");
}

#[tokio::test]
async fn redrive_delivers_once_what_failed_for_good() {
    let (proxy, mail) = (FaultProxy::start().await, Mail::start(0).await);
    let (table, ses_url) = (Table::Server(proxy.url.clone()), Some(mail.url.clone()));
    let desk = Desk::with(Options { table, ses_url, ..Options::default() }).await;
    let App { store, config, .. } = &*desk.world.app;
    let undelivered = async || store.undelivered("studio", None, 10).await.expect("the table").len();

    mail.always("", Mood::Refuses(400, "MessageRejected"));
    let lead = [("name", "Ann"), ("email", "ann@example.org"), ("message", "Please answer me")];
    assert_eq!(desk.post_for_json("/contact", &lead).await.status, 201);
    eventually("the failure", async || (undelivered().await == 1).then_some(())).await;

    mail.mend();
    proxy.quieten().await;
    let redrive = async |site| {
        let mut said = Vec::new();
        let done = redrive::redrive(site, config, store, &mut said).await.map_err(|error| error.to_string());
        done.map(|()| String::from_utf8(said).expect("text"))
    };
    assert_eq!(redrive(None).await.as_deref(), Ok("studio: 1 to be sent again\n"));
    assert_eq!(redrive(Some("studio")).await.as_deref(), Ok("studio: 0 to be sent again\n"), "it is on its way");
    assert!(redrive(Some("other")).await.is_err_and(|error| error.contains("other")));
    proxy.keep_stream_still(false);
    eventually("the email", async || (undelivered().await == 0).then_some(())).await;
    assert_eq!(mail.accepted().len(), 1);
    assert_eq!(redrive(None).await.as_deref(), Ok("studio: 0 to be sent again\n"));
}

#[tokio::test]
async fn what_is_due_again_is_delivered_even_if_the_stream_loses_it() {
    let harness = StreamHarness::start(0).await;
    // With a Reply-To, and without.
    harness.mail.next("", 2, Mood::Refuses(400, "MessageRejected"));
    let lead = harness.leads(1, "Please answer me", minutes_ago(1)).await.remove(0);
    assert_eq!(harness.handle(&[record(1, "INSERT", &lead)]).await, [""; 0]);
    assert_eq!(delivery::redrive(&harness.notifier.app.store, "studio").await.ok(), Some(1));
    hourly(&harness, 0).await;
    assert_eq!(harness.copies(lead.id), 0, "the stream has its time");
    hourly(&harness, 1).await;
    assert_delivered(&harness, &lead, 1).await;
    assert_eq!(harness.undelivered().await, 0);
}

#[tokio::test]
async fn every_schedule_of_the_template_starts_something() {
    let inputs: Vec<String> = Template::built_in().schedules.into_iter().map(|schedule| schedule.input).collect();
    assert!(inputs.contains(&r#"{"deskbell":"hourly"}"#.to_owned()), "{inputs:?}");
    let harness = StreamHarness::start(0).await;
    let lost = harness.leads(1, "Lost on the way", minutes_ago(20)).await.remove(0);
    for input in inputs {
        let event = serde_json::from_str::<Event>(&input).unwrap_or_else(|error| panic!("{input}: {error}"));
        assert_eq!(notify::handle(&harness.notifier, event).await.batch_item_failures.len(), 0);
    }
    assert_delivered(&harness, &lost, 1).await;
}
