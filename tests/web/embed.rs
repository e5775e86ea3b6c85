//! What the embed script makes of pages on another origin, in a real browser.

use serde_json::Value;

use crate::harness::chromium::{Browser, Look, Offline};
use crate::harness::elsewhere::{Elsewhere, StaticPage};
use crate::harness::scenario::{self, DESK, DESK_WITHOUT_SCRIPTS, PHONE, play_with};
use crate::harness::world::{Desk, eventually, evidence};

/// Nothing but what is Deskbell's, no inline code, and no text that becomes HTML unseen.
const STRICT: Option<&str> = Some(
    "default-src 'none'; script-src BELL; style-src BELL; connect-src BELL; form-action BELL; base-uri 'none'; \
     require-trusted-types-for 'script'; trusted-types deskbell",
);

const PAGES: &[StaticPage] = &[
    StaticPage {
        path: "/strict/",
        policy: STRICT,
        body: "<body><main><h1>An article</h1><h2>Comments: <deskbell-count page=\"/strict/\"></deskbell-count></h2>
            <deskbell-comments page=\"/strict/\"></deskbell-comments></main>
            <script src=\"BELL/embed.js\" async></script></body>",
    },
    StaticPage {
        path: "/two/",
        policy: STRICT,
        body: "<body><main><h1>Two</h1><deskbell-comments page=\"/a/\"></deskbell-comments>
            <deskbell-comments page=\"/b/\"></deskbell-comments></main>
            <script src=\"BELL/embed.js\"></script><script src=\"BELL/embed.js\" async></script></body>",
    },
    StaticPage {
        path: "/static/",
        policy: None,
        body: "<body><main><h1>Static</h1><deskbell-comments page=\"/static/\"><h2>What people say</h2>
            <ol class=\"comments\"><li><article class=\"comment\">As it was built</article></li></ol>
            <form method=\"post\" action=\"BELL/comments\"><input type=\"hidden\" name=\"page\" value=\"/static/\">
            <label>Name <input name=\"author\"></label> <label>Email <input name=\"email\"></label>
            <label>Comment <textarea name=\"comment\"></textarea></label> <button>Say it</button></form>
            <p><a href=\"BELL/comments?page=/static/&amp;form=yes\">All comments</a></p></deskbell-comments></main></body>",
    },
    StaticPage {
        path: "/framed/",
        policy: None,
        body: "<body><main><h1>Framed</h1><iframe title=\"Comments\" style=\"width:100%;height:40rem;border:0\"
            src=\"BELL/comments?page=/framed/&amp;form=yes&amp;color=2b1d0e&amp;background=fdf6e3&amp;accent=8a3b12\">
            </iframe></main></body>",
    },
    StaticPage {
        path: "/contact/",
        policy: STRICT,
        body: "<body><main><h1>Contact</h1><form method=\"post\" action=\"BELL/contact\" data-deskbell>
            <label>Name <input name=\"Name\"></label> <label>Email <input name=\"your-email\" type=\"text\"></label>
            <label>Message <textarea name=\"message\"></textarea></label> <button>Ring</button></form></main>
            <script src=\"BELL/embed.js\" async></script></body>",
    },
];

/// Comments wait unless their author is known, and nothing here is about spam. The driver types faster than people.
const CALM: &str = "challenge.min_seconds = 0\njudging = { unsure = 0.999999, spam = 1.0, rate_per_minute = 1000 }";

async fn play(test: &'static str, looks: &[Look], scenario: impl AsyncFn(&Desk, &Browser<'_>, &Elsewhere)) {
    let elsewhere = Elsewhere::start(PAGES).await;
    let settings = format!("{}\n{CALM}", elsewhere.setting());
    play_with(test, &settings, looks, async |desk, browser| scenario(desk, browser, &elsewhere).await).await;
}

/// Comments of one author on a page, the first of them approved, so that the others are published as they come; gives
/// their ids.
async fn published(desk: &Desk, page: &str, count: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for number in 0..count {
        let text = format!("Number {number} about {page}");
        let fields = [("page", page), ("author", "Ben"), ("email", "ben@example.org"), ("comment", &text)];
        let sent = desk.post_for_json("/comments", &fields).await;
        ids.push(sent.id());
        if sent.status == 202 {
            let link = desk.link_about(&text).await;
            assert_eq!(desk.post(&link, &[("choice", "approve")]).await.status, 200);
        }
    }
    let all = u64::try_from(count).expect("a number");
    eventually("the comments", async || (desk.count(page).await == all).then_some(())).await;
    ids
}

