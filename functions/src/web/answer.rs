//! Answers and their headers.

use std::sync::LazyLock;

use axum::body::Body;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, StatusCode};
use serde::Serialize;

use crate::config::Site;

/// The style of every built-in page.
pub(crate) const STYLE: &str = include_str!("../../templates/style.css");

/// What the pages of the inbox need beside it.
pub(crate) const INBOX_STYLE: &str = include_str!("../../templates/inbox/style.css");

/// The styles' hashes, for the content security policy.
static STYLE_HASHES: LazyLock<String> = LazyLock::new(|| [STYLE, INBOX_STYLE].map(style_hash).join(" "));

fn style_hash(style: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, style.as_bytes());
    format!("'sha256-{}'", STANDARD.encode(digest))
}

/// A page. Nobody but its reader may keep it.
#[must_use]
pub fn html(status: StatusCode, page: String) -> Response {
    response(status, "text/html; charset=utf-8", page, "no-store")
}

/// JSON about a single request.
#[must_use]
pub fn json(status: StatusCode, body: &impl Serialize) -> Response {
    response(status, "application/json", text(body), "no-store")
}

/// A file to be kept, of that name (letters, digits, dots and dashes) and media type.
#[must_use]
pub fn file(kind: &'static str, name: &str, content: String) -> Response {
    let mut response = response(StatusCode::OK, kind, content, "no-store");
    // Without it the way to API Gateway takes the content for text, and the mark at the beginning away.
    response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("identity"));
    if let Ok(disposition) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}

/// "Look there": the answer to a form that was sent.
#[must_use]
pub fn see_other(target: &str) -> Response {
    at(target, response(StatusCode::SEE_OTHER, "text/plain; charset=utf-8", String::new(), "no-store"))
}

/// An answer that says where to go on.
#[must_use]
pub fn at(target: &str, mut response: Response) -> Response {
    match HeaderValue::from_str(target) {
        Ok(target) => response.headers_mut().insert(header::LOCATION, target),
        // Addresses come out of a URL parser, which leaves nothing that a header cannot hold.
        Err(_) => response.headers_mut().insert(header::LOCATION, HeaderValue::from_static("/")),
    };
    response
}

/// The answer to a browser that asks what it may send.
pub(super) fn no_content(asked: &HeaderMap) -> Response {
    let mut response = response(StatusCode::NO_CONTENT, "text/plain", String::new(), "no-store");
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
    // Whatever a script's library adds to its requests: nothing is allowed by a header here.
    let wanted = asked.get(header::ACCESS_CONTROL_REQUEST_HEADERS).filter(|wanted| !wanted.is_empty());
    let usual = HeaderValue::from_static("content-type, x-requested-with");
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, wanted.cloned().unwrap_or(usual));
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    response
}

/// What everybody may read and keep, as long as they ask whether it is still so: the whole, or `304` to those who
/// have it.
#[must_use]
pub fn public(asked: &HeaderMap, kind: &'static str, body: String) -> Response {
    let digest = ring::digest::digest(&ring::digest::SHA256, body.as_bytes());
    let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(&digest.as_ref()[..16]));
    let unchanged = is_known(asked, &tag);
    let (status, body) = if unchanged { (StatusCode::NOT_MODIFIED, String::new()) } else { (StatusCode::OK, body) };
    let mut response = response(status, kind, body, "public, max-age=0, must-revalidate");
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// Whether who asks has what is tagged like this.
pub(super) fn is_known(asked: &HeaderMap, tag: &str) -> bool {
    let known = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|tags| tags.to_str().ok());
    let mut known = known.flat_map(|tags| tags.split(',')).map(|known| known.trim().trim_start_matches("W/"));
    known.any(|known| known == tag || known == "*")
}

/// The same as JSON.
#[must_use]
pub fn public_json(asked: &HeaderMap, body: &impl Serialize) -> Response {
    public(asked, "application/json", text(body))
}

/// A style that this answer alone has, for the content security policy.
#[derive(Clone)]
struct OwnStyle(String);

/// An answer with a style of its own in it, which its policy has to allow.
#[must_use]
pub fn with_style(mut response: Response, style: Option<&str>) -> Response {
    if let Some(style) = style {
        response.extensions_mut().insert(OwnStyle(style_hash(style)));
    }
    response
}

/// What every answer carries: leave for the site's own scripts, and no leave for anything else. `form-action` names the
/// site too, for browsers apply it to the redirect that follows a form. The pages of `inbox` are not for the site's own
/// pages either: neither in their frames nor for their scripts.
pub(super) fn finish(mut response: Response, site: Option<&Site>, origin: Option<&str>, inbox: bool) -> Response {
    let origins = site.filter(|_| !inbox).map(Site::sources);
    let origins = origins.map_or_else(String::new, |origins| format!(" {origins}"));
    let framing = if inbox { "'none'".into() } else { format!("'self'{origins}") };
    let own = response.extensions().get::<OwnStyle>().map_or_else(String::new, |style| format!(" {}", style.0));
    let policy = format!(
        "default-src 'none'; style-src {}{own}; form-action 'self'{origins}; frame-ancestors {framing}; base-uri 'none'",
        *STYLE_HASHES
    );
    let headers = response.headers_mut();
    let set = |headers: &mut HeaderMap, name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    set(headers, header::CONTENT_SECURITY_POLICY, &policy);
    set(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    // Not "no-referrer" everywhere, with which browsers hide the origin of our own forms. The inbox's forms are known
    // by what they carry, and its addresses are nobody's business.
    set(headers, header::REFERRER_POLICY, if inbox { "no-referrer" } else { "same-origin" });
    let by_language = !inbox && site.is_some_and(|site| !site.languages.is_empty());
    let vary =
        if by_language { "Origin, Accept, Accept-Language, Sec-Fetch-Dest" } else { "Origin, Accept, Sec-Fetch-Dest" };
    set(headers, header::VARY, vary);
    if let Some(origin) = origin.filter(|origin| !inbox && site.is_some_and(|site| site.has_origin(origin))) {
        set(headers, header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        set(headers, header::ACCESS_CONTROL_EXPOSE_HEADERS, "location, retry-after");
    }
    response
}

pub(super) fn response(status: StatusCode, kind: &'static str, body: String, cache: &'static str) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    response
}

fn text(body: &impl Serialize) -> String {
    // Our own answers are structs, and maps with text keys, which always can be written as JSON.
    serde_json::to_string(body).unwrap_or_default()
}
