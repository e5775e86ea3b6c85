//! Deciding in the inbox, about one and about several, and taking it back.

use futures_util::future::join_all;

use super::{press, undo};
use crate::harness::page::{boxes, has, names};
use crate::harness::world::{ARTICLE, BLATANT, Desk, MODERATOR, OWNER};

#[tokio::test]
async fn several_are_decided_at_once_and_taken_back_at_once() {
    let desk = Desk::start().await;
    let browser = desk.sign_in(OWNER).await;
    let mut ids = Vec::new();
    for number in 0..3 {
        ids.push(desk.comment(&format!("Author {number}"), &format!("Text number {number}")).await.id());
    }
    let waiting = "/inbox/comments/pending";
    let page = browser.get(waiting).await;
    let shown = boxes(&page);
    assert_eq!(names(&page), ["Author 2", "Author 1", "Author 0"]);
    let told = press(&browser, waiting, "approve", &[&shown[0], &shown[1]]).await;
    has(&told, "Approved (2)");
    assert_eq!((names(&told), desk.count(ARTICLE).await), (vec!["Author 0".to_owned()], 2));
    assert_eq!(names(&browser.get("/inbox/comments/published").await), ["Author 2", "Author 1"]);
    desk.settled().await;
    let app = &desk.world.app;
    let memory = async || app.store.site_model_now("studio").await.expect("the table").model.to_bytes();
    let learnt = memory().await;

    let back = undo(&browser, waiting, &told).await;
    has(&back, "Undone (2)");
    assert!(!back.body.contains("value=\"undo\""));
    assert_eq!((names(&back).len(), desk.count(ARTICLE).await), (3, 0));
    desk.settled().await;
    assert_ne!(memory().await, learnt, "what was taken back teaches nothing");
    assert_eq!(desk.submission(&ids[1]).await.label(), None);
    let item = browser.get(&format!("/inbox/item/{}", ids[1])).await;
    has(&item, "Undone by Mara Lindqvist, just now");
    // Once taken back is taken back.
    has(&undo(&browser, waiting, &told).await, "Undone (2)");
    assert_eq!(desk.submission(&ids[1]).await.decisions, 2);
}

#[tokio::test]
async fn a_button_pressed_twice_acts_once() {
    let desk = Desk::start().await;
    let browser = desk.sign_in(OWNER).await;
    let ids = [desk.comment("Bo", "One").await.id(), desk.comment("Cy", "Two").await.id()];
    let items: Vec<String> = ids.iter().map(|id| format!("{id}.0")).collect();
    let items: Vec<&str> = items.iter().map(String::as_str).collect();
    let page = "/inbox/comments/pending";
    let told = join_all((0..3).map(|_| press(&browser, page, "approve", &items))).await;
    for told in &told {
        has(told, "Approved (2)");
        assert!(!told.body.contains("someone else"), "{}", told.body);
    }
    assert_eq!((desk.count(ARTICLE).await, desk.submission(&ids[0]).await.decisions), (2, 1));
    let undone = join_all((0..3).map(|_| undo(&browser, page, &told[0]))).await;
    for told in &undone {
        has(told, "Undone (2)");
    }
    assert_eq!((desk.count(ARTICLE).await, desk.submission(&ids[0]).await.decisions), (0, 2));
}

#[tokio::test]
async fn what_somebody_else_decided_first_stands_and_is_said() {
    let desk = Desk::start().await;
    let (owner, moderator) = (desk.sign_in(OWNER).await, desk.sign_in(MODERATOR).await);
    let first = desk.comment("Bo", "One").await.id();
    let second = desk.comment("Cy", "Two").await.id();
    let page = "/inbox/comments/pending";
    let shown = boxes(&owner.get(page).await);
    press(&moderator, page, "spam", &[&format!("{first}.0")]).await;
    let told = press(&owner, page, "approve", &shown.iter().map(String::as_str).collect::<Vec<_>>()).await;
    for part in
        ["Approved (1)", "Not changed, because someone else decided first (1)", "<bdi>Bo</bdi></a>: In the spam folder"]
    {
        has(&told, part);
    }
    assert_eq!((desk.status(&first).await, desk.status(&second).await), ("spam", "published"));
    has(&owner.get(&format!("/inbox/item/{first}")).await, "Decided by Jon Berg, just now");

    // Nor is what was decided since taken back.
    press(&moderator, page, "trash", &[&format!("{second}.1")]).await;
    let late = undo(&owner, page, &told).await;
    has(&late, "someone else decided first (1)");
    assert_eq!(desk.status(&second).await, "trash");
    // The mail's link knows it, too.
    let link = desk.link_about("Two").await;
    has(&desk.get_html(&link).await, "Someone has already decided");
}

#[tokio::test]
async fn a_message_is_new_then_read_then_done_and_is_announced_when_it_leaves_the_spam() {
    let desk = Desk::start().await;
    let browser = desk.sign_in(OWNER).await;
    let id = desk.message_from("Ann", "Hello").await;
    desk.email_about("Hello").await;
    let item = format!("/inbox/item/{id}");
    for (number, (button, said, status)) in [
        ("read", "Marked as read (1)", "read"),
        ("done", "Marked as done (1)", "done"),
        ("unread", "Marked as new (1)", "received"),
        ("trash", "Moved to trash (1)", "trash"),
        ("not_spam", "Moved to new messages (1)", "received"),
        ("undo", "Undone (1)", "trash"),
    ]
    .into_iter()
    .enumerate()
    {
        has(&press(&browser, &item, button, &[&format!("{id}.{number}")]).await, said);
        assert_eq!(desk.status(&id).await, status);
    }
    desk.settled().await;
    let announced = desk.emails().await.into_iter().filter(|email| email.text.contains("Hello")).count();
    assert_eq!(announced, 1, "nobody is told twice");

    let spam = desk.message_from("Seller", BLATANT).await;
    assert_eq!(desk.status(&spam).await, "spam");
    press(&browser, "/inbox/messages/spam", "not_spam", &[&format!("{spam}.0")]).await;
    desk.email_about("casino.example").await;
}

#[tokio::test]
async fn a_comment_is_answered_and_the_answer_taken_back_with_it() {
    let desk = Desk::start().await;
    let browser = desk.sign_in(MODERATOR).await;
    let id = desk.comment("Bo", "A question").await.id();
    let (item, seen) = (format!("/inbox/item/{id}"), format!("{id}.0"));
    let empty = browser.post(&item, &[("do", "reply"), ("item", &seen), ("reply", " ")]).await;
    assert_eq!(empty.status, 422);
    has(&empty, "Please type your reply");
    let answered = browser.post(&item, &[("do", "reply"), ("item", &seen), ("reply", "An *answer*")]).await;
    has(&browser.get(answered.header("location")).await, "Your reply is on the page.");
    assert_eq!(desk.count(ARTICLE).await, 2);

    // Too late, but not lost.
    let late = browser.post(&item, &[("do", "reply"), ("item", &seen), ("reply", "Another <answer>")]).await;
    assert_eq!(late.status, 409);
    has(&late, "Another &#60;answer&#62;</textarea>");
    has(&press(&browser, &item, "undo", &[&format!("{id}.1")]).await, "Undone (1)");
    assert_eq!((desk.count(ARTICLE).await, desk.status(&id).await), (0, "held"));
}
