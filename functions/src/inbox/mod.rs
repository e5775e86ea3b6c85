//! The owner's pages, below `/inbox`, for those of the team who are signed in.
//!
//! Each page is served by [`show`], and what its forms send is carried out by [`act`]: nothing reaches a handler unless
//! somebody is signed in, and no form does unless it is that person's. What only the owner may see begins with
//! [`Session::owner`].

mod browser;
mod frame;
mod letter;
mod link;
mod session;
mod sign_in;
mod sign_out;

use std::future::Future;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;

use self::frame::Frame;
pub(crate) use self::letter::letter;
pub(crate) use self::link::due;
pub(crate) use self::session::Session;
use crate::app::App;
use crate::config::Site;
use crate::form::Fields;
use crate::web::{self, Error, Visit, render};
use crate::words::{Words, fill};

/// Where everybody arrives who is signed in.
const HOME: &str = "/inbox";

/// The routes, served beside the signed links of the owner's mail.
pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route(HOME, web::only("GET, HEAD").get(home))
        .merge(sign_in::routes())
        .route(sign_out::ROUTE, web::only("GET, HEAD, POST").get(sign_out::ask).post(sign_out::carry_out))
}

/// Serves a page to somebody who is signed in; others are sent to sign in, and from there to the page.
pub(crate) async fn show<F, H>(app: Arc<App>, request: Request, page: H) -> Response
where
    H: FnOnce(Visit, Session) -> F,
    F: Future<Output = Result<Response, Error>>,
{
    web::serve(app, request, async |visit| {
        let session = session::require(&visit).await?;
        page(visit, session).await
    })
    .await
}

/// Carries out what a form of a page asks for; among its fields is `csrf`, with [`Session::csrf`].
pub(crate) async fn act<F, H>(app: Arc<App>, request: Request, action: H) -> Response
where
    H: FnOnce(Visit, Session, Fields) -> F,
    F: Future<Output = Result<Response, Error>>,
{
    web::serve(app, request, async |visit| {
        let session = session::require(&visit).await?;
        let fields = visit.fields().await?;
        if visit.is_from_elsewhere() {
            return Err(Error::Stale);
        }
        session.check(&fields)?;
        action(visit, session, fields).await
    })
    .await
}

#[derive(Template)]
#[template(path = "inbox/home.html")]
struct HomeTemplate<'a> {
    words: &'a Words,
    site: Option<&'a Site>,
    frame: Frame<'a>,
    welcome: String,
}

async fn home(State(app): State<Arc<App>>, request: Request) -> Response {
    show(app, request, async |visit, session| {
        let words = visit.words();
        let page = HomeTemplate {
            words,
            site: Some(visit.site()),
            frame: Frame { visit: &visit, session: &session },
            welcome: fill(&words.inbox_welcome, "name", &session.person.name),
        };
        Ok(web::html(StatusCode::OK, render(&page)))
    })
    .await
}
