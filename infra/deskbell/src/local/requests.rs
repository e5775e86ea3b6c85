//! What the terminal shows of each request: a short line without anything of who sent it; and for one that was refused
//! because of its origin, the line of the settings that would allow it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use deskbell_functions::config::{Config, Site};
use http::{HeaderMap, StatusCode, header};
use url::Url;

use crate::output;

/// What is known of the sites.
pub(super) struct RequestLog {
    /// As they are served here.
    served: Config,
    /// The origins of each by its id, as the settings name them beside its address.
    named: BTreeMap<String, Vec<String>>,
    /// The name of the settings file.
    file: String,
}

impl RequestLog {
    /// For sites that are served, with the settings as they are written.
    pub(super) fn new(served: &Config, written: &Config, file: String) -> Self {
        let named = written.sites.iter().map(|(id, site)| (id.clone(), site.origins.clone()));
        Self { served: served.clone(), named: named.collect(), file }
    }

    /// What to do about an origin that was refused; nothing if it was not.
    fn advice(&self, origin: &str, host: &str, path: &str) -> Option<String> {
        let sites = || self.served.sites.values();
        let own = origin.parse::<Url>().is_ok_and(|url| url.authority().eq_ignore_ascii_case(host));
        if own || origin == "null" || sites().any(|site| site.lists_origin(origin)) {
            return None;
        }
        let named = path.split('/').nth(1).and_then(|id| self.served.sites.get(id));
        let meant = named.or(self.served.only_site());
        let ids = || sites().map(|site| site.id.as_str()).collect::<Vec<_>>().join(", ");
        let (site, which) = match meant {
            Some(site) => (site, format!("[sites.{}]", site.id)),
            None => (sites().next()?, format!("the table of one site ({})", ids())),
        };
        // Pages on this machine may send to any site, which then has to be named.
        let path = if site.has_origin(origin) { format!(", or post to /{}{path}", site.id) } else { String::new() };
        let line = self.line(meant, origin);
        Some(format!("refused: no site has the origin {origin}. Write into {which} in {}: {line}{path}", self.file))
    }

    /// The line that would allow an origin, with those that are allowed already.
    fn line(&self, site: Option<&Site>, origin: &str) -> String {
        let named = site.and_then(|site| self.named.get(&site.id)).into_iter().flatten().map(String::as_str);
        let all: Vec<String> = named.chain([origin]).map(|origin| format!("{origin:?}")).collect();
        format!("origins = [{}]", all.join(", "))
    }
}

/// Answers a request, and writes its line.
pub(super) async fn logged(State(log): State<Arc<RequestLog>>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let shown = without_tokens(&path, request.extensions().get::<MatchedPath>().map(MatchedPath::as_str));
    let text = |headers: &HeaderMap, name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let (origin, host) = (text(request.headers(), header::ORIGIN), text(request.headers(), header::HOST));
    let response = next.run(request).await;
    let status = response.status();
    output::say(format_args!("{method} {shown} {} {} ms", status.as_u16(), began.elapsed().as_millis()));
    if let Some(origin) = origin.filter(|_| status == StatusCode::FORBIDDEN)
        && let Some(advice) = log.advice(&origin, &host.unwrap_or_default(), &path)
    {
        output::say(advice);
    }
    response
}

/// A path without the signed links in it, which let everybody in who reads them.
fn without_tokens(path: &str, route: Option<&str>) -> String {
    let Some(route) = route.filter(|route| route.contains("{token}")) else { return path.into() };
    let shown = route.split('/').zip(path.split('/'));
    let shown = shown.map(|(part, segment)| if part == "{token}" { "…" } else { segment });
    shown.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signed_link_is_not_written() {
        assert_eq!(without_tokens("/studio/moderate/abc.def", Some("/{site}/moderate/{token}")), "/studio/moderate/…");
        assert_eq!(without_tokens("/inbox/item/7", Some("/inbox/item/{id}")), "/inbox/item/7");
        assert_eq!(without_tokens("/a/b", None), "/a/b");
    }
}
