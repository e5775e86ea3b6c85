//! How what visitors send is processed, as a page: made from the configuration in force, so that it is always true.

mod parties;
mod statement;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use serde_json::json;

pub use self::statement::{Section, statement};
use crate::app::App;
use crate::config::Site;
use crate::platform::render::render;
use crate::routes::PRIVACY;
use crate::web::{self, Context};
use crate::words::{Words, format};

/// The route, served beside those of the contact forms.
pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new().route(PRIVACY.path, web::only(&PRIVACY).get(show))
}

#[derive(Template)]
#[template(path = "privacy.html")]
struct FragmentTemplate<'a> {
    intro: &'a str,
    sections: &'a [Section],
}

#[derive(Template)]
#[template(path = "privacy_page.html")]
struct PageTemplate<'a> {
    words: &'a Words,
    site: Option<&'a Site>,
    title: &'a str,
    fragment: &'a str,
    /// Shown within a page of the site's own, which says whose it is.
    framed: bool,
}

/// A page of its own; a part of one for scripts that ask for HTML; JSON for those that ask for that.
async fn show(State(app): State<Arc<App>>, request: Request) -> Response {
    web::serve(app, request, async |context| {
        let (site, words) = (context.site(), context.words());
        let title = format(words.processing.title, "site", &site.name);
        let host = site.url.host_str().unwrap_or_default();
        let intro = format(&format(words.processing.intro, "site", &site.name), "host", host);
        let sections = statement(site, &context.app.region, words);
        if context.json {
            let body = json!({ "title": title, "intro": intro, "lang": words.lang, "sections": sections });
            return Ok(web::public_json(&context.headers, &body));
        }
        let fragment = render(&FragmentTemplate { intro: &intro, sections: &sections });
        let body = if context.wants_fragment() { fragment } else { page(&context, &title, &fragment) };
        Ok(web::public(&context.headers, "text/html; charset=utf-8", body))
    })
    .await
}

fn page(context: &Context, title: &str, fragment: &str) -> String {
    let framed = context.is_framed();
    render(&PageTemplate { words: context.words(), site: Some(context.site()), title, fragment, framed })
}
