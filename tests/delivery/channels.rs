//! The ways beside mail: what they are told, what becomes of it, and that each fails alone.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use deskbell::local::Options;
use deskbell_functions::delivery;
use deskbell_functions::platform::clock::Clock;
use deskbell_functions::submission::delivery::DeliveryState;
use deskbell_functions::submission::reason::DeliveryReason;
use hmac::{Hmac, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::harness::receiver::{Answering, Got, Receiver, WHSEC, configured, delivery, set, with_channels};
use crate::harness::world::{ARTICLE, BLATANT, Desk, eventually};

/// A site with these channels, and a receiver that they may reach.
async fn desk(receiver: &Receiver, channels: &str) -> Desk {
    Desk::with(with_channels(channels, receiver.services())).await
}

fn webhook(receiver: &Receiver, more: &str) -> String {
    format!("[[sites.studio.channels]]\nkind = \"webhook\"\nurl = \"{}\"\n{more}\n", receiver.url("/hook"))
}

async fn lead(desk: &Desk, message: &str) -> String {
    let fields = [("name", "Ann <b>"), ("email", "ann@example.org"), ("message", message)];
    desk.post_for_json("/contact", &fields).await.id()
}

/// How it is answered; if that fails, the reason and whether it is tried again; how often it is asked.
type Case = (&'static [Answering], Option<(DeliveryReason, bool)>, usize);

/// Whether the headers sign the body, by an HMAC that is none of ours.
fn is_signed(got: &Got) -> bool {
    let key = BASE64.decode(WHSEC.strip_prefix("whsec_").expect("a prefix")).expect("base64");
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("a key");
    mac.update(format!("{}.{}.{}", got.header("webhook-id"), got.header("webhook-timestamp"), got.body).as_bytes());
    got.header("webhook-signature") == format!("v1,{}", BASE64.encode(mac.finalize().into_bytes()))
}

#[tokio::test]
async fn a_webhook_says_what_came_and_is_signed() {
    let receiver = Receiver::start().await;
    let desk = desk(&receiver, &webhook(&receiver, "")).await;
    set(&desk, "webhook", WHSEC).await;
    let fields = [
        ("name", "Ann"),
        ("email", "ann@example.org"),
        ("colour", "red"),
        ("colour", "blue"),
        ("message", "Is Monday \"free\"?\n€"),
    ];
    let id = desk.post_for_json("/contact", &fields).await.id();
    let got = receiver.messages(1).await.remove(0);
    assert!(is_signed(&got), "{got:?}");
    assert_eq!(got.path, "/hook");
    assert_eq!(got.header("webhook-id"), format!("{id}-webhook"));
    assert_eq!(got.header("content-type"), "application/json");
    assert!(got.header("user-agent").starts_with("Deskbell/"));
    let age = jiff::Timestamp::now().as_second() - got.header("webhook-timestamp").parse::<i64>().expect("a time");
    assert!((0..60).contains(&age), "{age}");

    let mut event = got.json();
    let link = event["link"].take();
    assert!(link.as_str().is_some_and(|link| link.contains("/moderate/")), "{link}");
    let verdict = event["verdict"].take();
    assert_eq!(verdict["decision"], "ham");
    assert!(verdict["score"].is_f64() && verdict["reasons"][0]["name"].is_string(), "{verdict}");
    assert!(verdict["reasons"][0]["weight"].is_f64(), "{verdict}");
    let time: jiff::Timestamp = event["time"].take().as_str().expect("a time").parse().expect("RFC 3339");
    assert!(time <= jiff::Timestamp::now());
    let filled = json!({ "name": "Ann", "email": "ann@example.org", "colour": "red, blue", "message": "Is Monday \"free\"?\n€" });
    let expected = json!({
        "type": "lead.received", "id": id, "site": "studio", "time": null, "form": "default", "fields": filled,
        "verdict": null, "link": null,
    });
    assert_eq!(event, expected);
    let order: Vec<usize> =
        ["\"name\"", "\"email\"", "\"colour\"", "\"message\""].iter().filter_map(|name| got.body.find(name)).collect();
    assert!(order.is_sorted() && order.len() == 4, "fields stand in the form's order: {}", got.body);
    assert_eq!(delivery(&desk, &id, "webhook").await.state, DeliveryState::Sent);
    assert_eq!(delivery(&desk, &id, "mail").await.state, DeliveryState::Sent);
}

#[tokio::test]
async fn comments_are_announced_by_what_became_of_them() {
    let receiver = Receiver::start().await;
    let channels = webhook(&receiver, "on = [\"comments\"]\nlink = \"inbox\"");
    let config = configured(&format!("sites.studio.comments.policy = \"none\"\n{channels}"));
    let desk = Desk::with(Options { config, services: receiver.services(), ..Options::default() }).await;
    set(&desk, "webhook", WHSEC).await;
    lead(&desk, "A lead, which is not for this channel").await;
    let published = desk.comment("Ann", "It helped, thank you!").await;
    assert_eq!(published.status, 201);
    let event = receiver.messages(1).await[0].json();
    assert_eq!((&event["type"], &event["page"]), (&json!("comment.published"), &json!(ARTICLE)));
    assert_eq!(
        event["fields"],
        json!({ "author": "Ann", "email": "ann@example.org", "comment": "It helped, thank you!" })
    );
    assert_eq!(event["link"], format!("{}/inbox/item/{}", desk.world.url, published.id()));
    let (parent, text) = (published.id(), "Me too");
    let fields =
        [("page", ARTICLE), ("author", "Bo"), ("email", "bo@example.org"), ("comment", text), ("parent", &parent)];
    desk.post_for_json("/comments", &fields).await;
    assert_eq!(receiver.messages(2).await[1].json()["parent"], parent);
    desk.settled().await;
    assert_eq!(receiver.got().len(), 2);
}

#[tokio::test]
async fn what_waits_is_held_and_spam_is_announced_only_when_it_is_none() {
    let receiver = Receiver::start().await;
    let desk = desk(&receiver, &webhook(&receiver, "")).await;
    set(&desk, "webhook", WHSEC).await;
    desk.comment("Ann", "A first comment").await;
    assert_eq!(receiver.messages(1).await[0].json()["type"], "comment.held");

    let spam = [("name", "Ann"), ("email", "ann@example.org"), ("message", BLATANT), ("_gotcha", "x")];
    desk.post("/contact", &spam).await;
    desk.settled().await;
    let told = || receiver.got().iter().filter(|got| got.body.contains("online casino")).count();
    assert_eq!(told(), 0);
    let items = desk.items().await;
    let spam = items.iter().find(|item| item["item"]["status"] == "spam").expect("spam");
    desk.post(spam["link"].as_str().expect("a link"), &[("choice", "not_spam")]).await;
    eventually("the released lead", async || (told() == 1).then_some(())).await;
    desk.settled().await;
    assert_eq!(told(), 1, "once");
}

#[tokio::test]
async fn what_an_answer_means_is_noted_and_mail_does_not_mind() {
    let receiver = Receiver::start().await;
    // Who does not answer is given up sooner.
    let options = with_channels(&webhook(&receiver, ""), receiver.services());
    let desk = Desk::with(Options { clock: Clock::at_pace(5), ..options }).await;
    set(&desk, "webhook", WHSEC).await;
    let cases: [Case; 12] = [
        (&[Answering::Status(204)], None, 1),
        (&[Answering::Endlessly], None, 1),
        (&[Answering::Status(400)], Some((DeliveryReason::Rejected(400), false)), 1),
        (&[Answering::Status(404)], Some((DeliveryReason::Rejected(404), false)), 1),
        (&[Answering::Status(410)], Some((DeliveryReason::Gone, false)), 1),
        (&[Answering::Elsewhere], Some((DeliveryReason::Redirect(307), false)), 1),
        (&[Answering::Later(429, 600)], Some((DeliveryReason::TooManyRequests(Some(600)), true)), 1),
        (&[Answering::Status(429)], Some((DeliveryReason::TooManyRequests(None), true)), 1),
        (&[Answering::Status(503)], Some((DeliveryReason::ServerError(503), true)), 2),
        (&[Answering::Later(429, 1), Answering::Status(200)], None, 2),
        (&[Answering::Status(500), Answering::Status(200)], None, 2),
        (&[Answering::Slowly], Some((DeliveryReason::Timeout, true)), 1),
    ];
    for (index, (answers, failed, asked)) in cases.iter().enumerate() {
        receiver.answer(answers);
        let before = receiver.got().len();
        let id = lead(&desk, &format!("Case number {index}, is Monday free?")).await;
        let webhook = delivery(&desk, &id, "webhook").await;
        let expected = if failed.is_some() { DeliveryState::Failed } else { DeliveryState::Sent };
        assert_eq!(webhook.state, expected, "{answers:?}: {webhook:?}");
        if let Some((reason, again)) = failed {
            assert!(webhook.reason.as_ref() == Some(reason), "{answers:?}: {webhook:?}");
            assert_eq!(webhook.again_at.is_some(), *again, "{answers:?}: {webhook:?}");
        }
        assert_eq!(delivery(&desk, &id, "mail").await.state, DeliveryState::Sent, "{answers:?}");
        let got = receiver.got().split_off(before);
        assert_eq!(got.len(), *asked, "{answers:?}");
        assert!(got.iter().all(|got| got.path == "/hook" && got.header("webhook-id") == format!("{id}-webhook")));
    }
}

#[tokio::test]
async fn what_failed_is_sent_again_under_the_same_id() {
    let receiver = Receiver::start().await;
    receiver.answer(&[Answering::Status(410)]);
    let desk = desk(&receiver, &webhook(&receiver, "")).await;
    set(&desk, "webhook", WHSEC).await;
    let id = lead(&desk, "Is Monday free?").await;
    assert_eq!(delivery(&desk, &id, "webhook").await.state, DeliveryState::Failed);
    receiver.answer(&[Answering::Status(200)]);
    let store = &desk.world.app.store;
    assert_eq!(delivery::redrive(store, "studio").await.expect("the table"), 1);
    let ids: Vec<_> = receiver.messages(2).await.iter().map(|got| got.header("webhook-id").to_owned()).collect();
    assert_eq!(ids, [format!("{id}-webhook"), format!("{id}-webhook")]);
    eventually("it to be sent", async || {
        (delivery(&desk, &id, "webhook").await.state == DeliveryState::Sent).then_some(())
    })
    .await;
    eventually("nothing to be left", async || {
        store.undelivered("studio", None, 10).await.expect("the table").is_empty().then_some(())
    })
    .await;
    assert_eq!(desk.emails().await.len(), 1, "mail is not sent again");
}

#[tokio::test]
async fn a_channel_without_its_secret_says_so_and_nothing_else_fails() {
    let receiver = Receiver::start().await;
    let more =
        "[[sites.studio.channels]]\nkind = \"slack\"\n[[sites.studio.channels]]\nkind = \"telegram\"\nchat = \"1\"\n";
    let desk = desk(&receiver, &format!("{}{more}", webhook(&receiver, "name = \"crm\""))).await;
    set(&desk, "telegram", "no bot's token/../").await;
    let id = lead(&desk, "Is Monday free?").await;
    for (channel, reason) in [
        ("webhook-crm", DeliveryReason::SecretMissing("webhook-crm".into())),
        ("slack", DeliveryReason::SecretMissing("slack".into())),
        ("telegram", DeliveryReason::SecretInvalid("telegram".into())),
    ] {
        let delivery = delivery(&desk, &id, channel).await;
        assert_eq!((delivery.state, delivery.reason), (DeliveryState::Failed, Some(reason)));
        assert_eq!(delivery.again_at, None);
    }
    assert_eq!(delivery(&desk, &id, "mail").await.state, DeliveryState::Sent);
    assert!(receiver.got().is_empty());
}

#[tokio::test]
async fn chats_get_their_own_formats() {
    let receiver = Receiver::start().await;
    let channels = "[[sites.studio.channels]]\nkind = \"slack\"\n\
                    [[sites.studio.channels]]\nkind = \"discord\"\nlink = \"none\"\n\
                    [[sites.studio.channels]]\nkind = \"telegram\"\nname = \"team\"\nchat = \"-100\"\non = [\"leads\"]\n";
    let desk = desk(&receiver, channels).await;
    set(&desk, "slack", &receiver.url("/services/T/B/x")).await;
    set(&desk, "discord", &receiver.url("/api/webhooks/1/x")).await;
    set(&desk, "telegram-team", "123456:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").await;
    let id = lead(&desk, "*Is* [Monday](https://evil.example) free? @everyone <!channel>").await;
    for channel in ["slack", "discord", "telegram-team"] {
        assert_eq!(delivery(&desk, &id, channel).await.state, DeliveryState::Sent, "{channel}");
    }
    let got = receiver.messages(3).await;
    let of = |path: &str| got.iter().find(|got| got.path == path).unwrap_or_else(|| panic!("{path}: {got:?}")).json();
    let slack = of("/services/T/B/x");
    assert_eq!(slack["text"], "Studio Lindqvist: Message from Ann &lt;b&gt;");
    let body = slack["blocks"][1]["text"]["text"].as_str().expect("a body");
    assert!(body.contains("Message: *Is* [Monday](https://evil.example) free? @everyone <!channel>"), "{body}");
    assert!(slack["blocks"][2]["text"]["text"].as_str().is_some_and(|link| link.contains("/moderate/")));
    let discord = of("/api/webhooks/1/x");
    assert_eq!(discord["allowed_mentions"], json!({ "parse": [] }));
    let content = discord["content"].as_str().expect("content");
    assert!(content.contains("\\[Monday\\]\\(https\\:") && !content.contains("/moderate/"), "{content}");
    let telegram = of("/telegram/bot123456:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/sendMessage");
    assert_eq!((&telegram["chat_id"], &telegram["parse_mode"]), (&json!("-100"), &Value::Null));
    assert!(telegram["text"].as_str().is_some_and(|text| text.contains("<!channel>") && text.contains("/moderate/")));
}

#[tokio::test]
async fn channels_hear_in_their_order_of_their_forms_alone() {
    let receiver = Receiver::start().await;
    let channels = format!(
        "{}{}[[sites.studio.channels]]\nkind = \"slack\"\non = [\"comments\"]\n\n[sites.studio.forms.booking]\nfields = []\n",
        webhook(&receiver, "name = \"b\"\nforms = [\"booking\"]"),
        webhook(&receiver, "name = \"a\"")
    );
    let desk = desk(&receiver, &channels).await;
    for name in ["webhook-a", "webhook-b"] {
        set(&desk, name, WHSEC).await;
    }
    let site = &desk.world.app.config.sites["studio"];
    let fields = [("name", "Ann"), ("email", "ann@example.org"), ("message", "Is Monday free?")];
    for (path, expected) in
        [("/contact/booking", &["mail", "webhook-b", "webhook-a"][..]), ("/contact", &["mail", "webhook-a"])]
    {
        let id = desk.post_for_json(path, &fields).await.id();
        let stored = desk.submission(&id).await;
        let names: Vec<_> =
            delivery::due_channels(site, &stored).iter().map(|channel| channel.name().into_owned()).collect();
        assert_eq!(names, expected);
    }
    receiver.messages(3).await;
}
