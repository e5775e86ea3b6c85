//! A headless browser, driven by chromedriver.

use std::cell::Cell;
use std::env;
use std::path::PathBuf;
use std::process::Stdio;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use reqwest::{Method, Url};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::harness::tools;
use crate::harness::world::eventually;

/// How a visitor looks at the site.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    pub(crate) name: &'static str,
    pub(crate) scripts: bool,
    pub(crate) phone: bool,
    /// Whether dark colours are preferred.
    pub(crate) dark: bool,
}

/// Chromedriver, which ends with the test.
pub(crate) struct Driver {
    pub(crate) test: &'static str,
    url: String,
    chromium: PathBuf,
    /// Where the driver and its browsers keep everything.
    folder: TempDir,
    _process: Child,
}

impl Driver {
    pub(crate) async fn start(test: &'static str) -> Option<Self> {
        let chromedriver = tools::find(&["chromedriver"], test)?;
        let chromium = tools::find(&["chromium", "chromium-browser", "google-chrome"], test)?;
        let folder = tempfile::tempdir().expect("a folder");
        let port = tools::free_port();
        let process = Command::new(chromedriver)
            .arg(format!("--port={port}"))
            .env("TMPDIR", folder.path())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("chromedriver");
        eventually("chromedriver", async || TcpStream::connect(("127.0.0.1", port)).await.ok()).await;
        Some(Self { test, url: format!("http://127.0.0.1:{port}"), chromium, folder, _process: process })
    }
}

/// A browser with one window. Its elements are named by CSS selectors.
pub(crate) struct Browser<'a> {
    pub(crate) look: Look,
    driver: &'a Driver,
    pub(crate) client: Client,
    pictures: Cell<u32>,
}

impl<'a> Browser<'a> {
    pub(crate) async fn start(driver: &'a Driver, look: Look) -> Self {
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let client = builder.capabilities(capabilities(driver, look)).connect(&driver.url).await.expect("a browser");
        Self { look, driver, client, pictures: Cell::default() }
    }

    /// Opens an address, from within a frame too.
    pub(crate) async fn open(&self, url: &str) {
        self.leave_frame().await;
        self.client.goto(url).await.expect("the page opens");
        self.picture().await;
    }

    /// The path at which the window is.
    pub(crate) async fn path(&self) -> String {
        self.client.current_url().await.expect("an address").path().to_owned()
    }

    /// The page, or the frame, as it is now.
    pub(crate) async fn source(&self) -> String {
        self.client.source().await.expect("the source")
    }

    pub(crate) async fn enter_frame(&self, css: &str) {
        self.see(css).await.enter_frame().await.expect("the frame");
    }

    /// To the window, from a frame in it or from the window itself.
    pub(crate) async fn leave_frame(&self) {
        self.client.enter_parent_frame().await.expect("the window");
    }

    /// Goes to where the comments stand: in the page, by its script, or else in a frame. That each is only where it
    /// should be shows that scripts run, or do not.
    pub(crate) async fn go_to_comments(&self) {
        if self.look.scripts {
            // They are loaded once somebody comes near.
            let near = "document.querySelector('deskbell-comments').scrollIntoView()";
            self.client.execute(near, Vec::new()).await.expect("a script");
            self.see("deskbell-comments .comments").await;
            assert_eq!(self.count("iframe").await, 0);
        } else {
            assert_eq!(self.count("deskbell-comments > :not(noscript, form)").await, 0);
            self.enter_frame("deskbell-comments iframe").await;
            self.see(".comments").await;
        }
        self.picture().await;
    }

    /// All elements that are there now. Fails while the browser is on its way to another page.
    pub(crate) async fn all(&self, css: &str) -> Result<Vec<Element>, CmdError> {
        self.client.find_all(Locator::Css(css)).await
    }

    pub(crate) async fn count(&self, css: &str) -> usize {
        self.all(css).await.expect("a search").len()
    }

    /// The first element, as soon as it can be seen.
    pub(crate) async fn see(&self, css: &str) -> Element {
        let seen = async || {
            let element = self.all(css).await.ok()?.into_iter().next()?;
            element.is_displayed().await.ok()?.then_some(element)
        };
        eventually(css, seen).await
    }

