//! Every built-in page, looked at by axe-core in a real browser: at a desk and on a phone, in light and in dark colours.
//! It finds nothing. What each page weighs is told on the way.

use deskbell_functions::submission::delivery::{Delivery, DeliveryState};
use deskbell_functions::submission::reason::DeliveryReason;
use serde_json::{Value, json};

use crate::harness::chromium::{Browser, Look};
use crate::harness::client::Client;
use crate::harness::elsewhere::{Elsewhere, StaticPage};
use crate::harness::scenario::{self, DESK, PHONE, SUBMIT};
use crate::harness::tools;
use crate::harness::world::{ARTICLE, BLATANT, Desk, OWNER};

const LOOKS: [Look; 4] =
    [DESK, Look { name: "desk-dark", dark: true, ..DESK }, PHONE, Look { name: "phone-dark", dark: true, ..PHONE }];

/// Runs axe-core on the page as it is: all rules for WCAG 2.2 A and AA, and what is good practice beside them.
const RUN: &str = "
    const [done] = arguments, bytes = performance.getEntriesByType('navigation')[0].decodedBodySize;
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const options = { runOnly: { type: 'tag', values: tags }, rules: { 'target-size': { enabled: true } } };
    axe.run(document, options).then(({ violations, passes }) => done({
        bytes,
        passes: passes.map(({ id }) => id),
        findings: violations.flatMap(({ id, nodes }) => nodes.map(({ html, any, all, none }) =>
            `${id}: ${html}: ${[...any, ...all, ...none].map(({ message }) => message).join(' ')}`)),
    }), error => done({ error: String(error) }));";

/// Looks at pages, and remembers what it does not like.
struct Examiner<'a> {
    browser: &'a Browser<'a>,
    axe: &'a str,
    findings: Vec<String>,
}

impl Examiner<'_> {
    /// Opens a page and examines it.
    async fn open(&mut self, name: &str, url: &str) {
        self.browser.open(url).await;
        self.examine(name).await;
    }

    /// Examines the page that is open.
    async fn examine(&mut self, name: &str) {
        let client = &self.browser.client;
        self.browser.picture_of(name).await;
        self.browser.does_not_scroll_sideways().await;
        client.execute(self.axe, Vec::new()).await.expect("axe-core");
        let found = client.execute_async(RUN, Vec::new()).await.expect("a report");
        let ran: Vec<&str> = found["passes"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for rule in ["color-contrast", "document-title", "html-has-lang"] {
            assert!(ran.contains(&rule), "{name}: axe-core has not looked: {found}");
        }
        println!("{:>7} bytes: {name}, {}", found["bytes"].to_string(), self.browser.look.name);
        let findings = found["findings"].as_array().expect("findings").iter().filter_map(Value::as_str);
        self.findings.extend(findings.map(|finding| format!("{name}, {}: {finding}", self.browser.look.name)));
    }
}

async fn play(test: &'static str, scenario: impl AsyncFn(&Desk, &mut Examiner<'_>)) {
    play_with(test, "sites.studio.challenge.min_seconds = 0", scenario).await;
}

