//! Whom an answer reaches. Whatever stands in the field for the address, and whatever SES thinks of it, the owner is
//! told; the local SES refuses what the real one refuses.

use deskbell_filter::Verdict;
use deskbell_functions::platform::outgoing::Services;
use deskbell_functions::submission::delivery::DeliveryState;
use deskbell_functions::submission::{Status, Submission};
use uuid::Uuid;

use crate::harness::fault_proxy::Mood;
use crate::harness::receiver::{delivery, with_channels};
use crate::harness::stream::{StreamHarness, minutes_ago, records};
use crate::harness::submissions;
use crate::harness::world::Desk;

#[tokio::test]
async fn no_address_that_can_be_typed_costs_a_delivery() {
    let desk = Desk::start().await;
    let long = format!("{}@{}.example", "a".repeat(64), "b".repeat(60));
    let addresses = [
        ("ann@example.org", Some("ann@example.org")),
        ("ann@m\u{fc}nchen.example", Some("ann@xn--mnchen-3ya.example")),
        ("ann@\u{4f8b}\u{3048}.jp", Some("ann@xn--r8jz45g.jp")),
        ("ann@xn--mnchen-3ya.example", Some("ann@xn--mnchen-3ya.example")),
        ("\u{e4}nn@example.org", None),
        ("\u{7528}\u{6237}@\u{4f8b}\u{3048}.jp", None),
        ("o'neil+tag@example.org", Some("o'neil+tag@example.org")),
        (&*long, Some(&*long)),
    ];
    for (index, (address, expected)) in addresses.into_iter().enumerate() {
        let message = format!("Is day {index} free?");
        let fields = [("name", "Ann"), ("email", address), ("message", &message)];
        let id = desk.post_for_json("/contact", &fields).await.id();
        assert_eq!(delivery(&desk, &id, "mail").await.state, DeliveryState::Sent, "{address}");
        let email = desk.email_about(&message).await;
        assert_eq!(email.reply_to.as_deref(), expected, "{address}");
        let (name, host) = address.rsplit_once('@').expect("an address");
        assert!(email.text.contains(name), "{address} stands in the text: {}", email.text);
        assert!(expected.is_some() || email.text.contains(host), "{address} stands in the text: {}", email.text);
    }
}

#[tokio::test]
async fn names_and_subjects_of_any_length_fit_into_headers() {
    let desk = Desk::with(with_channels("", Services::default())).await;
    let parts = [("x", 245), ("\u{e4}", 245), ("a b ", 61)];
    for (index, (part, times)) in parts.into_iter().enumerate() {
        let (name, subject) = (part.repeat(times), part.repeat(5_000 / part.chars().count()));
        let message = format!("Is day {index} free?");
        let fields = [("name", &*name), ("email", "ann@example.org"), ("_subject", &*subject), ("message", &*message)];
        let answer = desk.post_for_json("/contact", &fields).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        assert_eq!(delivery(&desk, &answer.id(), "mail").await.state, DeliveryState::Sent, "{name}");
    }
}

#[tokio::test]
async fn an_address_that_ses_refuses_costs_no_delivery_and_stands_in_the_text() {
    let harness = StreamHarness::start(0).await;
    harness.mail.always("Reply-To", Mood::Refuses(400, "BadRequestException"));
    let leads = harness.leads(1, "Is Monday free?", minutes_ago(1)).await;
    assert_eq!(harness.handle(&records(&leads)).await, [""; 0]);
    assert_eq!(harness.mailed(leads[0].id).await.map(|mailed| mailed.state), Some(DeliveryState::Sent));
    let emails = harness.mail.accepted();
    assert_eq!(emails.len(), 1);
    assert!(emails[0].contains("ann@example.org") && !emails[0].contains("Just reply to this email"), "{}", emails[0]);

    // What is refused without it, too, is refused.
    harness.mail.always("", Mood::Refuses(400, "MessageRejected"));
    let content = submissions::lead(&[("name", "Bo"), ("email", "bo@example.org"), ("message", "And Tuesday?")]);
    let site = &harness.notifier.app.config.sites["studio"];
    let lead = Submission::new(Uuid::now_v7(), site, content, Verdict::owner(), Status::Received);
    let lead = harness.notifier.app.store.insert(lead).await.expect("the table");
    assert_eq!(harness.handle(&records(std::slice::from_ref(&lead))).await, [""; 0]);
    let failed = harness.mailed(lead.id).await.expect("noted");
    assert_eq!((failed.state, failed.again_at, failed.tries), (DeliveryState::Failed, None, 1));
}
