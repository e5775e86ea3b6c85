//! Text messages: short, counted before they are sent, and never more of them than allowed.

use deskbell::local::{Options, Table, Text};
use deskbell_functions::delivery;
use deskbell_functions::platform::clock::Clock;
use deskbell_functions::platform::outgoing::Services;
use deskbell_functions::submission::delivery::{Channel, DeliveryState};
use deskbell_functions::submission::reason::DeliveryReason;
use futures_util::future::join_all;

use crate::harness::fault_proxy::{FaultProxy, Mail};
use crate::harness::receiver::{Sns, configured, delivery, with_channels};
use crate::harness::stream::notifier_at;
use crate::harness::world::{Desk, eventually};

const NUMBER: &str = "+491701234567";

fn channel(more: &str) -> String {
    format!("[[sites.studio.channels]]\nkind = \"sms\"\nto = \"{NUMBER}\"\n{more}\n")
}

async fn lead(desk: &Desk, message: &str) -> String {
    let fields = [("name", "Ann"), ("email", "ann@example.com"), ("phone", "+1 555 0100"), ("message", message)];
    desk.post_for_json("/contact", &fields).await.id()
}

async fn texts(desk: &Desk) -> Vec<Text> {
    serde_json::from_str(&desk.get("/_texts").await.body).expect("text messages")
}

#[tokio::test]
async fn a_text_message_says_who_and_a_little_of_what() {
    let desk = Desk::with(with_channels(&channel("characters = 20"), Services::default())).await;
    let id = lead(&desk, "Is Monday\nfree? I have a lot to tell you about my back.").await;
    assert_eq!(delivery(&desk, &id, "sms").await.state, DeliveryState::Sent);
    let expected = "Studio Lindqvist: Message from Ann, +1 555 0100: Is Monday free? I h…";
    assert_eq!(texts(&desk).await, [Text { to: NUMBER.into(), text: expected.into() }]);
    let page = desk.get_html("/_mail").await.body;
    assert!(page.contains(NUMBER) && page.contains("Is Monday free? I h…"), "{page}");
    desk.comment("Ann", "Comments are for mail").await;
    desk.settled().await;
    assert_eq!(texts(&desk).await.iter().filter(|text| text.text.contains("Comments")).count(), 0);
}

#[tokio::test]
async fn the_cap_holds_whoever_counts_at_once_and_the_owner_hears_once() {
    let (proxy, sns) = (FaultProxy::start().await, Sns::start().await);
    let mail = Mail::start(0).await;
    let config = configured(&channel("monthly_cap = 3\ncharacters = 0\nlink = \"inbox\""));
    let options = Options {
        config: config.clone(),
        table: Table::Server(proxy.url.clone()),
        ses_url: Some(mail.url.clone()),
        sns_url: Some(sns.url.clone()),
        ..Options::default()
    };
    let desk = Desk::with(options).await;
    let aws = sns.beside(&proxy, &mail);
    let notifier = notifier_at(&config, Services::default(), Clock::default(), aws).await;
    // The world's own notifier and another one beside it notify of each of them at once.
    let mut stored = Vec::new();
    for number in 0..10 {
        let id = lead(&desk, &format!("Is day {number} free?")).await.parse().expect("an id");
        stored.push(notifier.app.store.submission("studio", id).await.expect("the table").expect("stored"));
    }
    let site = &notifier.app.config.sites["studio"];
    let sms = Channel::Further("sms".parse().expect("a name"));
    let outcomes = join_all(stored.iter().map(|stored| delivery::deliver(&notifier, site, stored, &sms))).await;
    for stored in &stored {
        delivery(&desk, &stored.id.to_string(), "sms").await;
    }
    assert_eq!(sns.taken().len(), 3);
    for error in outcomes.into_iter().filter_map(Result::err) {
        assert!(!error.retry && error.reason == DeliveryReason::QuotaExceeded(3), "{error}");
    }
    let taken = sns.taken().remove(0);
    assert_eq!(taken["PhoneNumber"], NUMBER);
    assert!(taken["Message"].starts_with("Studio Lindqvist: Message from Ann, +1 555 0100 http"), "{taken:?}");
    assert!(taken["Message"].contains("/inbox/item/"), "{taken:?}");
    assert!(taken.values().any(|value| value == "Transactional"), "{taken:?}");
    let told = || mail.accepted().iter().filter(|email| email.contains("no more text messages")).count();
    eventually("the owner to hear", async || (told() > 0).then_some(())).await;
    lead(&desk, "One more").await;
    desk.settled().await;
    assert_eq!(told(), 1);
    let announced = mail.accepted().iter().filter(|email| email.contains("Message from Ann")).count();
    assert!(announced >= 11, "mail has no cap: {announced}");
}

#[tokio::test]
async fn what_sns_did_not_take_does_not_count_and_what_it_may_have_taken_does() {
    let sns = Sns::start().await;
    let options = Options {
        config: configured(&channel("monthly_cap = 1")),
        sns_url: Some(sns.url.clone()),
        ..Options::default()
    };
    let desk = Desk::with(options).await;
    for (refusal, again) in [((400, "InvalidParameter"), false), ((403, "AuthorizationError"), true)] {
        sns.refuse(Some(refusal));
        let id = lead(&desk, &format!("Refused with {}", refusal.1)).await;
        let failed = delivery(&desk, &id, "sms").await;
        assert_eq!(failed.reason, Some(DeliveryReason::Sns(refusal.1.into())));
        assert_eq!((failed.state, failed.again_at.is_some()), (DeliveryState::Failed, again), "{refusal:?}");
    }
    sns.refuse(Some((500, "InternalError")));
    let id = lead(&desk, "Perhaps taken").await;
    assert_eq!(delivery(&desk, &id, "sms").await.reason, Some(DeliveryReason::Sns("InternalError".into())));
    sns.refuse(None);
    let id = lead(&desk, "The cap is reached").await;
    assert_eq!(delivery(&desk, &id, "sms").await.reason, Some(DeliveryReason::QuotaExceeded(1)));
    assert!(sns.taken().is_empty());
}
