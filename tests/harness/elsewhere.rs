//! A static site on an origin of its own, whose pages use Deskbell as any site does.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};

use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::harness::world::Desk;

/// The site. It ends with the test.
pub(crate) struct Elsewhere {
    pub(crate) origin: String,
    bell: Arc<Mutex<String>>,
    _tasks: JoinSet<()>,
}

/// A page, and the Content-Security-Policy with which it is sent, if with any. `BELL` stands for Deskbell's address.
pub(crate) struct StaticPage {
    pub(crate) path: &'static str,
    pub(crate) policy: Option<&'static str>,
    pub(crate) body: &'static str,
}

impl Elsewhere {
    pub(crate) async fn start(pages: &'static [StaticPage]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let origin = format!("http://{}", listener.local_addr().expect("an address"));
        let bell = Arc::new(Mutex::new(String::new()));
        let mut tasks = JoinSet::new();
        let address = bell.clone();
        let serve =
            async move |request: Request| page(pages, request.uri().path(), &address.lock().expect("an address"));
        tasks.spawn(async move {
            let _ = axum::serve(listener, Router::new().fallback(serve)).await;
        });
        Self { origin, bell, _tasks: tasks }
    }

    /// The setting by which its pages may post.
    pub(crate) fn setting(&self) -> String {
        format!("[sites.studio]\norigins = [\"{}\"]", self.origin)
    }

    /// Has its pages use this Deskbell; gives the address of one of them.
    pub(crate) fn with(&self, desk: &Desk, path: &str) -> String {
        self.bell.lock().expect("an address").clone_from(&desk.world.url);
        format!("{}{path}", self.origin)
    }
}

fn page(pages: &[StaticPage], path: &str, bell: &str) -> Response {
    let Some(page) = pages.iter().find(|page| page.path == path) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let head = "<!doctype html><html lang=\"en\"><head><meta name=\"viewport\" content=\"width=device-width\">\
                <meta name=\"color-scheme\" content=\"light dark\">\
                <title>Elsewhere</title></head>";
    let mut response = Html(format!("{head}{}</html>", page.body.replace("BELL", bell))).into_response();
    if let Some(policy) = page.policy {
        let policy = policy.replace("BELL", bell).parse().expect("a policy");
        response.headers_mut().insert("content-security-policy", policy);
    }
    response
}
