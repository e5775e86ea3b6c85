//! What holds for some pages alone, and pages that take no comments any more.

use deskbell_filter::Verdict;
use deskbell_functions::store::List;
use deskbell_functions::submission::{Status, Submission, SubmissionContent};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::harness::submissions;
use crate::harness::world::{Answer, Desk, eventually, link};

/// The sample site with these settings for comments.
async fn desk(settings: &str) -> Desk {
    Desk::configured(&format!("[sites.studio.comments]\n{settings}")).await
}

/// So many days ago.
fn ago(days: i64) -> Timestamp {
    Timestamp::now() - SignedDuration::from_hours(24 * days)
}

/// Stores a comment as if it had come so many days ago.
async fn old_comment(desk: &Desk, days: i64, page: &str, status: Status) -> Submission {
    old_comment_since(desk, days, page, status, None).await
}

/// The same; it has noted since when there are comments on its page, in seconds since 1970.
async fn old_comment_since(desk: &Desk, days: i64, page: &str, status: Status, since: Option<i64>) -> Submission {
    let site = &desk.world.app.config.sites["studio"];
    let milliseconds = u64::try_from(ago(days).as_millisecond()).expect("a time");
    let id = submissions::id_at(milliseconds);
    let text = format!("From {days} days ago");
    let mut comment =
        submissions::comment(&[("page", page), ("author", "Ann"), ("email", "ann@example.org"), ("comment", &text)]);
    comment.note_page_since(since);
    let comment = Submission::new(id, site, SubmissionContent::Comment(comment), Verdict::owner(), status);
    let comment = desk.world.app.store.insert(comment).await.expect("the table");
    if status == Status::Published {
        let counted = async || desk.submission(&id.to_string()).await.counted.then_some(());
        eventually("the count", counted).await;
    }
    comment
}

fn fields<'a>(page: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let comment = [("page", page), ("author", "Bo"), ("email", "bo@example.org"), ("comment", "A word of mine")];
    [&comment[..], more].concat()
}

/// A comment of somebody unknown on a page, with further fields.
async fn post(desk: &Desk, page: &str, more: &[(&str, &str)]) -> Answer {
    desk.post_for_json("/comments", &fields(page, more)).await
}

fn assert_closed(answer: &Answer) {
    let problem = answer.json();
    assert_eq!((answer.status, answer.header("content-type")), (403, "application/problem+json"));
    assert_eq!((&problem["code"], &problem["title"]), (&json!("comments_closed"), &json!("Comments are closed.")));
}

#[tokio::test]
async fn a_page_closes_days_after_its_first_comment_and_says_so() {
    let desk = desk("close_after_days = 30\n").await;
    let first = old_comment(&desk, 31, "/old/", Status::Published).await.id.to_string();
    old_comment(&desk, 29, "/new/", Status::Published).await;
    for (page, closed) in [("/old/", true), ("/new/", false), ("/none/", false)] {
        assert_eq!(desk.comments(page).await["closed"], closed, "{page}");
        let html = desk.get_html(&format!("/comments?page={page}")).await.body;
        assert_eq!(html.contains("<p class=\"closed\">Comments are closed.</p>"), closed, "{html}");
        assert_eq!(html.contains("class=\"reply\""), page == "/new/", "{html}");
    }
    assert_closed(&post(&desk, "/old", &[]).await);
    assert_closed(&post(&desk, "/old/", &[("parent", &first)]).await);
    assert_eq!(post(&desk, "/new/", &[]).await.status, 202);

    let form = desk.get_html(&format!("/comments/reply?parent={first}")).await;
    assert!(form.status == 403 && form.body.contains("This page no longer accepts comments."), "{}", form.body);
    let waiting = desk.world.app.store.list("studio", List::Comments(Status::Held), None, 9).await.expect("the table");
    assert_eq!(waiting.submissions.len(), 1, "what is refused is not stored");
}

#[tokio::test]
async fn whoever_comes_too_late_gets_back_what_they_typed() {
    let desk = desk("close_after_days = 30\n").await;
    old_comment(&desk, 31, "/old/", Status::Published).await;
    let refused = desk.post("/comments", &fields("/old/", &[("published", "2026-01-02")])).await;
    assert_eq!(refused.status, 403);
    for part in
        ["Comments on this page are closed", "role=\"alert\"", "A word of mine</textarea>", "value=\"bo@example.org\""]
    {
        assert!(refused.body.contains(part), "{part} is not in {}", refused.body);
    }
    assert!(!refused.body.contains("<button"), "it would only be refused again: {}", refused.body);
}

#[tokio::test]
async fn a_younger_thread_does_not_keep_its_page_open() {
    let desk = desk("policy = \"none\"\nclose_after_days = 30\n").await;
    let first = old_comment(&desk, 29, "/a/", Status::Published).await;
    let noted = Some(ago(31).as_second());
    let younger = old_comment_since(&desk, 5, "/b/", Status::Published, noted).await.id.to_string();
    assert_closed(&post(&desk, "/b/", &[("parent", &younger)]).await);
    // What comes notes it, at its own thread's beginning as in the threads of others.
    let thread = post(&desk, "/a/", &[]).await;
    let answer = post(&desk, "/a/", &[("parent", &thread.id()), ("url", "https://bo.example")]).await;
    for sent in [thread, answer] {
        let stored = desk.submission(&sent.id()).await;
        let since = stored.comment().and_then(deskbell_functions::submission::comment::Comment::page_since);
        assert_eq!((sent.status, since), (201, Some(first.received_at().as_second())));
    }
}

