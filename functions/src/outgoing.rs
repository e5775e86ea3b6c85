//! The one way to ask a third party: a form posted over HTTPS, with little time and little room for the answer.
//! No one is asked whom the configuration does not name. What an answer means is the asker's matter.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::{HttpConnector as _, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use http_body_util::{BodyExt as _, Limited};

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(1);

/// How long everything together may take: a visitor is waiting.
const TOTAL: Duration = Duration::from_secs(2);

/// The largest answer, in bytes.
const MAX_ANSWER: usize = 64 * 1024;

/// What is said about who asks, as Akismet wants it.
const AGENT: &str = concat!("Deskbell/", env!("CARGO_PKG_VERSION"), " | Akismet/", env!("CARGO_PKG_VERSION"));

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
}

impl Services {
    /// The public addresses, or others that `DESKBELL_AKISMET_URL`, `DESKBELL_TURNSTILE_URL`, `DESKBELL_HCAPTCHA_URL`
    /// and `DESKBELL_RECAPTCHA_URL` name.
    #[must_use]
    pub fn from_env() -> Self {
        let or = |name, public: String| std::env::var(name).unwrap_or(public);
        let Self { akismet, turnstile, hcaptcha, recaptcha } = Self::default();
        Self {
            akismet: or("DESKBELL_AKISMET_URL", akismet),
            turnstile: or("DESKBELL_TURNSTILE_URL", turnstile),
            hcaptcha: or("DESKBELL_HCAPTCHA_URL", hcaptcha),
            recaptcha: or("DESKBELL_RECAPTCHA_URL", recaptcha),
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
        }
    }
}

/// The client. Made at the first question, for most sites never ask one.
#[derive(Debug, Clone, Default)]
pub struct Outgoing(Arc<OnceLock<Connector>>);

/// What came back.
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

/// Why there is no answer. Holds nothing of what was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OutgoingError {
    /// The address is none.
    #[error("the address cannot be used")]
    Address,
    /// Nobody was reached, or the connection broke.
    #[error("no connection")]
    Connection,
    /// It took longer than a visitor can wait.
    #[error("no answer in time")]
    Time,
    /// The answer is longer than any real one, or breaks off.
    #[error("an answer that cannot be read")]
    Answer,
}

impl Outgoing {
    /// Posts a form.
    pub async fn post(&self, url: &str, fields: &[(&str, &str)]) -> Result<Answer, OutgoingError> {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = http::Request::post(url)
            .header(http::header::CONTENT_TYPE, "application/x-www-form-urlencoded; charset=utf-8")
            .header(http::header::USER_AGENT, AGENT)
            .header(http::header::CONTENT_LENGTH, body.len())
            .body(body.into())
            .map_err(|_| OutgoingError::Address)?;
        let request = HttpRequest::try_from(request).map_err(|_| OutgoingError::Address)?;
        tokio::time::timeout(TOTAL, self.send(request)).await.map_err(|_| OutgoingError::Time)?
    }

    async fn send(&self, request: HttpRequest) -> Result<Answer, OutgoingError> {
        let mut response = self
            .0
            .get_or_init(connector)
            .call(request)
            .await
            .map_err(|error| if error.is_timeout() { OutgoingError::Time } else { OutgoingError::Connection })?;
        let body = Limited::new(response.take_body(), MAX_ANSWER).collect().await;
        let body = body.map_err(|_| OutgoingError::Answer)?.to_bytes();
        Ok(Answer { status: response.status().as_u16(), body: String::from_utf8_lossy(&body).into_owned(), response })
    }
}

/// The client that the SDKs use too, so that the binary holds one.
fn connector() -> Connector {
    let settings = HttpConnectorSettings::builder().connect_timeout(CONNECT).read_timeout(TOTAL).build();
    Connector::builder().tls_provider(Provider::Rustls(CryptoMode::Ring)).connector_settings(settings).build()
}
