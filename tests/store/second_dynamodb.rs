//! The same on a second implementation of DynamoDB (`moto_server` of `PyPI`'s `moto`), so that nothing leans on the
//! habits of one.

use deskbell::local::{Options, Table};
use deskbell_functions::delivery;
use deskbell_functions::submission::delivery::{Channel, Delivery, DeliveryState};
use jiff::Timestamp;

use crate::harness::client::Client;
use crate::harness::fault_proxy::{Mail, Mood};
use crate::harness::moto::Moto;
use crate::harness::receiver::{configured, delivery};
use crate::harness::world::{ARTICLE, BLATANT, Desk, OWNER, eventually};

#[tokio::test]
async fn everything_works_on_a_second_table() {
    let Some(moto) = Moto::start("store::second_dynamodb::everything_works_on_a_second_table").await else {
        return;
    };
    everything_works(&moto.desk().await).await;
}

/// What Deskbell is made for, on whatever table.
pub(crate) async fn everything_works(desk: &Desk) {
    let lead = [("name", "Ann"), ("email", "ann@example.org"), ("message", "A lead")];
    let first = desk.post_for_json("/contact", &lead).await;
    assert_eq!(desk.post_for_json("/contact", &lead).await.id(), first.id(), "a repeat is one item");
    desk.email_about("A lead").await;
    assert_eq!(desk.items().await.len(), 1);

    let mut links = Vec::new();
    for number in 0..6 {
        assert_eq!(desk.comment(&format!("Author {number}"), &format!("Point {number}.")).await.status, 202);
        links.push(desk.link_about(&format!("Point {number}.")).await);
    }
    for (link, expected) in links.iter().map(|link| (link, 200)).chain(links.iter().map(|link| (link, 409))) {
        assert_eq!(desk.post(link, &[("choice", "reply"), ("reply", "R")]).await.status, expected);
    }
    assert_eq!(desk.count(ARTICLE).await, 12);

    let first = desk.get(&format!("/comments?page={ARTICLE}&limit=4&order=newest")).await.json();
    let next = first["next"].as_str().expect("more");
    let rest = desk.get(&format!("/comments?page={ARTICLE}&limit=4&order=newest&after={next}")).await.json();
    let authors: Vec<_> =
        [&first, &rest].iter().flat_map(|page| page["comments"].as_array().expect("comments")).collect();
    let authors: Vec<_> = authors.iter().map(|comment| comment["author"].as_str().expect("author")).collect();
    assert_eq!(authors, ["Author 5", "Author 4", "Author 3", "Author 2", "Author 1", "Author 0"]);
    assert!(rest["next"].is_null());
    assert_eq!(first["comments"][0]["replies"][0]["author"], "Mara Lindqvist");
    assert_eq!(desk.comment("Author 0", "Trusted now").await.status, 201);
}

#[tokio::test]
async fn signing_in_and_out_works_on_a_second_table() {
    let Some(moto) = Moto::start("store::second_dynamodb::signing_in_and_out_works_on_a_second_table").await else {
        return;
    };
    let desk = moto.desk().await;
    let browser = Client::new(&desk);
    browser.ask(OWNER).await;
    let link = browser.link_to(OWNER).await;
    assert_eq!(browser.press(&link).await.status, 303);
    let other = desk.sign_in(OWNER).await;
    let again = Client::new(&desk);
    assert_eq!(again.get(&link).await.status, 410, "it was used");
    assert_eq!(browser.post("/inbox/sign-out", &[("where", "everywhere")]).await.status, 200);
    assert_eq!(other.get("/inbox").await.status, 303);
}

#[tokio::test]
async fn spam_released_on_a_second_table_is_announced() {
    let Some(moto) = Moto::start("store::second_dynamodb::spam_released_on_a_second_table_is_announced").await else {
        return;
    };
    let desk = moto.desk().await;
    let lead = [("name", "Ann"), ("email", "ann@example.org"), ("message", BLATANT), ("_gotcha", "x")];
    assert_eq!(desk.post("/contact", &lead).await.status, 303);
    let link = desk.items().await[0]["link"].as_str().expect("a link").to_owned();
    assert_eq!(desk.post(&link, &[("choice", "not_spam")]).await.status, 200);
    desk.email_about("online casino").await;
}

