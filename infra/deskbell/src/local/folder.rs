//! A built site, served as static hosts do: `index.html` for a folder, `about.html` at `/about`, `404.html` for the
//! rest. It is only read.

use std::path::{Path, PathBuf};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse as _, Redirect, Response};
use http::request::Parts;
use http::{HeaderValue, StatusCode, Uri, header};
use tower_http::services::ServeDir;

use super::error::WorldError;
use crate::output;

/// The folder of a built site, and the path of the site.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    files: PathBuf,
    /// Ends with a slash.
    home: String,
}

impl Folder {
    /// A folder that is there.
    pub(super) fn open(files: &Path, home: &str) -> Result<Self, WorldError> {
        if !files.is_dir() {
            return Err(WorldError::NoFolder(files.to_owned()));
        }
        Ok(Self { files: files.to_owned(), home: home.into() })
    }

    /// Serves it.
    pub(super) fn router(self) -> Router {
        Router::new().fallback(move |request: Request| self.clone().serve(request))
    }

    async fn serve(self, request: Request) -> Response {
        let (request, _) = request.into_parts();
        let asked = format!("{} {}", request.method, request.uri.path());
        let mut response = self.answer(&request).await;
        if response.status().is_client_error() || response.status().is_server_error() {
            output::say(format_args!("site: {asked} {}", response.status().as_u16()));
        }
        // The site is being written.
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        response
    }

    async fn answer(&self, request: &Parts) -> Response {
        let path = request.uri.path();
        let Some(inside) = path.strip_prefix(&*self.home) else {
            let outside = path != "/" && format!("{path}/") != self.home;
            return if outside { not_found() } else { Redirect::temporary(&self.home).into_response() };
        };
        let inside = format!("/{inside}");
        let response = self.file(request, &inside).await;
        if response.status() != StatusCode::NOT_FOUND || inside.ends_with('/') {
            return self.moved_below_home(response);
        }
        let page = self.file(request, &format!("{inside}.html")).await;
        if page.status() != StatusCode::NOT_FOUND {
            return page;
        }
        let mut page = self.file(request, "/404.html").await;
        if page.status() != StatusCode::OK {
            return not_found();
        }
        *page.status_mut() = StatusCode::NOT_FOUND;
        page
    }

    /// The file at a path of the folder; never one outside of it.
    async fn file(&self, request: &Parts, path: &str) -> Response {
        let mut inner = Request::new(Body::empty());
        *inner.method_mut() = request.method.clone();
        let conditions = [header::IF_MODIFIED_SINCE, header::IF_UNMODIFIED_SINCE, header::RANGE];
        for (name, value) in request.headers.iter().filter(|(name, _)| conditions.contains(name)) {
            inner.headers_mut().insert(name, value.clone());
        }
        let Ok(uri) = Uri::try_from(path) else { return not_found() };
        *inner.uri_mut() = uri;
        match ServeDir::new(&self.files).try_call(inner).await {
            Ok(response) => in_utf8(response.map(Body::new)),
            Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
        }
    }

    /// A redirect to a folder's address with its slash, which knows nothing of the site's path.
    fn moved_below_home(&self, mut response: Response) -> Response {
        let location = response.headers().get(header::LOCATION).and_then(|location| location.to_str().ok());
        let below = location.map(|location| format!("{}{}", self.home, location.trim_start_matches('/')));
        if let Some(below) = below.and_then(|below| HeaderValue::from_str(&below).ok()) {
            response.headers_mut().insert(header::LOCATION, below);
        }
        response
    }
}

/// Names the encoding of texts, which generators write in UTF-8, as static hosts do.
fn in_utf8(mut response: Response) -> Response {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.starts_with("text/")
        && !kind.contains("charset")
        && let Ok(kind) = HeaderValue::from_str(&format!("{kind}; charset=utf-8"))
    {
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    response
}

fn not_found() -> Response {
    (StatusCode::NOT_FOUND, "Not found\n").into_response()
}