    /// Waits until one of the elements can be seen to hold the text.
    pub(crate) async fn read(&self, css: &str, needle: &str) {
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
    pub(crate) async fn fill(&self, fields: &[(&str, &str)]) {
        for (name, typed) in fields {
            let field = self.see(&format!("[name={name}]")).await;
            // Lists cannot be emptied and need not be.
            let _ = field.clear().await;
            field.send_keys(typed).await.expect("the field takes the text");
        }
    }

    /// What is in a field now, be it hidden.
    pub(crate) async fn value(&self, name: &str) -> String {
        let fields = self.all(&format!("[name={name}]")).await.expect("a search");
        fields[0].prop("value").await.expect("the field").expect("a value")
    }

    pub(crate) async fn attribute(&self, css: &str, name: &str) -> String {
        self.see(css).await.attr(name).await.expect("the element").expect("an attribute")
    }

    pub(crate) async fn press(&self, css: &str) {
        self.see(css).await.click().await.expect("a press");
    }

    /// Not against the window's width, which on phones grows with what is in it.
    pub(crate) async fn does_not_scroll_sideways(&self) {
        let script = "const { scrollWidth, clientWidth } = document.documentElement; return [scrollWidth, clientWidth]";
        let widths = self.client.execute(script, Vec::new()).await.expect("widths");
        assert!(widths[0].as_u64() <= widths[1].as_u64(), "{} is {widths} wide", self.path().await);
    }

    /// Runs a script on the page; gives what it returns.
    pub(crate) async fn run(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.expect("a script")
    }

    /// Keeps what is to be seen, where `DESKBELL_SHOTS` names a folder for it.
    pub(crate) async fn picture(&self) {
        let number = self.pictures.replace(self.pictures.get() + 1);
        self.picture_of(&format!("{number:02}")).await;
    }

    /// The same, by a name.
    pub(crate) async fn picture_of(&self, what: &str) {
        let Some(folder) = env::var_os("DESKBELL_SHOTS").map(PathBuf::from) else { return };
        let Ok(shot) = self.client.issue_cmd(Capture(None)).await else { return };
        let png = BASE64.decode(shot["data"].as_str().expect("a picture")).expect("a picture");
        let name = format!("{}-{}-{what}.png", self.driver.test, self.look.name);
        std::fs::write(folder.join(name), png).expect("DESKBELL_SHOTS is a folder");
    }
}

/// Cuts the browser off from the network, or connects it again.
#[derive(Debug)]
pub(crate) struct Offline(pub(crate) bool);

impl WebDriverCompatibleCommand for Offline {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, <Url as std::str::FromStr>::Err> {
        base.join(&format!("session/{}/chromium/network_conditions", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        let conditions =
            json!({ "offline": self.0, "latency": 0, "download_throughput": 1 << 30, "upload_throughput": 1 << 30 });
        (Method::POST, Some(json!({ "network_conditions": conditions }).to_string()))
    }
}

/// Takes a picture of a part of the page, or of all of it: also of what the window does not show.
#[derive(Debug)]
pub(crate) struct Capture(pub(crate) Option<Value>);

impl WebDriverCompatibleCommand for Capture {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, <Url as std::str::FromStr>::Err> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        let mut params = json!({ "captureBeyondViewport": true });
        if let Some(clip) = &self.0 {
            params["clip"] = clip.clone();
        }
        (Method::POST, Some(json!({ "cmd": "Page.captureScreenshot", "params": params }).to_string()))
    }
}

/// What the browser is to be like.
fn capabilities(driver: &Driver, look: Look) -> Capabilities {
    let profile = format!("--user-data-dir={}", driver.folder.path().join(look.name).display());
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
    if let Some(args) = options["args"].as_array_mut().filter(|_| look.dark) {
        args.push("--blink-settings=preferredColorScheme=0".into());
    }
    if !look.scripts {
        options["prefs"] = json!({ "profile.managed_default_content_settings.javascript": 2 });
    }
    Capabilities::from_iter([("browserName".into(), "chrome".into()), ("goog:chromeOptions".into(), options)])
}
