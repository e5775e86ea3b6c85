//! More than a channel takes within an hour: what is beyond is told of together, is lost nowhere, and stands in the inbox
//! where that fails, too.

use deskbell_functions::delivery::Notifier;
use deskbell_functions::platform::clock::Clock;
use deskbell_functions::platform::outgoing::Services;
use deskbell_functions::submission::Submission;
use deskbell_functions::submission::delivery::{Delivery, DeliveryState};
use deskbell_functions::submission::reason::DeliveryReason;

use crate::harness::bounces::{hear, returned};
use crate::harness::fault_proxy::Mood;
use crate::harness::receiver::{Receiver, Sns, with_every_channel};
use crate::harness::settings::sample_with;
use crate::harness::stream::{StreamHarness, handle, minutes, minutes_ago, notifier_with, records};

/// A notifier that sends three emails an hour.
async fn of_three(harness: &StreamHarness) -> Notifier {
    let config = sample_with("sites.studio.emails_per_hour = 3");
    notifier_with(&config, Services::default(), Clock::default(), &harness.proxy, &harness.mail).await
}

/// What became of each lead over a channel.
async fn noted(harness: &StreamHarness, leads: &[Submission], channel: &str) -> Vec<Option<Delivery>> {
    let mut noted = Vec::new();
    for lead in leads {
        noted.push(harness.stored(lead.id).await.deliveries.get(channel).cloned());
    }
    noted
}

fn bundled(noted: &[Option<Delivery>]) -> usize {
    let is_bundled =
        |made: &Delivery| made.state == DeliveryState::Sent && made.reason == Some(DeliveryReason::Bundled);
    noted.iter().flatten().filter(|made| is_bundled(made)).count()
}

#[tokio::test]
async fn what_is_beyond_the_hours_emails_comes_as_one_email_a_quarter_of_an_hour() {
    let harness = StreamHarness::start(0).await;
    let notifier = of_three(&harness).await;
    let leads = harness.leads(10, "Is Monday free?", minutes_ago(1)).await;
    assert_eq!(handle(&notifier, &records(&leads)).await, [""; 0]);
    assert_eq!(harness.mail.accepted().len(), 3);
    minutes(&notifier, 2).await;
    let emails = harness.mail.accepted();
    assert_eq!(emails.len(), 4);
    assert!(emails[3].contains("7 more in your inbox") && emails[3].contains("/inbox"), "{}", emails[3]);
    assert_eq!(bundled(&noted(&harness, &leads, "mail").await), 7);

    // A quarter of an hour is between two of them, and after an hour each is told of by itself again.
    let later = harness.leads(4, "Is Tuesday free?", minutes_ago(1)).await;
    handle(&notifier, &records(&later)).await;
    minutes(&notifier, 12).await;
    assert_eq!(harness.mail.accepted().len(), 4);
    minutes(&notifier, 4).await;
    assert_eq!((harness.mail.accepted().len(), bundled(&noted(&harness, &later, "mail").await)), (5, 4));
    minutes(&notifier, 45).await;
    let last = harness.leads(1, "Is Friday free?", minutes_ago(1)).await;
    handle(&notifier, &records(&last)).await;
    assert_eq!((harness.mail.accepted().len(), harness.copies(last[0].id)), (6, 1));
}

