//! What is logged about a request: one line when it is answered, whose particulars every other line within it bears
//! too.

use std::time::Instant;

use axum::extract::MatchedPath;
use axum::response::Response;
use http::request::Parts;
use lambda_http::RequestExt as _;
use lambda_http::request::RequestContext;
use tracing::Span;
use tracing::field::{Empty, display};

use crate::platform::log::milliseconds;
use crate::submission::Submission;

/// A request's particulars: `requestId` as in Lambda's own lines; `request`, the id that API Gateway gave it, which
/// stands in its access log and in the answer's `apigw-requestid`; method; and the route's pattern, for a path may hold
/// a signed link. What is found out later is [`Empty`] until then.
pub(super) fn span(parts: &Parts) -> Span {
    let route = parts.extensions.get::<MatchedPath>().map_or("none", MatchedPath::as_str);
    let lambda = parts.extensions.lambda_context_ref().map(|context| context.request_id.as_str());
    let request = match parts.extensions.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => context.request_id.as_deref(),
        _ => None,
    };
    let lambda = lambda.filter(|id| !id.is_empty());
    let method = parts.method.as_str();
    tracing::info_span!(
        "request",
        requestId = lambda,
        request,
        method,
        route,
        site = Empty,
        id = Empty,
        decision = Empty
    )
}

/// Says which submission the request is about, and what the filter made of it.
pub(crate) fn is_about(submission: &Submission) {
    let span = Span::current();
    span.record("id", display(submission.id));
    span.record("decision", submission.verdict.decision.word());
}

/// The line about the request.
pub(super) fn answered(response: &Response, began: Instant) {
    tracing::info!(status = response.status().as_u16(), ms = milliseconds(began), "answered");
}
