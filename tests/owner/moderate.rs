//! The owner decides, by the link in a mail.

use deskbell_functions::keys::{Keys, Purpose, Token};
use deskbell_functions::submission::action::Action;
use futures_util::future::join_all;
use serde_json::Value;

use crate::harness::page;
use crate::harness::world::{ARTICLE, Answer, Desk, OWNER, eventually, link_to};

/// A comment that waits, and the link to decide about it.
async fn held(desk: &Desk, author: &str, text: &str) -> String {
    assert_eq!(desk.comment(author, text).await.status, 202);
    desk.link_about(text).await
}

/// What a signed link of this world says.
fn token(desk: &Desk, link: &str) -> Token {
    let text = link.rsplit('/').next().expect("a token");
    desk.world.app.keys.verify_if(text, |_| true).expect("a token of this world")
}

/// The word for what became of what a link is about.
async fn status(desk: &Desk, link: &str) -> &'static str {
    desk.submission(&token(desk, link).id.to_string()).await.status.word()
}

#[tokio::test]
async fn opening_a_link_shows_and_changes_nothing() {
    let desk = Desk::start().await;
    let link = held(&desk, "Bo", "Waiting text").await;
    for _ in 0..3 {
        let page = desk.get_html(&link).await;
        assert_eq!(page.status, 200);
        for part in [
            "Comment by Bo",
            "Waiting text",
            "bo@example.org",
            "value=\"approve\"",
            "value=\"reply\"",
            "value=\"spam\"",
            "value=\"trash\"",
        ] {
            assert!(page.body.contains(part), "{part} is not in {}", page.body);
        }
        assert_eq!(page.header("cache-control"), "no-store");
    }
    assert_eq!(desk.items().await[0]["item"]["status"], "held");
}

#[tokio::test]
async fn a_link_works_once_and_says_what_was_decided() {
    let desk = Desk::start().await;
    for (choice, status, state) in [
        ("approve", "published", "Published"),
        ("spam", "spam", "In the spam folder"),
        ("trash", "trash", "In the trash"),
    ] {
        let link = held(&desk, &format!("For {choice}"), &format!("to {choice}")).await;
        assert_eq!(desk.post(&link, &[("choice", choice)]).await.status, 200);
        assert_eq!(self::status(&desk, &link).await, status);
        for (again, expected) in
            [(desk.post(&link, &[("choice", "approve")]).await, 409), (desk.get_html(&link).await, 200)]
        {
            assert_eq!(again.status, expected);
            assert!(again.body.contains("Someone has already decided") && again.body.contains(state), "{}", again.body);
            assert!(!again.body.contains("<button"), "{}", again.body);
        }
    }
    assert_eq!(desk.count(ARTICLE).await, 1);
}

#[tokio::test]
async fn an_approval_with_a_reply_publishes_both() {
    let desk = Desk::start().await;
    let link = held(&desk, "Bo", "A question").await;
    let empty = desk.post(&link, &[("choice", "reply"), ("reply", "  ")]).await;
    assert!(empty.status == 422 && empty.body.contains("Please type your reply"), "{}", empty.body);
    let nothing = desk.post(&link, &[("choice", "dance"), ("reply", "Kept text")]).await;
    assert!(nothing.status == 422 && nothing.body.contains("Kept text"), "{}", nothing.body);
    assert_eq!(desk.count(ARTICLE).await, 0);

    assert_eq!(desk.post(&link, &[("choice", "reply"), ("reply", "An *answer*")]).await.status, 200);
    let page = desk.comments(ARTICLE).await;
    let reply = &page["comments"][0]["replies"][0];
    assert_eq!(
        (reply["author"].as_str(), reply["html"].as_str()),
        (Some("Mara Lindqvist"), Some("<p>An <em>answer</em></p>\n"))
    );
    assert_eq!((&reply["by_owner"], &page["comments"][0]["by_owner"]), (&true.into(), &Value::Null));
    assert_eq!(page["count"], 2);
    desk.settled().await;
    assert!(!desk.emails().await.iter().any(|email| email.text.contains("An *answer*")), "the owner knows");
}