#[tokio::test]
async fn a_form_may_say_when_its_page_was_published() {
    let desk = desk("policy = \"none\"\nclose_after_days = 30\n").await;
    old_comment(&desk, 31, "/old/", Status::Published).await;
    let day = |days| ago(days).strftime("%Y-%m-%d").to_string();
    assert_closed(&post(&desk, "/page/", &[("published", &day(32))]).await);
    assert_closed(&post(&desk, "/old/", &[("published", &day(1))]).await);
    let open = post(&desk, "/page/", &[("published", &day(29))]).await;
    assert_eq!(open.status, 201);
    assert_eq!(post(&desk, "/page/", &[("published", "soon")]).await.status, 201, "no visitor's mistake");
    assert_eq!(desk.get("/comments?page=/page/&published=soon").await.status, 422, "the developer's");

    let shown = async |days| desk.get(&format!("/comments?page=/page/&published={}", day(days))).await.json();
    assert_eq!((&shown(32).await["closed"], &shown(29).await["closed"]), (&json!(true), &json!(false)));
    let html = desk.get_html(&format!("/comments?page=/page/&published={}", day(29))).await.body;
    let reply = html.split("target=\"_top\" href=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a link");
    let form = desk.get_html(&reply.replace("&#38;", "&")).await.body;
    assert!(form.contains(&format!("name=\"published\" value=\"{}T00:00:00Z\"", day(29))), "{form}");
    let late = format!("/comments/reply?parent={}&published={}", open.id(), day(32));
    assert_eq!(desk.get_html(&late).await.status, 403);
}

#[tokio::test]
async fn when_a_page_was_published_is_read_whatever_a_form_calls_it() {
    let desk = desk("policy = \"none\"\nclose_after_days = 30\n").await;
    let day = |days| ago(days).strftime("%Y-%m-%d").to_string();
    for name in ["Published", "fields[published]", "form[published]"] {
        assert_closed(&post(&desk, "/page/", &[(name, &day(32))]).await);
        assert_eq!(post(&desk, "/page/", &[(name, &day(29)), ("comment", name)]).await.status, 201, "{name}");
    }
}

#[tokio::test]
async fn the_owner_decides_and_answers_on_closed_pages_too() {
    let desk = desk("close_after_days = 30\n").await;
    old_comment(&desk, 50, "/old/", Status::Published).await;
    let held = old_comment(&desk, 40, "/old/", Status::Held).await;
    assert_eq!(desk.comments("/old/").await["closed"], true);
    let link = desk.world.app.moderation_path(&held);
    let answered = desk.post(&link, &[("choice", "reply"), ("reply", "Thank you, late as it is.")]).await;
    assert_eq!(answered.status, 200);
    let page = desk.comments("/old/").await;
    assert_eq!(page["count"], 3);
    assert_eq!(page["comments"][1]["replies"][0]["html"], "<p>Thank you, late as it is.</p>\n");
}

#[tokio::test]
async fn pages_have_policies_of_their_own_by_the_first_pattern_that_they_fit() {
    let pages = r#"
policy = "none"
close_after_days = 30
[[sites.studio.comments.pages]]
match = "/news/guests/*"
policy = "first"
[[sites.studio.comments.pages]]
match = "/news/*"
policy = "all"
[[sites.studio.comments.pages]]
match = "/archive/*"
closed = true
[[sites.studio.comments.pages]]
match = "/always/"
closed = false
"#;
    let desk = desk(pages).await;
    let statuses = async || {
        let mut statuses = Vec::new();
        for page in ["/blog/a/", "/news/a/", "/news/guests/a/"] {
            let text = format!("This is my {}. comment", statuses.len());
            let fields = [("page", page), ("author", "Di"), ("email", "di@example.org"), ("comment", &text)];
            statuses.push(desk.post_for_json("/comments", &fields).await.json()["status"].clone());
        }
        statuses
    };
    assert_eq!(statuses().await, ["published", "held", "held"]);
    let email = desk.email_about("This is my 2. comment").await;
    assert_eq!(desk.post(&link(&email), &[("choice", "approve")]).await.status, 200);
    let fields =
        [("page", "/news/a/"), ("author", "Di"), ("email", "di@example.org"), ("comment", "From one you know")];
    assert_eq!(desk.post_for_json("/comments", &fields).await.status, 202, "there everybody's waits");
    let fields =
        [("page", "/news/guests/b"), ("author", "Di"), ("email", "di@example.org"), ("comment", "From one you know")];
    assert_eq!(desk.post_for_json("/comments", &fields).await.status, 201);

    assert_closed(&post(&desk, "/archive/2001/", &[]).await);
    assert_eq!(desk.comments("/archive/2001/").await["closed"], true);
    old_comment(&desk, 300, "/always/", Status::Published).await;
    assert_eq!(desk.comments("/always").await["closed"], false);
    assert_eq!(post(&desk, "/always/", &[("published", "2020-01-01")]).await.status, 201);
}
