//! The one way to third parties, over HTTPS, with little time and little room for the answer: a form posted to one
//! whose address is known, or a message sent to an address that the owner gave. No one is reached whom the
//! configuration does not name. What an answer means is the asker's matter.

mod guard;

use std::error::Error;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::dns::SharedDnsResolver;
use aws_smithy_runtime_api::client::http::{HttpConnector as _, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use http_body_util::{BodyExt as _, Limited};
use url::{Url, form_urlencoded};

use crate::platform::clock::Clock;

use self::guard::{Allowed, Forbidden, Guard, System};

/// How long a connection may take.
const CONNECT: Duration = Duration::from_millis(1_500);

/// How long everything together may take: a visitor is waiting.
const TOTAL: Duration = Duration::from_secs(2);

/// How long a message to an address of the owner's may take: nobody waits for it but other messages.
const SENDING: Duration = Duration::from_secs(5);

/// The largest answer, in bytes.
const MAX_ANSWER: usize = 64 * 1024;

/// What is said about who sends.
const SENDING_AGENT: &str = concat!("Deskbell/", env!("CARGO_PKG_VERSION"));

/// What is said about who asks, as Akismet wants it.
const ASKING: &str = concat!("Deskbell/", env!("CARGO_PKG_VERSION"), " | Akismet/", env!("CARGO_PKG_VERSION"));

/// The addresses of third parties. Tests put servers of their own there.
#[derive(Debug, Clone)]
pub struct Services {
    /// Akismet's, without a path.
    pub akismet: String,
    /// Where Turnstile's answers are verified.
    pub turnstile: String,
    /// Where hCaptcha's answers are verified.
    pub hcaptcha: String,
    /// Where reCAPTCHA's answers are verified.
    pub recaptcha: String,
    /// Telegram's, without a path.
    pub telegram: String,
    /// Where messages may go whose address the owner gave.
    pub reach: Reach,
}

/// Where messages may go whose address the owner gave.
#[derive(Debug, Clone)]
pub struct Reach {
    /// Whether that may be this machine, too, and there without TLS: for trying things out.
    pub loopback: bool,
    /// Who knows the addresses of hosts.
    pub names: SharedDnsResolver,
}

impl Default for Reach {
    fn default() -> Self {
        Self { loopback: false, names: SharedDnsResolver::new(System) }
    }
}

impl Services {
    /// The public addresses, or others that `DESKBELL_AKISMET_URL`, `DESKBELL_TURNSTILE_URL`, `DESKBELL_HCAPTCHA_URL`,
    /// `DESKBELL_RECAPTCHA_URL` and `DESKBELL_TELEGRAM_URL` name.
    #[must_use]
    pub fn from_env() -> Self {
        let or = |name, public: String| std::env::var(name).unwrap_or(public);
        let Self { akismet, turnstile, hcaptcha, recaptcha, telegram, reach } = Self::default();
        Self {
            akismet: or("DESKBELL_AKISMET_URL", akismet),
            turnstile: or("DESKBELL_TURNSTILE_URL", turnstile),
            hcaptcha: or("DESKBELL_HCAPTCHA_URL", hcaptcha),
            recaptcha: or("DESKBELL_RECAPTCHA_URL", recaptcha),
            telegram: or("DESKBELL_TELEGRAM_URL", telegram),
            reach,
        }
    }
}

impl Default for Services {
    fn default() -> Self {
        Self {
            akismet: "https://rest.akismet.com".into(),
            turnstile: "https://challenges.cloudflare.com/turnstile/v0/siteverify".into(),
            hcaptcha: "https://api.hcaptcha.com/siteverify".into(),
            recaptcha: "https://www.google.com/recaptcha/api/siteverify".into(),
            telegram: "https://api.telegram.org".into(),
            reach: Reach::default(),
        }
    }
}

/// The clients. Each is made when it is first needed, for most sites never need one.
#[derive(Debug, Clone, Default)]
pub struct Outgoing {
    reach: Reach,
    clock: Clock,
    /// To addresses that the code knows.
    known: Arc<OnceLock<Connector>>,
    /// To addresses that the owner gave.
    given: Arc<OnceLock<Connector>>,
    /// To such addresses without TLS, on this machine.
    plain: Arc<OnceLock<Connector>>,
}

/// What came back to a question.
#[derive(Debug)]
pub struct Answer {
    /// The status; a redirect is an answer like any other and is not followed.
    pub status: u16,
    /// The body; bytes that are not UTF-8 become U+FFFD.
    pub body: String,
    response: HttpResponse,
}

impl Answer {
    /// A header's value.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name)
    }
}

