//! The test message: delivered, or told why it was not; and nothing is left of it.

use std::collections::BTreeSet;
use std::time::Duration;

use deskbell::doctor::{Command, Environment, State, examine, has_problem, report};
use deskbell::local::{Options, Table};
use deskbell_functions::store::{Store, TransferItem};

use super::{command, environment, found, wrong};
use crate::harness::fault_proxy::{Fault, FaultProxy, Mail, Mood};
use crate::harness::receiver::{Answering, Receiver, WHSEC, set, with_channels};
use crate::harness::world::{Desk, eventually};

/// The kinds of items that are in a table.
async fn left(store: &Store) -> BTreeSet<String> {
    let (items, _) = store.scan(None).await.expect("the table");
    items.iter().filter_map(TransferItem::kind).map(str::to_owned).collect()
}

#[tokio::test]
async fn local_mode_is_well_and_a_test_message_is_delivered_and_removed() {
    let desk = Desk::start().await;
    let send = Command { send: true, ..command(&desk.world.url) };
    let findings = examine(&send, &environment()).await;
    assert!(!has_problem(&findings) && wrong(&findings).is_empty(), "{}", report(&findings));
    found(&findings, "message", State::Ok, "was delivered by mail after", "");
    let checks =
        ["local mode", "settings", "origin", "clock", "table", "stream", "expiry", "secret", "sender", "recipients"];
    for check in checks {
        found(&findings, check, State::Ok, "", "");
    }
    found(&findings, "mail", State::Ok, "/_mail", "");
    let email = desk.email_about("the test message of deskbell doctor").await;
    assert!(email.reply_to.is_some_and(|to| to.ends_with("@simulator.amazonses.com")));
    // What the stream still brings takes its time.
    let expected = ["hour", "rate", "stats"].map(str::to_owned).into();
    eventually("nothing else", async || (left(&desk.world.app.store).await == expected).then_some(())).await;
    let text = report(&findings);
    assert!(text.lines().last().is_some_and(|line| line == "0 problems, 0 warnings"), "{text}");
}

#[tokio::test]
async fn a_test_message_that_is_not_delivered_is_reported_and_removed_all_the_same() {
    let (proxy, mail) = (FaultProxy::start().await, Mail::start(0).await);
    let (table, ses_url) = (Table::Server(proxy.url.clone()), Some(mail.url.clone()));
    let desk = Desk::with(Options { table, ses_url, ..Options::default() }).await;
    let gone = async || !desk.items().await.iter().any(|item| item.to_string().contains("deskbell doctor"));
    mail.always("", Mood::Refuses(400, "MessageRejected"));
    let send = Command { send: true, ..command(&desk.world.url) };
    let findings = examine(&send, &environment()).await;
    found(
        &findings,
        "message",
        State::Problem,
        "was not delivered by mail (the email service (Amazon SES) refused it: MessageRejected)",
        "sender and recipients",
    );
    assert!(gone().await);

    proxy.fail_about("deskbell doctor", "PutItem", Fault::Refused);
    let findings = examine(&send, &environment()).await;
    found(&findings, "message", State::Problem, "was not accepted: 503", "log of contact");
    proxy.mend();

    proxy.keep_stream_still(true);
    let impatient = Environment { timeout: Duration::from_millis(300), ..environment() };
    let findings = examine(&send, &impatient).await;
    found(&findings, "message", State::Problem, "not delivered by mail within", "notify");
    assert!(gone().await);
    // What the stream brings now finds nothing to notify of.
    mail.mend();
    proxy.keep_stream_still(false);
    desk.message_from("Ann", "Is Monday free?").await;
    eventually("Ann's message", async || {
        mail.accepted().iter().any(|email| email.contains("Is Monday free?")).then_some(())
    })
    .await;
    assert!(!mail.accepted().iter().any(|email| email.contains("deskbell doctor")));

    proxy.fail("TransactWriteItems", Fault::Refused);
    let findings = examine(&send, &environment()).await;
    found(&findings, "message", State::Problem, "could not be removed", "to the trash");
}

#[tokio::test]
async fn a_channel_on_which_the_test_message_does_not_arrive_is_named() {
    let receiver = Receiver::start().await;
    let channel = format!("[[sites.studio.channels]]\nkind = \"webhook\"\nurl = \"{}\"\n", receiver.url("/hook"));
    let desk = Desk::with(with_channels(&channel, receiver.services())).await;
    set(&desk, "webhook", WHSEC).await;
    let send = Command { send: true, ..command(&desk.world.url) };
    found(&examine(&send, &environment()).await, "message", State::Ok, "was delivered by mail, webhook", "");
    receiver.answer(&[Answering::Status(410)]);
    let findings = examine(&send, &environment()).await;
    found(&findings, "message", State::Problem, "not delivered by webhook (", "Fix that");
    assert!(!findings.iter().any(|finding| finding.found.contains("by mail (")), "{}", report(&findings));
}
