//! RFC 9457 JSON about an error, and the headers that belong to its status.

use axum::response::Response;
use http::header::{self, HeaderValue};
use serde_json::json;

use super::answer::response;
use super::error::Error;
use crate::words::Words;

/// RFC 9457 JSON about an error.
pub(super) fn problem_json(error: &Error, words: &Words) -> Response {
    let mut body = json!({ "title": error.title(words), "status": error.status().as_u16() });
    if let Some(code) = error.code() {
        body["code"] = code.into();
    }
    if let Some(detail) = error.detail(words) {
        body["detail"] = detail.into();
    }
    if let Error::Invalid(errors) = error {
        let errors = errors.iter().map(
            |error| json!({ "field": error.field, "code": error.code.name(), "message": words.error(&error.code) }),
        );
        body["errors"] = errors.collect();
    }
    response(error.status(), "application/problem+json", body.to_string(), "no-store")
}

/// The headers that belong to an error's status.
pub(super) fn with_error_headers(error: &Error, mut response: Response) -> Response {
    if let Some(seconds) = error.retry_after() {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    if let Error::Method(allowed) = error {
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allowed));
    }
    response
}
