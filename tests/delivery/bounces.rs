//! Bounces and complaints, as SES tells of them: nobody is written to in vain again, and no message is lost by it.

use deskbell::local::{Options, Table};
use deskbell::unsuppress;
use deskbell_functions::delivery::digest;
use deskbell_functions::form::Email;
use deskbell_functions::notify::{self, Start, hourly};
use deskbell_functions::rights::export;
use deskbell_functions::store::Suppression;
use deskbell_functions::submission::delivery::{Delivery, DeliveryState};
use deskbell_functions::submission::reason::DeliveryReason;
use jiff::Timestamp;
use serde_json::Value;

use crate::harness::bounces::{bounce, complaint, delayed, hear, rejected, returned, told};
use crate::harness::fault_proxy::{Fault, FaultProxy};
use crate::harness::page::has;
use crate::harness::receiver::{configured, delivery};
use crate::harness::settings::sample_with;
use crate::harness::table::items;
use crate::harness::world::{Desk, MODERATOR, OWNER, eventually};

/// The sample with another owner in the team.
fn with_second_owner() -> String {
    sample_with(
        r#"
            [sites.studio]
            team = [
                { name = "Jon Berg", email = "jon@studio-lindqvist.example", role = "moderator" },
                { name = "Ada", email = "ada@example.net", role = "owner" },
            ]
        "#,
    )
}

async fn suppressed(desk: &Desk, address: &str) -> Option<Suppression> {
    let app = &desk.world.app;
    app.store.suppressed(&app.address_hash(address)).await.expect("the table")
}

/// To whom emails about this went, the last one first.
async fn went_to(desk: &Desk, needle: &str) -> Vec<String> {
    let emails = desk.emails().await.into_iter().filter(|email| email.text.contains(needle));
    emails.flat_map(|email| email.to).collect()
}

async fn mailed(desk: &Desk, id: &str) -> Delivery {
    delivery(desk, id, "mail").await
}

#[tokio::test]
async fn an_owner_whose_mail_comes_back_is_not_written_to_and_sees_it_in_the_inbox() {
    let desk = Desk::start().await;
    let browser = desk.sign_in(OWNER).await;
    let first = desk.message_from("Ann", "Is Monday free?").await;
    assert_eq!(mailed(&desk, &first).await.state, DeliveryState::Sent);
    assert!(!browser.get("/inbox").await.body.contains("bounced"));

    hear(&desk.world.notifier, &bounce("Permanent", "Mara@Studio-Lindqvist.example", Some(&first))).await;
    // It had been taken, and did not arrive.
    let returned = eventually("the email to have failed", async || {
        let mailed = desk.submission(&first).await.deliveries["mail"].clone();
        (mailed.state == DeliveryState::Failed && mailed.again_at.is_none()).then_some(mailed)
    })
    .await;
    assert_eq!(returned.reason, Some(DeliveryReason::Bounced));
    let second = desk.message_from("Bo", "Is Tuesday free?").await;
    assert_eq!(mailed(&desk, &second).await.state, DeliveryState::Failed);
    assert_eq!((went_to(&desk, "Is Monday free?").await.len(), went_to(&desk, "Is Tuesday free?").await.len()), (1, 0));

    let page = browser.get("/inbox").await;
    has(&page, "Email to mara@studio-lindqvist.example bounced (just now)");
    has(&page, "Not delivered to you: 2");
    let item = browser.get(&format!("/inbox/item/{second}")).await;
    has(&item, "email to this address bounced, so no more is sent to it");
    let before = desk.sign_in_emails(OWNER).await.len();
    let asking = crate::harness::client::Client::new(&desk);
    asking.ask(OWNER).await;
    desk.comment("Cy", "So that the stream has come by").await;
    let came_by = async || desk.world.app.store.undelivered("studio", None, 5).await.ok().filter(|all| all.len() == 3);
    eventually("the comment to have failed", came_by).await;
    assert_eq!(desk.sign_in_emails(OWNER).await.len(), before, "no link either");
}

