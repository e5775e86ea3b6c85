//! Files that are the same for everybody: no site is looked for, and every page may use them.

use std::time::Instant;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, StatusCode};

use super::answer::{is_known, response};
use super::error::{Error, Unknown};
use super::{logged, problem};
use crate::words::english;

/// A file that is the same for everybody.
pub struct Asset {
    /// Its media type.
    pub kind: &'static str,
    /// What tells its content.
    pub version: &'static str,
    /// What is in it.
    pub text: &'static str,
    /// The same, compressed.
    pub gzip: &'static [u8],
    /// How long it may be kept.
    pub keep: Keep,
}

/// How long a file may be kept without asking whether it is still so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// A day.
    Day,
    /// As long as there is room.
    Forever,
}

/// What every page may do with it, from whatever origin and under whatever policy.
const HEADERS: [(HeaderName, &str); 4] = [
    (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::VARY, "Accept-Encoding"),
];

/// Serves a file, if there is one.
#[must_use]
pub fn serve_asset(request: Request, asset: Option<Asset>) -> Response {
    let (parts, _) = request.into_parts();
    let _span = logged::span(&parts).entered();
    let began = Instant::now();
    let response = match asset {
        Some(asset) => asset.answer(&parts.headers),
        None => problem::problem(&Error::Unknown(Unknown::Address), false, None, english()),
    };
    logged::answered(&response, began);
    response
}

impl Asset {
    fn answer(&self, asked: &HeaderMap) -> Response {
        let cache = match self.keep {
            Keep::Day => "public, max-age=86400",
            Keep::Forever => "public, max-age=31536000, immutable",
        };
        // Weak: it is the same whether compressed or not.
        let tag = format!("W/\"{}\"", self.version);
        let known = is_known(asked, tag.trim_start_matches("W/"));
        let mut response = response(StatusCode::OK, self.kind, String::new(), cache);
        if known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        } else if takes_gzip(asked) {
            *response.body_mut() = Body::from(Bytes::from_static(self.gzip));
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        } else {
            *response.body_mut() = Body::from(self.text);
        }
        for (name, value) in HEADERS {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        if let Ok(tag) = HeaderValue::from_str(&tag) {
            response.headers_mut().insert(header::ETAG, tag);
        }
        response
    }
}

/// Whether gzip is among the encodings that are taken, by name.
fn takes_gzip(asked: &HeaderMap) -> bool {
    let encodings = asked.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let mut named = encodings.flat_map(|value| value.split(',')).map(|one| one.trim().to_ascii_lowercase());
    named.any(|one| {
        let (name, weight) = one.split_once(';').unwrap_or((&one, "q=1"));
        let weight = weight.trim().strip_prefix("q=").and_then(|weight| weight.parse::<f32>().ok());
        name.trim() == "gzip" && weight.is_some_and(|weight| weight > 0.0)
    })
}
