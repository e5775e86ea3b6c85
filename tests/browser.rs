//! What visitors and the owner do in a real browser: headless Chromium, with JavaScript and without, at a desk and on a
//! phone. What else Deskbell answers is not looked at here.

use std::cell::Cell;
use std::env;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use futures_util::FutureExt as _;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::tools;
use crate::world::{ARTICLE, Desk, eventually};

/// A browser wants a processor for itself: with two at a time, both are slow enough to be taken for broken.
static TURN: Mutex<()> = Mutex::const_new(());

/// How long a scenario may take in one look. The driver may not answer, and is otherwise waited for without end.
const SCENARIO: Duration = Duration::from_mins(3);

/// Browsers let it pass, and Deskbell does not: the way to a form that is given back.
const WRONG_EMAIL: &str = "ann@localhost";

const SUBMIT: &str = "button[type=submit]";

/// How a visitor looks at the site.
#[derive(Debug, Clone, Copy)]
struct Look {
    name: &'static str,
    scripts: bool,
    phone: bool,
}

const DESK: Look = Look { name: "desk", scripts: true, phone: false };
const DESK_WITHOUT_SCRIPTS: Look = Look { name: "desk-without-scripts", scripts: false, phone: false };
const PHONE: Look = Look { name: "phone", scripts: true, phone: true };
const PHONE_WITHOUT_SCRIPTS: Look = Look { name: "phone-without-scripts", scripts: false, phone: true };

