//! The email to the visitor: only for what is certainly real, the owner's words alone, and once a day.

use deskbell::local::CaughtEmail;
use deskbell_functions::notify;
use deskbell_functions::platform::clock::Clock;
use deskbell_functions::platform::outgoing::Services;
use deskbell_functions::submission::delivery::DeliveryState;
use deskbell_functions::submission::reason::DeliveryReason;
use futures_util::future::join_all;
use jiff::SignedDuration;

use crate::harness::challenge::solved;
use crate::harness::fault_proxy::Mood;
use crate::harness::receiver::{configured, delivery, with_channels};
use crate::harness::settings::without_bound;
use crate::harness::stream::{StreamHarness, handle, minutes_ago, notifier_with, records};
use crate::harness::world::{ARTICLE, BLATANT, Desk};

const CHANNEL: &str = "[[sites.studio.channels]]\nkind = \"autoresponse\"\nsubject = \"Thank you – {site}\"\n\
    text = \"Hello {name},\\n\\nwe have your message.\\n{site}\"\nreply_to = \"hello@studio-lindqvist.example\"\n";

async fn desk() -> Desk {
    Desk::with(with_channels(CHANNEL, Services::default())).await
}

/// The emails to an address.
async fn to(desk: &Desk, email: &str) -> Vec<CaughtEmail> {
    desk.emails().await.into_iter().filter(|mail| mail.to == [email]).collect()
}

#[tokio::test]
async fn a_visitor_is_answered_in_the_owners_words() {
    let desk = desk().await;
    let message = "Look at https://evil.example, is Monday free?";
    let id = desk.message_with_token("Ann Smith", "ann@example.com", message).await;
    assert_eq!(delivery(&desk, &id, "autoresponse").await.state, DeliveryState::Sent);
    let email = to(&desk, "ann@example.com").await.remove(0);
    assert_eq!(email.subject, "Thank you – Studio Lindqvist");
    assert_eq!(email.text.trim_end(), "Hello Ann Smith,\n\nwe have your message.\nStudio Lindqvist");
    assert!(email.html.contains("<p>Hello Ann Smith,</p>"), "{}", email.html);
    assert_eq!(email.reply_to.as_deref(), Some("hello@studio-lindqvist.example"));
    assert_eq!(email.headers["Auto-Submitted"], "auto-replied");
    assert!(!email.headers.contains_key("Precedence"), "{:?}", email.headers);
    let owners = desk.email_about("is Monday free?").await;
    assert_ne!(email.headers["Message-ID"], owners.headers["Message-ID"]);
    let all = format!("{}{}{:?}", email.text, email.html, email.headers);
    assert!(!all.contains("evil.example") && !all.contains("Monday"), "{all}");
}

#[tokio::test]
async fn a_visitor_is_answered_in_the_language_of_the_form_if_there_are_words_in_it() {
    let german = "[sites.studio.channels.translations.de]\nsubject = \"Danke – {site}\"\n\
        text = \"Guten Tag {name},\\n\\nIhre Nachricht ist da.\"\n[sites.studio]\nlanguages = [\"de\", \"pl\"]\n";
    let desk = Desk::with(with_channels(&format!("{CHANNEL}{german}"), Services::default())).await;
    let cases = [("de", "Danke – Studio Lindqvist", "de"), ("pl", "Thank you – Studio Lindqvist", "en")];
    for (asked, subject, lang) in cases {
        let email = format!("ann-{asked}@example.com");
        let token = desk.token("default", 60_000);
        let fields = [("name", "Ann"), ("email", &*email), ("message", asked), ("_token", &token), ("_lang", asked)];
        let id = desk.post_for_json("/contact", &fields).await.id();
        delivery(&desk, &id, "autoresponse").await;
        let mail = to(&desk, &email).await.remove(0);
        assert_eq!(mail.subject, subject);
        assert!(mail.html.contains(&format!("<html lang=\"{lang}\">")), "{}", mail.html);
    }
}

#[tokio::test]
async fn a_name_that_is_none_is_left_out() {
    let desk = desk().await;
    for (index, name) in ["http://evil.example", "<b>Ann</b>", "Buy at evil.example now", "[Ann](https://evil.example)"]
        .iter()
        .enumerate()
    {
        let email = format!("ann{index}@example.com");
        let id = desk.message_with_token(name, &email, &format!("Is day {index} free?")).await;
        delivery(&desk, &id, "autoresponse").await;
        let mail = to(&desk, &email).await.remove(0);
        assert!(mail.text.starts_with("Hello,\n"), "{}", mail.text);
        assert!(!format!("{mail:?}").contains("evil"), "{mail:?}");
    }
}

