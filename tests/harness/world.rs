//! A world and how tests speak to it.

use std::time::{Duration, Instant};

use deskbell::local::{CaughtEmail, Options, SAMPLE, World};
use deskbell_filter::{Content, Decision, Signals, SiteModel, Verdict, judge, signs};
use deskbell_functions::config::Config;
use deskbell_functions::submission::Submission;
use deskbell_functions::submission::delivery::{Channel, DeliveryState};
use jiff::{SignedDuration, Timestamp};
use reqwest::redirect::Policy;
use reqwest::{RequestBuilder, Response};
use serde_json::Value;

use crate::harness::settings::{sample_with, without_bound};

/// The sample article's path.
pub(crate) const ARTICLE: &str = "/blog/massage-for-back-pain/";

/// The sample's owner.
pub(crate) const OWNER: &str = "mara@studio-lindqvist.example";

/// Somebody of the sample's team who decides about comments alone.
pub(crate) const MODERATOR: &str = "jon@studio-lindqvist.example";

/// Spam beyond all doubt, whatever else is known about it.
pub(crate) const BLATANT: &str = "[url=https://casino.example]online casino[/url] [url=https://viagra.example]viagra[/url] \
    free bonus spins, cheap pills, buy now";

/// Has a blocked word and links. A person might still have written it.
pub(crate) const LIKE_SPAM: &str = "We met at the casino: https://a.example and https://b.example. Is Monday free?";

/// How long to wait for something that happens behind the answer. Only a broken test ever waits that long.
const DEADLINE: Duration = Duration::from_secs(30);

/// A world of its own for a test.
pub(crate) struct Desk {
    pub(crate) world: World,
    http: reqwest::Client,
}

impl Desk {
    /// The sample site.
    pub(crate) async fn start() -> Self {
        Self::with(Options::default()).await
    }

    /// The sample site with settings of its own: TOML, as [`sample_with`] merges it in.
    pub(crate) async fn configured(settings: &str) -> Self {
        Self::with(Options { config: sample_with(settings), ..Options::default() }).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        let options = Options { config: without_bound(&options.config), ..options };
        let world = World::start(options).await.expect("a world");
        let http = reqwest::Client::builder().redirect(Policy::none()).no_proxy().build().expect("a client");
        Self { world, http }
    }

    /// The time by the clock that the functions go by.
    pub(crate) fn now(&self) -> Timestamp {
        self.world.app.clock.now()
    }

    /// Has so many seconds pass by the clock that the functions go by.
    pub(crate) fn advance(&self, seconds: i64) {
        self.world.app.clock.advance(SignedDuration::from_secs(seconds));
    }

    pub(crate) fn url(&self, path: &str) -> String {
        if path.starts_with("http") { path.into() } else { format!("{}{path}", self.world.url) }
    }

    pub(crate) fn request_get(&self, path: &str) -> RequestBuilder {
        self.http.get(self.url(path))
    }

    pub(crate) fn request_head(&self, path: &str) -> RequestBuilder {
        self.http.head(self.url(path))
    }

    pub(crate) fn request_post(&self, path: &str) -> RequestBuilder {
        self.http.post(self.url(path))
    }

    /// Posts a form as a browser does.
    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        answer(self.request_post(path).header("accept", "text/html").form(fields)).await
    }

    /// Posts a form as a script does that wants JSON.
    pub(crate) async fn post_for_json(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        answer(self.request_post(path).header("accept", "application/json").form(fields)).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        answer(self.request_get(path)).await
    }

    pub(crate) async fn get_json(&self, path: &str) -> Answer {
        answer(self.request_get(path).header("accept", "application/json")).await
    }

    pub(crate) async fn get_html(&self, path: &str) -> Answer {
        answer(self.request_get(path).header("accept", "text/html")).await
    }

    /// Asks whether a page of `origin` may send JSON, as browsers do.
    pub(crate) async fn preflight(&self, path: &str, origin: &str) -> Answer {
        answer(self.request_options(path, origin)).await
    }

    /// The same, to be said more exactly.
    pub(crate) fn request_options(&self, path: &str, origin: &str) -> RequestBuilder {
        let request = self.http.request(reqwest::Method::OPTIONS, self.url(path)).header("origin", origin);
        request.header("access-control-request-method", "POST")
    }

    /// The published comments of a page, as JSON.
    pub(crate) async fn comments(&self, page: &str) -> Value {
        self.get(&format!("/comments?page={page}")).await.json()
    }

    pub(crate) async fn count(&self, page: &str) -> u64 {
        let counts = self.get(&format!("/comments/count?page={page}")).await.json();
        counts["counts"][page].as_u64().expect("a count")
    }

    /// Sends a comment with a name of its own.
    pub(crate) async fn comment(&self, author: &str, text: &str) -> Answer {
        let email = format!("{}@example.org", author.to_lowercase().replace(' ', "."));
        let fields = [("page", ARTICLE), ("author", author), ("email", &email), ("comment", text)];
        self.post_for_json("/comments", &fields).await
    }

    /// The emails with a link for signing in that went to this address, the newest first.
    pub(crate) async fn sign_in_emails(&self, email: &str) -> Vec<CaughtEmail> {
        let ours = |mail: &CaughtEmail| mail.to == [email] && mail.text.contains("/inbox/sign-in/");
        self.emails().await.into_iter().filter(ours).collect()
    }

    /// Sends a lead; gives its id.
    pub(crate) async fn message_from(&self, name: &str, message: &str) -> String {
        let local = name.to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "");
        let email = format!("{local}@example.org");
        self.post_for_json("/contact", &[("name", name), ("email", &email), ("message", message)]).await.id()
    }

    pub(crate) async fn submission(&self, id: &str) -> Submission {
        let id = id.parse().expect("an id");
        self.world.app.store.submission("studio", id).await.expect("the table").expect("stored")
    }

    /// What is stored for the owner, with links.
    pub(crate) async fn items(&self) -> Vec<Value> {
        let items = answer(self.request_get("/_items").header("accept", "application/json")).await.json();
        items.as_array().expect("a list").clone()
    }

    pub(crate) async fn emails(&self) -> Vec<CaughtEmail> {
        let answer = answer(self.request_get("/_mail").header("accept", "application/json")).await;
        serde_json::from_str(&answer.body).expect("caught")
    }

    /// The email whose text holds `needle`, as soon as it has come.
    pub(crate) async fn email_about(&self, needle: &str) -> CaughtEmail {
        let needle = &words(needle);
        let found = async || self.emails().await.into_iter().find(|email| said(email).contains(needle));
        eventually(needle, found).await
    }

    /// The path of the link for deciding in the email about `needle`.
    pub(crate) async fn link_about(&self, needle: &str) -> String {
        link(&self.email_about(needle).await)
    }

    /// Waits until everything in the stream so far has been handled: a lead sent now is delivered after all before it,
    /// and another one after all before that was also learnt.
    pub(crate) async fn settled(&self) {
        self.marker_was_delivered().await;
        self.marker_was_delivered().await;
    }

    async fn marker_was_delivered(&self) {
        // Nothing in what is judged is random.
        let marker = format!("{}@example.org", uuid::Uuid::new_v4().simple());
        let fields = [("name", "Ann"), ("email", &*marker), ("message", "Thank you, my back is better!")];
        let sent = self.post_for_json("/contact", &fields).await;
        let id = sent.id();
        let told = async || {
            let stored = self.submission(&id).await;
            (stored.delivery(&Channel::Mail)?.state == DeliveryState::Sent).then_some(())
        };
        eventually("the marker", told).await;
    }
}

