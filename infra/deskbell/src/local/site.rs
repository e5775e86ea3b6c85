//! The sample site: static files, built in.

use askama::Template;
use axum::extract::Request;
use axum::response::{Html, IntoResponse, Redirect, Response};
use http::{HeaderMap, Method, StatusCode, header};

/// The files of the site by path.
const FILES: [(&str, &str, &str); 6] = [
    ("/", HTML, include_str!("../../site/index.html")),
    ("/contact/", HTML, include_str!("../../site/contact/index.html")),
    ("/thank-you/", HTML, include_str!("../../site/thank-you/index.html")),
    ("/privacy/", HTML, include_str!("../../site/privacy/index.html")),
    ("/blog/massage-for-back-pain/", HTML, include_str!("../../site/blog/massage-for-back-pain/index.html")),
    ("/style.css", "text/css; charset=utf-8", include_str!("../../site/style.css")),
];

const HTML: &str = "text/html; charset=utf-8";

/// The file at the request's path, as a static host serves it; also below the path of a site that has one.
pub(super) fn file(homes: &[String], request: &Request) -> Response {
    let whole = request.uri().path();
    let inside = |home: &String| Some((home.clone(), format!("/{}", whole.strip_prefix(home.as_str())?)));
    let (home, path) = homes.iter().find_map(inside).unwrap_or_else(|| ("/".into(), whole.to_owned()));
    let path = path.as_str();
    if homes.iter().any(|home| *home == format!("{whole}/")) {
        return Redirect::permanent(&format!("{whole}/")).into_response();
    }
    let at = |path: &str| FILES.iter().find(|(file, ..)| *file == path);
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return not_found();
    }
    if let Some((_, kind, content)) = at(path) {
        return ([(header::CONTENT_TYPE, *kind), (header::CACHE_CONTROL, "no-cache")], *content).into_response();
    }
    match at(&format!("{path}/")) {
        Some((folder, ..)) => Redirect::permanent(&format!("{}{folder}", home.trim_end_matches('/'))).into_response(),
        None => not_found(),
    }
}

#[derive(Template)]
#[template(path = "not_found.html")]
struct NotFoundTemplate;

/// The page that says that there is none.
pub(super) fn not_found() -> Response {
    (StatusCode::NOT_FOUND, shown(&NotFoundTemplate)).into_response()
}

/// Whether a program asks.
pub(super) fn wants_json(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    accept.contains("application/json")
}

/// A page of local mode's own.
pub(super) fn shown(page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => Html(html).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