#[tokio::test]
async fn each_link_in_a_mail_does_one_thing_and_does_it_once() {
    let desk = Desk::start().await;
    for (label, will, done, after) in [
        (
            "Approve",
            "Publishes the comment. Everyone can read it.",
            "Approved. The comment is on the page.",
            "published",
        ),
        ("Spam", "Moves it to the spam folder", "Marked as spam.", "spam"),
        ("Trash", "Moves it to the trash", "Moved to the trash.", "trash"),
    ] {
        let text = format!("A comment for {label}");
        assert_eq!(desk.comment(&format!("Author {label}"), &text).await.status, 202);
        let link = link_to(&desk.email_about(&text).await, label);
        for _ in 0..2 {
            let page = desk.get_html(&link).await;
            assert_eq!((page.status, page.header("cache-control")), (200, "no-store"));
            for part in [&format!("<h1>{label}</h1>"), will, &text, &format!("Comment by Author {label}")] {
                assert!(page.body.contains(part), "{part} is not in {}", page.body);
            }
            assert_eq!(page.body.matches("<button").count(), 1, "{}", page.body);
            assert_eq!(status(&desk, &link).await, "held");
        }
        // Whatever else was posted.
        let pressed = desk.post(&link, &[("choice", "trash")]).await;
        assert!(pressed.status == 200 && pressed.body.contains(done), "{}", pressed.body);
        assert_eq!(status(&desk, &link).await, after);
        for (again, expected) in [(desk.post(&link, &[]).await, 409), (desk.get_html(&link).await, 200)] {
            assert_eq!(again.status, expected);
            for part in ["Someone has already decided", "Mara Lindqvist decided on ", " UTC.", "Nothing was changed."] {
                assert!(again.body.contains(part), "{part} is not in {}", again.body);
            }
            assert!(!again.body.contains("<button") && again.body.contains("href=\"/inbox/item/"), "{}", again.body);
        }
        assert_eq!(status(&desk, &link).await, after);
    }
}

#[tokio::test]
async fn who_comes_second_reads_what_was_decided_and_decides_anew_in_the_inbox() {
    let desk = Desk::start().await;
    desk.comment("Bo", "For two to decide").await;
    let email = desk.email_about("For two to decide").await;
    assert_eq!(desk.post(&link_to(&email, "Spam"), &[]).await.status, 200);
    let late = desk.post(&link_to(&email, "Approve"), &[]).await;
    assert_eq!(late.status, 409);
    assert!(late.body.contains("In the spam folder"), "{}", late.body);
    assert_eq!(desk.post(&crate::harness::world::link(&email), &[("choice", "approve")]).await.status, 409);

    let item = page::link(&late, "Open the inbox").expect("a link");
    let asked = desk.get_html(&item).await;
    assert_eq!((asked.status, desk.count(ARTICLE).await), (303, 0), "nobody is signed in");
    assert!(asked.header("location").starts_with("/inbox/sign-in"), "{asked:?}");
    let browser = desk.sign_in(OWNER).await;
    assert!(browser.get(&item).await.body.contains("value=\"approve\""));
    let id = desk.submission(&token(&desk, &link_to(&email, "Spam")).id.to_string()).await.id;
    assert_eq!(browser.post(&item, &[("do", "approve"), ("item", &format!("{id}.1"))]).await.status, 303);
    assert_eq!(desk.count(ARTICLE).await, 1);
}

/// Every address of a signed link on a page.
fn signed_links(answer: &Answer) -> Vec<String> {
    let links = answer.body.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    links.filter(|link| link.contains("/moderate/")).map(str::to_owned).collect()
}

