//! What visitors and the owner do in a real browser: headless Chromium, with JavaScript and without, at a desk and on a
//! phone. What else Deskbell answers is not looked at here.

use crate::harness::chromium::Browser;
use crate::harness::scenario::{ALL, PHONES, SUBMIT, play, play_with};
use crate::harness::world::{ARTICLE, Desk, link_to};

/// What a browser lets through and the functions do not: a telephone number without a digit, a website that is none.
const WRONG: [(&str, &str); 2] = [("phone", "after six"), ("url", "ftp://ann.example/")];

#[tokio::test(flavor = "multi_thread")]
async fn a_message_reaches_the_owner() {
    play("a_message_reaches_the_owner", ALL, async |desk, browser| {
        browser.open(&desk.url("/contact/")).await;
        let fields = [("name", "Ann"), ("email", "ann@example.org"), ("message", "It is the lower back.")];
        browser.fill(&fields).await;
        browser.fill(&[("preferred_time", "Evening")]).await;
        browser.press(SUBMIT).await;
        browser.read("h1", "Thank you").await;
        assert_eq!(browser.path().await, "/thank-you/");

        let email = desk.email_about("It is the lower back.").await;
        assert_eq!(email.reply_to.as_deref(), Some("ann@example.org"));
        assert!(crate::harness::world::said(&email).contains("Evening"), "{}", email.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_is_published_by_the_owner() {
    play("a_comment_is_published_by_the_owner", ALL, async |desk, browser| {
        browser.open(&desk.url(ARTICLE)).await;
        let fields = [("author", "Ann"), ("email", "ann@example.org"), ("comment", "Warmth helps me **most**.")];
        browser.fill(&fields).await;
        browser.press(SUBMIT).await;
        thanked_for_comment(browser, "Warmth helps me most.").await;

        approve(desk, browser, "Warmth helps me").await;
        browser.open(&desk.url(ARTICLE)).await;
        assert!(!browser.source().await.contains("ann@example.org"));
        browser.go_to_comments().await;
        browser.read(".comment .author", "Ann").await;
        browser.read(".comment .text", "Warmth helps me most.").await;
        assert!(!browser.source().await.contains("ann@example.org"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_with_a_mistake_comes_back_whole() {
    play("a_message_with_a_mistake_comes_back_whole", ALL, async |desk, browser| {
        let fields = [
            ("name", "Ann \"the back\" O’Hara"),
            ("email", "ann@example.org"),
            WRONG[0],
            ("preferred_time", "Morning"),
            ("message", "Two lines,\nboth <b>mine</b> & whole."),
        ];
        browser.open(&desk.url("/contact/")).await;
        correct(browser, &fields, WRONG[0], "555 0100").await;
        browser.read("h1", "Thank you").await;
        assert_eq!(browser.path().await, "/thank-you/");
        assert_eq!(desk.email_about("both <b>mine</b> & whole.").await.reply_to.as_deref(), Some("ann@example.org"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_with_a_mistake_comes_back_whole() {
    play("a_comment_with_a_mistake_comes_back_whole", ALL, async |desk, browser| {
        let fields = [
            ("author", "Ann \"the back\" O’Hara"),
            ("email", "ann@example.org"),
            WRONG[1],
            ("comment", "Two lines,\nboth <b>mine</b> & whole."),
        ];
        browser.open(&desk.url(ARTICLE)).await;
        correct(browser, &fields, WRONG[1], "https://ann.example/?a=1&b=2").await;
        thanked_for_comment(browser, "Two lines").await;
        assert!(desk.email_about("both <b>mine</b> & whole.").await.text.contains(ARTICLE));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_stands_below_its_comment() {
    play("a_reply_stands_below_its_comment", ALL, async |desk, browser| {
        let first = published(desk, "Ben", "A long walk helps me.").await;
        browser.open(&desk.url(ARTICLE)).await;
        browser.go_to_comments().await;
        browser.press(&format!("#comment-{first} .reply")).await;
        browser.leave_frame().await;
        browser.read("h1, .deskbell-reply strong", "Reply to Ben").await;
        if browser.look.scripts {
            assert_eq!(browser.path().await, ARTICLE);
            browser.see("#author:focus").await;
        } else {
            assert_eq!(browser.path().await, "/comments/reply");
            browser.read(".quote", "A long walk helps me.").await;
        }
        assert_eq!(browser.value("parent").await, first);

        let fields = [("author", "Ann"), ("email", "ann@example.org"), ("comment", "A short one does me good too.")];
        browser.fill(&fields).await;
        browser.press(SUBMIT).await;
        thanked_for_comment(browser, "A short one").await;
        approve(desk, browser, "A short one").await;
        browser.open(&desk.url(ARTICLE)).await;
        browser.go_to_comments().await;
        browser.read(&format!("#comment-{first} + .replies .text"), "A short one does me good too.").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_scrolls_sideways() {
    // Much in it looks like spam, and that is not what this is about.
    let lenient = "[sites.studio.judging]\nunsure = 1.0\nspam = 1.0";
    play_with("no_page_scrolls_sideways", lenient, PHONES, async |desk, browser| {
        let unbroken = "https://example.org/".to_owned() + &"unbroken".repeat(30);
        published(desk, &"Benedict".repeat(7), &format!("{unbroken}\n\n`{unbroken}`\n\n    {unbroken}")).await;
        for path in ["/", "/contact/", "/privacy/", "/thank-you/"] {
            browser.open(&desk.url(path)).await;
            browser.does_not_scroll_sideways().await;
        }

        browser.open(&desk.url("/contact/")).await;
        browser.fill(&[("name", &unbroken), ("email", "ann@example.org"), WRONG[0], ("message", &unbroken)]).await;
        browser.press(SUBMIT).await;
        browser.read(".notice, .deskbell-error", "hone").await;
        browser.does_not_scroll_sideways().await;

        browser.open(&desk.url(ARTICLE)).await;
        let comment = format!("Wide: {unbroken}");
        let author = "unbroken".repeat(30);
        browser.fill(&[("author", &author), ("email", "ann@example.org"), ("comment", &comment)]).await;
        browser.press(SUBMIT).await;
        thanked_for_comment(browser, "unbroken").await;
        browser.does_not_scroll_sideways().await;

        let email = desk.email_about("Wide: ").await;
        for label in ["More actions", "Approve and reply", "Spam"] {
            browser.open(&link_to(&email, label)).await;
            browser.does_not_scroll_sideways().await;
        }
        browser.open(&desk.url("/_items")).await;
        browser.does_not_scroll_sideways().await;
        browser.open(&desk.url("/_mail")).await;
        browser.does_not_scroll_sideways().await;
        browser.press(".list li a").await;
        browser.see(".email iframe").await;
        browser.does_not_scroll_sideways().await;
        browser.enter_frame(".email iframe").await;
        browser.read("body", "More actions").await;
        browser.does_not_scroll_sideways().await;
        browser.open(&desk.url(ARTICLE)).await;
        browser.go_to_comments().await;
        browser.does_not_scroll_sideways().await;
        browser.leave_frame().await;
        browser.does_not_scroll_sideways().await;
    })
    .await;
}

/// A comment that was published without a browser; gives its id.
async fn published(desk: &Desk, author: &str, text: &str) -> String {
    let id = desk.comment(author, text).await.id();
    let link = desk.link_about(text.lines().next().unwrap_or_default()).await;
    assert_eq!(desk.post(&link, &[("choice", "approve")]).await.status, 200);
    id
}

/// The owner approves in the browser what the email about `needle` tells of.
async fn approve(desk: &Desk, browser: &Browser<'_>, needle: &str) {
    let before = desk.count(ARTICLE).await;
    browser.open(&link_to(&desk.email_about(needle).await, "Approve")).await;
    browser.read("h2", "Comment by Ann").await;
    assert_eq!(desk.count(ARTICLE).await, before, "opening the link decides nothing");
    browser.does_not_scroll_sideways().await;
    browser.press(SUBMIT).await;
    browser.read("h1", "Approved").await;
    assert_eq!(desk.count(ARTICLE).await, before + 1);
}

/// Sends fields with one of [`WRONG`] among them, looks at the form that comes back, and sends it with a right one.
async fn correct(browser: &Browser<'_>, fields: &[(&str, &str)], (wrong, _): (&str, &str), right: &str) {
    browser.fill(fields).await;
    browser.press(SUBMIT).await;
    let (notice, text) = if browser.look.scripts {
        (".deskbell-notice", "Some fields are not valid")
    } else {
        (".notice", "Your text has been kept")
    };
    browser.read(notice, text).await;
    for (name, typed) in fields {
        assert_eq!(browser.value(name).await, *typed, "{name}");
    }
    let field = format!("[name={wrong}]");
    assert_eq!(browser.attribute(&field, "aria-invalid").await, "true");
    let described = browser.attribute(&field, "aria-describedby").await;
    let ids: Vec<String> = described.split(' ').map(|id| format!("#{id}")).collect();
    browser.read(&ids.join(", "), "Please enter a").await;
    assert_eq!(browser.count("[aria-invalid]").await, 1);

    if !browser.look.scripts {
        browser.press(".notice a").await;
    }
    browser.see(&format!("{field}:focus")).await;
    browser.fill(&[(wrong, right)]).await;
    browser.press(SUBMIT).await;
}

/// The thanks for a comment that waits, with the comment: on a page of their own, or in place.
async fn thanked_for_comment(browser: &Browser<'_>, text: &str) {
    if browser.look.scripts {
        browser.read(".deskbell-thanks", "once it has been approved").await;
        assert_eq!(browser.path().await, ARTICLE);
        browser.read(".deskbell-thanks + .comment .text", text).await;
    } else {
        browser.read("h1", "Thank you for your comment").await;
        browser.read(".quote", text).await;
    }
}
