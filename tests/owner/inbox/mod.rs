//! The owner's inbox: what stands in it, and what is done with it. As a browser without scripts sees it.

mod decisions;

use deskbell_functions::submission::Note;
use futures_util::future::join_all;
use uuid::Uuid;

use crate::harness::client::{Client, csrf};
use crate::harness::fault_proxy::{Mail, Mood};
use crate::harness::metered::metered;
use crate::harness::page::{boxes, flash_boxes, has, link, names};
use crate::harness::stream::{another_notifier, handle, records};
use crate::harness::world::{ARTICLE, Answer, BLATANT, Desk, MODERATOR, OWNER};

impl Desk {
    async fn status(&self, id: &str) -> &'static str {
        self.submission(id).await.status.word()
    }
}

/// Presses a button about these, and follows to the page that tells what was done.
async fn press(browser: &Client<'_>, path: &str, button: &str, items: &[&str]) -> Answer {
    let items = items.iter().map(|item| ("item", *item));
    let answer = browser.post(path, &items.chain([("do", button)]).collect::<Vec<_>>()).await;
    assert_eq!(answer.status, 303, "{answer:?}");
    browser.get(answer.header("location")).await
}

/// What the button for undoing sends.
async fn undo(browser: &Client<'_>, path: &str, told: &Answer) -> Answer {
    let items = flash_boxes(told);
    press(browser, path, "undo", &items.iter().map(String::as_str).collect::<Vec<_>>()).await
}

#[tokio::test]
async fn the_first_page_shows_what_is_new_and_what_waits() {
    let desk = Desk::start().await;
    let browser = desk.sign_in(OWNER).await;
    let empty = browser.get("/inbox").await;
    has(&empty, "No new messages.");
    assert!(!empty.body.contains("Comments awaiting approval:"));

    desk.message_from("Ann", "Could I come on <b>Monday</b>?\n\nMy back hurts.").await;
    desk.comment("Bo", "A first comment").await;
    let page = browser.get("/inbox").await;
    assert_eq!(names(&page), ["Ann"]);
    for part in [
        "Could I come on &#60;b&#62;Monday&#60;/b&#62;? My back hurts.",
        "just now</time>",
        "Comments awaiting approval: 1",
    ] {
        has(&page, part);
    }
    assert_eq!(names(&browser.get("/inbox/comments/pending").await), ["Bo"]);
    has(&browser.get("/inbox/comments/pending").await, ARTICLE);
    for folder in ["messages/read", "messages/done", "messages/spam", "messages/trash", "comments/published"] {
        let page = browser.get(&format!("/inbox/{folder}")).await;
        assert_eq!((page.status, names(&page).len()), (200, 0), "{folder}");
    }
    for folder in ["messages/pending", "comments/new", "comments/x", "x/new"] {
        assert_eq!(browser.get(&format!("/inbox/{folder}")).await.status, 404, "{folder}");
    }
}

#[tokio::test]
async fn nothing_changes_by_being_looked_at() {
    let desk = Desk::start().await;
    let browser = desk.sign_in(OWNER).await;
    let (lead, comment) = (desk.message_from("Ann", "Hello").await, desk.comment("Bo", "Words").await.id());
    desk.settled().await;
    let before = (desk.submission(&lead).await, desk.submission(&comment).await);
    for id in [&lead, &comment] {
        let page = browser.get(&format!("/inbox/item/{id}?do=spam&item={id}.0")).await;
        assert_eq!(page.status, 200, "{page:?}");
    }
    browser.get("/inbox/messages/new?pick=all&do=trash").await;
    browser.get("/inbox/export?folder=messages/new&format=csv").await;
    assert_eq!((desk.submission(&lead).await, desk.submission(&comment).await), before);
}

#[tokio::test]
async fn an_item_shows_everything_and_why() {
    let desk = Desk::start().await;
    let browser = desk.sign_in(OWNER).await;
    let fields = [
        ("name", "Ann"),
        ("email", "ann@example.org"),
        ("phone", "+46 8 555 010"),
        ("_subject", "Monday & more"),
        ("preferred_time", "Evening"),
        ("message", BLATANT),
    ];
    let id = desk.post_for_json("/contact", &fields).await.id();
    let page = browser.get(&format!("/inbox/item/{id}")).await;
    for part in [
        "Message from Ann",
        "In the spam folder",
        "+46 8 555 010",
        "Preferred time",
        "Evening",
        "[url=https://casino.example]",
        "It contains words you block: casino, viagra.",
        "strong sign of spam",
        "Spam score:",
        "href=\"mailto:ann@example.org?subject=Re%3A%20Monday%20%26%20more\"",
        "value=\"not_spam\"",
        "/inbox/messages/spam?q=ann%40example.org",
    ] {
        has(&page, part);
    }
    assert!(!page.body.contains("value=\"spam\"") && !page.body.contains("value=\"approve\""), "{}", page.body);
    for gone in ["/inbox/item/x".to_owned(), format!("/inbox/item/{}", Uuid::now_v7())] {
        assert_eq!(browser.get(&gone).await.status, 410, "{gone}");
    }
}

