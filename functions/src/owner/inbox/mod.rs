//! The owner's pages, below `/inbox`, for those of the team who are signed in.
//!
//! Each page is served by [`session::show`], and what its forms send is applied by [`session::act`]: nothing
//! reaches a handler unless somebody is signed in, and no form does unless it is that person's. What only the owner may
//! see begins with [`session::Session::owner`].

mod bulk;
mod csv;
mod deliveries;
mod export;
mod flash;
mod flash_view;
mod folder;
mod item;
mod item_view;
mod layout;
mod list;
mod list_query;
mod list_row;
mod magic_link;
mod notes;
mod person;
mod pre_session;
mod record;
mod search;
mod session;
mod sign_in;
mod sign_out;

use std::sync::Arc;

use axum::Router;

use crate::app::App;
use crate::routes::{INBOX, INBOX_DELIVERIES, INBOX_EXPORT, INBOX_FOLDER, INBOX_ITEM, INBOX_PERSON, SIGN_OUT};
use crate::web;

/// The routes, served beside the signed links of the owner's mail.
pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route(INBOX.path, web::only(&INBOX).get(list::home))
        .route(INBOX_FOLDER.path, web::only(&INBOX_FOLDER).get(list::folder).post(list::change))
        .route(INBOX_ITEM.path, web::only(&INBOX_ITEM).get(item::show_one).post(item::change_one))
        .route(INBOX_DELIVERIES.path, web::only(&INBOX_DELIVERIES).get(deliveries::list).post(deliveries::send_again))
        .route(INBOX_EXPORT.path, web::only(&INBOX_EXPORT).get(export::serve))
        .route(INBOX_PERSON.path, web::only(&INBOX_PERSON).get(person::look).post(person::erase))
        .merge(sign_in::routes())
        .route(SIGN_OUT.path, web::only(&SIGN_OUT).get(sign_out::ask).post(sign_out::sign_out))
}