#[tokio::test]
async fn an_address_is_answered_once_a_day_however_it_is_written() {
    let desk = desk().await;
    let mut ids = Vec::new();
    for (index, email) in ["ann@example.com", "Ann@Example.com", "ann@example.com"].iter().enumerate() {
        ids.push(desk.message_with_token("Ann", email, &format!("Is day {index} free?")).await);
    }
    let mut reasons = Vec::new();
    for id in &ids {
        let delivery = delivery(&desk, id, "autoresponse").await;
        assert_eq!(delivery.state, DeliveryState::Sent);
        reasons.extend(delivery.reason);
    }
    assert_eq!(reasons, [DeliveryReason::AlreadyAnswered, DeliveryReason::AlreadyAnswered]);
    let emails = desk.emails().await;
    let answers = emails.iter().filter(|mail| mail.subject.starts_with("Thank you")).count();
    assert_eq!(answers, 1);
}

#[tokio::test]
async fn a_mailbox_is_answered_once_a_day_whatever_leads_to_it() {
    let desk = desk().await;
    let spellings = ["vic.tim@gmail.com", "victim+1@gmail.com", "v.i.c.t.i.m@googlemail.com", "VICTIM+a+b@Gmail.com"];
    let others = ["bo@example.com", "bo+1@example.com", "BO+2@EXAMPLE.com"];
    for (index, email) in spellings.iter().chain(&others).enumerate() {
        let id = desk.message_with_token("Ann", email, &format!("Is day {index} free?")).await;
        assert_eq!(delivery(&desk, &id, "autoresponse").await.state, DeliveryState::Sent);
    }
    let answers = desk.emails().await.iter().filter(|mail| mail.subject.starts_with("Thank you")).count();
    assert_eq!(answers, 2);
}

#[tokio::test]
async fn only_who_shows_a_token_or_a_proof_is_answered() {
    let desk = desk().await;
    let fields = [("name", "Ann"), ("email", "ann@example.com"), ("message", "Is Monday free?")];
    let id = desk.post_for_json("/contact", &fields).await.id();
    assert_eq!(delivery(&desk, &id, "autoresponse").await.reason, Some(DeliveryReason::NoProof));
    assert_eq!(delivery(&desk, &id, "mail").await.state, DeliveryState::Sent);
    let proof = solved(&desk.challenge("default").await);
    let fields = [("name", "Ann"), ("email", "ann@example.com"), ("message", "Is Tuesday free?"), ("altcha", &proof)];
    let id = desk.post_for_json("/contact", &fields).await.id();
    assert_eq!(delivery(&desk, &id, "autoresponse").await.reason, None);
    assert_eq!(to(&desk, "ann@example.com").await.len(), 1);
}

#[tokio::test]
async fn answers_within_an_hour_are_bounded_for_a_site() {
    let desk = Desk::with(with_channels(&format!("{CHANNEL}per_hour = 3\n"), Services::default())).await;
    let mut reasons = Vec::new();
    for index in 0..5 {
        let id =
            desk.message_with_token("Ann", &format!("ann{index}@example.com"), &format!("Is day {index} free?")).await;
        reasons.extend(delivery(&desk, &id, "autoresponse").await.reason);
    }
    assert_eq!(reasons, [DeliveryReason::TooManyAnswers, DeliveryReason::TooManyAnswers]);
    desk.advance(3_601);
    let id = desk.message_with_token("Ann", "bo@example.com", "And in an hour?").await;
    assert_eq!(delivery(&desk, &id, "autoresponse").await.reason, None);
}

#[tokio::test]
async fn who_was_turned_away_by_the_hours_bound_is_answered_when_they_write_again() {
    let desk = Desk::with(with_channels(&format!("{CHANNEL}per_hour = 1\n"), Services::default())).await;
    let reason = async |email: &str, message: &str| {
        let id = desk.message_with_token("Ann", email, message).await;
        delivery(&desk, &id, "autoresponse").await.reason
    };
    assert_eq!(reason("ann@example.com", "Is Monday free?").await, None);
    assert_eq!(reason("bo@example.com", "Is Tuesday free?").await, Some(DeliveryReason::TooManyAnswers));
    desk.advance(3_601);
    assert_eq!(reason("ann@example.com", "Or Friday?").await, Some(DeliveryReason::AlreadyAnswered));
    assert_eq!(reason("bo@example.com", "Is Wednesday free?").await, None);
    assert_eq!(to(&desk, "bo@example.com").await.len(), 1);
}

