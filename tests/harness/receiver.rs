//! Who hears of something beside mail, on this machine: a server that takes messages and answers as a test wants, and
//! one that speaks SNS.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::{Form, Router};
use deskbell::local::Options;
use deskbell_functions::app::Aws;
use deskbell_functions::config::secret::Secret;
use deskbell_functions::delivery::Notifier;
use deskbell_functions::platform::clock::Clock;
use deskbell_functions::platform::outgoing::{Reach, Services};
use deskbell_functions::submission::delivery::{Delivery, DeliveryState as How};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::harness::fault_proxy::{FaultProxy, Mail};
use crate::harness::settings::sample_with;
use crate::harness::stream::{StreamHarness, notifier_at};
use crate::harness::world::{Desk, eventually};

/// A secret for signing: 32 bytes.
pub(crate) const WHSEC: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// How a receiver answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answering {
    /// With a status.
    Status(u16),
    /// With a status and `Retry-After`, in seconds.
    Later(u16, u64),
    /// With a redirect to `/elsewhere`.
    Elsewhere,
    /// Beyond any patience.
    Slowly,
    /// With 200 and a body that does not end.
    Endlessly,
}

/// What a receiver got.
#[derive(Debug, Clone)]
pub(crate) struct Got {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Got {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }
}

/// A running receiver; it ends when this is dropped.
pub(crate) struct Receiver {
    pub(crate) port: u16,
    state: Taking,
    _tasks: JoinSet<()>,
}

#[derive(Clone)]
struct Taking {
    got: Arc<Mutex<Vec<Got>>>,
    /// The answers to come; the last one stays.
    answers: Arc<Mutex<Vec<Answering>>>,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let state = Taking { got: Arc::default(), answers: Arc::new(Mutex::new(vec![Answering::Status(200)])) };
        let mut tasks = JoinSet::new();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let router = Router::new().fallback(take).with_state(state.clone());
        tasks.spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Self { port, state, _tasks: tasks }
    }

    /// From now on it answers so, one after the other.
    pub(crate) fn answer(&self, answers: &[Answering]) {
        *self.state.answers.lock().unwrap() = answers.to_vec();
    }

    /// What it got so far.
    pub(crate) fn got(&self) -> Vec<Got> {
        self.state.got.lock().unwrap().clone()
    }

    /// The first so many messages, as soon as they have come.
    pub(crate) async fn messages(&self, count: usize) -> Vec<Got> {
        eventually("messages", async || Some(self.got()).filter(|got| got.len() >= count)).await
    }

    /// The address of a path on it.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Third parties, of which there is none but this.
    pub(crate) fn services(&self) -> Services {
        let reach = Reach { loopback: true, ..Reach::default() };
        Services { telegram: self.url("/telegram"), reach, ..Services::default() }
    }
}

async fn take(State(state): State<Taking>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let body = String::from_utf8(body.to_vec()).expect("UTF-8");
    state.got.lock().unwrap().push(Got { path: uri.path().into(), headers, body });
    let answer = {
        let mut answers = state.answers.lock().unwrap();
        if answers.len() > 1 { answers.remove(0) } else { answers[0] }
    };
    let status = |status| StatusCode::from_u16(status).expect("a status");
    match answer {
        Answering::Status(code) => status(code).into_response(),
        Answering::Later(code, seconds) => (status(code), [("retry-after", seconds.to_string())]).into_response(),
        Answering::Elsewhere => (StatusCode::TEMPORARY_REDIRECT, [("location", "/elsewhere")]).into_response(),
        Answering::Slowly => {
            tokio::time::sleep(Duration::from_mins(1)).await;
            StatusCode::OK.into_response()
        }
        Answering::Endlessly => {
            let part = || Ok::<_, std::io::Error>(Bytes::from_static(&[b' '; 16_384]));
            Body::from_stream(futures_util::stream::repeat_with(part)).into_response()
        }
    }
}

/// Stores a secret of the sample site, as the operator does.
pub(crate) async fn set(desk: &Desk, name: &str, value: &str) {
    let secret: Secret = name.parse().expect(name);
    desk.world.app.store.set_named_secret(Some("studio"), &secret, value).await.expect("the table");
}

