//! Shows comments: pages of threads and counts, as data and as HTML.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use futures_util::future::OptionFuture;
use http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::closing::{self, is_closed};
use super::form::empty_form;
use super::fragment::{fragment, whole_page};
use super::thread::{CommentsQuery, Thread, invalid, threads};
use crate::app::App;
use crate::form::Code;
use crate::form::name;
use crate::form::page::Page;
use crate::web::{self, Context, Error};

/// Pages whose counts can be asked for at once.
const MOST_COUNTS: usize = 100;

pub(super) async fn list(State(app): State<Arc<App>>, request: Request) -> Response {
    web::serve(app, request, async |context| {
        let asked = CommentsQuery::read(&context)?.around(&context).await?;
        let (site, json) = (context.site(), !context.accepts_html());
        // People see how many there are by looking.
        let counted = json || closing::by_days(site, &asked.page);
        let count = OptionFuture::from(counted.then(|| context.app.store.count(&site.id, &asked.page)));
        let count = async { count.await.transpose() };
        let (count, (threads, next)) = futures_util::try_join!(count, threads(&context, &asked))?;
        let closed = is_closed(site, &asked.page, asked.published, count.and_then(|count| count.since));
        if json {
            let count = count.map_or(0, |count| count.published);
            let list = List { page: &asked.page, count, closed, comments: &threads, next };
            return Ok(web::public_json(&context.headers, &list));
        }
        let form = (!closed && context.query("form") == Some("yes")).then(|| empty_form(&context, &asked));
        let fragment = fragment(&context, &asked, closed, &threads, next, form);
        let style = asked.colours.style();
        let whole = || whole_page(&context, &asked.page, &fragment, style.as_deref());
        let body = if context.is_navigation() { whole() } else { fragment.clone() };
        let response = web::public(&context.headers, "text/html; charset=utf-8", body);
        Ok(web::with_style(response, style.as_deref()))
    })
    .await
}

pub(super) async fn count(State(app): State<Arc<App>>, request: Request) -> Response {
    web::serve(app, request, async |context| {
        let asked = context.query.iter().filter(|(name, _)| name == "page").map(|(_, page)| page.clone());
        let counts = counts(&context, asked.collect()).await?;
        Ok(web::public_json(&context.headers, &counts))
    })
    .await
}

/// The same for pages that were posted: an address has no room for a hundred long names.
pub(super) async fn count_posted(State(app): State<Arc<App>>, request: Request) -> Response {
    web::serve(app, request, async |context| {
        let is_page = |name: &str| ["page", "pages"].contains(&&*name::unwrapped(name));
        let posted = context.fields()?.pairs.into_iter().filter(|(name, _)| is_page(name));
        let asked = posted.map(|(_, page)| page).collect();
        Ok(web::json(StatusCode::OK, &counts(&context, asked).await?))
    })
    .await
}

/// How many comments there are on each of the pages. What is not on the site has none.
async fn counts(context: &Context, asked: Vec<String>) -> Result<Value, Error> {
    if asked.is_empty() {
        return Err(invalid("page", Code::Required));
    }
    if asked.len() > MOST_COUNTS {
        return Err(invalid("page", Code::TooMany(MOST_COUNTS)));
    }
    let pages: Vec<Option<Page>> = asked.iter().map(|address| context.site().page(address)).collect();
    let known: Vec<Page> = pages.iter().flatten().cloned().collect();
    let mut counted = context.app.store.counts(&context.site().id, &known).await?.into_iter();
    let counts = pages.iter().map(|page| page.as_ref().and_then(|_| counted.next()).unwrap_or_default());
    let counts: BTreeMap<String, u64> = asked.into_iter().zip(counts).collect();
    Ok(json!({ "counts": counts }))
}

/// What `GET /comments` tells programs.
#[derive(Serialize)]
struct List<'a> {
    page: &'a Page,
    count: u64,
    closed: bool,
    comments: &'a [Thread],
    next: Option<Uuid>,
}
