//! Local mode: `cargo dev`, which says at `/_endpoints` where its parts are.

use http::Method;
use url::Url;

use crate::fetch::fetch;
use crate::local::Endpoints;

/// Where `cargo dev` listens unless it is told otherwise.
pub const DEFAULT_URL: &str = "http://127.0.0.1:8787";

/// Where the parts of local mode are that runs at `url`; or why that is not known, in a sentence without its full stop.
pub async fn endpoints(url: &Url) -> Result<Endpoints, String> {
    let base = url.as_str().trim_end_matches('/');
    let answer = fetch(Method::GET, &format!("{base}/_endpoints"), &[], String::new()).await;
    let other = |_| "another program, or an older release of Deskbell, answers there".to_owned();
    let parts = answer.and_then(|answer| serde_json::from_str(&answer.body).map_err(other));
    parts.map_err(|error| format!("Local mode does not run at {base}: {error}"))
}

/// Reads an address as it is typed. What is meant for another argument is told apart.
pub(super) fn url(text: &str) -> Result<Url, String> {
    let url = text.parse::<Url>().ok().filter(|url| url.host().is_some());
    url.ok_or_else(|| format!("not a URL such as {DEFAULT_URL}; put --local last, or write --local=URL"))
}