#[tokio::test]
async fn notes_are_kept_with_a_message_and_can_be_deleted() {
    let desk = Desk::start().await;
    let browser = desk.sign_in(OWNER).await;
    let id = desk.message_from("Ann", "Hello").await;
    let item = format!("/inbox/item/{id}");
    let note_id = Uuid::new_v4().to_string();
    let note = [("do", "note"), ("note_id", &*note_id), ("note", "Called her.\r\n<b>Monday</b> it is.")];
    for _ in 0..2 {
        let added = browser.post(&item, &note).await;
        assert_eq!((added.status, added.header("location")), (303, &*format!("{item}#notes")));
    }
    let stored = desk.submission(&id).await;
    assert_eq!((stored.notes.len(), stored.decisions), (1, 0));
    let page = browser.get(&item).await;
    has(&page, "Called her.\n&#60;b&#62;Monday&#60;/b&#62; it is.");
    has(&page, "Mara Lindqvist, just now");
    has(&browser.get("/inbox").await, "Notes: 1");
    assert_eq!(names(&browser.get("/inbox/messages/new?q=monday").await), ["Ann"]);
    // Decisions leave notes alone, and notes decisions.
    press(&browser, &item, "read", &[&format!("{id}.0")]).await;
    assert_eq!(desk.submission(&id).await.notes, stored.notes);

    let long = "x".repeat(Note::MAX + 1);
    for (text, notice) in [(" ", "Please type the note first."), (&*long, "Please shorten the note")] {
        let refused = browser.post(&item, &[("do", "note"), ("note_id", &note_id), ("note", text)]).await;
        assert_eq!(refused.status, 422);
        has(&refused, notice);
        has(&refused, text);
    }
    browser.post(&item, &[("do", "delete_note"), ("note_id", &note_id)]).await;
    assert_eq!(desk.submission(&id).await.notes, []);

    let add = |number: usize| {
        let (browser, item, id) = (&browser, &item, Uuid::new_v4().to_string());
        async move {
            let text = format!("Note {number}");
            browser.post(item, &[("do", "note"), ("note_id", &id), ("note", &text)]).await.status
        }
    };
    let added = join_all((0..4).map(add)).await;
    assert_eq!((added, desk.submission(&id).await.notes.len()), (vec![303; 4], 4), "none is lost");
    for number in 4..Note::COUNT {
        assert_eq!(add(number).await, 303);
    }
    assert_eq!((add(99).await, desk.submission(&id).await.notes.len()), (422, Note::COUNT));
}

#[tokio::test]
async fn moderators_see_and_touch_comments_alone() {
    let desk = Desk::start().await;
    let browser = desk.sign_in(MODERATOR).await;
    let lead = desk.message_from("Ann", "Private words").await;
    let comment = [("page", ARTICLE), ("author", "Ann"), ("email", "ann@example.org"), ("comment", "Public words")];
    let comment = desk.post_for_json("/comments", &comment).await.id();
    desk.settled().await;
    let home = browser.get("/inbox").await;
    assert_eq!((names(&home), home.body.contains("/inbox/messages")), (vec!["Ann".to_owned()], false));
    for closed in [
        "/inbox/messages/new",
        &format!("/inbox/item/{lead}"),
        "/inbox/export?folder=comments/pending",
        "/inbox/person",
    ] {
        let page = browser.get(closed).await;
        assert_eq!(page.status, 403, "{closed}");
        assert!(!page.body.contains("Private words"));
    }
    assert_eq!(browser.get(&format!("/inbox/item/{comment}")).await.status, 200);
    let seen = format!("{lead}.0");
    for (path, button) in [("/inbox/comments/pending", "spam"), (&*format!("/inbox/item/{lead}"), "trash")] {
        assert_eq!(browser.post(path, &[("do", button), ("item", &seen)]).await.status, 403, "{path}");
    }
    let erase = [("email", "ann@example.org"), ("sure", "yes")];
    assert_eq!(browser.post("/inbox/person", &erase).await.status, 403);
    let note = [("do", "note"), ("note_id", &*Uuid::new_v4().to_string()), ("note", "x")];
    assert_eq!(browser.post(&format!("/inbox/item/{lead}"), &note).await.status, 403);
    assert_eq!(desk.submission(&lead).await.decisions, 0);
    let person = browser.get("/inbox/comments/pending?q=ann@example.org").await;
    assert!(names(&person) == ["Ann"] && !person.body.contains("Private words"), "{}", person.body);
}

