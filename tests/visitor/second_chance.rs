//! The second chance: what is in doubt is stored, and its sender may show to be a person.

use deskbell_filter::{Decision, Verdict};
use deskbell_functions::keys::{Purpose, Token};
use deskbell_functions::store::StoreError;
use deskbell_functions::submission::{Status, Submission};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::challenge::solved;
use crate::harness::world::{ARTICLE, Answer, BLATANT, Desk, LIKE_SPAM, eventually, evidence, only_just, said};

/// Has a blocked word. A person wrote it.
const DOUBTFUL: &str = "My brother won a massage at the casino. Is it good for two?";

/// Longer than the button waits, in seconds.
const WAIT: i64 = 5;

/// A world in which comments are published as they come, unless in doubt, and Bo's with this text only just is.
async fn open_desk(decision: Decision, text: &str) -> Desk {
    let thresholds = only_just(decision, "Bo", "bo@example.org", text);
    judging_desk(&format!("{thresholds}[sites.studio.comments]\npolicy = \"none\"")).await
}

/// A world with these lines about judging.
async fn judging_desk(lines: &str) -> Desk {
    Desk::configured(&format!("[sites.studio.judging]\n{lines}")).await
}

fn comment(text: &str) -> [(&str, &str); 4] {
    [("page", ARTICLE), ("author", "Bo"), ("email", "bo@example.org"), ("comment", text)]
}

fn lead(text: &str) -> [(&str, &str); 3] {
    [("name", "Ann"), ("email", "ann@example.org"), ("message", text)]
}

impl Desk {
    /// What the page of a second chance is about.
    async fn behind(&self, page: &str) -> Submission {
        let token = page.trim_start_matches("/second-chance/").split('?').next().unwrap_or_default();
        let token = self.world.app.keys.verify(Purpose::SecondChance, token).expect("a good link");
        self.submission(&token.id.to_string()).await
    }

    fn chance(&self, submission: &Submission, seconds: i64) -> String {
        let token = Token {
            purpose: Purpose::SecondChance,
            site: submission.site.clone(),
            id: submission.id,
            decisions: 0,
            expires_at: jiff::Timestamp::now().as_second() + seconds,
        };
        format!("/second-chance/{}", self.world.app.keys.sign(&token))
    }
}

/// Where the answer to a doubtful form leads.
fn chance(answer: &Answer) -> String {
    let place = answer.header("location");
    assert!(answer.status == 303 && place.starts_with("/second-chance/"), "{answer:?}");
    place.to_owned()
}

#[tokio::test]
async fn a_comment_in_doubt_is_published_once_its_author_has_pressed_the_button() {
    let desk = open_desk(Decision::Unsure, DOUBTFUL).await;
    let page = chance(&desk.post("/comments", &comment(DOUBTFUL)).await);
    assert_eq!((desk.behind(&page).await.status, desk.count(ARTICLE).await), (Status::Held, 0));

    let shown = desk.get_html(&page).await;
    assert!(
        shown.status == 200 && shown.body.contains("<button") && shown.body.contains("class=\"wait\""),
        "{shown:?}"
    );
    assert_eq!(desk.behind(&page).await.status, Status::Held, "opening the page does nothing");

    let early = desk.post(&page, &[]).await;
    assert!(early.status == 200 && early.body.contains("a little too fast"), "{early:?}");
    assert_eq!(desk.behind(&page).await.status, Status::Held);

    desk.advance(WAIT);
    assert!(!desk.get_html(&page).await.body.contains("class=\"wait\""));
    let presses = join_all((0..4).map(|_| desk.post(&page, &[]))).await;
    for press in presses {
        let place = press.header("location");
        assert!(press.status == 303 && desk.get(place).await.body.contains("Your comment is on the page"), "{press:?}");
    }
    let published = desk.behind(&page).await;
    assert_eq!((published.status, published.second_chance, published.expires_at), (Status::Published, true, None));
    assert_eq!(evidence(&published.verdict), ["blocklist", "second_chance", "token_absent"]);
    assert_eq!(desk.comments(ARTICLE).await["count"], 1, "counted once");
    assert_eq!(desk.get_html(&page).await.status, 303, "there is nothing to press any more");
    let email = desk.email_about("at the casino").await;
    assert!(email.subject.starts_with("Comment by Bo"), "the owner was told once there was no doubt any more");
}