/// A world with channels: TOML tables beside the sample's, and third parties.
pub(crate) fn with_channels(channels: &str, services: Services) -> Options {
    Options { config: configured(channels), services, ..Options::default() }
}

/// The sample's configuration with channels; everything that is not spam is certainly real.
pub(crate) fn configured(channels: &str) -> String {
    sample_with(&format!("{channels}\n[sites.studio.judging]\nunsure = 0.999\nspam = 0.9999"))
}

/// A notifier that tells a receiver and SNS over a channel of each kind, over each so often within an hour at most.
pub(crate) async fn with_every_channel(
    harness: &StreamHarness,
    receiver: &Receiver,
    sns: &Sns,
    per_hour: u32,
    clock: Clock,
) -> Notifier {
    let own = [
        format!("kind = \"webhook\"\nurl = \"{}\"", receiver.url("/hook")),
        "kind = \"slack\"".to_owned(),
        "kind = \"telegram\"\nchat = \"1\"".to_owned(),
        "kind = \"sms\"\nto = \"+491701234567\"\nmonthly_cap = 1000".to_owned(),
    ];
    let channels = own.map(|own| format!("[[sites.studio.channels]]\n{own}\nper_hour = {per_hour}\n")).concat();
    set(&harness.desk, "webhook", WHSEC).await;
    set(&harness.desk, "slack", &receiver.url("/slack")).await;
    set(&harness.desk, "telegram", "123456:ABCDEFGHIJKLMNOPQRSTUVWXYZ").await;
    notifier_at(&configured(&channels), receiver.services(), clock, sns.beside(&harness.proxy, &harness.mail)).await
}

/// What becomes of a delivery, once it is tried.
pub(crate) async fn delivery(desk: &Desk, id: &str, channel: &str) -> Delivery {
    eventually(channel, async || {
        let stored = desk.submission(id).await;
        stored.deliveries.get(channel).filter(|delivery| delivery.state != How::Due).cloned()
    })
    .await
}

/// A server that speaks SNS' `Publish` and refuses as a test wants; it ends when this is dropped.
pub(crate) struct Sns {
    pub(crate) url: String,
    state: Publishing,
    _tasks: JoinSet<()>,
}

#[derive(Clone, Default)]
struct Publishing {
    taken: Arc<Mutex<Vec<BTreeMap<String, String>>>>,
    refusal: Arc<Mutex<Option<(u16, &'static str)>>>,
}

impl Sns {
    pub(crate) async fn start() -> Self {
        let state = Publishing::default();
        let mut tasks = JoinSet::new();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let router = Router::new().fallback(publish).with_state(state.clone());
        tasks.spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Self { url, state, _tasks: tasks }
    }

    /// AWS on this machine, with this SNS.
    pub(crate) fn beside(&self, proxy: &FaultProxy, mail: &Mail) -> Aws {
        let mut aws = Aws::local(proxy.url.clone(), mail.url.clone());
        aws.sns_url = Some(self.url.clone());
        aws
    }

    /// From now on it refuses with a status and a code, or takes everything.
    pub(crate) fn refuse(&self, refusal: Option<(u16, &'static str)>) {
        *self.state.refusal.lock().unwrap() = refusal;
    }

    /// The requests that it took.
    pub(crate) fn taken(&self) -> Vec<BTreeMap<String, String>> {
        self.state.taken.lock().unwrap().clone()
    }
}

async fn publish(State(state): State<Publishing>, Form(asked): Form<BTreeMap<String, String>>) -> Response {
    let kind = [("content-type", "text/xml")];
    if let Some((status, code)) = *state.refusal.lock().unwrap() {
        let status = StatusCode::from_u16(status).expect("a status");
        let number = &asked["PhoneNumber"];
        let body = format!(
            "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error><Type>Sender</Type><Code>{code}</Code>\
             <Message>not to {number}</Message></Error><RequestId>1</RequestId></ErrorResponse>"
        );
        return (status, kind, body).into_response();
    }
    state.taken.lock().unwrap().push(asked);
    let body = "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult>\
                <MessageId>taken</MessageId></PublishResult></PublishResponse>";
    (kind, body).into_response()
}
