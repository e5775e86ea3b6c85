//! What ends and what bounds trying again: the function's time, what cannot be read here, sites and channels that are
//! not configured any more, and how long a bundle fails.

use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::AttributeValue;
use deskbell_functions::app::Aws;
use deskbell_functions::delivery::Notifier;
use deskbell_functions::notify;
use deskbell_functions::platform::clock::Clock;
use deskbell_functions::platform::outgoing::Services;
use deskbell_functions::submission::Submission;
use deskbell_functions::submission::delivery::{Delivery, DeliveryState};
use deskbell_functions::submission::reason::DeliveryReason;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::harness::fault_proxy::Mood;
use crate::harness::log;
use crate::harness::receiver::{Receiver, WHSEC, configured, set};
use crate::harness::settings::{sample_with, without_bound};
use crate::harness::stream::{StreamHarness, another_notifier, handle, minutes_ago, notifier_with, records};
use crate::harness::table::{items, pk};
use crate::harness::world::{Desk, OWNER};

/// How long Lambda gives `notify`, in the template.
const TIMEOUT: Duration = Duration::from_mins(1);

/// What the subject of a bundle says.
const BUNDLE: &str = "more in your inbox";

/// A notifier with settings of its own.
async fn notifier_of(harness: &StreamHarness, config: &str) -> Notifier {
    notifier_with(config, Services::default(), Clock::default(), &harness.proxy, &harness.mail).await
}

/// A notifier that sends three emails an hour.
async fn of_three(harness: &StreamHarness) -> Notifier {
    notifier_of(harness, &sample_with("sites.studio.emails_per_hour = 3")).await
}

/// Has so many minutes pass, and what then is due be done.
async fn minutes(notifier: &Notifier, minutes: i64) {
    for _ in 0..minutes {
        notifier.app.clock.advance(SignedDuration::from_mins(1));
        notify::minutely(notifier, notifier.app.clock.now()).await;
    }
}

/// How much of all sites is due by then.
async fn due_in(harness: &StreamHarness, hours: i64) -> usize {
    let then = Timestamp::now() + SignedDuration::from_hours(hours);
    harness.notifier.app.store.due(then).await.expect("the table").len()
}

/// Has it be known of a lead that its email failed, and since so many minutes is due again.
async fn failed_before(harness: &StreamHarness, lead: &Submission, minutes: i64) {
    let at = (Timestamp::now() - SignedDuration::from_mins(minutes)).as_second();
    let (state, reason) = (DeliveryState::Failed, Some(DeliveryReason::Timeout));
    let failed = Delivery { state, at, tries: 1, reason, since: Some(at), again_at: Some(at) };
    let store = &harness.notifier.app.store;
    store.keep_undelivered(lead, "mail", &failed).await.expect("the table");
    store.note_delivery(lead, "mail", &failed).await.expect("the table");
}

/// Makes of a submission one that a newer release has written.
async fn make_newer(harness: &StreamHarness, lead: &Submission) {
    let client = Aws::local(harness.proxy.url.clone(), harness.proxy.url.clone()).dynamodb();
    let update = client.update_item().table_name("deskbell").update_expression("SET v = :v");
    let update = update.expression_attribute_values(":v", AttributeValue::N("2".into()));
    let update = update.key("pk", AttributeValue::S(format!("studio#submission#{}", lead.id)));
    update.key("sk", AttributeValue::S("item".into())).send().await.expect("the table");
}

/// Those of which nothing is noted: they stand in a bundle.
async fn in_a_bundle<'a>(harness: &StreamHarness, leads: &'a [Submission]) -> Vec<&'a Submission> {
    let mut found = Vec::new();
    for lead in leads {
        if harness.mailed(lead.id).await.is_none() {
            found.push(lead);
        }
    }
    found
}

/// The emails about several.
fn bundles(harness: &StreamHarness) -> Vec<String> {
    harness.mail.accepted().into_iter().filter(|email| email.contains(BUNDLE)).collect()
}

#[tokio::test]
async fn the_hourly_run_has_one_time_for_all_that_it_delivers() {
    const PACE: u32 = 10;
    let harness = StreamHarness::at_pace(PACE, 0).await;
    harness.mail.always("", Mood::Late(Duration::from_secs(8) / PACE));
    harness.leads(30, "Lost on the way", minutes_ago(20)).await;
    let late = harness.leads(10, "Not tried again", minutes_ago(20)).await;
    for lead in &late {
        failed_before(&harness, lead, 60).await;
    }
    let delivered = || late.iter().filter(|lead| harness.copies(lead.id) == 1).count();
    let started = Instant::now();
    notify::hourly(&harness.notifier, harness.notifier.app.clock.now()).await;
    assert!(started.elapsed() < TIMEOUT / PACE, "{:?}", started.elapsed());
    assert_eq!(delivered(), 0, "something was begun when the time was up");
    harness.mail.mend();
    for _ in 0..3 {
        notify::hourly(&harness.notifier, harness.notifier.app.clock.now()).await;
    }
    assert_eq!(delivered(), late.len(), "the next run has time");
}