#[tokio::test]
async fn another_owner_hears_instead_and_moderators_do_not() {
    let desk = Desk::with(Options { config: with_second_owner(), ..Options::default() }).await;
    let first = desk.message_from("Ann", "Is Monday free?").await;
    mailed(&desk, &first).await;
    hear(&desk.world.notifier, &bounce("Permanent", OWNER, Some(&first))).await;
    let both = ["ada@example.net", OWNER];
    eventually("the second owner", async || (went_to(&desk, "Is Monday free?").await == both).then_some(())).await;
    let second = desk.message_from("Bo", "Is Tuesday free?").await;
    assert_eq!(mailed(&desk, &second).await.state, DeliveryState::Sent);
    assert_eq!(went_to(&desk, "Is Tuesday free?").await, ["ada@example.net"]);

    hear(&desk.world.notifier, &complaint("ada@example.net")).await;
    let third = desk.message_from("Cy", "Is Friday free?").await;
    let failed = mailed(&desk, &third).await;
    let reason = Some(DeliveryReason::Complained);
    assert_eq!((failed.state, failed.again_at, failed.reason), (DeliveryState::Failed, None, reason));
    assert!(!desk.emails().await.iter().any(|email| email.to == [MODERATOR]));
}

#[tokio::test]
async fn what_may_still_arrive_and_what_is_no_notice_changes_nothing() {
    let desk = Desk::start().await;
    let id = desk.message_from("Ann", "Is Monday free?").await;
    mailed(&desk, &id).await;
    for event in [
        bounce("Transient", "somebody@example.org", None),
        told("Successfully validated SNS topic for Amazon SES event publishing."),
        told("{}"),
        bounce("Permanent", "somebody@example.org", Some(&uuid::Uuid::now_v7().to_string())),
        bounce("Permanent", "somebody@example.org", Some("no id")),
    ] {
        hear(&desk.world.notifier, &event).await;
    }
    assert_eq!(suppressed(&desk, OWNER).await, None);
    assert_eq!(mailed(&desk, &id).await.state, DeliveryState::Sent);
    assert!(suppressed(&desk, "somebody@example.org").await.is_some());
}

#[tokio::test]
async fn a_visitor_whose_mail_comes_back_is_not_answered_again() {
    let channels =
        "[[sites.studio.channels]]\nkind = \"autoresponse\"\nsubject = \"Thanks\"\ntext = \"Hello {name}\"\n";
    let desk = Desk::with(Options { config: configured(channels), ..Options::default() }).await;
    hear(&desk.world.notifier, &bounce("Permanent", "bo@example.org", None)).await;
    let ann = desk.message_with_token("Ann", "ann@example.org", "Is Monday free?").await;
    let bo = desk.message_with_token("Bo", "bo@example.org", "Is Tuesday free?").await;
    assert_eq!(delivery(&desk, &ann, "autoresponse").await.reason, None);
    let needless = delivery(&desk, &bo, "autoresponse").await;
    assert_eq!((needless.state, needless.reason), (DeliveryState::Sent, Some(DeliveryReason::Bounced)));
    assert_eq!(went_to(&desk, "Hello").await, ["ann@example.org"]);
    assert_eq!(mailed(&desk, &bo).await.state, DeliveryState::Sent, "the owner hears of it all the same");

    let (app, bo) = (&desk.world.app, Email::parse("bo@example.org").expect("an address"));
    let export = export(app, &app.config.sites["studio"], &bo, 10).await.expect("the table");
    let said = export.stored.iter().find(|stored| stored.what.starts_with("That email to this address bounced"));
    assert!(said.is_some_and(|said| said.since.is_some() && said.until.is_some()), "{export:?}");
    let statement = desk.get("/privacy").await;
    for part in ["If the automatic reply to you bounces", "no more email is sent to your address: 365 days"] {
        has(&statement, part);
    }
}

