//! A request whose site is known, and what it says about itself.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{FromRequestParts as _, Path};
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Method, Uri, header};
use lambda_http::RequestExt as _;
use lambda_http::request::RequestContext;
use url::form_urlencoded;

use super::accept::{accept, content_type};
use super::body;
use super::error::{Error, Unknown};
use super::language::AnswerLanguage;
use crate::app::App;
use crate::config::{Site, authority};
use crate::form::Fields;
use crate::submission::sender::{Sender, network};
use crate::words::Words;

/// The most fields that a form may have, those that are blank not counted.
const MAX_FIELDS: usize = 50;

/// A request whose site is known.
pub struct Context {
    /// What the function holds.
    pub app: Arc<App>,
    /// Values of the query, in their order.
    pub query: Vec<(String, String)>,
    /// The request's headers.
    pub headers: HeaderMap,
    /// Whether JSON is wanted.
    pub json: bool,
    /// The path and the query of the page that is asked for, without the site where the path names it. Empty for what
    /// is posted, which is no page to come back to.
    pub here: String,
    site: String,
    base: String,
    params: HashMap<String, String>,
    address: Option<IpAddr>,
    /// Whether a page of another site has sent it.
    foreign: bool,
    language: AnswerLanguage,
    body: Bytes,
}

/// What is known of a request before its body is read.
pub(super) struct About {
    /// The site's id.
    pub(super) site: String,
    /// Whether JSON is wanted.
    pub(super) json: bool,
    /// The language of the answer.
    pub(super) language: AnswerLanguage,
}

/// What a request says about where it comes from.
pub(super) struct Source {
    origin: Option<String>,
    host: Option<String>,
    params: HashMap<String, String>,
    address: Option<IpAddr>,
}

impl Source {
    /// A path that cannot be read leads nowhere.
    pub(super) async fn of(parts: &mut Parts) -> Result<Self, Error> {
        let params = Option::<Path<HashMap<String, String>>>::from_request_parts(parts, &()).await;
        let params = params.map_err(|_| Error::Unknown(Unknown::Address))?;
        let (host, address) = match parts.extensions.request_context_ref() {
            Some(RequestContext::ApiGatewayV2(context)) => (
                context.domain_name.clone(),
                context.http.source_ip.as_deref().and_then(|ip| ip.parse::<IpAddr>().ok()),
            ),
            _ => (None, None),
        };
        // A page with `Referrer-Policy: no-referrer` sends "null": as little as a page that sends none.
        let origin = parts.headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
        let origin = origin.filter(|origin| *origin != "null").map(str::to_owned);
        Ok(Self { origin, host, params: params.map(|Path(params)| params).unwrap_or_default(), address })
    }

    /// The site that is meant: by the origin, then by the path, then because there is only one. `anywhere`: also for
    /// what a page of another site has sent.
    pub(super) fn site<'a>(&self, app: &'a App, anywhere: bool) -> Result<&'a Site, Error> {
        let named = self.params.get("site").map(|id| app.site(id).ok_or(Error::Unknown(Unknown::Site)));
        let named = named.transpose()?;
        if let Some(origin) = self.origin.as_deref().filter(|origin| !self.is_own(origin)) {
            let chosen = named.filter(|site| site.has_origin(origin));
            let listed = || app.config.sites.values().find(|site| site.lists_origin(origin));
            let only = || app.config.only_site().filter(|site| site.has_origin(origin));
            let meant = || named.or_else(|| shown_by(app, origin)).or_else(|| app.config.only_site());
            let elsewhere = || meant().filter(|_| anywhere);
            return chosen.or_else(listed).or_else(only).or_else(elsewhere).ok_or(Error::Foreign);
        }
        named.or_else(|| app.config.only_site()).ok_or(Error::Unknown(Unknown::Site))
    }

    /// Whether a page of another site than this has sent it.
    fn is_foreign(&self, site: &Site) -> bool {
        self.origin.as_deref().is_some_and(|origin| !self.is_own(origin) && !site.has_origin(origin))
    }

    /// Whether the origin is that of the functions themselves, whose pages hold forms too.
    fn is_own(&self, origin: &str) -> bool {
        self.host.is_some() && authority(origin) == self.host
    }
}

/// The site whose pages are read under another origin: without TLS, or translated by Google.
fn shown_by<'a>(app: &'a App, origin: &str) -> Option<&'a Site> {
    let host = origin.parse::<Uri>().ok()?.host()?.to_ascii_lowercase();
    let host = match host.strip_suffix(".translate.goog") {
        // Dots stand as dashes, and dashes as two.
        Some(translated) => translated.replace("--", "\n").replace('-', ".").replace('\n', "-"),
        None => host,
    };
    app.config.sites.values().find(|site| site.has_host(&host))
}

