//! Form tokens and proofs of work: signals, never refusals.

use altcha::{Challenge, Payload, SolveChallengeOptions, solve_challenge};
use deskbell::local::{Options, Table};
use deskbell_functions::judging::form_token::{Place, SignedToken};
use futures_util::future::join_all;
use serde_json::json;

use crate::harness::challenge::{HERE, field, solved};
use crate::harness::fault_proxy::{Fault, FaultProxy};
use crate::harness::settings::sample_with;
use crate::harness::world::{ARTICLE, Answer, BLATANT, Desk, answer};

const SECOND: i64 = 1_000;
const HOUR: i64 = 3_600 * SECOND;

impl Desk {
    /// Waits for the next minute to begin, by the clock that the functions go by.
    fn next_minute(&self) {
        self.advance(60 - self.now().as_second() % 60);
    }

    /// Sends a message of its own with these fields.
    async fn lead(&self, message: &str, more: &[(&str, &str)]) -> Answer {
        let fields = [("name", "Ann"), ("email", "ann@example.org"), ("message", message)];
        self.post_for_json("/contact", &[&fields, more].concat()).await
    }
}

#[tokio::test]
async fn a_challenge_is_for_the_sites_own_pages_and_known_forms() {
    let desk = Desk::start().await;
    let fetched = desk.challenge("comments").await;
    assert_eq!(fetched["parameters"]["data"]["token"], fetched["token"]);
    assert_eq!((&fetched["parameters"]["algorithm"], &fetched["solve"]), (&json!("PBKDF2/SHA-256"), &json!(false)));
    for path in ["/challenge", "/challenge?form=default", "/studio/challenge?form=comments"] {
        assert_eq!(desk.get(path).await.status, 200, "{path}");
    }
    for path in ["/challenge?form=nonsense", "/nosite/challenge"] {
        assert_eq!(desk.get(path).await.status, 404, "{path}");
    }
    let from = async |origin: &str| answer(desk.request_get("/challenge").header("origin", origin)).await;
    assert_eq!(from("https://evil.example").await.status, 403);
    let own = from(&desk.world.url).await;
    assert_eq!((own.status, own.header("access-control-allow-origin")), (200, &*desk.world.url));
    assert_eq!(desk.post("/challenge", &[]).await.status, 405);
}

#[tokio::test]
async fn a_good_token_is_no_reason_and_none_is_a_small_one() {
    let desk = Desk::start().await;
    let token = desk.token("default", 20 * SECOND);
    assert_eq!(desk.reasons(&desk.lead("with", &[("_token", &token)]).await).await, [""; 0]);
    assert_eq!(desk.reasons(&desk.lead("without", &[]).await).await, ["token_absent"]);

    let token = desk.token("comments", 20 * SECOND);
    let fields = [("page", ARTICLE), ("author", "Bo"), ("email", "bo@example.org"), ("comment", "with")];
    let sent = desk.post_for_json("/comments", &[&fields[..], &[("_token", &*token)]].concat()).await;
    assert_eq!((sent.status, desk.reasons(&sent).await.len()), (202, 0));
    for stored in desk.items().await {
        assert!(!stored.to_string().contains(&token) && !stored.to_string().contains("_token"), "{stored}");
    }
    let email = desk.email_about("with").await;
    assert!(
        !crate::harness::world::said(&email).contains("_token")
            && !crate::harness::world::said(&email).contains("altcha"),
        "{}",
        email.text
    );
}

#[tokio::test]
async fn every_other_token_is_a_signal_and_refuses_nobody() {
    let desk = Desk::start().await;
    let (here, away) = (desk.network(HERE), desk.network("203.0.113.0/24"));
    let place = Place { site: "studio", form: "default", network: &here };
    let age = 20 * SECOND;
    let good = desk.token_of(&place, age);
    let cases = [
        (desk.token("default", SECOND), "token_young"),
        (desk.token("default", -HOUR), "token_young"),
        (desk.token("default", 13 * HOUR), "token_old"),
        (desk.token_of(&Place { form: "comments", ..place }, age), "token_foreign"),
        (desk.token_of(&Place { site: "other", ..place }, age), "token_foreign"),
        (desk.token_of(&Place { network: &away, ..place }, age), "token_foreign"),
        (format!("{good}x"), "token_foreign"),
        (good.replacen(".1.", ".0.", 1), "token_foreign"),
        ("\u{1f642}".into(), "token_foreign"),
    ];
    for (number, (token, reason)) in cases.iter().enumerate() {
        let sent = desk.lead(&format!("case {number}"), &[("_token", token)]).await;
        assert_eq!((sent.status, desk.reasons(&sent).await), (201, vec![(*reason).into()]), "{token}");
    }
}

