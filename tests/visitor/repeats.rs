//! The same content again: answered by the first one, if the same sender has sent both, and the first one answers for it.

use std::net::{IpAddr, Ipv4Addr};

use deskbell_filter::Decision;
use deskbell_functions::form::Email;
use deskbell_functions::rights;
use deskbell_functions::submission::Status;
use futures_util::future::join_all;
use reqwest::redirect::Policy;

use crate::harness::challenge::solved;
use crate::harness::moderation::choose;
use crate::harness::world::{ARTICLE, Answer, Desk, LIKE_SPAM, answer, only_just, said};

/// What a visitor sends.
type Form = (&'static str, Vec<(&'static str, String)>);

fn lead(message: &str) -> Form {
    let fields = [("name", "Ann"), ("email", "ann@example.org"), ("message", message)];
    ("/contact", fields.map(|(name, value)| (name, value.to_owned())).into())
}

fn comment(text: &str) -> Form {
    let fields = [("page", ARTICLE), ("author", "Ann"), ("email", "ann@example.org"), ("comment", text)];
    ("/comments", fields.map(|(name, value)| (name, value.to_owned())).into())
}

fn forms(text: &str) -> [Form; 2] {
    [lead(text), comment(text)]
}

/// Sends a form with further fields from a network of this machine's, by its number.
async fn send(desk: &Desk, network: u8, (path, fields): &Form, more: &[(&str, &str)]) -> Answer {
    let from = IpAddr::V4(Ipv4Addr::new(127, 0, network, 1));
    let client = reqwest::Client::builder().redirect(Policy::none()).no_proxy().local_address(from);
    let client = client.build().expect("a client");
    let fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (*name, value.as_str())).chain(more.iter().copied()).collect();
    answer(client.post(desk.url(path)).header("accept", "application/json").form(&fields)).await
}

async fn status(desk: &Desk, answer: &Answer) -> Status {
    desk.submission(&answer.id()).await.status
}

/// A network that has a place of its own beside the other one's, wherever claims on one content are kept.
async fn network_beside(desk: &Desk, own: u8, trap: &[(&str, &str)]) -> u8 {
    for other in 9..60 {
        let probe = lead(&format!("Is there a place beside {own} for {other}? {}", trap.len()));
        let first = send(desk, own, &probe, &[]).await.id();
        send(desk, other, &probe, trap).await;
        if send(desk, own, &probe, &[]).await.id() == first {
            return other;
        }
    }
    panic!("all have one place");
}

#[tokio::test]
async fn what_somebody_else_sends_first_decides_about_nobodys_own() {
    let desk = Desk::configured("sites.studio.judging.rate_per_minute = 100").await;
    for (number, trap) in [(0, &[("_gotcha", "x")][..]), (1, &[])] {
        let other = network_beside(&desk, 7, trap).await;
        for form in forms(&format!("Please call me back, {number}")) {
            let others = send(&desk, other, &form, trap).await;
            let own = send(&desk, 7, &form, &[]).await;
            assert_ne!(others.id(), own.id());
            let stored = desk.submission(&own.id()).await;
            assert!(matches!(stored.status, Status::Received | Status::Held), "{:?}", stored.status);
            assert!(stored.verdict.has("repeated"), "that it came before is known");
            // Each gets the own one's answer again, at one moment and in between.
            let (again, theirs) = (send(&desk, 7, &form, &[]).await, send(&desk, other, &form, trap).await);
            assert_eq!((again.id(), theirs.id()), (own.id(), others.id()));
            let presses = join_all((0..4).map(|_| send(&desk, 7, &form, &[]))).await;
            assert!(presses.iter().all(|press| press.id() == own.id()), "{presses:?}");
        }
        let about = format!("Please call me back, {number}");
        desk.email_about(&about).await;
    }
}

