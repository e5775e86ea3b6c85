//! What the owner and the team see and do: the pages behind the signed links in a mail, and the inbox.

mod case;
mod decide;
mod inbox;
mod moderate;
mod moderate_page;
mod reply;
mod shown;

use std::sync::Arc;

use axum::Router;

use crate::app::App;
use crate::routes::MODERATE;
use crate::web;

/// The function's routes.
pub fn router(app: Arc<App>) -> Router {
    let moderate = web::only(&MODERATE).get(moderate::show).post(moderate::decide);
    web::router(app, Router::new().route(MODERATE.path, moderate).merge(inbox::routes()))
}