#[tokio::test]
async fn the_bounds_of_a_tokens_age_are_configurable() {
    let desk = Desk::configured("sites.studio.challenge = { min_seconds = 60, max_hours = 1 }").await;
    for (age, reason) in [(30 * SECOND, vec!["token_young"]), (90 * SECOND, vec![]), (2 * HOUR, vec!["token_old"])] {
        let token = desk.token("default", age);
        assert_eq!(desk.reasons(&desk.lead(&age.to_string(), &[("_token", &token)]).await).await, reason);
    }
}

#[tokio::test]
async fn a_form_token_is_consumed_by_what_is_sent_with_it_first() {
    let desk = Desk::start().await;
    let token = desk.token("default", 20 * SECOND);
    let messages = ["one", "two", "three", "four"];
    let sent = join_all(messages.map(|message| {
        let token = &token;
        let desk = &desk;
        async move { desk.reasons(&desk.lead(message, &[("_token", token)]).await).await }
    }))
    .await;
    let good = sent.iter().filter(|reasons| reasons.is_empty()).count();
    let replayed = sent.iter().filter(|reasons| **reasons == ["token_replayed"]).count();
    assert_eq!((good, replayed), (1, 3), "{sent:?}");

    // Not in another minute either, nor with anything else in between.
    for minutes in [1, 2, 30, 600] {
        desk.advance(minutes * 60);
        desk.lead(&format!("without, {minutes}"), &[]).await;
        let later = desk.lead(&format!("later, {minutes}"), &[("_token", &token)]).await;
        assert_eq!(desk.reasons(&later).await, ["token_replayed"], "{minutes}");
    }
    // The same content is the same submission, and its token is still its own.
    let token = desk.token("default", 20 * SECOND);
    let first = desk.lead("only this", &[("_token", &token)]).await;
    desk.advance(11 * 60);
    let again = desk.lead("only this", &[("_token", &token)]).await;
    assert_ne!(first.id(), again.id());
    assert_eq!(desk.reasons(&again).await, ["repeated"]);
}

#[tokio::test]
async fn tokens_do_not_lift_the_rate_however_many_are_hoarded() {
    let desk = Desk::configured("sites.studio.judging.rate_per_minute = 4").await;
    let mut tokens = Vec::new();
    for _ in 0..3 {
        desk.next_minute();
        for _ in 0..12 {
            tokens.push(desk.challenge("default").await["token"].as_str().expect("a token").to_owned());
        }
    }
    desk.next_minute();
    let mut taken = 0;
    for (number, token) in tokens.iter().enumerate() {
        let with = [("_token", &**token)];
        let comment =
            [("page", ARTICLE), ("author", "Bo"), ("email", "bo@example.org"), ("comment", &*number.to_string())];
        // With a token, without, and with one that is worth nothing here: all of it is counted together.
        let sent = match number % 3 {
            0 => desk.lead(&format!("hoarded {number}"), &with).await,
            1 => desk.lead(&format!("bare {number}"), &[]).await,
            _ => desk.post_for_json("/comments", &[&comment[..], &with].concat()).await,
        };
        match sent.status {
            201 | 202 => taken += 1,
            429 => assert!((1..=60).contains(&sent.header("retry-after").parse::<i64>().expect("seconds"))),
            other => panic!("{other}: {sent:?}"),
        }
    }
    assert_eq!(taken, 4);
    // At one moment, too.
    desk.next_minute();
    let at_once = join_all(
        tokens
            .iter()
            .enumerate()
            .map(async |(number, token)| desk.lead(&format!("at once {number}"), &[("_token", token)]).await.status),
    )
    .await;
    assert_eq!(at_once.iter().filter(|status| **status == 201).count(), 4, "{at_once:?}");
    assert!(at_once.iter().all(|status| [201, 429].contains(status)), "{at_once:?}");
    // What was refused has consumed nothing.
    desk.next_minute();
    let unused =
        tokens.iter().enumerate().find(|(number, _)| at_once[*number] == 429 && number % 3 == 1).expect("one").1;
    assert_eq!(desk.reasons(&desk.lead("at last", &[("_token", unused)]).await).await, [""; 0]);
}