#[tokio::test]
async fn what_waits_for_the_owner_by_policy_still_waits() {
    let desk = judging_desk(&only_just(Decision::Unsure, "Bo", "bo@example.org", DOUBTFUL)).await;
    let page = chance(&desk.post("/comments", &comment(DOUBTFUL)).await);
    desk.advance(WAIT);
    let pressed = desk.post(&page, &[]).await;
    assert!(pressed.header("location").starts_with("/comments/waiting/"), "{pressed:?}");
    let held = desk.behind(&page).await;
    assert_eq!((held.status, held.second_chance, held.decisions), (Status::Held, true, 0));
}

#[tokio::test]
async fn a_lead_released_from_spam_is_announced() {
    let desk = judging_desk(&only_just(Decision::Spam, "Ann", "ann@example.org", LIKE_SPAM)).await;
    let page = chance(&desk.post("/contact", &[&lead(LIKE_SPAM)[..], &[("_next", "/thank-you/")]].concat()).await);
    assert!(page.ends_with("?next=%2Fthank-you%2F"), "{page}");
    assert_eq!(desk.behind(&page).await.status, Status::Spam);
    desk.settled().await;
    assert!(
        !desk.emails().await.iter().any(|email| crate::harness::world::said(email).contains("casino")),
        "spam is not announced"
    );

    let shown = desk.get_html(&page).await;
    assert!(shown.body.contains("name=\"_next\" value=\"/thank-you/\""), "{}", shown.body);
    desk.advance(WAIT);
    let pressed = desk.post(&page, &[("_next", "/thank-you/")]).await;
    assert_eq!((pressed.status, pressed.header("location")), (303, &*desk.url("/thank-you/")));
    let email = desk.email_about("We met at the casino").await;
    assert!(crate::harness::world::said(&email).contains("pressed the button"), "{}", email.text);
}

#[tokio::test]
async fn a_comment_released_from_spam_is_announced_while_it_waits() {
    let desk = open_desk(Decision::Spam, LIKE_SPAM).await;
    let page = chance(&desk.post("/comments", &comment(LIKE_SPAM)).await);
    assert_eq!(desk.behind(&page).await.status, Status::Spam);
    desk.advance(WAIT);
    assert_eq!(desk.post(&page, &[]).await.status, 303);
    assert_eq!(desk.behind(&page).await.status, Status::Held);
    let link = desk.link_about("We met at the casino").await;
    assert_eq!(desk.post(&link, &[("choice", "approve")]).await.status, 200);
    assert_eq!(desk.count(ARTICLE).await, 1);
}

#[tokio::test]
async fn a_caught_machine_gets_the_same_page_and_stays_caught() {
    let desk = Desk::start().await;
    let page = chance(&desk.post("/contact", &[&lead(BLATANT)[..], &[("_gotcha", "x")]].concat()).await);
    assert!(desk.get_html(&page).await.body.contains("<button"));
    desk.advance(WAIT);
    assert_eq!(desk.post(&page, &[]).await.header("location"), "/contact/thanks");
    assert_eq!(desk.behind(&page).await.status, Status::Spam);
}

