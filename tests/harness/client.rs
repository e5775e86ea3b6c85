//! A browser without a window: it keeps cookies, and sends forms with what they carry unseen.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use reqwest::RequestBuilder;

use crate::harness::world::{Answer, Desk, answer, eventually};

/// The cookie of a session of the sample site.
pub(crate) const SESSION: &str = "__Host-deskbell_studio";

/// The cookie of a browser in which somebody is about to sign in.
pub(crate) const BROWSER: &str = "__Host-deskbell-browser_studio";

/// The page on which a link is asked for.
pub(crate) const ASK: &str = "/inbox/sign-in";

/// A browser and its cookies.
pub(crate) struct Client<'a> {
    desk: &'a Desk,
    /// Before each path: where one deployment serves several sites, `/` and the site.
    base: &'static str,
    cookies: Cookies,
    /// How many emails there were before it asked for a link.
    emails: AtomicUsize,
}

impl<'a> Client<'a> {
    pub(crate) fn new(desk: &'a Desk) -> Self {
        Self::at(desk, "")
    }

    /// A browser at the inbox of one of several sites, `base` being `/` and its id.
    pub(crate) fn at(desk: &'a Desk, base: &'static str) -> Self {
        Self { desk, base, cookies: Cookies::default(), emails: AtomicUsize::default() }
    }

    /// The way to a session, from the page on which a link is asked for.
    pub(crate) async fn sign_in(&self, email: &str) {
        self.ask(email).await;
        let entered = self.press(&self.link_to(email).await).await;
        let inbox = self.path("/inbox");
        assert_eq!((entered.status, entered.header("location")), (303, &*inbox), "{entered:?}");
    }

    /// Asks for a link; gives the answer.
    pub(crate) async fn ask(&self, email: &str) -> Answer {
        self.emails.store(self.desk.sign_in_emails(email).await.len(), Ordering::SeqCst);
        let page = self.get("/inbox/sign-in").await;
        self.post_bare("/inbox/sign-in", &[("email", email), ("csrf", &csrf(&page)), ("next", "")]).await
    }

    /// The link in the email that came because it asked.
    pub(crate) async fn link_to(&self, email: &str) -> String {
        let before = self.emails.load(Ordering::SeqCst);
        let come = async || Some(self.desk.sign_in_emails(email).await).filter(|emails| emails.len() > before);
        let emails = eventually("a link for signing in", come).await;
        emails[0].text.lines().find(|line| line.contains("/inbox/sign-in/")).expect("a link").trim().to_owned()
    }

    /// Opens a page with one form and presses its button.
    pub(crate) async fn press(&self, path: &str) -> Answer {
        let page = self.get(path).await;
        self.post_bare(path, &[("csrf", &csrf(&page))]).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.desk.request_get(&self.path(path))).await
    }

    /// Posts a form of the inbox, with what all of them carry.
    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let csrf = csrf(&self.get("/inbox").await);
        self.post_bare(path, &[&[("csrf", &*csrf)], fields].concat()).await
    }

    /// Posts these fields and nothing else.
    pub(crate) async fn post_bare(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(self.desk.request_post(&self.path(path)).form(fields)).await
    }

    fn path(&self, path: &str) -> String {
        if path.starts_with('/') { format!("{}{path}", self.base) } else { path.into() }
    }

    /// Sends a request with the cookies, and keeps those that come back.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Answer {
        self.cookies.send(request).await
    }

    /// The value of a cookie.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.0.lock().unwrap().get(name).cloned()
    }

    pub(crate) fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.0.lock().unwrap().insert(name.into(), value.into());
    }
}

/// The cookies of a browser, by their names.
#[derive(Default)]
pub(crate) struct Cookies(Mutex<BTreeMap<String, String>>);

impl Cookies {
    /// Sends a request with the cookies, and keeps those that come back.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Answer {
        let answer = answer(request.header("accept", "text/html").header("cookie", self.header())).await;
        let mut cookies = self.0.lock().unwrap();
        for cookie in answer.headers.get_all("set-cookie") {
            let cookie = cookie.to_str().expect("text");
            let (name, value) = cookie.split(';').next().and_then(|pair| pair.split_once('=')).expect("a cookie");
            if cookie.contains("Max-Age=0") {
                cookies.remove(name)
            } else {
                cookies.insert(name.into(), value.into())
            };
        }
        answer
    }

    /// As they are sent.
    fn header(&self) -> String {
        let cookies = self.0.lock().unwrap();
        cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }
}

/// What the forms of a page carry unseen.
pub(crate) fn csrf(page: &Answer) -> String {
    let (_, rest) = page.body.split_once("name=\"csrf\" value=\"").unwrap_or_else(|| panic!("no csrf in {page:?}"));
    rest.split('"').next().expect("a value").to_owned()
}

/// Whether a browser gets to see the inbox.
pub(crate) async fn is_in(browser: &Client<'_>) -> bool {
    match browser.get("/inbox").await.status {
        200 => true,
        303 => false,
        other => panic!("{other}"),
    }
}

impl Desk {
    /// A browser in which somebody of the team has signed in, by the link in the mail.
    pub(crate) async fn sign_in(&self, email: &str) -> Client<'_> {
        let browser = Client::new(self);
        browser.sign_in(email).await;
        browser
    }
}
