//! The hosted captchas, behind one signal: solved, failed, absent; and unknown, which holds.

use deskbell::local::Options;
use deskbell_functions::config::secret::Secret;
use deskbell_functions::platform::clock::Clock;
use serde_json::Value;

use crate::harness::challenge::solved;
use crate::harness::services::{Fault, SECRET, Service, value};
use crate::harness::settings::sample_with;
use crate::harness::world::{ARTICLE, Answer, Desk, evidence, link, said};

const HERE: &str = "solved@127.0.0.1";

async fn desk(captcha: &str, verifier: &Service) -> Desk {
    let tables = format!("sites.studio.comments.policy = \"none\"\nsites.studio.challenge.captcha = \"{captcha}\"");
    let config = sample_with(&tables);
    // The provider that does not answer is given up sooner.
    let (services, clock) = (verifier.services(), Clock::at_pace(2));
    let desk = Desk::with(Options { config, services, clock, ..Options::default() }).await;
    let secret = captcha.parse().expect("a secret's name");
    desk.world.app.store.set_named_secret(Some("studio"), &secret, SECRET).await.expect("the table");
    desk
}

async fn comment(desk: &Desk, what: &str, field: &str, token: &str) -> Answer {
    let text = format!("Thank you, my back is better! {what}.");
    let fields = [("page", ARTICLE), ("author", "Bo"), ("email", "bo@example.org"), ("comment", &text), (field, token)];
    desk.post_for_json("/comments", &fields).await
}

/// What the captcha added to the verdict, and what became of the comment.
async fn outcome(desk: &Desk, sent: &Answer) -> (String, Vec<String>) {
    let stored = desk.submission(&sent.id()).await;
    let proofs = evidence(&stored.verdict).into_iter().filter(|name| name.starts_with("proof_"));
    (stored.status.word().into(), proofs.map(str::to_owned).collect())
}

#[tokio::test]
async fn each_provider_says_solved_or_failed_and_its_token_is_stored_nowhere() {
    let verifier = Service::siteverify().await;
    for (captcha, field) in [
        ("turnstile", "cf-turnstile-response"),
        ("hcaptcha", "h-captcha-response"),
        ("recaptcha", "g-recaptcha-response"),
    ] {
        let desk = desk(captcha, &verifier).await;
        let long = format!("{HERE}#{}", "x".repeat(9_000));
        let once = format!("{HERE}#{captcha}");
        let cases = [
            ("Solved", once.as_str(), "proof_solved"),
            ("Used again", &once, "proof_failed"),
            ("Invented", "nonsense", "proof_failed"),
            ("Solved elsewhere", "solved@evil.example", "proof_failed"),
            ("Much too long", &long, "proof_failed"),
            ("Nothing solved", "", ""),
        ];
        for (text, token, reason) in cases {
            let sent = comment(&desk, text, field, token).await;
            let expected =
                (String::from("published"), Vec::from_iter(Some(reason.to_owned()).filter(|r| !r.is_empty())));
            assert_eq!(outcome(&desk, &sent).await, expected, "{captcha}: {text}");
        }
        let asked = verifier.asked();
        assert_eq!(asked.len(), 4, "neither nothing nor what no provider made is verified");
        let names: Vec<&str> = asked[0].1.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            (names, value(&asked[0].1, "secret")),
            (vec!["secret", "response"], SECRET),
            "no address is passed on"
        );
        let token = format!("{once} lead");
        let lead = [("name", "Ann"), ("email", "ann@example.org"), ("message", "With a token"), (field, &*token)];
        desk.post_for_json("/contact", &lead).await;
        let stored = Value::from(desk.items().await).to_string();
        assert!(stored.contains("With a token") && !stored.contains("solved@"), "{stored}");
        let email = desk.email_about("With a token").await;
        let more = desk.get_html(&link(&email)).await.body;
        assert!(more.contains("browser sent a valid proof of work"), "{more}");
        assert!(!more.contains("solved@") && !said(&email).contains("solved@"), "{}", email.text);
        verifier.asked();
    }
}

#[tokio::test]
async fn where_there_is_a_captcha_it_is_the_proof_that_a_site_may_always_want() {
    let verifier = Service::siteverify().await;
    let config = sample_with(
        r#"
            [sites.studio.challenge]
            proof = "always"
            min_seconds = 0
            captcha = "turnstile"
            [sites.studio.comments]
            policy = "none"
        "#,
    );
    let desk = Desk::with(Options { config, services: verifier.services(), ..Options::default() }).await;
    desk.world.app.store.set_named_secret(Some("studio"), &Secret::Turnstile, SECRET).await.expect("the table");

    let altcha = solved(&desk.challenge("comments").await);
    let other = comment(&desk, "A proof of work", "altcha", &altcha).await;
    assert_eq!(outcome(&desk, &other).await, ("held".into(), vec!["proof_missing".into()]));
    let right = comment(&desk, "The captcha", "cf-turnstile-response", HERE).await;
    assert_eq!(outcome(&desk, &right).await, ("published".into(), vec!["proof_solved".into()]));
}

#[tokio::test]
async fn a_provider_in_trouble_refuses_nobody_and_publishes_nothing() {
    let verifier = Service::siteverify().await;
    let desk = desk("turnstile", &verifier).await;
    for fault in [Fault::Broken, Fault::Garbage, Fault::Huge, Fault::Throttled, Fault::Slow] {
        verifier.fault(fault);
        let sent = comment(&desk, &format!("While it is {fault:?}"), "cf-turnstile-response", HERE).await;
        let held = (String::from("held"), vec![String::from("proof_unknown")]);
        assert_eq!((sent.status, outcome(&desk, &sent).await), (202, held), "{fault:?}");
    }
    verifier.fault(None);

    let lead =
        [("name", "Ann"), ("email", "ann@example.org"), ("message", "Announced"), ("cf-turnstile-response", HERE)];
    desk.world.app.store.set_named_secret(Some("studio"), &Secret::Turnstile, "wrong").await.expect("the table");
    assert_eq!(desk.post_for_json("/contact", &lead).await.status, 201);
    desk.email_about("Announced").await;
}

#[tokio::test]
async fn without_its_secret_a_captcha_is_unknown() {
    let verifier = Service::siteverify().await;
    let config = sample_with(r#"sites.studio.challenge.captcha = "hcaptcha""#);
    let desk = Desk::with(Options { config, services: verifier.services(), ..Options::default() }).await;
    let sent = comment(&desk, "No secret", "h-captcha-response", HERE).await;
    assert_eq!(outcome(&desk, &sent).await, ("held".into(), vec!["proof_unknown".into()]));
    assert_eq!(verifier.asked(), []);
}
