//! The owner decides, by the link in a mail.

use deskbell_functions::keys::{Keys, Purpose, Token};
use futures_util::future::join_all;
use serde_json::Value;

use crate::world::{ARTICLE, Desk, eventually};

/// A comment that waits, and the link to decide about it.
async fn held(desk: &Desk, author: &str, text: &str) -> String {
    assert_eq!(desk.comment(author, text).await.status, 202);
    desk.link_about(text).await
}

/// What a signed link of this world says.
fn token(desk: &Desk, link: &str) -> Token {
    let text = link.rsplit('/').next().expect("a token");
    desk.world.app.keys.verify(Purpose::Moderate, text).expect("a token of this world")
}

#[tokio::test]
async fn opening_a_link_shows_and_changes_nothing() {
    let desk = Desk::start().await;
    let link = held(&desk, "Bo", "Waiting text").await;
    for _ in 0..3 {
        let page = desk.get_html(&link).await;
        assert_eq!(page.status, 200);
        for part in [
            "A comment by Bo",
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
        ("approve", "published", "Everybody can read it."),
        ("spam", "spam", "It is in the spam folder."),
        ("trash", "trash", "It is in the trash."),
    ] {
        let link = held(&desk, &format!("For {choice}"), &format!("to {choice}")).await;
        assert_eq!(desk.post(&link, &[("choice", choice)]).await.status, 200);
        let id = token(&desk, &link).id;
        let stored = desk.world.app.store.submission("studio", id).await.expect("the table").expect("stored");
        assert_eq!(stored.status.word(), status);
        for (again, expected) in
            [(desk.post(&link, &[("choice", "approve")]).await, 409), (desk.get_html(&link).await, 200)]
        {
            assert_eq!(again.status, expected);
            assert!(again.body.contains("This was decided already") && again.body.contains(state), "{}", again.body);
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
    assert!(!desk.letters().await.iter().any(|letter| letter.text.contains("An *answer*")), "the owner knows");
}

#[tokio::test]
async fn changed_expired_and_foreign_links_get_a_clear_page() {
    let desk = Desk::start().await;
    let link = held(&desk, "Bo", "Waiting text").await;
    let good = token(&desk, &link);
    let sign = |token: &Token| format!("/moderate/{}", desk.world.app.keys.sign(token));
    let elsewhere = Keys::new(&[0; Keys::LENGTH]).sign(&good);
    let cases = [
        (format!("{link}x"), 403, "This link is not valid"),
        (sign(&good).replace(".0.", ".1."), 403, "This link is not valid"),
        (format!("/moderate/{elsewhere}"), 403, "This link is not valid"),
        (sign(&Token { purpose: Purpose::Waiting, ..good.clone() }), 403, "This link is not valid"),
        (sign(&Token { expires_at: 1, ..good.clone() }), 410, "This link has expired"),
        (sign(&Token { id: uuid::Uuid::now_v7(), ..good.clone() }), 410, "This is not there any more"),
        (sign(&Token { site: "gone".into(), ..good.clone() }), 404, "There is no such site here."),
    ];
    for (link, status, title) in cases {
        for answer in [desk.get_html(&link).await, desk.post(&link, &[("choice", "approve")]).await] {
            assert_eq!(answer.status, status, "{link}");
            assert!(answer.body.contains(title), "{title} is not in {}", answer.body);
        }
    }
    assert_eq!(desk.items().await[0]["item"]["status"], "held");
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
        links.push(held(&desk, &format!("Author {number}"), &format!("text-{number}-end")).await);
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
    let section = "[sites.studio.comments]\npolicy = \"none\"\n\n[sites.studio.judging]";
    let desk = Desk::configured(&[("[sites.studio.judging]", section)]).await;
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
    let wire = crate::wire::Wire::start().await;
    let table = deskbell::local::Table::Server(wire.url.clone());
    let desk = Desk::with(deskbell::local::Options { table, ..deskbell::local::Options::default() }).await;
    let link = held(&desk, "Bo", "A question").await;
    for operation in ["TransactWriteItems", "GetItem"] {
        wire.fail(operation, crate::wire::Fault::Refused);
        let refused = desk.post(&link, &[("choice", "reply"), ("reply", "A long answer")]).await;
        assert_eq!(refused.status, 503, "{operation}");
        assert!(refused.body.contains("A long answer"), "{operation}: {}", refused.body);
        wire.mend();
    }
    assert_eq!(desk.post(&link, &[("choice", "reply"), ("reply", "A long answer")]).await.status, 200);
}