#[tokio::test]
async fn an_outage_of_the_mail_service_uses_up_none_of_the_hours_answers() {
    let harness = StreamHarness::start(0).await;
    let config = without_bound(&configured(&format!("{CHANNEL}per_hour = 1\n")));
    let (services, clock) = (Services::default(), Clock::default());
    let notifier = notifier_with(&config, services, clock, &harness.proxy, &harness.mail).await;
    harness.mail.always("Thank you", Mood::Refuses(503, "ServiceUnavailable"));
    let leads = harness.leads(1, "Is Monday free?", minutes_ago(1)).await;
    let answered = async || harness.stored(leads[0].id).await.deliveries["autoresponse"].clone();
    handle(&notifier, &records(&leads)).await;
    for state in [DeliveryState::Failed, DeliveryState::Sent] {
        notifier.app.clock.advance(SignedDuration::from_mins(2));
        notify::minutely(&notifier, notifier.app.clock.now()).await;
        assert_eq!(answered().await.state, state);
        harness.mail.mend();
    }
    assert_eq!(answered().await.reason, None);
    let answers = harness.mail.accepted().iter().filter(|email| email.contains("auto-replied")).count();
    assert_eq!(answers, 1);
}

#[tokio::test]
async fn of_many_leads_at_once_one_is_answered() {
    let desk = desk().await;
    let app = &desk.world.app;
    let person = app.person_hash("studio", "ann@example.com");
    let leads: Vec<_> = (0..20).map(|_| uuid::Uuid::now_v7()).collect();
    let taking = leads.iter().map(|lead| app.store.take_autoresponse("studio", &person, *lead));
    let taken: Vec<bool> = join_all(taking).await.into_iter().map(|taken| taken.expect("the table")).collect();
    assert_eq!(taken.iter().filter(|taken| **taken).count(), 1);
    // The one whose answer it is may try again.
    let winner = taken.iter().position(|taken| *taken).expect("one");
    assert!(app.store.take_autoresponse("studio", &person, leads[winner]).await.expect("the table"));
    assert!(!app.store.take_autoresponse("studio", &person, uuid::Uuid::now_v7()).await.expect("the table"));
    let other = app.person_hash("studio", "bo@example.com");
    assert!(app.store.take_autoresponse("studio", &other, uuid::Uuid::now_v7()).await.expect("the table"));
}

#[tokio::test]
async fn what_is_doubtful_or_ours_or_no_lead_is_not_answered() {
    let desk = desk().await;
    for email in [
        "mara@studio-lindqvist.example",
        "deskbell@studio-lindqvist.example",
        "noreply@example.com",
        "MAILER-DAEMON@example.com",
    ] {
        let id = desk.message_with_token("Ann", email, &format!("Is Monday free, {email}?")).await;
        let delivery = delivery(&desk, &id, "autoresponse").await;
        assert_eq!(delivery.reason, Some(DeliveryReason::OwnAddress), "{email}");
    }
    let fields = [("page", ARTICLE), ("author", "Ann"), ("email", "ann@example.com"), ("comment", "Thank you!")];
    desk.post_for_json("/comments", &fields).await;
    let spam = [("name", "Ann"), ("email", "ann@example.com"), ("message", BLATANT), ("_gotcha", "x")];
    desk.post("/contact", &spam).await;
    let items = desk.items().await;
    let spam = items.iter().find(|item| item["item"]["status"] == "spam").expect("spam");
    desk.post(spam["link"].as_str().expect("a link"), &[("choice", "not_spam")]).await;
    desk.email_about("online casino").await;
    desk.settled().await;
    assert_eq!(to(&desk, "ann@example.com").await.len(), 0);
    let thanked = desk.emails().await.into_iter().filter(|mail| mail.subject.starts_with("Thank you")).count();
    assert_eq!(thanked, 0);
}

#[tokio::test]
async fn what_the_filter_is_not_sure_of_is_not_answered() {
    let desk = Desk::configured(&format!("sites.studio.judging.unsure = 0.000001\n{CHANNEL}")).await;
    let id = desk.message_with_token("Ann", "ann@example.com", "Is Monday free?").await;
    assert_eq!(delivery(&desk, &id, "mail").await.state, DeliveryState::Sent);
    desk.settled().await;
    assert_eq!(to(&desk, "ann@example.com").await.len(), 0);
}
