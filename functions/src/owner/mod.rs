//! What the owner and the team see and do: the pages behind the signed links in a mail, and the inbox.

mod decide;
pub(crate) mod inbox;
pub(crate) mod moderate;
mod moderate_page;

use std::sync::Arc;

use axum::Router;

use crate::app::App;
use crate::web;

/// The function's routes.
pub fn router(app: Arc<App>) -> Router {
    let moderate = web::only("GET, HEAD, POST").get(moderate::show).post(moderate::decide);
    web::router(app, Router::new().route("/moderate/{token}", moderate).merge(inbox::routes()))
}
