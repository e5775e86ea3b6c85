//! The sample site: static files, built in. And the frame for the pages that only local mode has.

use axum::extract::Request;
use axum::response::{Html, IntoResponse, Redirect, Response};
use http::{HeaderMap, Method, StatusCode, header};

/// The files of the site by path.
const FILES: [(&str, &str, &str); 7] = [
    ("/", HTML, include_str!("../../site/index.html")),
    ("/contact/", HTML, include_str!("../../site/contact/index.html")),
    ("/thank-you/", HTML, include_str!("../../site/thank-you/index.html")),
    ("/privacy/", HTML, include_str!("../../site/privacy/index.html")),
    ("/blog/massage-for-back-pain/", HTML, include_str!("../../site/blog/massage-for-back-pain/index.html")),
    ("/style.css", "text/css; charset=utf-8", include_str!("../../site/style.css")),
    ("/comments.js", "text/javascript; charset=utf-8", include_str!("../../site/comments.js")),
];

const HTML: &str = "text/html; charset=utf-8";

/// The file at the request's path, as a static host serves it.
pub(super) async fn file(request: Request) -> Response {
    let path = request.uri().path();
    let at = |path: &str| FILES.iter().find(|(file, ..)| *file == path);
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return not_found();
    }
    if let Some((_, kind, content)) = at(path) {
        return ([(header::CONTENT_TYPE, *kind), (header::CACHE_CONTROL, "no-cache")], *content).into_response();
    }
    match at(&format!("{path}/")) {
        Some((folder, ..)) => Redirect::permanent(folder).into_response(),
        None => not_found(),
    }
}

fn not_found() -> Response {
    let page =
        page("Not found", "<h1>There is nothing at this address</h1>\n<p><a href=\"/\">To the home page</a></p>\n");
    (StatusCode::NOT_FOUND, Html(page)).into_response()
}

/// A page of local mode's own.
pub(super) fn page(title: &str, main: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title} – Deskbell</title>\n\
         <style>{}</style>\n</head>\n<body>\n<main>\n<p><a href=\"/\">Sample site</a> · <a href=\"/_mail\">Caught mail</a> · \
         <a href=\"/_items\">Stored</a></p>\n{main}</main>\n</body>\n</html>\n",
        include_str!("local.css")
    )
}

/// Whether a program asks.
pub(super) fn wants_json(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    accept.contains("application/json")
}

/// Text as it stands in HTML, between tags and in attributes.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}
