//! The embed script, its style and what it loads, and the description of the HTTP interface: the same for every site,
//! and for whatever page asks. They are sent compressed to all that take it, for API Gateway compresses nothing.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Request};
use axum::response::Response;

use crate::app::App;
use crate::routes::{EMBED_FILE, EMBED_SCRIPT, EMBED_STYLE, OPENAPI};
use crate::web::{self, Asset, Keep};

/// A file as the build has made it.
struct File {
    /// Its name in the repository.
    name: &'static str,
    /// Its name with what tells its content.
    version: &'static str,
    /// Its media type.
    kind: &'static str,
    text: &'static str,
    gzip: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/embed.rs"));

/// The routes, served beside those of the comments.
pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route(EMBED_SCRIPT.path, web::only(&EMBED_SCRIPT).get(async |request: Request| current("embed.js", request)))
        .route(EMBED_STYLE.path, web::only(&EMBED_STYLE).get(async |request: Request| current("embed.css", request)))
        .route(EMBED_FILE.path, web::only(&EMBED_FILE).get(version))
        .route(OPENAPI.path, web::only(&OPENAPI).get(async |request: Request| current("openapi.json", request)))
}

/// The file as it is now, to be asked for again after a day.
fn current(name: &str, request: Request) -> Response {
    let file = FILES.iter().find(|file| file.name == name);
    web::serve_asset(request, file.map(|file| file.asset(Keep::Day)))
}

/// The file of that version. Pages that name an earlier one get what there is, and do not keep it as that.
async fn version(Path(params): Path<HashMap<String, String>>, request: Request) -> Response {
    let asked = params.get("file").map_or("", String::as_str);
    let exact = FILES.iter().find(|file| file.version == asked).map(|file| file.asset(Keep::Forever));
    let earlier = || FILES.iter().find(|file| file.has_version(asked)).map(|file| file.asset(Keep::Day));
    web::serve_asset(request, exact.or_else(earlier))
}

impl File {
    /// Whether this is how a version of it could be called, or it itself.
    fn has_version(&self, asked: &str) -> bool {
        let unversioned = asked.split_once('-').and_then(|(stem, rest)| Some((stem, rest.split_once('.')?.1)));
        asked == self.name || unversioned.is_some_and(|(stem, kind)| self.name.split_once('.') == Some((stem, kind)))
    }

    fn asset(&self, keep: Keep) -> Asset {
        Asset { kind: self.kind, version: self.version, text: self.text, gzip: self.gzip, keep }
    }
}