/// Writes a comment into the form of an element, and sends it.
async fn write(browser: &Browser<'_>, text: &str) {
    browser.fill(&[("author", "Ann"), ("email", "ann@example.org"), ("comment", text)]).await;
    browser.press(SEND).await;
}

const SEND: &str = "deskbell-comments form [type=submit]";

async fn come_near(browser: &Browser<'_>) {
    browser.run("document.querySelector('deskbell-comments').scrollIntoView()").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_line_shows_comments_under_a_strict_policy() {
    play("one_line_shows_comments", &[DESK, PHONE], async |desk, browser, elsewhere| {
        let ids = published(desk, "/strict/", 23).await;
        browser.open(&elsewhere.with(desk, "/strict/")).await;
        come_near(browser).await;
        browser.read("deskbell-count", "23").await;
        browser.read(&format!("#comment-{} .author", ids[0]), "Ben").await;
        let style = "return getComputedStyle(document.querySelector('deskbell-comments')).display";
        eventually("the style", async || (browser.run(style).await == "block").then_some(())).await;
        browser.does_not_scroll_sideways().await;
        assert_eq!(browser.count("article").await, 20);

        browser.press("a.more").await;
        browser.see(&format!("#comment-{}:focus", ids[20])).await;
        assert_eq!((browser.count("article").await, browser.count("a.more").await), (23, 0));

        browser.press("a.sort").await;
        browser.read("ol.comments > li:first-child .text", "Number 22").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_is_sent_in_place_and_waits_where_its_author_sees_it() {
    play("a_comment_is_sent_in_place", &[DESK, PHONE], async |desk, browser, elsewhere| {
        let first = published(desk, "/strict/", 1).await.remove(0);
        let page = elsewhere.with(desk, "/strict/");
        browser.open(&page).await;
        come_near(browser).await;
        browser.see(SEND).await;
        // Not an address, which the browser lets through.
        browser.fill(&[("url", "ftp://ann.example/")]).await;
        write(browser, "It waits").await;
        browser.read(".deskbell-error", "full web address").await;
        browser.see("[name=url][aria-invalid=true]:focus").await;
        let described = browser.attribute("[name=url]", "aria-describedby").await;
        assert!(described.contains("deskbell-error-"), "{described}");
        let sent = "return performance.getEntriesByType('resource').filter(({ name }) => /\\/comments\\?lang=en$/.test(name)).length";
        assert_eq!(browser.run(sent).await, 1, "one request for one mistake");

        browser.fill(&[("url", "")]).await;
        browser.press("[data-deskbell-remember]").await;
        browser.press(SEND).await;
        browser.read(".deskbell-thanks", "once it has been approved").await;
        browser.read(".comment .waits", "Waiting for approval").await;
        assert!(!browser.source().await.contains(" UTC<"), "times are those of the reader");
        assert_eq!((browser.value("comment").await, browser.count("[aria-invalid]").await), (String::new(), 0));

        browser.open("about:blank").await;
        browser.open(&page).await;
        come_near(browser).await;
        browser.read(".comment .waits", "Waiting for approval").await;
        assert_eq!(browser.value("author").await, "Ann", "as ticked");

        browser.press(&format!("#comment-{first} .reply")).await;
        browser.read(".deskbell-reply strong", "Reply to Ben").await;
        browser.see("[name=comment]:focus").await;
        browser.press(".deskbell-cancel").await;
        browser.see(&format!("#comment-{first} .reply:focus")).await;
        browser.press(&format!("#comment-{first} .reply")).await;
        assert_eq!(browser.value("parent").await, first);
        write(browser, "An answer").await;
        browser.read(&format!("li:has(> #comment-{first}) > .replies .text"), "An answer").await;
        assert_eq!((browser.count(".deskbell-reply").await, browser.value("parent").await), (0, String::new()));

        let link = desk.link_about("It waits").await;
        assert_eq!(desk.post(&link, &[("choice", "approve")]).await.status, 200);
        browser.open("about:blank").await;
        browser.open(&page).await;
        come_near(browser).await;
        browser.read(".comment .text", "It waits").await;
        assert_eq!(browser.count("article").await, 3, "what was approved stands there once");
        assert_eq!(browser.count(".comment .waits").await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permalink_finds_its_comment_wherever_it_is() {
    play("a_permalink_finds_its_comment", &[DESK], async |desk, browser, elsewhere| {
        let ids = published(desk, "/strict/", 43).await;
        browser.open(&elsewhere.with(desk, &format!("/strict/#comment-{}", ids[41]))).await;
        browser.see(&format!("#comment-{}:focus", ids[41])).await;
        assert_eq!(browser.count("article").await, 2, "from there on");

        browser.run(&format!("location.hash = 'comment-{}'", ids[30])).await;
        browser.see(&format!("#comment-{}:focus", ids[30])).await;
        browser.press("a.all").await;
        browser.see(&format!("#comment-{}", ids[0])).await;
        browser.press(&format!("#comment-{} .permalink", ids[1])).await;
        browser.see(&format!("#comment-{}:focus", ids[1])).await;
        let hash = browser.run("return location.hash").await;
        assert_eq!(hash.as_str(), Some(&*format!("#comment-{}", ids[1])));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_where_the_network_fails() {
    play("nothing_is_lost_where_the_network_fails", &[DESK], async |desk, browser, elsewhere| {
        let page = elsewhere.with(desk, "/strict/");
        browser.open(&page).await;
        come_near(browser).await;
        browser.see(SEND).await;
        browser.client.issue_cmd(Offline(true)).await.expect("the driver");
        write(browser, "From the train").await;
        browser.read(".deskbell-notice[role=alert]", "Your text is kept here").await;
        browser.client.issue_cmd(Offline(false)).await.expect("the driver");

        browser.open("about:blank").await;
        browser.open(&page).await;
        come_near(browser).await;
        browser.see(SEND).await;
        assert_eq!(browser.value("comment").await, "From the train");
        browser.press(SEND).await;
        browser.read(".deskbell-thanks", "once it has been approved").await;

        // An answer that takes long.
        browser.run("window.was = fetch; window.fetch = (...all) => new Promise((go) => { window.go = () => go(was(...all)); })").await;
        write(browser, "Slowly").await;
        browser.read(".deskbell-notice[role=status]", "Sending").await;
        assert_eq!(browser.attribute(SEND, "aria-disabled").await, "true");
        browser.press(SEND).await;
        browser.run("window.fetch = was; go()").await;
        browser.read(".deskbell-thanks + .comment .text", "Slowly").await;
        assert_eq!(browser.count("[aria-disabled]").await, 0);

        // Deskbell cannot be reached, and then can.
        let blocked = "window.was = fetch; window.fetch = () => Promise.reject(new TypeError('blocked')); \
                       document.querySelector('deskbell-comments').replaceWith(Object.assign(document.createElement('deskbell-comments')))";
        browser.run(blocked).await;
        browser.read(".deskbell-failed", "could not be loaded").await;
        browser.run("window.fetch = window.was").await;
        browser.press(".deskbell-retry").await;
        browser.see(SEND).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_on_a_page_keep_apart_and_a_page_that_replaces_itself_keeps_them() {
    play("several_on_a_page_keep_apart", &[DESK], async |desk, browser, elsewhere| {
        published(desk, "/a/", 2).await;
        published(desk, "/b/", 1).await;
        browser.open(&elsewhere.with(desk, "/two/")).await;
        browser.read("deskbell-comments[page='/a/'] .text", "about /a/").await;
        browser.read("deskbell-comments[page='/b/'] .text", "about /b/").await;
        let twice = "const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id); \
                     return ids.filter((id, at) => ids.indexOf(id) !== at)";
        assert_eq!(browser.run(twice).await, Value::Array(Vec::new()), "each id is there once");

        browser.press("deskbell-comments[page='/b/'] .reply").await;
        browser.see("deskbell-comments[page='/b/'] .deskbell-reply form").await;
        // As Turbo shows a page that it has kept.
        browser.run("document.body.replaceWith(document.body.cloneNode(true))").await;
        eventually("the form", async || {
            (browser.count("deskbell-comments > form").await == 2 && browser.count("form").await == 2).then_some(())
        })
        .await;
        let fill = "const form = document.querySelector(\"deskbell-comments[page='/b/'] form\"); \
                    for (const [name, text] of [['author', 'Ann'], ['email', 'ann@example.org'], ['comment', 'To b']]) \
                      form.elements[name].value = text; form.requestSubmit()";
        browser.run(fill).await;
        browser.read("deskbell-comments[page='/b/'] .deskbell-thanks", "once it has been approved").await;
        assert!(desk.email_about("To b").await.text.contains("/b/"));
        assert_eq!(browser.count("deskbell-comments[page='/a/'] article").await, 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_in_the_page_is_upgraded_by_a_script_that_comes_late() {
    play("what_stands_in_the_page_is_upgraded", &[DESK], async |desk, browser, elsewhere| {
        let id = published(desk, "/static/", 1).await.remove(0);
        browser.open(&elsewhere.with(desk, "/static/")).await;
        browser.read("article", "As it was built").await;
        browser.fill(&[("author", "Ann"), ("email", "ann@example.org"), ("comment", "Typed before")]).await;
        let load = format!(
            "document.body.append(Object.assign(document.createElement('script'), {{ src: '{}/embed.js' }}))",
            desk.world.url
        );
        browser.run(&load).await;
        browser.see(&format!("#comment-{id}")).await;
        browser.read("deskbell-comments > h2", "What people say").await;
        assert_eq!((browser.count("article").await, browser.count("form").await), (1, 1));
        assert_eq!(browser.value("comment").await, "Typed before");
        browser.press("deskbell-comments form button").await;
        browser.read(".deskbell-thanks + .comment .text", "Typed before").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_scripts_the_plain_form_and_the_link_work() {
    play("without_scripts_the_plain_form", &[DESK_WITHOUT_SCRIPTS], async |desk, browser, elsewhere| {
        published(desk, "/static/", 1).await;
        let page = elsewhere.with(desk, "/static/");
        browser.open(&page).await;
        browser.fill(&[("author", "Ben"), ("email", "ben@example.org"), ("comment", "Without scripts")]).await;
        browser.press("deskbell-comments form button").await;
        browser.read("h1", "Your comment is on the page").await;
        browser.read(".quote", "Without scripts").await;

        browser.open(&page).await;
        browser.press("deskbell-comments > p a").await;
        browser.read(".comment .text", "Without scripts").await;
        browser.fill(&[("author", "Ann"), ("email", "ann@example.org"), ("comment", "From its own page")]).await;
        browser.press(scenario::SUBMIT).await;
        browser.read("h1", "Thank you for your comment").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_form_says_what_is_wrong_and_thanks_in_place() {
    play("a_contact_form_says_what_is_wrong", &[DESK, PHONE], async |desk, browser, elsewhere| {
        browser.open(&elsewhere.with(desk, "/contact/")).await;
        browser.fill(&[("Name", "Ann"), ("your-email", "nobody"), ("message", "Is Friday free?")]).await;
        browser.press("form button").await;
        browser.read(".deskbell-notice[role=alert]", "Some fields are not valid").await;
        browser.does_not_scroll_sideways().await;
        browser.see("[name=your-email][aria-invalid=true]:focus").await;
        browser.read(".deskbell-error", "full email address").await;
        browser.fill(&[("your-email", "ann@example.org")]).await;
        browser.press("form button").await;
        browser.read(".deskbell-thanks", "Your message has been sent").await;
        assert_eq!((browser.path().await, browser.count("form").await), ("/contact/".to_owned(), 0));
        assert_eq!(desk.email_about("Is Friday free?").await.reply_to.as_deref(), Some("ann@example.org"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_has_the_colours_of_the_page_and_the_form() {
    play("a_frame_has_the_colours", &[DESK_WITHOUT_SCRIPTS, PHONE], async |desk, browser, elsewhere| {
        published(desk, "/framed/", 23).await;
        browser.open(&elsewhere.with(desk, "/framed/")).await;
        browser.enter_frame("iframe").await;
        browser.read(".comment .text", "Number 0").await;
        let colours = async || {
            let body = browser.see("body").await;
            let button = browser.see(scenario::SUBMIT).await;
            let of =
                async |element: &fantoccini::elements::Element, name| element.css_value(name).await.expect("a style");
            [of(&body, "background-color").await, of(&body, "color").await, of(&button, "background-color").await]
        };
        let [paper, ink, accent] = colours().await;
        assert!(paper.contains("253, 246, 227") && ink.contains("43, 29, 14"), "{paper} {ink}");
        assert!(accent.contains("138, 59, 18"), "{accent}");
        browser.picture().await;
        browser.press("a.more").await;
        browser.read(".comment .text", "Number 22").await;
        assert!(browser.see("body").await.css_value("color").await.expect("a style").contains("43, 29, 14"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_of_work_is_loaded_and_done_under_a_strict_policy() {
    let elsewhere = Elsewhere::start(PAGES).await;
    let settings = format!("{}\nchallenge.proof = \"always\"\n{CALM}", elsewhere.setting());
    play_with("a_proof_of_work_is_loaded", &settings, &[DESK], async |desk, browser| {
        browser.open(&elsewhere.with(desk, "/strict/")).await;
        come_near(browser).await;
        browser.see(SEND).await;
        write(browser, "With a proof").await;
        browser.read(".deskbell-thanks", "once it has been approved").await;
        let items = desk.items().await;
        let stored = desk.submission(items[0]["item"]["id"].as_str().expect("an id")).await;
        assert_eq!(evidence(&stored.verdict), ["proof_solved"]);
    })
    .await;
}