#[tokio::test]
async fn a_second_chance_is_not_counted_beside_what_it_is_for() {
    let desk = Desk::configured("sites.studio = { judging.rate_per_minute = 2, challenge.min_seconds = 0 }").await;
    desk.next_minute();
    for number in 0..2 {
        let sent = desk.lead(&format!("{BLATANT} {number}"), &[]).await;
        assert_eq!(sent.status, 201);
        let url = sent.json()["second_chance"]["url"].as_str().expect("an address").to_owned();
        let altcha = solved(&desk.challenge("default").await);
        assert_eq!(desk.post_for_json(&url, &[("altcha", &altcha)]).await.status, 201);
    }
    assert_eq!(desk.lead("one too many", &[]).await.status, 429);
}

#[tokio::test]
async fn a_second_try_with_the_same_content_is_no_replay() {
    let desk = Desk::start().await;
    let token = desk.token("default", 20 * SECOND);
    let fields = [("_token", &*token)];
    let press = || desk.lead("pressed twice", &fields);
    let (first, second) = futures_util::future::join(press(), press()).await;
    assert_eq!(first.id(), second.id());
    assert_eq!(desk.reasons(&first).await, [""; 0]);
}

#[tokio::test]
async fn a_form_that_comes_back_keeps_its_token() {
    let desk = Desk::start().await;
    let token = desk.token("default", 20 * SECOND);
    let fields =
        [("name", "Ann"), ("email", "nobody"), ("message", "x"), ("_token", &*token), ("_next", "/thank-you/")];
    let refused = desk.post("/contact", &fields).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains(&format!("<input type=\"hidden\" name=\"_token\" value=\"{token}\">")));
    assert_eq!(desk.reasons(&desk.lead("x", &[("_token", &token)]).await).await, [""; 0]);

    let token = desk.token("comments", 20 * SECOND);
    let refused = desk.post("/comments", &[("page", ARTICLE), ("comment", "x"), ("_token", &token)]).await;
    assert!(refused.status == 422 && refused.body.contains(&token), "{refused:?}");
}

#[tokio::test]
async fn a_solved_challenge_counts_once_and_brings_its_token_along() {
    let desk = Desk::configured("sites.studio.challenge.min_seconds = 0").await;
    let altcha = solved(&desk.challenge("default").await);
    let first = desk.lead("first", &[("altcha", &altcha)]).await;
    assert_eq!(desk.reasons(&first).await, ["proof_solved"]);
    assert_eq!(desk.reasons(&desk.lead("second", &[("altcha", &altcha)]).await).await, ["token_replayed"]);

    // Solved for another form: worth nothing here.
    let other = solved(&desk.challenge("comments").await);
    assert_eq!(desk.reasons(&desk.lead("third", &[("altcha", &other)]).await).await, ["token_foreign"]);

    let stored = desk.items().await;
    assert!(!stored.iter().any(|stored| stored.to_string().contains(&altcha)), "a solution is not content");
}

