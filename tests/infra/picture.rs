//! Makes the picture of the README, `infra/picture.png`: the comments and their form on the sample site, the email about
//! a new comment, and the inbox, as a phone shows them. To make it anew:
//! `cargo test -p deskbell-tests picture -- --ignored`

use std::fmt::Write as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::json;

use crate::harness::chromium::{Browser, Capture};
use crate::harness::client::Client;
use crate::harness::scenario::{PHONE, SUBMIT, play};
use crate::harness::world::{ARTICLE, Desk, OWNER};

/// Where the picture belongs, from the root of the repository.
const FILE: &str = "infra/picture.png";

/// GitHub shows the picture at once only if it is small.
const MAX_BYTES: usize = 200_000;

/// The width of the parts, and how much of each is shown, in pixels.
const WIDTH: u32 = 390;
const HEIGHT: u32 = 820;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "not a test: it makes the picture of the README"]
async fn picture() {
    play("picture", &[PHONE], async |desk, browser| {
        seed(desk).await;
        let comments = comments(desk, browser).await;
        let email = email(desk, browser).await;
        let inbox = inbox(desk, browser).await;
        let page = page(&[("Comments on your page", comments), ("An email to you", email), ("Your inbox", inbox)]);
        let png = photograph(browser, &page).await;
        assert!(png.len() < MAX_BYTES, "{} bytes", png.len());
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the root of the repository");
        std::fs::write(root.join(FILE), png).expect("the picture is written");
    })
    .await;
}

/// A few comments and messages as a small site gets them.
async fn seed(desk: &Desk) {
    let walking = "Walking every hour helped me more than any cushion. **Thank you** for saying so plainly.";
    desk.comment("Ben Ortega", walking).await;
    let link = desk.link_about("Walking every hour").await;
    let reply = "That is good to hear, Ben. Keep walking!";
    assert_eq!(desk.post(&link, &[("choice", "reply"), ("reply", reply)]).await.status, 200);
    desk.comment("Aisha Khan", "Is heat also fine in the first days, or should I wait?").await;
    for (name, message) in [
        ("Tom Reed", "Could I come on Thursday after five? My lower back has been stiff since we moved house."),
        ("Lena Vogt", "Do you also treat people who are pregnant? I am in week 24, and my doctor says yes."),
        ("Paul Moreau", "Thank you for last Friday. I slept through the night for the first time in weeks."),
        ("Ines Costa", "Do you sell vouchers? I would like to give my father one for his birthday."),
    ] {
        desk.message_from(name, message).await;
        // Not until all has settled: that sends messages of its own, and these would be in the picture.
        desk.email_about(message).await;
    }
}

/// The comments with the form below them, as an image for `src`.
async fn comments(desk: &Desk, browser: &Browser<'_>) -> String {
    browser.open(&desk.url(ARTICLE)).await;
    browser.see("deskbell-comments .comments").await;
    part_from(browser, "#comments").await
}

/// The email about the comment that awaits approval.
async fn email(desk: &Desk, browser: &Browser<'_>) -> String {
    let html = desk.email_about("Is heat also fine").await.html;
    browser.open(&format!("data:text/html;charset=utf-8;base64,{}", BASE64.encode(html))).await;
    part_from(browser, "body").await
}

/// The new messages.
async fn inbox(desk: &Desk, browser: &Browser<'_>) -> String {
    browser.open(&desk.url("/inbox/sign-in")).await;
    browser.fill(&[("email", OWNER)]).await;
    browser.press(SUBMIT).await;
    browser.open(&Client::new(desk).link_to(OWNER).await).await;
    browser.press(SUBMIT).await;
    browser.see(".rows").await;
    part_from(browser, "body").await
}

/// The page from the top of an element on, as an image for `src`.
async fn part_from(browser: &Browser<'_>, css: &str) -> String {
    let script = "return document.querySelector(arguments[0]).getBoundingClientRect().top + scrollY";
    let top = browser.client.execute(script, vec![css.into()]).await.expect("a place");
    format!("data:image/png;base64,{}", capture(browser, top.as_f64().expect("a number"), WIDTH, HEIGHT).await)
}

/// A page that shows the parts side by side, each with what it is.
fn page(parts: &[(&str, String)]) -> String {
    let mut figures = String::new();
    for (text, image) in parts {
        let _ = write!(figures, "<figure><figcaption>{text}</figcaption><img alt=\"\" src=\"{image}\"></figure>");
    }
    let style = format!(
        "body{{margin:0;padding:24px;display:flex;gap:24px;width:max-content;background:#dfe5e4;\
        font:600 20px/1.5 system-ui,sans-serif;color:#1d2528}}figure{{margin:0}}figcaption{{margin:0 0 8px 4px}}\
        img{{display:block;width:{WIDTH}px;height:{HEIGHT}px;border-radius:12px;box-shadow:0 1px 8px #0004}}"
    );
    format!("<!doctype html><style>{style}</style>{figures}")
}

/// Shows a page of our own and takes a picture of all of it: a PNG.
async fn photograph(browser: &Browser<'_>, html: &str) -> Vec<u8> {
    browser.client.goto("about:blank").await.expect("an empty page");
    let write = "document.write(arguments[0]); document.close();
        return Promise.all([...document.images].map(image => image.decode()))
            .then(() => [document.body.offsetWidth, document.body.offsetHeight])";
    let size = browser.client.execute(write, vec![html.into()]).await.expect("the page");
    let pixels = |index: usize| u32::try_from(size[index].as_u64().expect("a number")).expect("a size");
    BASE64.decode(capture(browser, 0.0, pixels(0), pixels(1)).await).expect("a picture")
}

/// A picture of the page from `top` on, in Base64.
async fn capture(browser: &Browser<'_>, top: f64, width: u32, height: u32) -> String {
    let clip = json!({ "x": 0, "y": top, "width": width, "height": height, "scale": 1 });
    let shot = browser.client.issue_cmd(Capture(Some(clip))).await.expect("a picture");
    shot["data"].as_str().expect("a picture").to_owned()
}