#[tokio::test]
async fn a_link_for_one_action_never_leads_to_another() {
    let desk = Desk::configured(r#"sites.studio.comments.policy = "all""#).await;
    for action in Action::ALL.iter().copied() {
        for lead in [true, false] {
            let text = format!("{} {lead}", action.word());
            let id = if lead { desk.message_from("Ann", &text).await } else { desk.comment("Ann", &text).await.id() };
            let submission = desk.submission(&id).await;
            let link = desk.world.app.action_path(&submission, action);
            let reply = [("reply", "An answer"), ("choice", "trash")];
            let mut seen =
                vec![desk.get_html(&link).await, desk.post(&link, &[]).await, desk.post(&link, &reply).await];
            seen.extend([desk.get_html(&link).await, desk.post(&link, &reply).await]);
            // Somebody else decides, and the link is tried again; that for everything works once, too.
            let now = desk.submission(&id).await;
            let all = desk.world.app.moderation_path(&now);
            let other = if now.status.word() == "trash" { "spam" } else { "trash" };
            assert_eq!(desk.post(&all, &[("choice", other)]).await.status, 200);
            for link in [link, all] {
                seen.extend([desk.get_html(&link).await, desk.post(&link, &reply).await]);
            }
            for answer in seen {
                assert_eq!(signed_links(&answer), [""; 0], "{action:?}, {lead}: {}", answer.body);
            }
        }
    }
}

#[tokio::test]
async fn a_link_to_reply_takes_the_reply_and_gives_it_back_until_it_is_stored() {
    let desk = Desk::start().await;
    desk.comment("Bo", "A question").await;
    let link = link_to(&desk.email_about("A question").await, "Approve and reply");
    let page = desk.get_html(&link).await.body;
    assert!(page.contains("<textarea id=\"reply\"") && page.contains("with your reply below it"), "{page}");
    let empty = desk.post(&link, &[("reply", " ")]).await;
    assert!(empty.status == 422 && empty.body.contains("Please type your reply"), "{}", empty.body);
    let long = "x".repeat(20_001);
    let long_answer = desk.post(&link, &[("reply", &*long)]).await;
    assert!(long_answer.status == 422 && long_answer.body.contains(&long));
    assert_eq!(desk.post(&link, &[("reply", "An *answer*")]).await.status, 200);
    assert_eq!(desk.comments(ARTICLE).await["comments"][0]["replies"][0]["html"], "<p>An <em>answer</em></p>\n");
    assert_eq!(desk.post(&link, &[("reply", "Another")]).await.status, 409);
}

#[tokio::test]
async fn a_lead_has_links_for_spam_and_one_back_from_there() {
    let desk = Desk::start().await;
    let fields = [("name", "Ann"), ("email", "ann@example.org"), ("message", "Is Monday free?")];
    desk.post_for_json("/contact", &fields).await;
    let email = desk.email_about("Is Monday free?").await;
    assert!(!email.text.contains("Approve") && !email.text.contains("Not spam"), "{}", email.text);
    let spam = link_to(&email, "Spam");
    assert_eq!(desk.post(&spam, &[]).await.status, 200);
    let stored = desk.submission(&token(&desk, &spam).id.to_string()).await;
    let back = desk.world.app.action_path(&stored, Action::NotSpam);
    let page = desk.get_html(&back).await.body;
    assert!(page.contains("<h1>Not spam</h1>") && page.contains("Moves the message to your new messages"), "{page}");
    assert_eq!(desk.post(&back, &[]).await.status, 200);
    assert_eq!(status(&desk, &back).await, "received");
}

#[tokio::test]
async fn a_link_for_what_happened_without_anybody_says_so() {
    let desk = Desk::configured(r#"sites.studio.comments.policy = "none""#).await;
    let id = desk.comment("Bo", "At once").await.id();
    let stored = desk.submission(&id).await;
    let link = desk.world.app.action_path(&stored, Action::Approve);
    for (answer, expected) in [(desk.get_html(&link).await, 200), (desk.post(&link, &[]).await, 409)] {
        assert_eq!(answer.status, expected);
        assert!(answer.body.contains("There is nothing left to do"), "{}", answer.body);
        assert!(answer.body.contains("Published") && !answer.body.contains("decided"), "{}", answer.body);
    }
}

#[tokio::test]
async fn of_owners_who_use_different_links_at_one_moment_one_decides() {
    let desk = Desk::start().await;
    for round in 0..5 {
        let text = format!("round {round} of links");
        desk.comment(&format!("Bo {round}"), &text).await;
        let email = desk.email_about(&text).await;
        let links = ["Approve", "Spam", "Trash", "Approve and reply", "Approve"].map(|label| link_to(&email, label));
        let press = async |link: &String| desk.post(link, &[("reply", "R")]).await;
        let answers = join_all(links.iter().map(press)).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1, "{answers:?}");
        for late in answers.iter().filter(|answer| answer.status != 200) {
            assert!(late.status == 409 && late.body.contains("Mara Lindqvist decided on"), "{late:?}");
        }
    }
}

#[tokio::test]
async fn changed_expired_and_foreign_links_get_a_clear_page() {
    let desk = Desk::start().await;
    let link = held(&desk, "Bo", "Waiting text").await;
    let good = token(&desk, &link);
    let sign = |token: &Token| format!("/moderate/{}", desk.world.app.keys.sign(token));
    let elsewhere = Keys::new(&[0; Keys::LENGTH]).sign(&good);
    let spam = sign(&Token { purpose: Purpose::Apply(Action::Spam), ..good.clone() });
    assert_eq!(desk.get_html(&spam).await.status, 200);
    let other = token(&desk, &held(&desk, "Cay", "Another one").await).id;
    let cases = [
        (format!("{link}x"), 403, "This link is not valid"),
        (sign(&good).replace(".0.", ".1."), 403, "This link is not valid"),
        (format!("/moderate/{elsewhere}"), 403, "This link is not valid"),
        (sign(&Token { purpose: Purpose::Waiting, ..good.clone() }), 403, "This link is not valid"),
        (spam.replace("/m-spam.", "/m-approve."), 403, "This link is not valid"),
        (spam.replace("/m-spam.", "/m."), 403, "This link is not valid"),
        (spam.replace("/m-spam.", "/m-dance."), 403, "This link is not valid"),
        (spam.replace(&good.id.simple().to_string(), &other.simple().to_string()), 403, "This link is not valid"),
        (
            sign(&Token { purpose: Purpose::Apply(Action::Approve), expires_at: 1, ..good.clone() }),
            410,
            "This link has expired",
        ),
        (sign(&Token { expires_at: 1, ..good.clone() }), 410, "This link has expired"),
        (sign(&Token { id: uuid::Uuid::now_v7(), ..good.clone() }), 410, "This no longer exists"),
        (sign(&Token { site: "gone".into(), ..good.clone() }), 404, "There is no such site here."),
    ];
    for (link, status, title) in cases {
        for answer in [desk.get_html(&link).await, desk.post(&link, &[("choice", "approve")]).await] {
            assert_eq!(answer.status, status, "{link}");
            assert!(answer.body.contains(title), "{title} is not in {}", answer.body);
        }
    }
    assert!(desk.items().await.iter().all(|item| item["item"]["status"] == "held"));
}

#[tokio::test]
async fn of_two_decisions_at_one_moment_one_counts() {
    let desk = Desk::start().await;
    for round in 0..5 {
        let link = held(&desk, &format!("Bo {round}"), &format!("round {round}")).await;
        let before = desk.count(ARTICLE).await;
        let choices = ["approve", "spam", "approve", "trash", "reply", "approve"];
        let decide = |choice| {
            let link = link.clone();
            let desk = &desk;
            async move { desk.post(&link, &[("choice", choice), ("reply", "R")]).await.status }
        };
        let statuses = join_all(choices.map(decide)).await;
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
        assert!(statuses.iter().all(|status| [200, 409].contains(status)), "{statuses:?}");
        let winner = choices[statuses.iter().position(|status| *status == 200).expect("a winner")];
        let added = match winner {
            "approve" => 1,
            "reply" => 2,
            _ => 0,
        };
        assert_eq!(desk.count(ARTICLE).await, before + added, "{winner}");
    }
}

#[tokio::test]
async fn the_count_is_exact_when_many_comments_are_approved_at_once() {
    let desk = Desk::start().await;
    let mut links = Vec::new();
    for number in 0..20 {
        links.push(held(&desk, &format!("Author {number}"), &format!("Point {number}.")).await);
    }
    let approve = |link: &String| {
        let (desk, link) = (&desk, link.clone());
        async move { desk.post(&link, &[("choice", "approve")]).await.status }
    };
    assert!(join_all(links.iter().map(approve)).await.iter().all(|status| *status == 200));
    assert_eq!(desk.count(ARTICLE).await, 20);
    let page = desk.get(&format!("/comments?page={ARTICLE}&limit=100")).await.json();
    assert_eq!(page["comments"].as_array().map(Vec::len), Some(20));
}

#[tokio::test]
async fn a_thread_outlives_its_first_comment() {
    let desk = Desk::configured(r#"sites.studio.comments.policy = "none""#).await;
    let first = desk.comment("Ann", "First words").await.id();
    let link = desk.link_about("First words").await;
    let fields = [
        ("page", ARTICLE),
        ("author", "Bo"),
        ("email", "bo@example.org"),
        ("comment", "Second words"),
        ("parent", &first),
    ];
    desk.post_for_json("/comments", &fields).await;
    let reply_link = desk.link_about("Second words").await;
    eventually("the count", async || (desk.count(ARTICLE).await == 2).then_some(())).await;
    let page = desk.get_html(&reply_link).await.body;
    assert!(page.contains("in reply to <bdi>Ann</bdi>") && page.contains("First words"), "{page}");

    assert_eq!(desk.post(&link, &[("choice", "trash")]).await.status, 200);
    let page = desk.comments(ARTICLE).await;
    assert_eq!(page["count"], 1);
    let thread = &page["comments"][0];
    assert_eq!((&thread["removed"], &thread["author"], &thread["html"]), (&true.into(), &"".into(), &"".into()));
    assert_eq!(thread["replies"][0]["author"], "Bo");
    assert!(!page.to_string().contains("First words") && !page.to_string().contains("Ann"));
    let html = desk.get_html(&format!("/comments?page={ARTICLE}")).await.body;
    assert!(html.contains("This comment was removed.") && !html.contains("First words"), "{html}");

    assert_eq!(desk.post(&reply_link, &[("choice", "spam")]).await.status, 200);
    let page = desk.comments(ARTICLE).await;
    assert_eq!((&page["count"], &page["comments"]), (&0.into(), &Value::Array(Vec::new())));
}

#[tokio::test]
async fn a_reply_typed_while_the_table_is_down_is_not_lost() {
    let proxy = crate::harness::fault_proxy::FaultProxy::start().await;
    let table = deskbell::local::Table::Server(proxy.url.clone());
    let desk = Desk::with(deskbell::local::Options { table, ..deskbell::local::Options::default() }).await;
    let link = held(&desk, "Bo", "A question").await;
    for operation in ["TransactWriteItems", "GetItem"] {
        proxy.fail(operation, crate::harness::fault_proxy::Fault::Refused);
        let refused = desk.post(&link, &[("choice", "reply"), ("reply", "A long answer")]).await;
        assert_eq!(refused.status, 503, "{operation}");
        assert!(refused.body.contains("A long answer"), "{operation}: {}", refused.body);
        proxy.mend();
    }
    assert_eq!(desk.post(&link, &[("choice", "reply"), ("reply", "A long answer")]).await.status, 200);
}
