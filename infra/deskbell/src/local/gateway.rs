//! What API Gateway does: turns a request into an event (HTTP API, payload version 2.0), hands it to the function as
//! Lambda would, and turns the function's answer back into a response.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::{HeaderName, HeaderValue, StatusCode, header};
use http_body_util::{BodyExt as _, Limited};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::functions::{Functions, InvocationError};
use super::template::Route;
use crate::output;

// API Gateway's quotas for HTTP APIs
// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html>), and Lambda's for an event and
// an answer (<https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>). None of them can be raised.

/// The request line and the values of all headers together, in bytes.
const MAX_HEAD: usize = 10_240;

/// The largest body, in bytes.
const MAX_BODY: usize = 10 * 1024 * 1024;

/// The largest event, and the largest answer of a function, as JSON, in bytes.
const MAX_PAYLOAD: usize = 6_291_556;

/// How long a function may take.
const MAX_TIME: Duration = Duration::from_secs(30);

/// A function's answer as API Gateway reads it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    status_code: u16,
    #[serde(default)]
    headers: Map<String, Value>,
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
    #[serde(default)]
    cookies: Vec<String>,
}

/// The functions behind routes; each request goes to the route for its method, or else to the one for any.
pub fn gateway(routes: &[Route], functions: &Functions) -> Router {
    let mut paths: BTreeMap<&str, Vec<Route>> = BTreeMap::new();
    for route in routes {
        paths.entry(&route.path).or_default().push(route.clone());
    }
    paths.into_iter().fold(Router::new(), |router, (path, routes)| {
        let functions = functions.clone();
        router.route(path, any(async move |request| answer(routes, functions, request).await))
    })
}

/// Answers a request to one of the routes of a path.
async fn answer(routes: Vec<Route>, functions: Functions, request: Request) -> Response {
    let of = |method: &str| routes.iter().find(|route| route.method == method);
    let Some(route) = of(request.method().as_str()).or_else(|| of("ANY")) else {
        return message(StatusCode::NOT_FOUND, "Not Found");
    };
    let (parts, body) = request.into_parts();
    if let Some(refusal) = too_long(&parts) {
        return refusal;
    }
    let Ok(body) = Limited::new(body, MAX_BODY).collect().await else {
        return message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
    };
    let event = event(route, &parts, &body.to_bytes());
    if event.to_string().len() > MAX_PAYLOAD {
        return message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
    }
    let Ok(answered) = tokio::time::timeout(MAX_TIME, functions(&route.function, event)).await else {
        return message(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable");
    };
    answered.and_then(response).unwrap_or_else(|error| {
        output::say(format_args!("the function failed: {error}"));
        message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
    })
}

/// The answer to a request whose line and headers are too long.
fn too_long(parts: &http::request::Parts) -> Option<Response> {
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    // The method, two spaces, `HTTP/1.1` and the end of the line.
    let line = parts.method.as_str().len() + target.len() + 12;
    let head = line + parts.headers.values().map(http::HeaderValue::len).sum::<usize>();
    match head > MAX_HEAD {
        true if line > MAX_HEAD => Some(message(StatusCode::URI_TOO_LONG, "Request URI Too Long")),
        true => Some(message(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "Request Header Fields Too Large")),
        false => None,
    }
}

fn response(answer: Value) -> Result<Response, InvocationError> {
    if answer.to_string().len() > MAX_PAYLOAD {
        return Err("the answer is longer than Lambda lets through".into());
    }
    let answer: Answer = serde_json::from_value(answer)?;
    let body = match answer.body {
        Some(body) if answer.is_base64_encoded => BASE64.decode(body)?,
        Some(body) => body.into_bytes(),
        None => Vec::new(),
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(answer.status_code)?;
    for (name, value) in answer.headers {
        let value = HeaderValue::from_str(value.as_str().unwrap_or_default())?;
        response.headers_mut().append(HeaderName::try_from(name)?, value);
    }
    for cookie in answer.cookies {
        response.headers_mut().append(header::SET_COOKIE, HeaderValue::from_str(&cookie)?);
    }
    Ok(response)
}

fn event(route: &Route, parts: &http::request::Parts, body: &[u8]) -> Value {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let from = peer.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |ConnectInfo(peer)| peer.ip());
    let mut headers = Map::new();
    for name in parts.headers.keys().filter(|name| *name != header::COOKIE) {
        let values = parts.headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
        headers.insert(name.to_string(), values.collect::<Vec<_>>().join(",").into());
    }
    headers.insert("x-forwarded-proto".into(), "http".into());
    let cookies = parts.headers.get_all(header::COOKIE).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
    let cookies = cookies.collect::<Vec<_>>().join("; ");
    let cookies: Vec<&str> = cookies.split("; ").filter(|cookie| !cookie.is_empty()).collect();
    let host = headers.get("host").cloned().unwrap_or_default();
    let kind = headers.get("content-type").and_then(|kind| kind.as_str()).unwrap_or_default();
    let text = ["text/", "application/json", "application/xml"].iter().any(|text| kind.starts_with(text));
    let (encoded, body) = match std::str::from_utf8(body) {
        Ok(body) if text || body.is_empty() => (false, body.to_owned()),
        _ => (true, BASE64.encode(body)),
    };
    let route_key = format!("{} {}", route.method, route.path);
    let agent = headers.get("user-agent").and_then(Value::as_str).unwrap_or_default().to_owned();
    // HTTP APIs decode it, and nothing else.
    let path = percent_encoding::percent_decode_str(parts.uri.path()).decode_utf8_lossy();
    let mut event = json!({
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": path,
        "rawQueryString": parts.uri.query().unwrap_or_default(),
        "cookies": cookies,
        "headers": headers,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "local",
            "domainName": host,
            "domainPrefix": "local",
            "http": {
                "method": parts.method.as_str(),
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": from.to_string(),
                "userAgent": agent,
            },
            "requestId": uuid::Uuid::now_v7().to_string(),
            "routeKey": route_key,
            "stage": "$default",
        },
        "isBase64Encoded": encoded,
    });
    if !body.is_empty() {
        event["body"] = body.into();
    }
    event
}

fn message(status: StatusCode, text: &str) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], json!({ "message": text }).to_string()).into_response()
}