/// What came back to a message: all that is said about it stands in the head of the answer; the rest is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// The status; a redirect is not followed.
    pub status: u16,
    /// How long to wait before the next one, in seconds, if it says so.
    pub retry_after: Option<u64>,
}

/// Why there is no answer. Holds nothing of what was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OutgoingError {
    /// The address is none, or not one to be reached with TLS.
    #[error("the address cannot be used")]
    Address,
    /// The address is not a public one.
    #[error("the address does not lead to a public host")]
    Forbidden,
    /// Nobody was reached, or the connection broke.
    #[error("no connection")]
    Connection,
    /// It took too long.
    #[error("no answer in time")]
    Time,
    /// The answer is longer than any real one, or breaks off.
    #[error("an answer that cannot be read")]
    Answer,
}

impl Outgoing {
    /// The clients, of which those for the owner's addresses reach only so far.
    #[must_use]
    pub fn new(reach: Reach, clock: Clock) -> Self {
        Self { reach, clock, ..Self::default() }
    }

    /// Posts a form to an address that the code knows, while a visitor is waiting.
    pub async fn post(&self, url: &str, fields: &[(&str, &str)]) -> Result<Answer, OutgoingError> {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let headers = [("content-type", "application/x-www-form-urlencoded; charset=utf-8"), ("user-agent", ASKING)];
        let request = request(url, &headers, body)?;
        let time = self.clock.lasts(TOTAL);
        let connector = self.known.get_or_init(|| connector(time, None));
        tokio::time::timeout(time, ask(connector, request)).await.map_err(|_| OutgoingError::Time)?
    }

    /// Sends JSON to an address that the owner gave. `headers` come beside those that every message has.
    pub async fn send(&self, url: &Url, headers: &[(&str, &str)], body: String) -> Result<Receipt, OutgoingError> {
        let (connector, allowed) = match url.scheme() {
            "https" if self.reach.loopback => (&self.given, Allowed::PublicAndLoopback),
            "https" => (&self.given, Allowed::Public),
            "http" if self.reach.loopback => (&self.plain, Allowed::Loopback),
            _ => return Err(OutgoingError::Address),
        };
        if !allowed.allows_host_of(url) {
            return Err(OutgoingError::Forbidden);
        }
        let common = [("content-type", "application/json"), ("user-agent", SENDING_AGENT)];
        let request = request(url.as_str(), &[&common, headers].concat(), body)?;
        let guard = || Guard { allowed, names: self.reach.names.clone() };
        let time = self.clock.lasts(SENDING);
        let connector = connector.get_or_init(|| self::connector(time, Some(guard())));
        let response = tokio::time::timeout(time, call(connector, request)).await;
        let response = response.map_err(|_| OutgoingError::Time)??;
        let retry_after = response.headers().get("retry-after").and_then(|seconds| seconds.trim().parse().ok());
        Ok(Receipt { status: response.status().as_u16(), retry_after })
    }
}

fn request(url: &str, headers: &[(&str, &str)], body: String) -> Result<HttpRequest, OutgoingError> {
    let mut request = http::Request::post(url).header(http::header::CONTENT_LENGTH, body.len());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(body.into()).map_err(|_| OutgoingError::Address)?;
    HttpRequest::try_from(request).map_err(|_| OutgoingError::Address)
}

async fn ask(connector: &Connector, request: HttpRequest) -> Result<Answer, OutgoingError> {
    let mut response = call(connector, request).await?;
    let body = Limited::new(response.take_body(), MAX_ANSWER).collect().await;
    let body = body.map_err(|_| OutgoingError::Answer)?.to_bytes();
    Ok(Answer { status: response.status().as_u16(), body: String::from_utf8_lossy(&body).into_owned(), response })
}

async fn call(connector: &Connector, request: HttpRequest) -> Result<HttpResponse, OutgoingError> {
    connector.call(request).await.map_err(|error| match error {
        error if forbidden(&error) => OutgoingError::Forbidden,
        error if error.is_timeout() => OutgoingError::Time,
        _ => OutgoingError::Connection,
    })
}

/// Whether it failed because the host has no address that a connection may go to.
fn forbidden(error: &(dyn Error + 'static)) -> bool {
    error.is::<Forbidden>() || error.source().is_some_and(forbidden)
}

/// The client that the SDKs use too, so that the binary holds one.
fn connector(read: Duration, guard: Option<Guard>) -> Connector {
    let settings = HttpConnectorSettings::builder().connect_timeout(CONNECT).read_timeout(read).build();
    let builder = Connector::builder().tls_provider(Provider::Rustls(CryptoMode::Ring)).connector_settings(settings);
    match guard {
        Some(guard) => builder.build_with_resolver(guard),
        None => builder.build(),
    }
}