#[tokio::test]
async fn a_wrong_solution_is_a_signal() {
    let desk = Desk::configured("sites.studio.challenge.min_seconds = 0").await;
    let challenge = async || -> Challenge { serde_json::from_value(desk.challenge("default").await).expect("one") };
    let solution = |challenge: &Challenge| {
        solve_challenge(SolveChallengeOptions::new(challenge)).expect("solvable").expect("in time")
    };
    let one = challenge().await;
    let right = solution(&one);

    let guessed = altcha::Solution { counter: 1, derived_key: "00".repeat(32), time: None };
    let wrong = Payload { challenge: one.clone(), solution: guessed };
    assert_eq!(desk.reasons(&desk.lead("guessed", &[("altcha", &field(&wrong))]).await).await, ["proof_failed"]);

    let others = Payload { challenge: challenge().await, solution: right.clone() };
    assert_eq!(desk.reasons(&desk.lead("another's", &[("altcha", &field(&others))]).await).await, ["proof_failed"]);

    // Made easier, or bound to another token, by hand.
    let mut easier = challenge().await;
    easier.parameters.key_prefix = String::new();
    let easier = Payload { solution: solution(&easier), challenge: easier };
    assert_eq!(desk.reasons(&desk.lead("easier", &[("altcha", &field(&easier))]).await).await, ["proof_failed"]);
    let mut rebound = one;
    let token = desk.token("default", SECOND);
    rebound.parameters.data = Some([("token".to_owned(), json!(token))].into());
    let rebound = Payload { challenge: rebound, solution: right };
    assert_eq!(desk.reasons(&desk.lead("rebound", &[("altcha", &field(&rebound))]).await).await, ["proof_failed"]);

    for (number, nonsense) in ["x", "e30=", "bnVsbA==", "\u{1f642}", &"A".repeat(5_000)].into_iter().enumerate() {
        let sent = desk.lead(&format!("nonsense {number}"), &[("altcha", nonsense)]).await;
        assert_eq!(desk.reasons(&sent).await, ["proof_failed", "token_absent"], "{nonsense}");
    }
}

#[tokio::test]
async fn where_a_proof_is_always_wanted_one_without_is_in_doubt() {
    let settings =
        r#"sites.studio = { challenge = { proof = "always", min_seconds = 0 }, comments = { policy = "none" } }"#;
    let desk = Desk::configured(settings).await;
    let fetched = desk.challenge("comments").await;
    assert_eq!(fetched["solve"], true);
    let comment = async |text: &str, more: &[(&str, &str)]| {
        let fields = [("page", ARTICLE), ("author", "Bo"), ("email", "bo@example.org"), ("comment", text)];
        desk.post_for_json("/comments", &[&fields, more].concat()).await
    };
    let token = fetched["token"].as_str().expect("a token");
    let without = comment("Thank you, my back is better!", &[("_token", token)]).await;
    assert_eq!((without.status, desk.reasons(&without).await), (202, vec!["proof_missing".into()]));
    let with =
        comment("Thank you, my knee is better!", &[("altcha", &solved(&desk.challenge("comments").await))]).await;
    assert_eq!((with.status, desk.reasons(&with).await), (201, vec!["proof_solved".into()]));
}