async fn play_with(test: &'static str, settings: &str, scenario: impl AsyncFn(&Desk, &mut Examiner<'_>)) {
    let Some(package) = tools::package("axe-core", "4", test).await else { return };
    let axe = std::fs::read_to_string(package.join("axe.min.js")).expect("axe-core");
    scenario::play_with(test, settings, &LOOKS, async |desk, browser| {
        let mut examiner = Examiner { browser, axe: &axe, findings: Vec::new() };
        scenario(desk, &mut examiner).await;
        assert!(examiner.findings.is_empty(), "{}", examiner.findings.join("\n"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_on_the_pages_that_visitors_see() {
    play("axe_finds_nothing_on_the_pages_that_visitors_see", async |desk, examiner| {
        let browser = examiner.browser;
        examiner.open("thank-you", &desk.url("/contact/thanks")).await;
        examiner.open("nothing-there", &desk.url("/comments/waiting/x")).await;

        let first = desk.comment("Ann", "A **first** comment\n\n> with a quotation\n\nand `code`").await.id();
        examiner.open("no-comments", &desk.url(&format!("/comments?page={ARTICLE}"))).await;
        let link = desk.link_about("first** comment").await;
        desk.post(&link, &[("choice", "reply"), ("reply", "An answer")]).await;
        examiner.open("comments", &desk.url(&format!("/comments?page={ARTICLE}"))).await;
        examiner.open("reply", &desk.url(&format!("/comments/reply?page={ARTICLE}&parent={first}"))).await;
        browser
            .fill(&[
                ("author", "Bo"),
                ("email", "bo@example.org"),
                ("url", "ftp://bo.example/"),
                ("comment", "A reply"),
            ])
            .await;
        browser.press(SUBMIT).await;
        browser.see("[aria-invalid]").await;
        examiner.examine("comment-with-a-mistake").await;
        browser.fill(&[("url", "")]).await;
        browser.press(SUBMIT).await;
        browser.read("h1", "Thank you for your comment").await;
        examiner.examine("waiting").await;

        browser.open(&desk.url("/contact/")).await;
        browser
            .fill(&[("name", "Ann"), ("email", "ann@example.org"), ("phone", "after six"), ("message", BLATANT)])
            .await;
        browser.press(SUBMIT).await;
        browser.see("[aria-invalid]").await;
        examiner.examine("message-with-a-mistake").await;
        let doubtful = [("name", "Ann"), ("email", "ann@example.org"), ("message", BLATANT)];
        let chance = desk.post("/contact", &doubtful).await;
        examiner.open("second-chance", &desk.url(chance.header("location"))).await;
    })
    .await;
}

/// A page in the browser's light and dark colours, which axe-core wants to be told.
const BARE: &[StaticPage] = &[StaticPage {
    path: "/bare/",
    policy: None,
    body: "<body style=\"background: Canvas; color: CanvasText\"><main><h1>An article</h1>
        <deskbell-comments page=\"/bare/\"></deskbell-comments></main>
        <script src=\"BELL/embed.js\" async></script></body>",
}];

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_on_a_page_that_has_embedded_comments() {
    let test = "axe_finds_nothing_on_a_page_that_has_embedded_comments";
    let elsewhere = Elsewhere::start(BARE).await;
    let settings = format!("{}\nchallenge.min_seconds = 0", elsewhere.setting());
    play_with(test, &settings, async |desk, examiner| {
        let browser = examiner.browser;
        let fields = [("page", "/bare/"), ("author", "Ann"), ("email", "ann@example.org")];
        let markdown = "It **helped** me.\n\n> with a quotation\n\nand `code`";
        let first = desk.post_for_json("/comments", &[&fields[..], &[("comment", markdown)]].concat()).await.id();
        let link = desk.link_about("and `code`").await;
        desk.post(&link, &[("choice", "reply"), ("reply", "An answer")]).await;
        browser.open(&elsewhere.with(desk, "/bare/")).await;
        browser.see(SUBMIT).await;
        examiner.examine("embedded").await;
        browser.press(&format!("#comment-{first} .reply")).await;
        browser.see(".deskbell-reply").await;
        let wrong = [("author", "Bo"), ("email", "bo@example.org"), ("url", "ftp://bo"), ("comment", "A reply")];
        browser.fill(&wrong).await;
        browser.press(SUBMIT).await;
        browser.see(".deskbell-error").await;
        examiner.examine("embedded-with-a-mistake").await;
        browser.fill(&[("url", "")]).await;
        browser.press(SUBMIT).await;
        browser.see(".deskbell-thanks").await;
        examiner.examine("embedded-waiting").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_on_the_pages_that_the_team_sees() {
    play("axe_finds_nothing_on_the_pages_that_the_team_sees", async |desk, examiner| {
        let browser = examiner.browser;
        sign_in(desk, examiner).await;
        examiner.open("inbox-empty", &desk.url("/inbox")).await;
        let lead = fill(desk).await;

        examiner.open("inbox", &desk.url("/inbox")).await;
        for folder in ["messages/spam", "comments/pending", "comments/published", "comments/trash"] {
            examiner.open(&folder.replace('/', "-"), &desk.url(&format!("/inbox/{folder}"))).await;
        }
        examiner.open("search", &desk.url("/inbox/messages/new?q=monday")).await;
        examiner.open("search-of-a-person", &desk.url("/inbox/messages/new?q=ann@example.org")).await;
        examiner.open("search-in-vain", &desk.url("/inbox/comments/pending?q=nowhere")).await;
        examiner.open("export", &desk.url("/inbox/export?folder=messages/new")).await;
        examiner.open("undelivered", &desk.url("/inbox/deliveries")).await;
        examiner.open("item-gone", &desk.url("/inbox/item/x")).await;

        examiner.open("message", &desk.url(&format!("/inbox/item/{lead}"))).await;
        browser.fill(&[("note", "She prefers mornings.")]).await;
        browser.press("button[value=note]").await;
        browser.see(".notes").await;
        browser.press("button[value=read]").await;
        browser.see(".flash").await;
        examiner.examine("message-read").await;
        examiner.open("message-spam", &spam(desk).await).await;

        browser.open(&desk.url("/inbox/comments/pending?pick=all")).await;
        browser.press(".bar button[value=approve]").await;
        browser.see(".flash").await;
        examiner.examine("report").await;
        browser.press(".flash button").await;
        browser.read(".flash", "Undone").await;
        browser.press(".rows a").await;
        browser.press("button[value=reply]").await;
        browser.see(".notice").await;
        examiner.examine("comment-with-an-empty-reply").await;
        browser.open(&desk.url("/inbox/comments/pending")).await;
        browser.press(".bar button").await;
        browser.see(".notice").await;
        examiner.examine("nothing-picked").await;
        examiner.open("person-unknown", &desk.url("/inbox/person?email=nobody")).await;
        browser.open(&desk.url("/inbox")).await;
        browser.press(".onward a[href*=person]").await;
        browser.fill(&[("email", "ann@example.org")]).await;
        browser.press("main form button").await;
        browser.see("#sure").await;
        examiner.examine("person").await;
        browser.press("#sure").await;
        browser.press("form[method=post] input[name=email] ~ button").await;
        browser.see(".flash").await;
        examiner.examine("person-erased").await;
        examiner.open("sign-out", &desk.url("/inbox/sign-out")).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_behind_the_links_in_mail() {
    play("axe_finds_nothing_behind_the_links_in_mail", async |desk, examiner| {
        let browser = examiner.browser;
        desk.comment("Bo", "A comment to decide about").await;
        let link = desk.link_about("to decide about").await;
        examiner.open("decide-about-a-comment", &desk.url(&link)).await;
        browser.press("button[value=approve]").await;
        browser.read("h1", "Approved").await;
        examiner.examine("decided").await;
        examiner.open("decided-already", &desk.url(&link)).await;
        desk.message_from("Ann", "A message to decide about, too").await;
        let link = desk.link_about("about, too").await;
        examiner.open("decide-about-a-message", &desk.url(&link)).await;
        examiner.open("no-such-link", &desk.url("/moderate/x")).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_on_the_pages_of_local_mode() {
    play("axe_finds_nothing_on_the_pages_of_local_mode", async |desk, examiner| {
        examiner.open("no-emails", &desk.url("/_mail")).await;
        desk.world.seed().await.expect("seeded");
        desk.email_about("the invoice").await;
        examiner.open("emails", &desk.url("/_mail")).await;
        examiner.open("email", &desk.url("/_mail?id=1")).await;
        examiner.open("found", &desk.url("/_mail?q=invoice")).await;
        examiner.open("stored-items", &desk.url("/_items")).await;
    })
    .await;
}

/// The way to a session, with a look at each page.
async fn sign_in(desk: &Desk, examiner: &mut Examiner<'_>) {
    let browser = examiner.browser;
    examiner.open("sign-in", &desk.url("/inbox/sign-in")).await;
    browser.fill(&[("email", OWNER)]).await;
    browser.press(SUBMIT).await;
    browser.read("h1", "Check your email").await;
    examiner.examine("look-into-your-mail").await;
    let link = Client::new(desk).link_to(OWNER).await;
    examiner.open("about-to-sign-in", &link).await;
    browser.press(SUBMIT).await;
    browser.see(".top").await;
}

/// Something of everything; gives the id of a message that was not delivered.
async fn fill(desk: &Desk) -> String {
    let long =
        "Could I come on Monday afternoon? My back hurts again, and I would be glad of an hour with you. ".repeat(4);
    let lead = desk.message_from("Ann", &long).await;
    for number in 0..12 {
        desk.message_from(&format!("Visitor {number}"), &format!("Do you have room on the {number}th of May?")).await;
    }
    desk.message_from("Seller", BLATANT).await;
    for number in 0..4 {
        let text = format!("A comment that says, as number {number}, what it has to say about warmth and long walks.");
        desk.comment("Ann", &text).await;
    }
    desk.settled().await;
    let (app, submission) = (&desk.world.app, desk.submission(&lead).await);
    let failed = Delivery {
        state: DeliveryState::Failed,
        at: jiff::Timestamp::now().as_second() - 4_000,
        tries: 3,
        reason: Some(DeliveryReason::ServerError(503)),
        since: None,
        again_at: None,
    };
    app.store.keep_undelivered(&submission, "webhook-1", &failed).await.expect("the table");
    app.store.note_delivery(&submission, "webhook-1", &failed).await.expect("the table");
    for (text, choice) in [("number 0", "approve"), ("number 1", "trash")] {
        desk.post(&desk.link_about(text).await, &[("choice", choice)]).await;
    }
    lead
}

/// The page of a message that the filter has caught.
async fn spam(desk: &Desk) -> String {
    let items = desk.items().await;
    let caught = items.iter().find(|item| item["item"]["status"] == json!("spam")).expect("spam");
    desk.url(&format!("/inbox/item/{}", caught["item"]["id"].as_str().expect("an id")))
}