/// How everything must work; [`PHONES`] is where room is scarce.
const ALL: &[Look] = &[DESK, DESK_WITHOUT_SCRIPTS, PHONE, PHONE_WITHOUT_SCRIPTS];
const PHONES: &[Look] = &[PHONE, PHONE_WITHOUT_SCRIPTS];

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

        let letter = desk.letter_about("It is the lower back.").await;
        assert_eq!(letter.reply_to.as_deref(), Some("ann@example.org"));
        assert!(letter.text.contains("Evening"), "{}", letter.text);
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
        browser.read("h1", "Thank you for your comment").await;
        browser.read(".quote", "Warmth helps me most.").await;

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
            ("email", WRONG_EMAIL),
            ("phone", "555 0100"),
            ("preferred_time", "Morning"),
            ("message", "Two lines,\nboth <b>mine</b> & whole."),
        ];
        browser.open(&desk.url("/contact/")).await;
        correct_the_email(browser, &fields).await;
        browser.read("h1", "Thank you").await;
        assert_eq!(browser.path().await, "/thank-you/");
        assert_eq!(desk.letter_about("both <b>mine</b> & whole.").await.reply_to.as_deref(), Some("ann@example.org"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_with_a_mistake_comes_back_whole() {
    play("a_comment_with_a_mistake_comes_back_whole", ALL, async |desk, browser| {
        let fields = [
            ("author", "Ann \"the back\" O’Hara"),
            ("email", WRONG_EMAIL),
            ("url", "https://ann.example/?a=1&b=2"),
            ("comment", "Two lines,\nboth <b>mine</b> & whole."),
        ];
        browser.open(&desk.url(ARTICLE)).await;
        correct_the_email(browser, &fields).await;
        browser.read("h1", "Thank you for your comment").await;
        assert!(desk.letter_about("both <b>mine</b> & whole.").await.text.contains(ARTICLE));
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
        browser.read("h1, h2", "Reply to Ben").await;
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
        browser.read("h1", "Thank you for your comment").await;
        approve(desk, browser, "A short one").await;
        browser.open(&desk.url(ARTICLE)).await;
        browser.go_to_comments().await;
        browser.read(&format!("#comment-{first} + .replies .text"), "A short one does me good too.").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_scrolls_sideways() {
    play("no_page_scrolls_sideways", PHONES, async |desk, browser| {
        let unbroken = "https://example.org/".to_owned() + &"unbroken".repeat(30);
        published(desk, &"Benedict".repeat(7), &format!("{unbroken}\n\n`{unbroken}`\n\n    {unbroken}")).await;
        for path in ["/", "/contact/", "/privacy/", "/thank-you/"] {
            browser.open(&desk.url(path)).await;
            browser.does_not_scroll_sideways().await;
        }

        browser.open(&desk.url("/contact/")).await;
        browser.fill(&[("name", &unbroken), ("email", WRONG_EMAIL), ("message", &unbroken)]).await;
        browser.press(SUBMIT).await;
        browser.read(".notice", "E-mail").await;
        browser.does_not_scroll_sideways().await;

        browser.open(&desk.url(ARTICLE)).await;
        let comment = format!("Wide: {unbroken}");
        browser.fill(&[("author", &unbroken), ("email", "ann@example.org"), ("comment", &comment)]).await;
        browser.press(SUBMIT).await;
        browser.read(".quote", "unbroken").await;
        browser.does_not_scroll_sideways().await;

        browser.open(&desk.url(&desk.link_about("Wide: ").await)).await;
        browser.does_not_scroll_sideways().await;
        browser.open(&desk.url("/_items")).await;
        browser.does_not_scroll_sideways().await;
        browser.open(&desk.url("/_mail")).await;
        browser.does_not_scroll_sideways().await;
        browser.enter_frame(".letter iframe").await;
        browser.read("body", "Decide about it").await;
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

/// The owner approves in the browser what the letter about `needle` tells of.
async fn approve(desk: &Desk, browser: &Browser<'_>, needle: &str) {
    let before = desk.count(ARTICLE).await;
    browser.open(&desk.url(&desk.link_about(needle).await)).await;
    browser.read("h1", "A comment by Ann").await;
    assert_eq!(desk.count(ARTICLE).await, before, "opening the link decides nothing");
    browser.press("button[value=approve]").await;
    browser.read("h1", "Approved").await;
    assert_eq!(desk.count(ARTICLE).await, before + 1);
}

/// Sends fields with [`WRONG_EMAIL`] among them, looks at the form that comes back, and sends it with a right one.
async fn correct_the_email(browser: &Browser<'_>, fields: &[(&str, &str)]) {
    browser.fill(fields).await;
    browser.press(SUBMIT).await;
    browser.read(".notice", "Nothing you typed is lost").await;
    for (name, typed) in fields {
        assert_eq!(browser.value(name).await, *typed, "{name}");
    }
    assert_eq!(browser.attribute("[name=email]", "aria-invalid").await, "true");
    let described = browser.attribute("[name=email]", "aria-describedby").await;
    let ids: Vec<String> = described.split(' ').map(|id| format!("#{id}")).collect();
    browser.read(&ids.join(", "), "does not look like a full e-mail address").await;
    assert_eq!(browser.count("[aria-invalid]").await, 1);

    browser.press(".notice a").await;
    browser.see("[name=email]:focus").await;
    browser.fill(&[("email", "ann@example.org")]).await;
    browser.press(SUBMIT).await;
}

/// Plays a scenario in each of the looks, in a world of its own. Skips it where there is no browser.
async fn play(test: &'static str, looks: &[Look], scenario: impl AsyncFn(&Desk, &Browser<'_>)) {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start(test).await else { return };
    for look in looks {
        let played = timeout(SCENARIO, play_in(*look, &driver, &scenario)).await;
        played.unwrap_or_else(|_| panic!("{test} came to no end in look {:?}", look.name));
    }
}

async fn play_in(look: Look, driver: &Driver, scenario: impl AsyncFn(&Desk, &Browser<'_>)) {
    let desk = Desk::start().await;
    let browser = Browser::start(driver, look).await;
    // The driver leaves its browsers behind when it is killed: close this one even when the scenario fails.
    let played = AssertUnwindSafe(scenario(&desk, &browser)).catch_unwind().await;
    if played.is_err() {
        let url = browser.client.current_url().await.map(String::from);
        eprintln!("{} failed in look {:?} at {url:?}", driver.test, look.name);
        browser.picture().await;
    }
    browser.client.close().await.expect("the browser closes");
    played.unwrap_or_else(|panic| resume_unwind(panic));
}

/// Chromedriver, which ends with the test.
struct Driver {
    test: &'static str,
    url: String,
    chromium: PathBuf,
    /// Where the driver and its browsers keep everything.
    folder: PathBuf,
    _process: Child,
}

impl Driver {
    async fn start(test: &'static str) -> Option<Self> {
        let chromedriver = tools::find(&["chromedriver"], test)?;
        let chromium = tools::find(&["chromium", "chromium-browser", "google-chrome"], test)?;
        let folder = env::temp_dir().join(format!("deskbell-{}", uuid::Uuid::new_v4().simple()));
        std::fs::create_dir(&folder).expect("a folder");
        let port = tools::free_port();
        let process = Command::new(chromedriver)
            .arg(format!("--port={port}"))
            .env("TMPDIR", &folder)
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("chromedriver");
        eventually("chromedriver", async || TcpStream::connect(("127.0.0.1", port)).await.ok()).await;
        Some(Self { test, url: format!("http://127.0.0.1:{port}"), chromium, folder, _process: process })
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A browser with one window. Its elements are named by CSS selectors.
struct Browser<'a> {
    look: Look,
    driver: &'a Driver,
    client: Client,
    pictures: Cell<u32>,
}

impl<'a> Browser<'a> {
    async fn start(driver: &'a Driver, look: Look) -> Self {
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let client = builder.capabilities(capabilities(driver, look)).connect(&driver.url).await.expect("a browser");
        Self { look, driver, client, pictures: Cell::default() }
    }

    /// Opens an address, from within a frame too.
    async fn open(&self, url: &str) {
        self.leave_frame().await;
        self.client.goto(url).await.expect("the page opens");
        self.picture().await;
    }

    /// The path at which the window is.
    async fn path(&self) -> String {
        self.client.current_url().await.expect("an address").path().to_owned()
    }

    /// The page, or the frame, as it is now.
    async fn source(&self) -> String {
        self.client.source().await.expect("the source")
    }

    async fn enter_frame(&self, css: &str) {
        self.see(css).await.enter_frame().await.expect("the frame");
    }

    /// To the window, from a frame in it or from the window itself.
    async fn leave_frame(&self) {
        self.client.enter_parent_frame().await.expect("the window");
    }

    /// Goes to where the comments stand: in the page, by its script, or else in a frame. That each is only where it
    /// should be shows that scripts run, or do not.
    async fn go_to_comments(&self) {
        if self.look.scripts {
            self.see("#comment-list .comments").await;
            assert_eq!(self.count("iframe").await, 0);
        } else {
            assert_eq!(self.count("#comment-list > :not(noscript)").await, 0);
            self.enter_frame("#comment-list iframe").await;
            self.see(".comments").await;
        }
        self.picture().await;
    }

    /// All elements that are there now. Fails while the browser is on its way to another page.
    async fn all(&self, css: &str) -> Result<Vec<Element>, CmdError> {
        self.client.find_all(Locator::Css(css)).await
    }

    async fn count(&self, css: &str) -> usize {
        self.all(css).await.expect("a search").len()
    }

    /// The first element, as soon as it can be seen.
    async fn see(&self, css: &str) -> Element {
        let seen = async || {
            let element = self.all(css).await.ok()?.into_iter().next()?;
            element.is_displayed().await.ok()?.then_some(element)
        };
        eventually(css, seen).await
    }

    /// Waits until one of the elements can be seen to hold the text.
    async fn read(&self, css: &str, needle: &str) {
        let holds = async || {
            for element in self.all(css).await.ok()? {
                // An element that is gone meanwhile belonged to the page before.
                if element.text().await.ok()?.contains(needle) {
                    return Some(());
                }
            }
            None
        };
        eventually(&format!("{needle:?} in {css}"), holds).await;
        self.picture().await;
    }

    /// Types into fields, by name, instead of what is in them. In a list, typing chooses.
    async fn fill(&self, fields: &[(&str, &str)]) {
        for (name, typed) in fields {
            let field = self.see(&format!("[name={name}]")).await;
            // Lists cannot be emptied and need not be.
            let _ = field.clear().await;
            field.send_keys(typed).await.expect("the field takes the text");
        }
    }

    /// What is in a field now, be it hidden.
    async fn value(&self, name: &str) -> String {
        let fields = self.all(&format!("[name={name}]")).await.expect("a search");
        fields[0].prop("value").await.expect("the field").expect("a value")
    }

    async fn attribute(&self, css: &str, name: &str) -> String {
        self.see(css).await.attr(name).await.expect("the element").expect("an attribute")
    }

    async fn press(&self, css: &str) {
        self.see(css).await.click().await.expect("a press");
    }

    /// Not against the window's width, which on phones grows with what is in it.
    async fn does_not_scroll_sideways(&self) {
        let script = "const { scrollWidth, clientWidth } = document.documentElement; return [scrollWidth, clientWidth]";
        let widths = self.client.execute(script, Vec::new()).await.expect("widths");
        assert!(widths[0].as_u64() <= widths[1].as_u64(), "{} is {widths} wide", self.path().await);
    }

    /// Keeps what is to be seen, where `DESKBELL_SHOTS` names a folder for it.
    async fn picture(&self) {
        let Some(folder) = env::var_os("DESKBELL_SHOTS").map(PathBuf::from) else { return };
        let Ok(png) = self.client.screenshot().await else { return };
        let number = self.pictures.replace(self.pictures.get() + 1);
        let name = format!("{}-{}-{number:02}.png", self.driver.test, self.look.name);
        std::fs::write(folder.join(name), png).expect("DESKBELL_SHOTS is a folder");
    }
}

/// What the browser is to be like.
fn capabilities(driver: &Driver, look: Look) -> Capabilities {
    let profile = format!("--user-data-dir={}", driver.folder.join(look.name).display());
    let (width, height) = if look.phone { (390, 844) } else { (1280, 900) };
    let mut options = json!({
        "binary": driver.chromium,
        "args": [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--disable-dev-shm-usage", "--window-size=1280,900", profile,
            // Without it the sample site scrolls smoothly, and the driver presses where a button was a moment ago.
            "--force-prefers-reduced-motion",
        ],
        // Windows are at least 500 pixels wide. No touch, for which the driver waits in vain where scripts are off.
        "mobileEmulation": {
            "deviceMetrics": { "width": width, "height": height, "pixelRatio": 1, "mobile": look.phone, "touch": false },
        },
    });
    if !look.scripts {
        options["prefs"] = json!({ "profile.managed_default_content_settings.javascript": 2 });
    }
    Capabilities::from_iter([("browserName".into(), "chrome".into()), ("goog:chromeOptions".into(), options)])
}