#[tokio::test]
async fn where_no_proof_is_wanted_none_is_offered() {
    let desk = Desk::configured(r#"sites.studio.challenge.proof = "never""#).await;
    let fetched = desk.challenge("default").await;
    assert_eq!(
        fetched.as_object().map(|members| members.keys().collect::<Vec<_>>()),
        Some(vec![&"solve".to_owned(), &"token".to_owned(), &"words".to_owned()])
    );
    let doubtful = desk.lead(BLATANT, &[]).await.json();
    assert!(doubtful["second_chance"]["url"].is_string() && doubtful["second_chance"]["challenge"].is_null());
}

#[tokio::test]
async fn a_high_request_rate_makes_proofs_wanted_and_a_flood_of_challenges_is_stopped() {
    let desk = Desk::configured("sites.studio.judging.rate_per_minute = 3").await;
    // A new minute in between would begin the count anew.
    desk.next_minute();
    let mut wanted = Vec::new();
    for request_rate in 1..=9 {
        let fetched = desk.challenge("default").await;
        let token = fetched["token"].as_str().expect("a token").to_owned();
        assert_eq!(token.split('.').nth(1), Some(&*request_rate.to_string()));
        wanted.push(fetched["solve"] == true);
    }
    assert_eq!(wanted, [false, false, false, true, true, true, true, true, true]);
    let flood = desk.get("/challenge").await;
    let wait: i64 = flood.header("retry-after").parse().expect("seconds");
    assert!(flood.status == 429 && (1..=60).contains(&wait), "{flood:?}");
    // Others behind the same address, without JavaScript, are still heard.
    assert_eq!(desk.lead("from the next desk", &[]).await.status, 201);
    // The busy network shows in the verdict, also where the token carries the count.
    let token = SignedToken { id: desk.issued(0), request_rate: 9 }
        .sign(&desk.world.app.keys, &Place { site: "studio", form: "default", network: &desk.network(HERE) });
    let sent = desk.lead("one of many", &[("_token", &token)]).await;
    assert_eq!(desk.reasons(&sent).await, ["token_young", "rate"]);
}

#[tokio::test]
async fn what_cannot_be_counted_is_given_back_and_taken_with_its_token_once_it_can() {
    let proxy = FaultProxy::start().await;
    let desk = Desk::with(Options { table: Table::Server(proxy.url.clone()), ..Options::default() }).await;
    for (number, fault) in [Fault::Refused, Fault::AnswerLost].into_iter().enumerate() {
        let (token, message) = (desk.token("default", 20 * SECOND), format!("Try {number}"));
        proxy.fail_about("#block#", "UpdateItem", fault);
        let refused =
            desk.post("/contact", &[("name", "Ann"), ("email", "ann@example.org"), ("message", &message)]).await;
        assert!(refused.status == 503 && refused.body.contains(&message), "{refused:?}");
        assert_eq!(desk.lead(&message, &[("_token", &token)]).await.status, 503);
        proxy.mend();
        let sent = desk.lead(&message, &[("_token", &token)]).await;
        assert_eq!(desk.reasons(&sent).await, [""; 0], "{fault:?}");
    }
}

#[tokio::test]
async fn a_token_costs_nothing_beyond_what_sending_costs_without() {
    let proxy = FaultProxy::start().await;
    let held = sample_with(r#"sites.studio.judging.moderation_keys = ["casino"]"#);
    let (table, config) = (Table::Server(proxy.url.clone()), held);
    let desk = Desk::with(Options { table, config, ..Options::default() }).await;
    let cost = async |request: &dyn Fn() -> reqwest::RequestBuilder| {
        desk.settled().await;
        proxy.quieten().await;
        let status = answer(request()).await.status;
        let units = proxy.units();
        proxy.keep_stream_still(false);
        (status, units.write, units.read)
    };
    let form =
        |path: &str, fields: &[(&str, &str)]| desk.request_post(path).header("accept", "application/json").form(fields);
    assert_eq!(cost(&|| desk.request_get("/challenge?form=comments")).await, (200, 1.0, 0.0));

    let lead = [("name", "Ann"), ("email", "ann@example.org"), ("message", "Is Monday free?")];
    let token = desk.token("default", 20 * SECOND);
    let with = |more| [&lead[..], &[more]].concat();
    assert_eq!(cost(&|| form("/contact", &with(("_token", &token)))).await, (201, 4.0, 1.0));
    let replay = [("name", "Bo"), ("email", "bo@example.org"), ("message", "Again"), ("_token", &*token)];
    assert_eq!(cost(&|| form("/contact", &replay)).await, (201, 4.0, 1.0));
    let altcha = solved(&desk.challenge("default").await);
    let solved = [("name", "Cy"), ("email", "cy@example.org"), ("message", "Solved"), ("altcha", &*altcha)];
    assert_eq!(cost(&|| form("/contact", &solved)).await, (201, 4.0, 1.0));
    let token = desk.token("comments", 20 * SECOND);
    let comment =
        [("page", ARTICLE), ("author", "Bo"), ("email", "bo@example.org"), ("comment", "Yes"), ("_token", &*token)];
    assert_eq!(cost(&|| form("/comments", &comment)).await, (202, 4.0, 1.5));

    let doubtful = desk.lead("casino", &[]).await.json();
    let url = doubtful["second_chance"]["url"].as_str().expect("an address").to_owned();
    desk.advance(5);
    let (status, write, read) = cost(&|| form(&url, &[])).await;
    println!("a second chance: {write} write units, {read} read units");
    assert!(status == 201 && write <= 8.0 && read <= 2.0, "{status} {write} {read}");
}