#[tokio::test]
async fn a_person_whose_browser_filled_the_trap_is_heard_once_they_press_the_button() {
    let desk = Desk::configured(r#"sites.studio.comments.policy = "none""#).await;
    let texts =
        ["Could I come on Monday?", "Tack så mycket!", "予約できますか", "I have seen https://www.example.org/massage"];
    for (number, text) in texts.into_iter().enumerate() {
        for (path, fields) in [("/contact", &lead(text)[..]), ("/comments", &comment(text)[..])] {
            let page = chance(&desk.post(path, &[fields, &[("_gotcha", "Ann Lindqvist")]].concat()).await);
            assert_eq!(desk.behind(&page).await.status, Status::Spam, "{text}");
            desk.advance(WAIT);
            assert_eq!(desk.post(&page, &[]).await.status, 303);
            let stored = desk.behind(&page).await;
            let expected = if path == "/contact" { Status::Received } else { Status::Held };
            assert_eq!((stored.status, stored.verdict.decision), (expected, Decision::Unsure), "{text}");
            assert!(stored.verdict.has("honeypot_forgiven") && stored.verdict.has("second_chance"), "{number}");
        }
        let email = desk.email_about(text).await;
        assert!(said(&email).contains("A hidden field was filled in, perhaps by the browser"), "{}", email.text);
    }
    assert!(desk.emails().await.iter().any(|email| email.subject.starts_with("[possible spam]")), "it is marked");
}

#[tokio::test]
async fn a_proof_of_work_outweighs_the_trap_alone_before_and_after() {
    let desk = Desk::configured("sites.studio.challenge.min_seconds = 0").await;
    for (text, expected) in [("Could I come on Monday?", Status::Received), (BLATANT, Status::Spam)] {
        let with = |altcha: &str| {
            let fields = [&lead(text)[..], &[("_gotcha", "x"), ("altcha", altcha)]].concat();
            fields.into_iter().map(|(name, value)| (name, value.to_owned())).collect::<Vec<_>>()
        };
        let fields = with(&solved(&desk.challenge("default").await));
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let before = desk.post_for_json("/contact", &fields).await;
        assert_eq!(desk.submission(&before.id()).await.status, expected, "{text}");
        // Behind it, for another message.
        let text = format!("{text} Or on Friday?");
        let caught = desk.post_for_json("/contact", &[&lead(&text)[..], &[("_gotcha", "x")]].concat()).await;
        let url = caught.json()["second_chance"]["url"].as_str().expect("an address").to_owned();
        let altcha = solved(&desk.challenge("default").await);
        assert_eq!(desk.post_for_json(&url, &[("altcha", &altcha)]).await.status, 201);
        assert_eq!(desk.submission(&caught.id()).await.status, expected, "{text}");
    }
}

#[tokio::test]
async fn the_owners_decision_stands() {
    let desk = open_desk(Decision::Unsure, DOUBTFUL).await;
    let page = chance(&desk.post("/comments", &comment(DOUBTFUL)).await);
    let link = desk.world.app.moderation_path(&desk.behind(&page).await);
    assert_eq!(desk.post(&link, &[("choice", "spam")]).await.status, 200);
    desk.advance(WAIT);
    let pressed = desk.post(&page, &[]).await;
    assert!(pressed.header("location").starts_with("/comments/waiting/"), "spam looks like what waits: {pressed:?}");
    let decided = desk.behind(&page).await;
    assert_eq!((decided.status, decided.second_chance), (Status::Spam, false));

    // Not even when the decision falls while the button is being pressed.
    let stale = Submission { decisions: 0, status: Status::Held, ..decided.clone() };
    let site = desk.world.app.site("studio").expect("the site");
    let store = &desk.world.app.store;
    let revised = store.revise(site, &stale, &stale.verdict, Status::Published).await.expect("the table");
    assert_eq!(revised, decided);
    assert_eq!(desk.count(ARTICLE).await, 0);
}

#[tokio::test]
async fn what_was_judged_again_meanwhile_stands() {
    let desk = open_desk(Decision::Unsure, DOUBTFUL).await;
    let stale = desk.behind(&chance(&desk.post("/comments", &comment(DOUBTFUL)).await)).await;
    let (store, site) = (&desk.world.app.store, desk.world.app.site("studio").expect("the site"));
    let doubt = Verdict { score: stale.verdict.score / 2.0, ..stale.verdict.clone() };
    let settled = store.settle(site, &stale, &doubt, Status::Held).await.expect("the table");
    assert_eq!((settled.status, &settled.verdict), (Status::Held, &doubt));

    // The button, and Akismet's answer, by the verdict as it was before.
    let revised = store.revise(site, &stale, &Verdict::owner(), Status::Published).await.expect("the table");
    assert_eq!((revised.status, revised.second_chance, &revised.verdict), (Status::Held, false, &doubt));
    let late = store.settle(site, &stale, &Verdict::owner(), Status::Published).await;
    assert!(matches!(late, Err(StoreError::Conflict)), "{late:?}");
    assert_eq!(desk.submission(&stale.id.to_string()).await.verdict, doubt);
    // Anew, it goes.
    let revised = store.revise(site, &revised, &Verdict::owner(), Status::Published).await.expect("the table");
    assert_eq!((revised.status, revised.second_chance), (Status::Published, true));
}

#[tokio::test]
async fn a_link_is_for_one_thing_and_for_an_hour() {
    let desk = Desk::start().await;
    let page = chance(&desk.post("/contact", &lead(BLATANT)).await);
    let stored = desk.behind(&page).await;
    let good = desk.chance(&stored, 60);
    assert_eq!(desk.get_html(&good).await.status, 200);
    let over = desk.chance(&stored, -1);
    for answer in [desk.get_html(&over).await, desk.post(&over, &[]).await] {
        assert!(answer.status == 410 && answer.body.contains("Your text is saved"), "{answer:?}");
    }
    let gone = Submission { id: uuid::Uuid::now_v7(), ..stored.clone() };
    assert_eq!(desk.post(&desk.chance(&gone, 60), &[]).await.status, 410);
    let moderation = desk.world.app.moderation_path(&stored).replace("/moderate/", "/second-chance/");
    let others = Submission { site: "other".into(), ..stored.clone() };
    for forged in [format!("{good}x"), "/second-chance/x".into(), moderation, desk.chance(&others, 60)] {
        assert_eq!(desk.post(&forged, &[]).await.status, 403, "{forged}");
    }
    let elsewhere = desk.post(&good, &[("_next", "https://evil.example/")]).await;
    assert!(!elsewhere.body.contains("href=\"https://evil"), "{elsewhere:?}");
    assert_eq!(desk.behind(&page).await.status, Status::Spam);
}

#[tokio::test]
async fn a_script_solves_a_challenge_in_the_background() {
    let desk = open_desk(Decision::Unsure, DOUBTFUL).await;
    let sent = desk.post_for_json("/comments", &comment(DOUBTFUL)).await;
    assert!(sent.status == 202 && sent.header("location").starts_with("/comments/waiting/"), "{sent:?}");
    let body = sent.json();
    assert_eq!(body["status"], "held");
    let offer = |name: &str| body["second_chance"][name].as_str().expect("an address").to_owned();
    let challenge = desk.get(&offer("challenge")).await.json();
    let altcha = solved(&challenge);

    let wrong = desk.post_for_json(&offer("url"), &[("altcha", "x")]).await;
    assert!(wrong.status == 202 && wrong.json()["second_chance"].is_object(), "{wrong:?}");
    let proof = [("altcha", &*altcha)];
    let right = desk.post_for_json(&offer("url"), &proof).await;
    assert_eq!((right.status, &right.json()["status"]), (201, &json!("published")), "{right:?}");
    let again = desk.post_for_json(&offer("url"), &proof).await;
    assert_eq!((again.status, again.id()), (201, right.id()));
    let stored = desk.submission(&right.id()).await;
    assert_eq!(evidence(&stored.verdict), ["blocklist", "proof_solved"]);
    eventually("the count", async || (desk.count(ARTICLE).await == 1).then_some(())).await;

    // The same solution opens nothing else.
    let other = desk.post_for_json("/comments", &comment(BLATANT)).await.json();
    let url = other["second_chance"]["url"].as_str().expect("an address");
    assert_eq!(desk.post_for_json(url, &proof).await.json()["status"], "held");
}

#[tokio::test]
async fn a_lead_in_doubt_tells_a_script_and_spam_the_same() {
    let thresholds = only_just(Decision::Unsure, "Ann", "ann@example.org", DOUBTFUL);
    let desk = judging_desk(&format!("disallowed_keys = [\"a.example\"]\n{thresholds}")).await;
    let mut answers = Vec::new();
    for text in [DOUBTFUL, LIKE_SPAM] {
        let mut answer: Value = desk.post_for_json("/contact", &lead(text)).await.json();
        for path in ["/id", "/second_chance/url"] {
            *answer.pointer_mut(path).expect("a member") = Value::Null;
        }
        answers.push(answer);
    }
    assert_eq!(answers[0], answers[1]);
    let altcha = solved(&desk.challenge("default").await);
    let text = format!("{LIKE_SPAM} Really?");
    let solved_first = [&lead(&text)[..], &[("altcha", &altcha)]].concat();
    assert!(desk.post_for_json("/contact", &solved_first).await.json()["second_chance"].is_null(), "asked for once");
}

#[tokio::test]
async fn the_page_speaks_the_sites_language() {
    let desk = Desk::configured(r#"sites.studio.lang = "de""#).await;
    let page = desk.get_html(&chance(&desk.post("/contact", &lead(BLATANT)).await)).await;
    assert!(page.body.contains("<html lang=\"de\"") && page.body.contains("Ich bin ein Mensch"), "{}", page.body);
}
