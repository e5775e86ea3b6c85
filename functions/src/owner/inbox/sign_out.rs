//! Signing out: here, or everywhere.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;

use super::layout::Layout;
use super::session::{self, act, show};
use crate::app::App;
use crate::config::Site;
use crate::platform::render::render;
use crate::routes;
use crate::web::{self, MessagePage};
use crate::words::Words;

#[derive(Template)]
#[template(path = "inbox/sign_out.html")]
struct SignOutTemplate<'a> {
    words: &'a Words,
    site: Option<&'a Site>,
    layout: Layout<'a>,
}

pub(super) async fn ask(State(app): State<Arc<App>>, request: Request) -> Response {
    show(app, request, async |context, session| {
        let layout = Layout { context: &context, session: &session, kind: None };
        let page = SignOutTemplate { words: context.words(), site: Some(context.site()), layout };
        Ok(web::html(StatusCode::OK, render(&page)))
    })
    .await
}

pub(super) async fn sign_out(State(app): State<Arc<App>>, request: Request) -> Response {
    act(app, request, async |context, session, fields| {
        let everywhere = fields.get("where") == Some("everywhere");
        session.end(&context, everywhere).await?;
        let words = context.words();
        let page = MessagePage {
            title: if everywhere { words.signed_out_everywhere } else { words.signed_out },
            link: Some((context.route(routes::INBOX.path), words.sign_in_title)),
            ..MessagePage::default()
        };
        let mut response = page.show(&context, StatusCode::OK);
        session::forget(&mut response, context.site());
        Ok(response)
    })
    .await
}