impl Context {
    pub(super) fn new(app: Arc<App>, about: About, source: Source, parts: Parts, body: Bytes) -> Self {
        let About { site, json, language } = about;
        let foreign = source.is_foreign(&app.config.sites[&site]);
        let query = form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
        // API Gateway ends TLS and says so.
        let scheme = parts.headers.get("x-forwarded-proto").and_then(|scheme| scheme.to_str().ok()).unwrap_or("https");
        let base = source.host.map_or_else(String::new, |host| format!("{scheme}://{host}"));
        let Source { params, address, .. } = source;
        let page = parts.uri.path_and_query().filter(|_| matches!(parts.method, Method::GET | Method::HEAD));
        let here = page.map_or_else(String::new, ToString::to_string);
        Self { app, query, headers: parts.headers, json, here, site, base, params, address, foreign, language, body }
    }

    /// The site that is meant.
    #[must_use]
    pub fn site(&self) -> &Site {
        &self.app.config.sites[&self.site]
    }

    /// The texts in the language of the answer.
    #[must_use]
    pub fn words(&self) -> &'static Words {
        self.language.words
    }

    /// Goes on in the language that a form asks for.
    pub fn speak_as_posted(&mut self, posted: &Fields) {
        self.language = self.language.or_posted(self.site(), posted);
    }

    /// The language of the answer where it is not the site's own.
    #[must_use]
    pub fn other_language(&self) -> Option<&'static str> {
        let own = self.site().words().lang;
        Some(self.words().lang).filter(|lang| *lang != own)
    }

    /// A part of the path by its name in the route.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.get(name).map(String::as_str)
    }

    /// The first value of a name in the query.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The path of a route for links and forms on pages; with the site in it where that is what tells sites apart, and
    /// with the language that was asked for.
    #[must_use]
    pub fn route(&self, route: &str) -> String {
        self.language.keep(self.app.path(&self.site, route))
    }

    /// The address under which the functions were reached, without a path.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The whole address of a route, for links that are read on the site's own pages.
    #[must_use]
    pub fn link(&self, route: &str) -> String {
        format!("{}{}", self.base, self.route(route))
    }

    /// Who has sent it.
    #[must_use]
    pub fn sender(&self) -> Sender {
        let text = |name| self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let network = self.address.map(|address| self.app.keys.hash("network", &[&self.site, &network(address)]));
        Sender::new(self.address, network, text(header::USER_AGENT), text(header::REFERER))
    }

    /// The value of a cookie.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let cookies = self.headers.get_all(header::COOKIE).iter().filter_map(|cookies| cookies.to_str().ok());
        let mut pairs = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(own, _)| *own == name).map(|(_, value)| value)
    }

    /// Whether the browser says that a page of another origin has sent this. Old browsers say nothing.
    #[must_use]
    pub fn is_from_elsewhere(&self) -> bool {
        let says = self.headers.get("sec-fetch-site").and_then(|site| site.to_str().ok());
        says.is_some_and(|site| !["same-origin", "none"].contains(&site))
    }

    /// Whether the answer is opened by itself in a tab or a frame, and so must be a whole page.
    #[must_use]
    pub fn is_navigation(&self) -> bool {
        self.is_framed() || self.destination() == Some("document")
    }

    /// Whether the answer is shown in a frame of another page.
    #[must_use]
    pub fn is_framed(&self) -> bool {
        matches!(self.destination(), Some("iframe" | "frame" | "embed" | "object"))
    }

    fn destination(&self) -> Option<&str> {
        self.headers.get("sec-fetch-dest")?.to_str().ok()
    }

    /// Whether HTML is asked for by a script, to be put into a page. Browsers that do not say who asks never accept
    /// HTML alone when they open a page.
    #[must_use]
    pub fn wants_fragment(&self) -> bool {
        let alone = || self.headers.get(header::ACCEPT).is_some_and(|accept| accept == "text/html");
        self.destination().map_or_else(alone, |destination| destination == "empty") && self.accepts_html()
    }

    /// Whether HTML is asked for by name.
    #[must_use]
    pub fn accepts_html(&self) -> bool {
        accept(&self.headers, "text/html", "") > accept(&self.headers, "application/json", "")
    }

    /// What was posted.
    pub fn fields(&self) -> Result<Fields, Error> {
        body::fields(&content_type(&self.headers), &self.body, self.site().most_typed())
    }

    /// Goes on with what was posted if a page of the site has sent it, and no more fields than a form has. Otherwise
    /// the form is to be given back, with all of it.
    pub fn admit(&self, posted: &Fields) -> Result<(), Error> {
        if self.foreign {
            return Err(Error::Foreign);
        }
        if posted.pairs.len() + posted.faults.len() > MAX_FIELDS {
            Err(Error::TooManyFields(MAX_FIELDS))
        } else {
            Ok(())
        }
    }
}
