//! Third parties on this machine: Akismet and the captchas' verifiers, as their documentation says that they behave, and
//! as they behave when they are failing.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use deskbell_functions::platform::outgoing::{Reach, Services};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// The key that the loopback Akismet knows.
pub(crate) const KEY: &str = "0123456789ab";

/// The secret that the loopback verifier knows.
pub(crate) const SECRET: &str = "0x4AAAAAAA-secret";

/// How long those take that take too long, beyond any patience of a visitor's.
const TOO_LONG: Duration = Duration::from_secs(20);

/// Posted fields in their order.
pub(crate) type Fields = Vec<(String, String)>;

/// What is wrong with a third party.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    Slow,
    Broken,
    Garbage,
    Huge,
    Elsewhere,
    Alert,
    Error,
    Throttled,
    /// Not wrong: Akismet will know in so many seconds.
    Provisional(u32),
    /// Not wrong: blatant spam.
    Discard,
}

/// A running third party; it ends when this is dropped.
pub(crate) struct Service {
    pub(crate) url: String,
    state: Party,
    _tasks: JoinSet<()>,
}

#[derive(Clone, Default)]
struct Party {
    asked: Arc<Mutex<Vec<(String, Fields)>>>,
    fault: Arc<Mutex<Option<Fault>>>,
    used: Arc<Mutex<Vec<String>>>,
}

impl Service {
    pub(crate) async fn akismet() -> Self {
        Self::serve(|state| Router::new().route("/{version}/{route}", post(akismet)).with_state(state)).await
    }

    /// One verifier for all three captchas: they differ in nothing that is relied on.
    pub(crate) async fn siteverify() -> Self {
        Self::serve(|state| Router::new().route("/siteverify", post(siteverify)).with_state(state)).await
    }

    async fn serve(router: impl FnOnce(Party) -> Router) -> Self {
        let mut tasks = JoinSet::new();
        let state = Party::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let router = router(state.clone());
        tasks.spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Self { url, state, _tasks: tasks }
    }

    /// The addresses that the functions are given: these, and none that leads off this machine.
    pub(crate) fn services(&self) -> Services {
        let verify = format!("{}/siteverify", self.url);
        Services {
            akismet: self.url.clone(),
            turnstile: verify.clone(),
            hcaptcha: verify.clone(),
            recaptcha: verify,
            telegram: self.url.clone(),
            reach: Reach::default(),
        }
    }

    pub(crate) fn fault(&self, fault: impl Into<Option<Fault>>) {
        *self.state.fault.lock().unwrap() = fault.into();
    }

    /// What was asked, by route, since the last time.
    pub(crate) fn asked(&self) -> Vec<(String, Fields)> {
        std::mem::take(&mut *self.state.asked.lock().unwrap())
    }
}

/// The value of a field.
pub(crate) fn value<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value)
}

fn parse(body: &Bytes) -> Fields {
    let url = format!("http://x/?{}", std::str::from_utf8(body).expect("UTF-8"));
    reqwest::Url::parse(&url).expect("a query").query_pairs().into_owned().collect()
}

/// The faults that every third party can have.
async fn failing(fault: Option<Fault>) -> Option<Response> {
    Some(match fault? {
        Fault::Slow => {
            tokio::time::sleep(TOO_LONG).await;
            "false".into_response()
        }
        Fault::Broken => (StatusCode::BAD_GATEWAY, "false").into_response(),
        Fault::Garbage => "\u{0}<html>maintenance</html>".into_response(),
        Fault::Huge => format!("false{}", " ".repeat(200_000)).into_response(),
        Fault::Elsewhere => (StatusCode::FOUND, [("location", "/1.1/verify-key")], "").into_response(),
        Fault::Throttled => (StatusCode::TOO_MANY_REQUESTS, "false").into_response(),
        Fault::Alert => {
            let headers = [("x-akismet-alert-code", "10009"), ("x-akismet-alert-msg", "over your limit")];
            (headers, "false").into_response()
        }
        Fault::Error => ([("x-akismet-error", "1")], "false").into_response(),
        Fault::Provisional(_) | Fault::Discard => return None,
    })
}

/// Akismet's interface, as <https://akismet.com/developers/> has it.
async fn akismet(
    State(party): State<Party>,
    Path((version, route)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let fields = parse(&body);
    let agent = headers.get("user-agent").and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    assert!(agent.starts_with("Deskbell/") && agent.contains(" | Akismet/"), "{agent}");
    assert_eq!(version, "1.1");
    party.asked.lock().unwrap().push((route.clone(), fields.clone()));
    let fault = *party.fault.lock().unwrap();
    if let Some(response) = failing(fault).await {
        return response;
    }
    if value(&fields, "api_key") != KEY {
        return ([("x-akismet-debug-help", "We were unable to verify your key")], "invalid").into_response();
    }
    if let Some(missing) = ["blog", "user_ip"].iter().find(|name| value(&fields, name).is_empty()) {
        let help = format!("Empty \"{missing}\" value");
        return ([("x-akismet-debug-help", help.as_str())], "invalid").into_response();
    }
    match route.as_str() {
        "comment-check" => check(&fields, fault),
        "submit-spam" | "submit-ham" => "Thanks for making the web a better place.".into_response(),
        _ => (StatusCode::NOT_FOUND, "invalid").into_response(),
    }
}

fn check(fields: &Fields, fault: Option<Fault>) -> Response {
    let spam = value(fields, "comment_author") == "viagra-test-123"
        || value(fields, "comment_author_email") == "akismet-guaranteed-spam@example.com";
    match fault {
        _ if value(fields, "user_role") == "administrator" => "false".into_response(),
        Some(Fault::Discard) => ([("x-akismet-pro-tip", "discard")], "true").into_response(),
        Some(Fault::Provisional(seconds)) => {
            ([("x-akismet-recheck-after", seconds.to_string())], "false").into_response()
        }
        _ => ([("x-akismet-guid", "a-guid")], if spam { "true" } else { "false" }).into_response(),
    }
}

/// A token's text says what comes of it; each is good for one use, and for the host that stands in it.
async fn siteverify(State(party): State<Party>, body: Bytes) -> Response {
    let fields = parse(&body);
    party.asked.lock().unwrap().push(("siteverify".into(), fields.clone()));
    let fault = *party.fault.lock().unwrap();
    if let Some(response) = failing(fault).await {
        return response;
    }
    axum::Json(verdict(&party, &fields)).into_response()
}

fn verdict(party: &Party, fields: &Fields) -> Value {
    let failed = |code: &str| json!({ "success": false, "error-codes": [code] });
    if value(fields, "secret") != SECRET {
        return failed("invalid-input-secret");
    }
    let token = value(fields, "response").to_owned();
    let Some(rest) = token.strip_prefix("solved@") else { return failed("invalid-input-response") };
    let mut used = party.used.lock().unwrap();
    if used.contains(&token) {
        return failed("timeout-or-duplicate");
    }
    used.push(token.clone());
    let host = rest.split('#').next().unwrap_or_default();
    json!({ "success": true, "hostname": host, "challenge_ts": "2026-11-22T12:00:00Z", "error-codes": [] })
}
