//! Signing out: here, or everywhere.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;

use super::frame::Frame;
use super::session::{self, act, show};
use crate::app::App;
use crate::app::paths;
use crate::config::Site;
use crate::platform::render::render;
use crate::web::{self, MessagePage};
use crate::words::Words;

#[derive(Template)]
#[template(path = "inbox/sign_out.html")]
struct SignOutTemplate<'a> {
    words: &'a Words,
    site: Option<&'a Site>,
    frame: Frame<'a>,
}

pub(super) async fn ask(State(app): State<Arc<App>>, request: Request) -> Response {
    show(app, request, async |visit, session| {
        let frame = Frame { visit: &visit, session: &session, kind: None };
        let page = SignOutTemplate { words: visit.words(), site: Some(visit.site()), frame };
        Ok(web::html(StatusCode::OK, render(&page)))
    })
    .await
}

pub(super) async fn carry_out(State(app): State<Arc<App>>, request: Request) -> Response {
    act(app, request, async |visit, session, fields| {
        let everywhere = fields.get("where") == Some("everywhere");
        session.end(&visit, everywhere).await?;
        let words = visit.words();
        let page = MessagePage {
            title: if everywhere { words.signed_out_everywhere } else { words.signed_out },
            link: Some((visit.route(paths::INBOX), words.sign_in_title)),
            ..MessagePage::default()
        };
        let mut response = page.show(&visit, StatusCode::OK);
        session::forget(&mut response, visit.site());
        Ok(response)
    })
    .await
}