#[tokio::test]
async fn what_a_newer_release_wrote_holds_up_nothing_else_and_rests_for_a_day() {
    let harness = StreamHarness::start(0).await;
    let leads = harness.leads(6, "Is Monday free?", minutes_ago(30)).await;
    let (newer, readable) = (&leads[..5], &leads[5]);
    for lead in newer {
        failed_before(&harness, lead, 20).await;
        make_newer(&harness, lead).await;
    }
    failed_before(&harness, readable, 10).await;
    minutes(&harness.notifier, 1).await;
    assert_eq!(harness.copies(readable.id), 1);
    assert_eq!((due_in(&harness, 23).await, due_in(&harness, 25).await), (0, 5));
}

#[tokio::test]
async fn what_a_newer_release_wrote_holds_up_no_bundle() {
    let harness = StreamHarness::start(0).await;
    let notifier = of_three(&harness).await;
    let leads = harness.leads(6, "Is Monday free?", minutes_ago(1)).await;
    handle(&notifier, &records(&leads)).await;
    let waiting = in_a_bundle(&harness, &leads).await;
    make_newer(&harness, waiting[1]).await;
    minutes(&notifier, 2).await;
    let bundles = bundles(&harness);
    assert_eq!(bundles.len(), 1);
    assert!(bundles[0].contains("2 more in your inbox"), "{}", bundles[0]);
    assert_eq!(due_in(&harness, 25).await, 0);
}

#[tokio::test]
async fn a_site_that_is_not_configured_is_logged_once_and_what_is_its_rests_for_a_day() {
    let harness = StreamHarness::start(0).await;
    let leads = harness.leads(3, "Is Monday free?", minutes_ago(30)).await;
    for lead in &leads {
        failed_before(&harness, lead, 20).await;
        let then = (Timestamp::now() - SignedDuration::from_mins(30)).as_second();
        harness.notifier.app.store.add_to_bundle("studio", "mail", lead.id, then).await.expect("the table");
    }
    let other = "mail = { from = \"deskbell@mail.example.net\" }\n[sites.other]\nname = \"O\"\n\
                 url = \"https://www.example.org\"\nowner = { name = \"M\", email = \"mara@web.example\" }";
    let other = notifier_of(&harness, other).await;
    log::listen();
    assert_eq!(notify::minutely(&other, other.app.clock.now()).await, 4);
    let lines = log::heard();
    assert_eq!(lines.iter().filter(|line| line.contains("site not configured")).count(), 1, "{lines:?}");
    assert_eq!((due_in(&harness, 23).await, due_in(&harness, 25).await), (0, 4));
    assert_eq!(notify::minutely(&other, other.app.clock.now()).await, 0);
    // Should it come back, so does all that is its.
    minutes(&harness.notifier, 1).await;
    harness.notifier.app.clock.advance(SignedDuration::from_hours(24));
    minutes(&harness.notifier, 1).await;
    assert_eq!(due_in(&harness, 48).await, 0);
    for lead in &leads {
        assert_eq!(harness.mailed(lead.id).await.map(|mailed| mailed.state), Some(DeliveryState::Sent));
    }
}

/// What stands in the table of the bundles of the owner's mail.
fn bundle_item(harness: &StreamHarness) -> Value {
    items(&harness.proxy).into_iter().find(|item| pk(item) == "studio#bundles").expect("it is there")
}

#[tokio::test]
async fn a_bundle_that_is_open_or_to_be_sent_does_not_expire() {
    let harness = StreamHarness::start(0).await;
    let notifier = of_three(&harness).await;
    let leads = async |count: usize| {
        let leads = harness.leads(count, "Is Monday free?", minutes_ago(1)).await;
        handle(&notifier, &records(&leads)).await;
    };
    let expires = || bundle_item(&harness).get("expires_at").is_some();
    leads(5).await;
    assert!(!expires());
    minutes(&notifier, 2).await;
    assert_eq!((bundles(&harness).len(), expires()), (1, true), "there is none any more");

    leads(2).await;
    assert!(!expires(), "one is open");
    harness.mail.always(BUNDLE, Mood::Refuses(503, "ServiceUnavailable"));
    minutes(&notifier, 16).await;
    leads(2).await;
    let item = bundle_item(&harness);
    assert!(item.get("closed").is_some() && item.get("open").is_some() && !expires(), "{item}");
    harness.mail.mend();
    minutes(&notifier, 6).await;
    let item = bundle_item(&harness);
    assert!(item.get("closed").is_none() && item.get("open").is_some() && !expires(), "the next one is open: {item}");
    minutes(&notifier, 16).await;
    assert_eq!((bundles(&harness).len(), expires()), (3, true));
}

