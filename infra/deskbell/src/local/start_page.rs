//! Where one begins whose site is not served at the address of the functions.

use askama::Template;
use axum::response::Response;
use deskbell_functions::app::App;

use super::site::shown;

#[derive(Template)]
#[template(path = "start.html")]
struct StartTemplate {
    sites: Vec<SiteView>,
}

struct SiteView {
    name: String,
    url: String,
    inbox: String,
}

/// The page.
pub(super) fn page(app: &App) -> Response {
    let sites = app.config.sites.values().map(|site| SiteView {
        name: site.name.clone(),
        url: site.url.to_string(),
        inbox: app.path(&site.id, "/inbox"),
    });
    shown(&StartTemplate { sites: sites.collect() })
}
