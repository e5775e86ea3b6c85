//! The owner's pages, below `/inbox`, for those of the team who are signed in.
//!
//! Each page is served by [`show`], and what its forms send is carried out by [`act`]: nothing reaches a handler unless
//! somebody is signed in, and no form does unless it is that person's. What only the owner may see begins with
//! [`Session::owner`].

mod browser;
mod bulk;
mod csv;
mod deliveries;
mod export;
mod flash;
mod flash_view;
mod folder;
mod frame;
mod item;
mod link;
mod list;
mod notes;
mod person;
mod record;
mod row;
mod search;
mod session;
mod sign_in;
mod sign_out;
mod view;

use std::future::Future;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::response::Response;

pub(crate) use self::item::item_route;
pub(crate) use self::link::{Due, due};
pub(crate) use self::session::Session;
use crate::app::App;
use crate::form::Fields;
use crate::web::{self, Error, Visit};

/// Where everybody arrives who is signed in.
const HOME: &str = "/inbox";

/// The routes, served beside the signed links of the owner's mail.
pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route(HOME, web::only("GET, HEAD").get(list::home))
        .route("/inbox/{kind}/{folder}", web::only("GET, HEAD, POST").get(list::folder).post(list::change))
        .route("/inbox/item/{id}", web::only("GET, HEAD, POST").get(item::show_one).post(item::change_one))
        .route(deliveries::ROUTE, web::only("GET, HEAD, POST").get(deliveries::list).post(deliveries::send_again))
        .route(export::ROUTE, web::only("GET, HEAD").get(export::serve))
        .route(person::ROUTE, web::only("GET, HEAD, POST").get(person::look).post(person::erase))
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
        Box::pin(page(visit, session)).await
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
        Box::pin(action(visit, session, fields)).await
    })
    .await
}
