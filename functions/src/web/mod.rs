//! Requests and answers: which site is meant, what the client can read, and every answer's headers.
//! Nothing here knows what is being asked for.

mod accept;
mod answer;
mod asset;
mod body;
mod context;
mod error;
mod event;
mod language;
mod logged;
mod problem;
mod problem_json;
mod views;
mod warm_up;

use std::future::Future;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::MethodRouter;
use bytes::Bytes;
use http::request::Parts;
use http::{Method, header};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use tracing::Instrument as _;

use self::accept::wants_json;
pub(crate) use self::answer::{INBOX_STYLE, STYLE};
pub use self::answer::{at, file, html, json, public, public_json, see_other, with_style};
pub use self::asset::{Asset, Keep, serve_asset};
pub use self::context::Context;
use self::context::{About, Source};
pub use self::error::{Error, Unknown};
pub use self::event::{mended, run};
use self::language::AnswerLanguage;
pub(crate) use self::logged::is_about;
pub use self::views::{FormPage, MessagePage};
pub use self::warm_up::warmed_up;
use crate::app::App;
use crate::routes::{Route, is_inbox, is_owners};

/// The largest body, in bytes: what Lambda hands over at most. How much of it may have been typed, the settings say.
const MAX_BODY: usize = 6 * 1024 * 1024;

/// Routes as they are, and again below `/{site}`; anything else is answered with a clear "not there".
pub fn router(app: Arc<App>, routes: Router<Arc<App>>) -> Router {
    let nowhere = |State(app): State<Arc<App>>, request: Request| {
        serve(app, request, |_| async { Err(Error::Unknown(Unknown::Address)) })
    };
    routes.clone().nest("/{site}", routes).fallback(nowhere).with_state(app)
}

/// What a route takes, whose handlers are added to it.
/// Preflights and other methods are answered here.
pub fn only(route: &'static Route) -> MethodRouter<Arc<App>> {
    MethodRouter::new().fallback(move |State(app): State<Arc<App>>, request: Request| {
        serve(app, request, move |_| async move { Err(Error::Method(route.methods)) })
    })
}

/// Serves a request: finds the site, runs the handler, gives every answer the headers that it needs, and logs it.
pub async fn serve<F, H>(app: Arc<App>, request: Request, handler: H) -> Response
where
    H: FnOnce(Context) -> F,
    F: Future<Output = Result<Response, Error>>,
{
    serve_from(app, request, false, handler).await
}

/// The same for a handler that asks [`Context::admit`] and gives the form back: what a page of another site has sent is
/// not refused before it was read.
pub async fn serve_form<F, H>(app: Arc<App>, request: Request, handler: H) -> Response
where
    H: FnOnce(Context) -> F,
    F: Future<Output = Result<Response, Error>>,
{
    serve_from(app, request, true, handler).await
}

async fn serve_from<F, H>(app: Arc<App>, request: Request, anywhere: bool, handler: H) -> Response
where
    H: FnOnce(Context) -> F,
    F: Future<Output = Result<Response, Error>>,
{
    let (parts, body) = request.into_parts();
    let span = logged::span(&parts);
    let answering = async {
        let began = Instant::now();
        let response = answer(app, parts, body, anywhere, handler).await;
        logged::answered(&response, began);
        response
    };
    answering.instrument(span).await
}

async fn answer<F, H>(app: Arc<App>, mut parts: Parts, body: Body, anywhere: bool, handler: H) -> Response
where
    H: FnOnce(Context) -> F,
    F: Future<Output = Result<Response, Error>>,
{
    let (method, route) = (parts.method.clone(), parts.uri.path().to_owned());
    let json = wants_json(&parts.headers);
    let source = Source::of(&mut parts).await;
    let anywhere = anywhere && method == Method::POST;
    let found = source.and_then(|source| source.site(&app, anywhere).map(|site| (site, source)));
    let site = found.as_ref().ok().map(|(site, _)| *site);
    tracing::Span::current().record("site", site.map(|site| &*site.id));
    let visitors = site.filter(|_| !is_owners(&route));
    let language = visitors.map_or_else(|| AnswerLanguage::own(site), |site| AnswerLanguage::wanted(site, &parts));
    let origin = parts.headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok()).map(str::to_owned);
    let answered = match found {
        Ok(_) if method == Method::OPTIONS => Ok(answer::no_content(&parts.headers)),
        Ok((site, source)) => match read_body(body).await {
            Ok(body) => {
                let about = About { site: site.id.clone(), json, language };
                Box::pin(handler(Context::new(app.clone(), about, source, parts, body))).await
            }
            Err(error) => Err(error),
        },
        Err(error) => Err(error),
    };
    let response = answered.unwrap_or_else(|error| problem::problem(&error, json, site, language.words));
    answer::finish(response, site, origin.as_deref(), is_inbox(&route))
}

async fn read_body(body: Body) -> Result<Bytes, Error> {
    let collected = Limited::new(body, MAX_BODY).collect().await;
    collected
        .map(http_body_util::Collected::to_bytes)
        .map_err(|error| if error.is::<LengthLimitError>() { Error::TooLarge } else { Error::Malformed })
}