#[tokio::test]
async fn a_resend_with_an_empty_trap_is_heard() {
    let desk = Desk::start().await;
    for (number, form) in
        forms("Could I come on Monday?").iter().chain(&forms("Is the sauna free on Friday?")).enumerate()
    {
        let caught = send(&desk, 0, form, &[("_gotcha", "Ann")]).await;
        let again = send(&desk, 0, form, &[("_gotcha", "Ann")]).await;
        assert_eq!((caught.id(), status(&desk, &caught).await), (again.id(), Status::Spam), "{number}");
        let resent = join_all((0..3).map(|_| send(&desk, 0, form, &[]))).await;
        assert!(resent.iter().all(|one| one.id() == resent[0].id() && one.id() != caught.id()), "{number}");
        assert!(matches!(status(&desk, &resent[0]).await, Status::Received | Status::Held), "{number}");
    }
    for text in ["Could I come on Monday?", "Is the sauna free on Friday?"] {
        desk.email_about(text).await;
    }
}

#[tokio::test]
async fn what_was_spam_does_not_answer_for_something_better() {
    let thresholds = only_just(Decision::Spam, "Ann", "ann@example.org", LIKE_SPAM);
    let desk =
        Desk::configured(&format!("[sites.studio]\nchallenge.min_seconds = 0\n[sites.studio.judging]\n{thresholds}"))
            .await;
    for form in forms(LIKE_SPAM) {
        let first = send(&desk, 0, &form, &[]).await;
        assert_eq!(status(&desk, &first).await, Status::Spam);
        assert_eq!(send(&desk, 0, &form, &[]).await.id(), first.id(), "spam answers for spam");
        let name = if form.0 == "/contact" { "default" } else { "comments" };
        let altcha = solved(&desk.challenge(name).await);
        let proof = [("altcha", &*altcha)];
        let better = join_all((0..3).map(|_| send(&desk, 0, &form, &proof))).await;
        assert!(better.iter().all(|one| one.id() == better[0].id() && one.id() != first.id()), "{better:?}");
        assert!(matches!(status(&desk, &better[0]).await, Status::Received | Status::Held));
        assert_eq!(status(&desk, &first).await, Status::Spam);
    }
    let email = desk.email_about("We met at the casino").await;
    assert!(said(&email).contains("proof of work"), "{}", email.text);
}

#[tokio::test]
async fn what_somebody_has_decided_about_does_not_answer_for_what_is_sent_again() {
    let desk = Desk::start().await;
    for (kind, decisions) in [(0, ["spam", "trash"].as_slice()), (1, &["approve", "spam", "trash"])] {
        for decision in decisions {
            let form = forms(&format!("To {decision}"))[kind].clone();
            let first = send(&desk, 0, &form, &[]).await;
            choose(&desk, &first.id(), decision).await;
            let decided = status(&desk, &first).await;
            let again = join_all((0..3).map(|_| send(&desk, 0, &form, &[]))).await;
            assert!(
                again.iter().all(|one| one.id() == again[0].id() && one.id() != first.id()),
                "{decision}: {again:?}"
            );
            assert_eq!(status(&desk, &first).await, decided);
            let stored = desk.submission(&again[0].id()).await;
            assert_eq!((stored.decisions, stored.network.is_some()), (0, true), "{decision}");
            assert_ne!(stored.status, Status::Spam, "{decision}");
        }
    }
}

#[tokio::test]
async fn whoever_has_sent_the_same_is_forgotten_with_it() {
    let desk = Desk::start().await;
    let app = &desk.world.app;
    let form = lead("Sent from everywhere");
    let mut ids = Vec::new();
    for network in 0..40 {
        ids.push(send(&desk, network, &form, &[]).await.id());
    }
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 40);
    desk.settled().await;
    let (site, email) = (&app.config.sites["studio"], Email::parse("ann@example.org").expect("an address"));
    rights::erase(app, site, &email, 100).await.expect("the table");
    let fresh = send(&desk, 0, &form, &[]).await;
    assert!(!desk.submission(&fresh.id()).await.verdict.has("repeated"), "nobody has sent that before");
}
