//! Outages: how long after the end of one everything is delivered, over each kind of channel, by the clock that the
//! functions go by. `cargo test -p deskbell-tests outage -- --nocapture` prints the figures.

use deskbell::local::Options;
use deskbell_functions::delivery::Notifier;
use deskbell_functions::notify::{self, Event, Schedule};
use deskbell_functions::platform::clock::Clock;
use deskbell_functions::submission::Submission;
use deskbell_functions::submission::delivery::DeliveryState;
use jiff::SignedDuration;

use crate::harness::fault_proxy::{Mail, Mood};
use crate::harness::receiver::{Answering, Receiver, Sns, with_every_channel};
use crate::harness::stream::{StreamHarness, handle, minutes_ago, record};
use crate::harness::world::{Desk, eventually};

/// How long the services are down, and how often somebody writes meanwhile, in seconds.
const OUTAGE: i64 = 120;
const EVERY: i64 = 5;

const CHANNELS: [&str; 5] = ["mail", "webhook", "slack", "telegram", "sms"];

/// A notifier with a channel of each kind, none of which has a bound that matters here.
async fn notifier(harness: &StreamHarness, receiver: &Receiver, sns: &Sns) -> Notifier {
    // Nobody waits long for the pause before a second try.
    with_every_channel(harness, receiver, sns, 1_000, Clock::at_pace(5)).await
}

/// Seconds from the end of the outage until each lead was delivered over a channel; None if one was not.
async fn delays(harness: &StreamHarness, leads: &[Submission], channel: &str, end: i64) -> Option<Vec<i64>> {
    let mut delays = Vec::new();
    for lead in leads {
        let stored = harness.stored(lead.id).await;
        let made = stored.deliveries.get(channel).filter(|made| made.state == DeliveryState::Sent)?;
        delays.push(made.at - end);
    }
    delays.sort_unstable();
    Some(delays)
}

#[tokio::test]
async fn after_two_minutes_without_any_service_everything_is_delivered_within_five() {
    let harness = StreamHarness::start(0).await;
    let (receiver, sns) = (Receiver::start().await, Sns::start().await);
    let notifier = notifier(&harness, &receiver, &sns).await;
    let clock = notifier.app.clock.clone();
    harness.mail.always("", Mood::Refuses(503, "ServiceUnavailable"));
    receiver.answer(&[Answering::Status(503)]);
    sns.refuse(Some((503, "ServiceUnavailable")));
    let mut leads = Vec::new();
    for second in 0..OUTAGE {
        clock.advance(SignedDuration::from_secs(1));
        if second % EVERY == 0 {
            let lead = harness.leads(1, "While everything is down", minutes_ago(1)).await.remove(0);
            assert_eq!(handle(&notifier, &[record(1, "INSERT", &lead)]).await, [""; 0], "the stream is not held up");
            leads.push(lead);
        }
        if second % 60 == 7 {
            notify::minutely(&notifier, clock.now()).await;
        }
    }
    harness.mail.mend();
    receiver.answer(&[Answering::Status(200)]);
    sns.refuse(None);
    let end = clock.now().as_second();
    for second in OUTAGE..OUTAGE + 5 * 60 {
        clock.advance(SignedDuration::from_secs(1));
        if second % 60 == 7 {
            notify::handle(&notifier, Event::Schedule { deskbell: Schedule::Minutely }).await;
        }
    }
    for channel in CHANNELS {
        let delays = delays(&harness, &leads, channel, end).await.unwrap_or_else(|| panic!("{channel}: not all"));
        let (median, worst) = (delays[delays.len() / 2], delays[delays.len() - 1]);
        println!("{channel}: {} leads, {median} s after the end (median), {worst} s (worst)", delays.len());
        assert!(worst <= 5 * 60, "{channel}: {delays:?}");
    }
    assert_eq!(harness.undelivered().await, 0);
}

#[tokio::test]
async fn a_channel_that_is_down_holds_up_no_other() {
    let harness = StreamHarness::start(0).await;
    let (receiver, sns) = (Receiver::start().await, Sns::start().await);
    let notifier = notifier(&harness, &receiver, &sns).await;
    receiver.answer(&[Answering::Slowly]);
    let leads = harness.leads(25, "Only the webhooks are down", minutes_ago(1)).await;
    for (number, lead) in leads.iter().enumerate() {
        assert_eq!(handle(&notifier, &[record(number, "INSERT", lead)]).await, [""; 0]);
    }
    for lead in &leads {
        let deliveries = harness.stored(lead.id).await.deliveries;
        let state = |channel: &str| deliveries.get(channel).map(|delivery| delivery.state);
        assert_eq!([state("mail"), state("sms")], [Some(DeliveryState::Sent); 2]);
        assert_eq!([state("webhook"), state("slack"), state("telegram")], [Some(DeliveryState::Failed); 3]);
    }
    assert!(receiver.got().len() < 25, "{} tries: nobody waits for a server that answers nobody", receiver.got().len());
}

#[tokio::test]
async fn local_mode_tries_again_at_the_same_times() {
    let mail = Mail::start(0).await;
    mail.always("", Mood::Refuses(503, "ServiceUnavailable"));
    let desk = Desk::with(Options { ses_url: Some(mail.url.clone()), ..Options::default() }).await;
    let id = desk.message_from("Ann", "Is Monday free?").await;
    let mailed = async |state: DeliveryState| {
        eventually("the delivery", async || {
            let mailed = desk.submission(&id).await.deliveries.get("mail").cloned();
            mailed.filter(|mailed| mailed.state == state)
        })
        .await
    };
    let failed = mailed(DeliveryState::Failed).await;
    assert_eq!(failed.again_at.map(|at| at - failed.at), Some(10));
    mail.mend();
    desk.advance(61);
    assert_eq!(mailed(DeliveryState::Sent).await.tries, 2);
    assert_eq!(mail.accepted().len(), 1);
}