#[tokio::test]
async fn a_bundle_that_is_given_up_after_two_weeks_does_not_begin_anew_for_each_of_it() {
    let harness = StreamHarness::start(0).await;
    let notifier = of_three(&harness).await;
    let leads = harness.leads(5, "Is Monday free?", minutes_ago(1)).await;
    handle(&notifier, &records(&leads)).await;
    let waiting = in_a_bundle(&harness, &leads).await;
    harness.mail.always(BUNDLE, Mood::Refuses(503, "ServiceUnavailable"));
    minutes(&notifier, 1).await;
    let now = notifier.app.clock.now();
    let since = (now - SignedDuration::from_hours(15 * 24)).as_second();
    notifier.app.store.postpone_bundle("studio", "mail", since, now.as_second()).await.expect("the table");
    minutes(&notifier, 1).await;
    assert_eq!(waiting.len(), 2);
    for lead in waiting {
        let failed = harness.mailed(lead.id).await.expect("noted");
        assert_eq!((failed.state, failed.again_at), (DeliveryState::Failed, None));
        assert_eq!(failed.reason, Some(DeliveryReason::Ses("ServiceUnavailable".into())));
    }
    assert_eq!((harness.undelivered().await, due_in(&harness, 24).await), (2, 0));
}

#[tokio::test]
async fn a_bundle_whose_service_only_takes_no_more_for_a_while_has_not_failed() {
    let harness = StreamHarness::start(0).await;
    let notifier = of_three(&harness).await;
    let leads = harness.leads(5, "Is Monday free?", minutes_ago(1)).await;
    handle(&notifier, &records(&leads)).await;
    harness.mail.always(BUNDLE, Mood::Refuses(429, "TooManyRequestsException"));
    log::listen();
    let failures = async || {
        minutes(&notifier, 1).await;
        log::heard().iter().filter(|line| line.contains("DeliveriesFailed")).count()
    };
    assert_eq!((failures().await, failures().await), (0, 0));
    // Unless that goes on for long.
    let now = notifier.app.clock.now();
    let since = (now - SignedDuration::from_mins(20)).as_second();
    notifier.app.store.postpone_bundle("studio", "mail", since, now.as_second()).await.expect("the table");
    assert_eq!(failures().await, 1);
    harness.mail.mend();
    minutes(&notifier, 16).await;
    assert_eq!(bundles(&harness).len(), 1);
}

#[tokio::test]
async fn the_bundle_of_a_channel_that_is_not_configured_any_more_is_nobodys() {
    let harness = StreamHarness::start(0).await;
    let receiver = Receiver::start().await;
    set(&harness.desk, "webhook", WHSEC).await;
    let url = receiver.url("/hook");
    let hook = format!("[[sites.studio.channels]]\nkind = \"webhook\"\nurl = \"{url}\"\nper_hour = 3\n");
    let config = without_bound(&configured(&hook));
    let clock = Clock::default();
    let notifier = notifier_with(&config, receiver.services(), clock, &harness.proxy, &harness.mail).await;
    // More than are looked at one by one.
    let leads = harness.leads(25, "Is Monday free?", minutes_ago(1)).await;
    assert_eq!(handle(&notifier, &records(&leads)).await, [""; 0]);
    assert_eq!((receiver.got().len(), due_in(&harness, 1).await), (3, 1));
    let without = another_notifier(&harness.proxy, &harness.mail).await;
    minutes(&without, 2).await;
    assert_eq!((bundles(&harness).len(), due_in(&harness, 24).await), (0, 0));
}

#[tokio::test]
async fn those_that_only_wait_hide_none_that_failed_in_the_inbox() {
    let desk = Desk::start().await;
    let store = &desk.world.app.store;
    let owner = desk.sign_in(OWNER).await;
    let id = desk.message_from("Ann", "Is Monday free?").await;
    let lead = desk.submission(&id).await;
    let delivery = |state| Delivery { state, at: 0, tries: 1, reason: None, since: None, again_at: None };
    for number in 0..20 {
        let waiting = delivery(DeliveryState::Due);
        store.keep_undelivered(&lead, &format!("discord-{number}"), &waiting).await.expect("the table");
    }
    assert!(!owner.get("/inbox").await.body.contains("Not delivered"));
    let failed = delivery(DeliveryState::Failed);
    store.keep_undelivered(&lead, "slack", &failed).await.expect("the table");
    let page = owner.get("/inbox").await.body;
    assert!(page.contains("Not delivered to you: 1"), "{page}");
    for number in 0..12 {
        store.keep_undelivered(&lead, &format!("slack-{number}"), &failed).await.expect("the table");
    }
    let page = owner.get("/inbox").await.body;
    assert!(page.contains("Not delivered to you: 10 or more"), "{page}");
}