#[tokio::test]
async fn every_channel_has_its_bound() {
    let harness = StreamHarness::start(0).await;
    let (receiver, sns) = (Receiver::start().await, Sns::start().await);
    let notifier = with_every_channel(&harness, &receiver, &sns, 3, Clock::default()).await;
    let leads = harness.leads(8, "Is Monday free?", minutes_ago(1)).await;
    assert_eq!(handle(&notifier, &records(&leads)).await, [""; 0]);
    minutes(&notifier, 2).await;
    for channel in ["webhook", "slack", "telegram", "sms"] {
        let noted = noted(&harness, &leads, channel).await;
        assert!(noted.iter().flatten().all(|made| made.state == DeliveryState::Sent), "{channel}: {noted:?}");
        assert_eq!((noted.iter().flatten().count(), bundled(&noted)), (8, 5), "{channel}");
    }
    let got = receiver.got();
    let of = |path: &str| got.iter().filter(|got| got.path.starts_with(path)).collect::<Vec<_>>();
    let (hooks, chats, bots) = (of("/hook"), of("/slack"), of("/telegram"));
    assert_eq!((hooks.len(), chats.len(), bots.len(), sns.taken().len()), (4, 4, 4, 4));
    let event = hooks[3].json();
    assert_eq!((&event["type"], &event["count"]), (&"more.received".into(), &5.into()));
    assert_eq!(event["newest"].as_array().map(Vec::len), Some(5));
    assert!(hooks[3].header("webhook-signature").starts_with("v1,"));
    assert!(chats[3].body.contains("5 more") && bots[3].body.contains("5 more"), "{} {}", chats[3].body, bots[3].body);
    assert!(sns.taken()[3]["Message"].contains("5 more"), "{:?}", sns.taken()[3]);
}

#[tokio::test]
async fn what_cannot_be_told_together_is_tried_again_and_ends_in_the_inbox_if_that_cannot_help() {
    let harness = StreamHarness::start(0).await;
    let notifier = of_three(&harness).await;
    let leads = harness.leads(6, "Is Monday free?", minutes_ago(1)).await;
    handle(&notifier, &records(&leads)).await;
    harness.mail.always("more in your inbox", Mood::Refuses(503, "ServiceUnavailable"));
    minutes(&notifier, 3).await;
    assert_eq!((harness.mail.accepted().len(), bundled(&noted(&harness, &leads, "mail").await)), (3, 0));
    harness.mail.mend();
    minutes(&notifier, 5).await;
    assert_eq!((harness.mail.accepted().len(), bundled(&noted(&harness, &leads, "mail").await)), (4, 3));

    let later = harness.leads(2, "Is Tuesday free?", minutes_ago(1)).await;
    handle(&notifier, &records(&later)).await;
    harness.mail.always("more in your inbox", Mood::Refuses(400, "MessageRejected"));
    minutes(&notifier, 16).await;
    let refused = noted(&harness, &later, "mail").await;
    assert!(refused.iter().flatten().all(|one| one.state == DeliveryState::Failed && one.again_at.is_none()));
    assert_eq!((refused.iter().flatten().count(), harness.undelivered().await), (2, 2));
}

#[tokio::test]
async fn what_was_decided_about_meanwhile_is_not_told_of_and_a_bundle_that_comes_back_is_everyones() {
    let harness = StreamHarness::start(0).await;
    let notifier = of_three(&harness).await;
    let leads = harness.leads(7, "Is Monday free?", minutes_ago(1)).await;
    handle(&notifier, &records(&leads)).await;
    let waiting: Vec<&Submission> = {
        let noted = noted(&harness, &leads, "mail").await;
        leads.iter().zip(noted).filter(|(_, noted)| noted.is_none()).map(|(lead, _)| lead).collect()
    };
    let link = notifier.app.moderation_path(&harness.stored(waiting[0].id).await);
    assert_eq!(harness.desk.post(&link, &[("choice", "trash")]).await.status, 200);
    minutes(&notifier, 2).await;
    let emails = harness.mail.accepted();
    assert!(emails[3].contains("3 more in your inbox"), "{}", emails[3]);

    let name = emails[3].split_once("Message-ID: <").and_then(|(_, rest)| rest.split_once('@')).expect("a name").0;
    hear(&notifier, &returned("MailboxFull", "mara@studio-lindqvist.example", name)).await;
    let failed = noted(&harness, &leads, "mail").await;
    let full = Some(DeliveryReason::Returned("MailboxFull".into()));
    assert_eq!(failed.iter().flatten().filter(|failed| failed.reason == full).count(), 3);
    assert_eq!(harness.undelivered().await, 3);
}