#[tokio::test]
async fn forms_without_their_session_or_without_a_tick_do_nothing() {
    let desk = Desk::start().await;
    let browser = desk.sign_in(OWNER).await;
    let id = desk.message_from("Ann", "Hello").await;
    let seen = format!("{id}.0");
    let page = browser.get("/inbox").await;
    for csrf in ["", "x", &csrf(&desk.sign_in(OWNER).await.get("/inbox").await)] {
        let fields = [("csrf", csrf), ("do", "spam"), ("item", &seen)];
        assert_eq!(browser.post_bare("/inbox/messages/new", &fields).await.status, 403);
        assert_eq!(browser.post_bare(&format!("/inbox/item/{id}"), &fields).await.status, 403);
    }
    assert_eq!(Client::new(&desk).post_bare("/inbox/messages/new", &[("csrf", &csrf(&page))]).await.status, 303);
    let nothing = browser.post("/inbox/messages/new", &[("do", "spam")]).await;
    assert_eq!((nothing.status, names(&nothing)), (422, vec!["Ann".to_owned()]));
    has(&nothing, "Select at least one item first.");
    for (deed, item) in [("dance", &*seen), ("approve", &seen), ("reply", &seen)] {
        let answer = browser.post("/inbox/messages/new", &[("do", deed), ("item", item)]).await;
        assert!([303, 400].contains(&answer.status), "{answer:?}");
    }
    assert_eq!(desk.submission(&id).await.decisions, 0);
    // A report that nobody here has made is not told.
    let forged = browser.get("/inbox/messages/new?report=spam.AAAA..0.x").await;
    assert!(forged.status == 200 && !forged.body.contains("class=\"flash\""));
}

#[tokio::test]
async fn one_pages_to_older_ones_and_back() {
    let desk = Desk::start().await;
    let browser = desk.sign_in(OWNER).await;
    let mut expected = Vec::new();
    for number in 0..60 {
        desk.message_from(&format!("Nr {number}"), &format!("Hello for the {number}th time")).await;
        expected.insert(0, format!("Nr {number}"));
    }
    let first = browser.get("/inbox/messages/new").await;
    assert_eq!((names(&first), link(&first, "Newer")), (expected[..25].to_vec(), None));
    let second = browser.get(&link(&first, "Older").expect("a link")).await;
    assert_eq!(names(&second), expected[25..50]);
    let third = browser.get(&link(&second, "Older").expect("a link")).await;
    assert_eq!((names(&third), link(&third, "Older")), (expected[50..].to_vec(), None));
    let back = browser.get(&link(&third, "Newer").expect("a link")).await;
    assert_eq!(names(&back), expected[25..50]);
    let start = browser.get(&link(&back, "Newer").expect("a link")).await;
    assert_eq!((names(&start), link(&start, "Newer")), (expected[..25].to_vec(), None));
    let all = browser.get(&link(&first, "Select all on this page").expect("a link")).await;
    assert_eq!(all.body.matches(" checked>").count(), 25);
    let items = boxes(&all);
    let told =
        press(&browser, "/inbox/messages/new", "done", &items.iter().map(String::as_str).collect::<Vec<_>>()).await;
    has(&told, "Marked as done (25)");
    assert_eq!(names(&told), expected[25..50]);
}

#[tokio::test]
async fn what_was_not_delivered_is_said_and_sent_again() {
    let (proxy, desk) = metered("").await;
    let (owner, moderator) = (desk.sign_in(OWNER).await, desk.sign_in(MODERATOR).await);
    proxy.quieten().await;
    let mail = Mail::start(0).await;
    mail.always("", Mood::Refuses(400, "MessageRejected"));
    let notifier = another_notifier(&proxy, &mail).await;
    let id = desk.message_from("Ann", "Nobody has heard this").await;
    handle(&notifier, &records(&[desk.submission(&id).await])).await;

    has(&owner.get("/inbox").await, "Not delivered to you: 1");
    let item = owner.get(&format!("/inbox/item/{id}")).await;
    has(
        &item,
        "Email: not delivered. Last try just now, tries so far 1: the email service (Amazon SES) refused it: MessageRejected",
    );
    let page = owner.get("/inbox/deliveries").await;
    assert_eq!(names(&page), ["Ann"]);
    assert!(!moderator.get("/inbox").await.body.contains("Not delivered"));
    assert_eq!(moderator.get("/inbox/deliveries").await.status, 403);
    assert_eq!(moderator.post("/inbox/deliveries", &[]).await.status, 403);

    for _ in 0..2 {
        let again = owner.post("/inbox/deliveries", &[]).await;
        assert_eq!((again.status, again.header("location")), (303, "/inbox/deliveries?again"));
    }
    has(&owner.get("/inbox/deliveries?again").await, "Email: on its way");
    proxy.keep_stream_still(false);
    desk.email_about("Nobody has heard this").await;
    desk.settled().await;
    has(&owner.get("/inbox/deliveries").await, "Everything was delivered.");
    has(&owner.get(&format!("/inbox/item/{id}")).await, "Email: delivered just now");
    assert!(!owner.get("/inbox").await.body.contains("Not delivered"));
}
