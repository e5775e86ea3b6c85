//! What the table holds for the owner, each with the link to its moderation page.

use std::sync::Arc;

use askama::Template;
use axum::Json;
use axum::response::{IntoResponse, Response};
use deskbell_functions::app::App;
use deskbell_functions::store::{List, StoreError};
use deskbell_functions::submission::{Status, Submission, SubmissionContent};
use http::{HeaderMap, StatusCode};
use serde_json::json;

use super::site::{shown, wants_json};

/// How many items of each list are shown.
const SHOWN: usize = 100;

const LISTS: [(List, &str); 6] = [
    (List::Comments(Status::Held), "Comments awaiting approval"),
    (List::Leads(Status::Received), "New messages"),
    (List::Leads(Status::Spam), "Spam messages"),
    (List::Comments(Status::Spam), "Spam comments"),
    (List::Leads(Status::Trash), "Messages in the trash"),
    (List::Comments(Status::Trash), "Comments in the trash"),
];

#[derive(Template)]
#[template(path = "items.html")]
struct ItemsTemplate {
    lists: Vec<ListView>,
}

struct ListView {
    title: &'static str,
    lines: Vec<Line>,
}

struct Line {
    link: String,
    name: String,
    text: String,
    score: f64,
}

/// The lists: JSON for programs, a page for people.
pub(super) async fn page(app: Arc<App>, headers: HeaderMap) -> Response {
    let found = match stored(&app).await {
        Ok(found) => found,
        Err(error) => return (StatusCode::SERVICE_UNAVAILABLE, error.to_string()).into_response(),
    };
    if wants_json(&headers) {
        let items = found.iter().flat_map(|(_, items)| items);
        let items = items.map(|item| json!({ "link": app.moderation_path(item), "item": item }));
        return Json(items.collect::<Vec<_>>()).into_response();
    }
    let lists = found
        .iter()
        .map(|(title, items)| ListView { title, lines: items.iter().map(|item| line(&app, item)).collect() });
    shown(&ItemsTemplate { lists: lists.collect() })
}

/// The lists of every site with what stands in them.
async fn stored(app: &App) -> Result<Vec<(&'static str, Vec<Submission>)>, StoreError> {
    let mut found = Vec::new();
    for site in app.config.sites.keys() {
        for (list, title) in LISTS {
            found.push((title, app.store.list(site, list, None, SHOWN).await?.submissions));
        }
    }
    Ok(found)
}

fn line(app: &App, submission: &Submission) -> Line {
    let (name, text) = match &submission.content {
        SubmissionContent::Lead(lead) => (lead.name().unwrap_or("Anonymous"), lead.text()),
        SubmissionContent::Comment(comment) => (comment.author(), comment.text().to_owned()),
    };
    Line {
        link: app.moderation_path(submission),
        name: name.into(),
        text: text.chars().take(120).collect(),
        score: submission.verdict.score,
    }
}
