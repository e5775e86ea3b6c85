//! How people in a real browser show to be people: unasked by our own script, by ALTCHA's public widget, and by a
//! button where scripts are off.

use std::path::Path;
use std::time::Instant;

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use deskbell_filter::Decision;
use deskbell_functions::submission::Status;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::harness::chromium::Browser;
use crate::harness::scenario::{ALL, DESK, SUBMIT, play_with};
use crate::harness::tools;
use crate::harness::world::{ARTICLE, Desk, eventually, evidence, link, only_just};

/// Comments are published as they come, unless in doubt; and the driver types faster than people.
const OPEN: &str = "[sites.studio]\nchallenge.min_seconds = 0\ncomments.policy = \"none\"\n[sites.studio.judging]";

/// Has a blocked word. A person wrote it.
const DOUBTFUL: &str = "My brother won a massage at the casino.";

async fn write_comment(desk: &Desk, browser: &Browser<'_>, text: &str) {
    browser.open(&desk.url(ARTICLE)).await;
    browser.fill(&[("author", "Ann"), ("email", "ann@example.org"), ("comment", text)]).await;
    browser.press(SUBMIT).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_in_doubt_is_cleared_with_scripts_and_without() {
    let settings = format!("{OPEN}\n{}", only_just(Decision::Unsure, "Ann", "ann@example.org", DOUBTFUL));
    play_with("a_comment_in_doubt_is_cleared", &settings, ALL, async |desk, browser| {
        write_comment(desk, browser, DOUBTFUL).await;
        if browser.look.scripts {
            browser.read(".deskbell-thanks", "Everyone can read it now").await;
            assert_eq!(browser.path().await, ARTICLE);
        } else {
            browser.read("h1", "Thank you, it has arrived").await;
            browser.does_not_scroll_sideways().await;
            // With less motion asked for, as here, the button is there from the beginning.
            browser.press(SUBMIT).await;
            browser.read(".notice", "a little too fast").await;
            desk.advance(5);
            browser.press(SUBMIT).await;
            browser.read("h1", "Your comment is on the page").await;
            browser.read(".quote", "at the casino").await;
            browser.press("main p a[href*=comment]").await;
            eventually("the page", async || (browser.path().await == ARTICLE).then_some(())).await;
        }
        eventually("the count", async || (desk.count(ARTICLE).await == 1).then_some(())).await;
        browser.go_to_comments().await;
        browser.read(".comment .text", "at the casino").await;

        let comments = desk.comments(ARTICLE).await;
        let stored = desk.submission(comments["comments"][0]["id"].as_str().expect("an id")).await;
        let reasons: Vec<&str> = stored.verdict.reasons.iter().map(|reason| &*reason.name).collect();
        let shown = if browser.look.scripts { "proof_solved" } else { "second_chance" };
        assert!(stored.second_chance && reasons.contains(&shown), "{reasons:?}");
        assert_eq!(reasons.contains(&"token_absent"), !browser.look.scripts, "{reasons:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_always_wants_a_proof_gets_it_before_the_form_is_sent() {
    let always = r#"sites.studio.challenge = { proof = "always", min_seconds = 0 }"#;
    play_with("a_proof_before_sending", always, &[DESK], async |desk, browser| {
        browser.open(&desk.url("/contact/")).await;
        browser.fill(&[("name", "Ann"), ("email", "ann@example.org"), ("message", "Is Monday free?")]).await;
        browser.press(SUBMIT).await;
        browser.read("h1", "Thank you").await;
        assert_eq!(browser.path().await, "/thank-you/");
        let email = desk.email_about("Is Monday free?").await;
        assert!(!email.subject.contains("possible spam"), "{}", email.subject);
        let more = desk.get_html(&link(&email)).await.body;
        assert!(more.contains("sent a valid proof of work"), "{more}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_are_sent_by_the_browser_when_nothing_else_works() {
    play_with("forms_are_sent_by_the_browser", "", &[DESK], async |desk, browser| {
        browser.open(&desk.url("/contact/")).await;
        let blocked = "window.fetch = () => Promise.reject(new TypeError('blocked'))";
        browser.client.execute(blocked, Vec::new()).await.expect("a script");
        browser.fill(&[("name", "Ann"), ("email", "ann@example.org"), ("message", "Is Tuesday free?")]).await;
        browser.press(SUBMIT).await;
        browser.read(".deskbell-notice[role=alert]", "Your text is kept here").await;
        browser.press(SUBMIT).await;
        browser.read("h1", "Thank you").await;
        desk.email_about("Is Tuesday free?").await;
    })
    .await;
}

/// A static site elsewhere, with ALTCHA's widget from npm in its form.
struct Elsewhere {
    origin: String,
    tasks: JoinSet<()>,
    listener: TcpListener,
}

impl Elsewhere {
    async fn reserve() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let origin = format!("http://{}", listener.local_addr().expect("an address"));
        Self { origin, tasks: JoinSet::new(), listener }
    }

    fn serve(self, desk: &Desk, package: &Path) -> JoinSet<()> {
        let page = format!(
            "<!doctype html><title>Elsewhere</title><script type=\"module\" src=\"/altcha.js\"></script>\
             <form method=\"post\" action=\"{contact}\"><input name=\"name\"><input name=\"email\">\
             <textarea name=\"message\"></textarea>\
             <altcha-widget challenge=\"{challenge}\" auto=\"onload\"></altcha-widget>\
             <button type=\"submit\">Send</button></form>",
            contact = desk.url("/contact"),
            challenge = desk.url("/challenge?form=default"),
        );
        let script = std::fs::read_to_string(package.join("dist/main/altcha.min.js")).expect("the widget");
        let kind = [("content-type", "text/javascript")];
        let router = Router::new()
            .route("/", get(async move || Html(page)))
            .route("/altcha.js", get(async move || (kind, script)));
        let Self { mut tasks, listener, .. } = self;
        tasks.spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        tasks
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_public_widget_of_altcha_solves_our_challenges() {
    let test = "the_public_widget_of_altcha_solves_our_challenges";
    let Some(package) = tools::package("altcha", "3", test).await else { return };
    let elsewhere = Elsewhere::reserve().await;
    let origins = format!("sites.studio.origins = [\"{}\"]", elsewhere.origin);
    let origin = elsewhere.origin.clone();
    let site = std::sync::Mutex::new(Some(elsewhere));
    play_with(test, &origins, &[DESK], async |desk, browser| {
        let elsewhere = site.lock().expect("the site").take().expect("one look");
        let _served = elsewhere.serve(desk, &package);
        let began = Instant::now();
        browser.open(&origin).await;
        let field =
            async || browser.all("input[name=altcha]").await.ok()?.into_iter().next()?.prop("value").await.ok()?;
        let altcha = eventually("a solution", async || field().await.filter(|value| !value.is_empty())).await;
        println!(
            "the widget was loaded and had solved a challenge of {} characters after {:?}",
            altcha.len(),
            began.elapsed()
        );
        // Slower than a machine would fill it in.
        desk.advance(3);
        browser.fill(&[("name", "Ann"), ("email", "ann@example.org"), ("message", "From elsewhere")]).await;
        browser.press(SUBMIT).await;
        browser.read("h1", "Thank you").await;

        let items = desk.items().await;
        assert_eq!(items.len(), 1);
        let stored = desk.submission(items[0]["item"]["id"].as_str().expect("an id")).await;
        assert_eq!((stored.status, evidence(&stored.verdict)), (Status::Received, vec!["proof_solved"]));

        // The same solution again, as a machine would use it.
        let replay = [("name", "Bot"), ("message", "Another"), ("email", "b@example.org"), ("altcha", &*altcha)];
        let replayed = desk.post_for_json("/contact", &replay).await;
        assert_eq!(desk.reasons(&replayed).await, ["token_replayed"]);
    })
    .await;
}
