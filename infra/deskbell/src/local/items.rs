//! What the table holds for the owner, each with the link to decide about it: a stand-in, on this machine alone, for
//! the inbox.

use std::sync::Arc;

use axum::Json;
use axum::response::{Html, IntoResponse, Response};
use deskbell_functions::app::App;
use deskbell_functions::store::{List, StoreError};
use deskbell_functions::submission::{Status, Submission, Wrote};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::site::{escape, page as whole_page, wants_json};

/// How many items of each list are shown.
const SHOWN: usize = 100;

const LISTS: [(List, &str); 6] = [
    (List::Comments(Status::Held), "Comments that wait"),
    (List::Leads(Status::Received), "Messages"),
    (List::Leads(Status::Spam), "Messages in the spam folder"),
    (List::Comments(Status::Spam), "Comments in the spam folder"),
    (List::Leads(Status::Trash), "Messages in the trash"),
    (List::Comments(Status::Trash), "Comments in the trash"),
];

/// The lists: JSON for programs, a page for people.
pub(super) async fn page(app: Arc<App>, headers: HeaderMap) -> Response {
    let shown = if wants_json(&headers) {
        as_json(&app).await.map(|items| Json(items).into_response())
    } else {
        as_html(&app).await.map(|html| Html(whole_page("Stored", &html)).into_response())
    };
    shown.unwrap_or_else(|error| (StatusCode::SERVICE_UNAVAILABLE, error.to_string()).into_response())
}

async fn as_json(app: &App) -> Result<Vec<Value>, StoreError> {
    let mut items = Vec::new();
    for site in app.config.sites.keys() {
        for (list, _) in LISTS {
            for found in app.store.list(site, list, None, SHOWN).await?.submissions {
                let link = app.moderation_path(&found);
                items.push(json!({ "link": link, "item": found }));
            }
        }
    }
    Ok(items)
}

async fn as_html(app: &App) -> Result<String, StoreError> {
    let mut html = String::from("<h1>Stored</h1>\n");
    for site in app.config.sites.keys() {
        for (list, title) in LISTS {
            let found = app.store.list(site, list, None, SHOWN).await?.submissions;
            html.push_str(&format!("<h2>{title} ({})</h2>\n<ul>\n", found.len()));
            for submission in found {
                html.push_str(&line(app, &submission));
            }
            html.push_str("</ul>\n");
        }
    }
    Ok(html)
}

fn line(app: &App, submission: &Submission) -> String {
    let (name, text) = match &submission.wrote {
        Wrote::Lead(lead) => (lead.name().unwrap_or_default(), lead.text()),
        Wrote::Comment(comment) => (comment.author(), comment.text().to_owned()),
    };
    let start: String = text.chars().take(120).collect();
    let (link, score) = (app.moderation_path(submission), submission.verdict.score);
    format!(
        "<li><a href=\"{link}\">{}</a>: {} <small>(junk score {score})</small></li>\n",
        escape(name),
        escape(&start)
    )
}