/// The sample's thresholds moved so that this author's text is `decision`, but only just: what speaks for its sender
/// makes one step less of it. Whatever the filter makes of the text, and will make of it when it has learnt more.
pub(crate) fn only_just(decision: Decision, author: &str, email: &str, text: &str) -> String {
    let content = Content { author: author.into(), email: email.into(), url: String::new(), text: text.into() };
    let judging = &Config::parse(SAMPLE).expect("a configuration").sites["studio"].judging;
    let verdict = judge(&content, &Signals::default(), &SiteModel::default(), judging);
    let found: f64 = verdict.reasons.iter().map(|reason| reason.weight).sum();
    let below = |less: f64| 1.0 / (1.0 + (less - found).exp());
    match decision {
        Decision::Spam => format!("unsure = {}\nspam = {}\n", below(5.0), below(0.5)),
        Decision::Ham | Decision::Unsure => format!("unsure = {}\nspam = 1.0\n", below(0.5)),
    }
}

/// The names of a verdict's reasons, without what the text itself looks like: that is the model's affair.
pub(crate) fn evidence(verdict: &Verdict) -> Vec<&str> {
    let of_text = |name: &str| {
        ["text_real", "text_junk", "words_junk"].contains(&name) || signs::LIST.iter().any(|sign| sign.name == name)
    };
    verdict.reasons.iter().map(|reason| &*reason.name).filter(|name| !of_text(name)).collect()
}

/// The link in an email to everything that may be chosen.
pub(crate) fn link(email: &CaughtEmail) -> String {
    let line = email.text.lines().rfind(|line| line.contains("/moderate/")).expect("a link");
    line.trim().to_owned()
}

/// The link in an email below this label.
pub(crate) fn link_to(email: &CaughtEmail, label: &str) -> String {
    let mut lines = email.text.lines().skip_while(|line| *line != format!("{label}:"));
    lines.nth(1).unwrap_or_else(|| panic!("no {label:?} in {}", email.text)).to_owned()
}

/// What an email says, without its line ends and the marks of what is quoted.
pub(crate) fn said(email: &CaughtEmail) -> String {
    words(&email.text.lines().map(|line| line.strip_prefix("> ").unwrap_or(line)).collect::<Vec<_>>().join(" "))
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What comes of `attempt` once it gives something.
pub(crate) async fn eventually<T>(what: &str, mut attempt: impl AsyncFnMut() -> Option<T>) -> T {
    let started = Instant::now();
    let mut pause = Duration::from_millis(2);
    loop {
        if let Some(found) = attempt().await {
            return found;
        }
        assert!(started.elapsed() < DEADLINE, "waited in vain for {what}");
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_millis(40));
    }
}

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    /// The id in a JSON answer.
    pub(crate) fn id(&self) -> String {
        self.json()["id"].as_str().unwrap_or_else(|| panic!("no id: {self:?}")).to_owned()
    }
}

/// Sends a request and reads the answer. None may be an internal error, whatever was sent.
pub(crate) async fn answer(request: RequestBuilder) -> Answer {
    let response: Response = request.send().await.expect("an answer");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = response.text().await.expect("a body");
    assert_ne!(status, 500, "{body}");
    Answer { status, headers, body }
}
