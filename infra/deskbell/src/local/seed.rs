//! A few comments, messages and one spam for a site where nothing is stored yet: sent through the functions, as
//! visitors send them, so that everything follows from them that follows from any.

use std::cell::Cell;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use deskbell_functions::app::App;
use deskbell_functions::config::Site;
use deskbell_functions::store::{List, StoreError};
use deskbell_functions::submission::Status;
use http::{Method, header};
use http_body_util::BodyExt as _;
use lambda_http::Service as _;
use serde_json::Value;
use url::form_urlencoded::Serializer;
use uuid::Uuid;

use crate::filled::filled;

/// The article of the sample site. A site of one's own surely has a home page.
const ARTICLE: &str = "/blog/massage-for-back-pain/";

/// Who writes.
struct Person {
    name: &'static str,
    email: &'static str,
}

const IDA: Person = Person { name: "Ida Holm", email: "ida.holm@example.org" };
const OTTO: Person = Person { name: "Otto Brandt", email: "otto@example.net" };
const NORA: Person = Person { name: "Nora Ek", email: "nora.ek@example.com" };
const SPAMMER: Person = Person { name: "SEO Expert", email: "rank1@spam.example" };

const SPAM: &str = "[url=https://casino.example]online casino[/url] [url=https://viagra.example]viagra[/url] free bonus \
                    spins, cheap pills, buy backlinks now";

/// Seeds each site, unless something is stored for one of them; in the sample, its article is commented. Says whether
/// it did; or what was refused.
pub(super) async fn seed(app: &App, functions: &Router, sample: bool) -> Result<bool, String> {
    if !is_empty(app).await.map_err(|error| error.to_string())? {
        return Ok(false);
    }
    for site in app.config.sites.values() {
        let page = if sample { ARTICLE } else { "/" };
        Visitors { app, functions, site, page, posted: Cell::default() }.write().await?;
    }
    Ok(true)
}

async fn is_empty(app: &App) -> Result<bool, StoreError> {
    for site in app.config.sites.keys() {
        for list in Status::ALL.iter().flat_map(|status| [List::Leads(*status), List::Comments(*status)]) {
            if !app.store.list(site, list, None, 1).await?.submissions.is_empty() {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// Those who write to a site.
struct Visitors<'a> {
    app: &'a App,
    functions: &'a Router,
    site: &'a Site,
    /// The page that is commented.
    page: &'a str,
    /// How often was posted. What one network sends is counted together: each comes from one of its own, none of which
    /// is anybody's (RFC 2544).
    posted: Cell<u8>,
}

impl Visitors<'_> {
    async fn write(&self) -> Result<(), String> {
        let first = "Thank you for writing this down. Walking **every day** helped me most.";
        let first = self.comment(&IDA, None, first).await?;
        self.publish(first).await?;
        let reply = "The same here, half an hour before breakfast. And a firmer mattress.";
        let reply = self.comment(&OTTO, Some(first), reply).await?;
        self.publish(reply).await?;
        self.comment(&IDA, Some(first), "I will try that, too!").await?;
        self.comment(&NORA, None, "Is it open to everybody, or does one have to book first?").await?;
        self.lead(&NORA, "Hello! Do you have time for me on Tuesday or Wednesday next week, in the morning?").await?;
        self.lead(&OTTO, "Thank you for last week. Could you please send the invoice to my new address?").await?;
        self.lead(&SPAMMER, SPAM).await?;
        Ok(())
    }

    async fn comment(&self, by: &Person, parent: Option<Uuid>, text: &str) -> Result<Uuid, String> {
        let parent = parent.map(|parent| parent.to_string()).unwrap_or_default();
        let mut fields = vec![("page", self.page), ("author", by.name), ("email", by.email), ("comment", text)];
        fields.extend([("parent", &*parent), ("consent", "on"), ("url", "https://example.org/")]);
        let fields: Vec<_> = fields.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        self.send("/comments", &fields).await
    }

    async fn lead(&self, by: &Person, text: &str) -> Result<Uuid, String> {
        let fields = [("name", by.name), ("email", by.email), ("message", text)];
        let form = self.site.forms.get("default").ok_or("the site has no form")?;
        self.send("/contact", &filled(self.site, form, &fields)).await
    }

    /// Posts a form; gives the id of what is stored.
    async fn send(&self, route: &str, fields: &[(String, String)]) -> Result<Uuid, String> {
        let answer = self.post(&self.app.path(&self.site.id, route), fields).await?;
        let answer: Value = serde_json::from_str(&answer).unwrap_or_default();
        let id = answer["id"].as_str().and_then(|id| id.parse().ok());
        id.ok_or_else(|| format!("{} {}", answer["title"].as_str().unwrap_or_default(), answer["errors"]))
    }

    /// Has the owner approve a comment that is held.
    async fn publish(&self, id: Uuid) -> Result<(), String> {
        let stored = self.app.store.submission(&self.site.id, id).await.map_err(|error| error.to_string())?;
        if let Some(held) = stored.filter(|stored| stored.status == Status::Held) {
            let approve = [("choice".to_owned(), "approve".to_owned())];
            self.post(&self.app.moderation_path(&held), &approve).await?;
        }
        Ok(())
    }

    async fn post(&self, path: &str, fields: &[(String, String)]) -> Result<String, String> {
        let body = Serializer::new(String::new()).extend_pairs(fields).finish();
        let number = self.posted.replace(self.posted.get().wrapping_add(1));
        let from = IpAddr::V4(Ipv4Addr::new(198, 18, number, 10));
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(header::HOST, "localhost")
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::USER_AGENT, "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
            .extension(ConnectInfo(SocketAddr::new(from, 0)))
            .body(Body::from(body));
        let Ok(response) = self.functions.clone().call(request.map_err(|error| error.to_string())?).await;
        let body = response.into_body().collect().await.map_err(|error| error.to_string())?.to_bytes();
        Ok(String::from_utf8_lossy(&body).into_owned())
    }
}
