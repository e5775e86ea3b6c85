//! Requests to the functions' address, as browsers make them.

use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::{HttpConnector as _, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use http::Method;
use http_body_util::BodyExt as _;

/// How long an answer may take: a function that has not run for long starts first.
const TIMEOUT: Duration = Duration::from_secs(20);

/// An answer, read to its end.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
    response: HttpResponse,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name)
    }
}

/// Sends a request once; or says why there is no answer.
pub(crate) async fn fetch(method: Method, url: &str, headers: &[(&str, &str)], body: String) -> Result<Answer, String> {
    let mut request = http::Request::builder().method(method).uri(url);
    request = request.header(http::header::CONTENT_LENGTH, body.len());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(body.into()).map_err(|error| error.to_string())?;
    let request = HttpRequest::try_from(request).map_err(|error| error.to_string())?;
    let answering = tokio::time::timeout(TIMEOUT, call(request)).await;
    answering.unwrap_or_else(|_| Err(format!("no answer within {} s", TIMEOUT.as_secs())))
}

async fn call(request: HttpRequest) -> Result<Answer, String> {
    let settings = HttpConnectorSettings::builder().connect_timeout(TIMEOUT).build();
    let connector = Connector::builder().tls_provider(Provider::Rustls(CryptoMode::Ring)).connector_settings(settings);
    let called = connector.build().call(request).await;
    let mut response = called.map_err(|error| deskbell_functions::store::chain(&error))?;
    let body = response.take_body().collect().await.map_err(|error| error.to_string())?.to_bytes();
    let body = String::from_utf8_lossy(&body).into_owned();
    Ok(Answer { status: response.status().as_u16(), body, response })
}