#[tokio::test]
async fn what_did_not_arrive_ends_in_the_inbox_with_its_reason_and_in_the_digest() {
    let desk = Desk::start().await;
    let browser = desk.sign_in(OWNER).await;
    let until = (desk.now() + jiff::SignedDuration::from_hours(14)).to_string();
    let cases = [
        ("MailboxFull", "the mailbox is full", true),
        ("General", "the mail server of this address returned it (General)", true),
        ("MessageTooLarge", "the mail server of this address returned it (MessageTooLarge)", false),
        ("delay", "the mailbox is full. Amazon SES keeps trying", true),
        ("reject", "the email service (Amazon SES) refused it: Reject", false),
    ];
    for (index, (code, said, again)) in cases.into_iter().enumerate() {
        let id = desk.message_from("Ann", &format!("Is day {index} free?")).await;
        assert_eq!(mailed(&desk, &id).await.state, DeliveryState::Sent);
        let event = match code {
            "delay" => delayed("MailboxFull", OWNER, &id, &until),
            "reject" => rejected(&id),
            code => returned(code, OWNER, &id),
        };
        for _ in 0..2 {
            hear(&desk.world.notifier, &event).await;
        }
        let failed = desk.submission(&id).await.deliveries["mail"].clone();
        assert_eq!((failed.state, failed.again_at.is_some()), (DeliveryState::Failed, again), "{code}: {failed:?}");
        assert!(failed.again_at.is_none_or(|at| at - failed.at >= 3_600), "not at once: it may come back each time");
        has(&browser.get(&format!("/inbox/item/{id}")).await, said);
        has(&browser.get("/inbox/deliveries").await, said);
    }
    assert_eq!(suppressed(&desk, OWNER).await, None);
    let site = &desk.world.app.config.sites["studio"];
    let now = desk.now();
    let digest = digest::text(&desk.world.notifier, site, now - digest::WEEK..now).await.expect("the table");
    let digest = digest.expect("something to tell");
    assert!(digest.contains("Not delivered to you: 5") && digest.contains("the mailbox is full (1)"), "{digest}");

    // What was late has arrived, if nothing else is heard; what came back is sent again.
    let emails = desk.emails().await.len();
    desk.advance(16 * 3_600);
    let left = async || {
        let left = desk.world.app.store.undelivered("studio", None, 10).await.expect("the table");
        (left.len() == 2).then_some(left)
    };
    eventually("the rest", left).await;
    assert_eq!(desk.emails().await.len(), emails + 2);
}

#[tokio::test]
async fn the_table_holds_no_address_that_bounced_and_what_was_not_kept_is_retried() {
    let proxy = FaultProxy::start().await;
    let desk = Desk::with(Options { table: Table::Server(proxy.url.clone()), ..Options::default() }).await;
    proxy.fail_about("suppressed", "PutItem", Fault::Refused);
    let event = bounce("Permanent", "ann@example.org", None);
    let start: Start = serde_json::from_value(event.clone()).expect("an event");
    assert!(notify::start(&desk.world.notifier, start).await.is_err(), "Lambda tells it once more");
    proxy.mend();
    hear(&desk.world.notifier, &event).await;
    hear(&desk.world.notifier, &event).await;
    let kept: Vec<Value> =
        items(&proxy).into_iter().filter(|item| item["pk"]["S"] == "deployment#suppressed").collect();
    assert_eq!(kept.len(), 1);
    assert!(!kept[0].to_string().contains("ann"), "{kept:?}");
    let until: i64 = kept[0]["expires_at"]["N"].as_str().and_then(|at| at.parse().ok()).expect("an end");
    assert_eq!((until - Timestamp::now().as_second() + 60) / 86_400, 365);
}

#[tokio::test]
async fn the_operator_has_an_address_written_to_again() {
    let desk = Desk::start().await;
    hear(&desk.world.notifier, &bounce("Permanent", OWNER, None)).await;
    let id = desk.message_from("Ann", "Is Monday free?").await;
    assert_eq!(mailed(&desk, &id).await.state, DeliveryState::Failed);
    let again = async || {
        let mut said = Vec::new();
        let email = Email::parse(OWNER).expect("an address");
        unsuppress::unsuppress(&desk.world.app, &email, &mut said).await.expect("the table");
        String::from_utf8(said).expect("UTF-8")
    };
    assert!(again().await.contains("delete-suppressed-destination --email-address mara@studio-lindqvist.example"));
    assert!(again().await.contains("not on the suppression list"));
    let redriven = deskbell_functions::delivery::redrive(&desk.world.app.store, "studio").await;
    assert_eq!(redriven.ok(), Some(1));
    desk.email_about("Is Monday free?").await;
    hourly(&desk.world.notifier, Timestamp::now()).await;
    assert_eq!(went_to(&desk, "Is Monday free?").await.len(), 1);
}

#[tokio::test]
async fn a_german_owner_reads_it_in_german() {
    let desk = Desk::configured(r#"sites.studio.lang = "de""#).await;
    let browser = desk.sign_in(OWNER).await;
    hear(&desk.world.notifier, &complaint(OWNER)).await;
    let id = desk.message_from("Ann", "Is Monday free?").await;
    assert_eq!(mailed(&desk, &id).await.state, DeliveryState::Failed);
    has(&browser.get("/inbox").await, "wurde als Spam gemeldet (gerade eben)");
    has(&browser.get(&format!("/inbox/item/{id}")).await, "wurde als Spam gemeldet, deshalb gehen keine mehr dorthin");
}