#[tokio::test]
async fn tokens_and_second_chances_work_on_a_second_table() {
    let Some(moto) = Moto::start("store::second_dynamodb::tokens_and_second_chances_work_on_a_second_table").await
    else {
        return;
    };
    let desk = moto.desk().await;
    let token = desk.token("default", 20_000);
    let lead = |message| [("name", "Ann"), ("email", "ann@example.org"), ("message", message), ("_token", &*token)];
    let first = desk.post_for_json("/contact", &lead("The first")).await;
    assert_eq!(desk.reasons(&first).await, [""; 0]);
    let second = desk.post_for_json("/contact", &lead(BLATANT)).await;
    assert!(desk.reasons(&second).await.contains(&"token_replayed".to_owned()));

    let chance = second.json()["second_chance"].clone();
    let challenge = desk.challenge("default").await;
    let altcha = crate::harness::challenge::solved(&challenge);
    for _ in 0..2 {
        let url = chance["url"].as_str().expect("an address");
        assert_eq!(desk.post_for_json(url, &[("altcha", &altcha)]).await.status, 201);
    }
    let reasons = desk.reasons(&second).await;
    assert_eq!(reasons.iter().filter(|reason| *reason == "proof_solved").count(), 1, "{reasons:?}");
}

#[tokio::test]
async fn what_failed_is_sent_again_on_a_second_table() {
    let Some(moto) = Moto::start("store::second_dynamodb::what_failed_is_sent_again_on_a_second_table").await else {
        return;
    };
    let mail = Mail::start(0).await;
    mail.always("", Mood::Refuses(400, "MessageRejected"));
    let (table, ses_url) = (Table::Server(moto.url.clone()), Some(mail.url.clone()));
    let desk = Desk::with(Options { table, ses_url, ..Options::default() }).await;
    let app = desk.world.app.clone();
    let store = &app.store;
    let undelivered = async || store.undelivered("studio", None, 10).await.expect("the table").len();
    let lead = [("name", "Ann"), ("email", "ann@example.org"), ("message", "Please answer me")];
    let id = desk.post_for_json("/contact", &lead).await.id().parse().expect("an id");
    // It is undelivered before the first try, too.
    let failed = async || {
        let sent = store.submission("studio", id).await.expect("the table").expect("stored");
        sent.delivery(&Channel::Mail).is_some_and(|mailed| mailed.state == DeliveryState::Failed).then_some(())
    };
    eventually("the failure", failed).await;
    assert_eq!(undelivered().await, 1);

    mail.mend();
    assert_eq!(delivery::redrive(store, "studio").await.ok(), Some(1));
    eventually("the email", async || (undelivered().await == 0).then_some(())).await;
    let sent = store.submission("studio", id).await.expect("the table").expect("stored");
    assert_eq!(
        sent.delivery(&Channel::Mail).map(|mailed| (mailed.state, mailed.tries)),
        Some((DeliveryState::Sent, 2))
    );

    // From here on nobody else looks at the table.
    desk.world.stop().await;
    // What was made stays made, and an item of before deliveries were noted gets its place for them.
    let failed = Delivery { state: DeliveryState::Failed, ..sent.deliveries["mail"].clone() };
    store.note_delivery(&sent, "mail", &failed).await.expect("noted");
    assert_eq!(store.submission("studio", id).await.ok().flatten().as_ref(), Some(&sent));
    let now = Timestamp::now();
    assert_eq!(store.never_tried("studio", "mail", Timestamp::UNIX_EPOCH, now).await.ok(), Some(vec![]));
    moto.forget_deliveries(&sent).await;
    let untried = store.never_tried("studio", "mail", Timestamp::UNIX_EPOCH, now).await.expect("the table");
    assert_eq!(untried.iter().map(|submission| submission.id).collect::<Vec<_>>(), [id]);
    store.note_delivery(&sent, "mail", &failed).await.expect("noted");
    let noted = store.submission("studio", id).await.expect("the table").expect("stored");
    assert_eq!(noted.delivery(&Channel::Mail), Some(&failed));
}

#[tokio::test]
async fn text_messages_are_taken_by_a_second_sns() {
    let Some(moto) = Moto::start("store::second_dynamodb::text_messages_are_taken_by_a_second_sns").await else {
        return;
    };
    let channels = "[[sites.studio.channels]]\nkind = \"sms\"\nto = \"+491701234567\"\nsender = \"Studio\"\n";
    let sns_url = Some(moto.url.clone());
    let desk = Desk::with(Options { config: configured(channels), sns_url, ..Options::default() }).await;
    let lead = [("name", "Ann"), ("email", "ann@example.org"), ("message", "Is Monday free?")];
    let id = desk.post_for_json("/contact", &lead).await.id();
    assert_eq!(delivery(&desk, &id, "sms").await.state, DeliveryState::Sent);
}
