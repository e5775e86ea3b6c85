//! Takes leads.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use serde_json::json;

use crate::app::App;
use crate::form::{Fields, Form, Hidden};
use crate::lead::Lead;
use crate::signals;
use crate::spam::Decision;
use crate::submission::{Status, Submission, Wrote};
use crate::web::{self, Error, FormPage, MessagePage, Unknown, Visit};

/// The function's routes.
pub fn router(app: Arc<App>) -> Router {
    let routes = Router::new()
        .route("/contact", web::only("POST, OPTIONS").post(post))
        .route("/contact/thanks", web::only("GET, HEAD").get(thanks))
        .route("/contact/{form}", web::only("POST, OPTIONS").post(post))
        .route("/f/{form}", web::only("POST, OPTIONS").post(post));
    web::router(app, routes)
}

async fn post(State(app): State<Arc<App>>, request: Request) -> Response {
    web::serve(app, request, async |visit| {
        let mut posted = visit.fields().await?;
        let name = form_name(&visit, &posted);
        let form = visit.site().forms.get(&name).ok_or(Error::Unknown(Unknown::Form))?;
        let hidden = Hidden::take(&mut posted, form.honeypot.as_deref());
        match take(&visit, &name, form, &posted, &hidden).await {
            Ok(lead) => Ok(received(&visit, form, &hidden, &lead)),
            Err(error) => Ok(form_again(&visit, &name, form, &posted, hidden).refuse(&visit, &error)),
        }
    })
    .await
}

/// The form's name: from the path, or as Netlify's forms send it.
fn form_name(visit: &Visit, posted: &Fields) -> String {
    let netlify = posted.get("form-name").filter(|name| visit.site().forms.contains_key(*name));
    visit.param("form").or(netlify).unwrap_or("default").to_owned()
}

/// Stores a lead, whatever the filter says about it.
async fn take(visit: &Visit, name: &str, form: &Form, posted: &Fields, hidden: &Hidden) -> Result<Submission, Error> {
    let lead = Lead::read(name, form, posted.clone()).map_err(Error::Invalid)?;
    let content: Vec<&str> = lead.lines().into_iter().flat_map(|(name, value)| [name, value]).collect();
    let (claim, rate) = web::claim(visit, &[&["lead", name], content.as_slice()].concat()).await?;
    let wrote = Wrote::Lead(lead);
    let verdict = signals::verdict(visit, &wrote, hidden, claim, signals::at_hand(hidden, claim, rate)).await;
    let status = if verdict.decision == Decision::Spam { Status::Spam } else { Status::Received };
    let mut submission = Submission::new(claim.id, visit.site(), wrote, verdict, status);
    submission.network = visit.network();
    Ok(visit.app.store.insert(submission).await?)
}

/// The answer to every lead, spam or not.
fn received(visit: &Visit, form: &Form, hidden: &Hidden, lead: &Submission) -> Response {
    tracing::info!(id = %lead.id, site = lead.site, decision = ?lead.verdict.decision, "lead stored");
    if visit.json {
        return web::created(&json!({ "id": lead.id, "status": Status::Received }));
    }
    let site = visit.site();
    let asked = hidden.next.as_deref().and_then(|next| site.own_url(next));
    let page = asked.or_else(|| site.own_url(form.thanks.as_deref()?));
    web::see_other(&page.map_or_else(|| visit.route("/contact/thanks"), String::from))
}

fn form_again<'a>(visit: &Visit, name: &str, form: &'a Form, posted: &'a Fields, hidden: Hidden) -> FormPage<'a> {
    FormPage {
        title: visit.words().contact_title.clone(),
        action: visit.route(&if name == "default" { "/contact".into() } else { format!("/contact/{name}") }),
        form,
        typed: posted,
        hidden: hidden.next.into_iter().map(|next| ("_next", next)).collect(),
        hints: Vec::new(),
        quote: None,
    }
}

async fn thanks(State(app): State<Arc<App>>, request: Request) -> Response {
    web::serve(app, request, async |visit| {
        let words = visit.words();
        let page = MessagePage {
            title: &words.thanks_title,
            paragraphs: vec![&words.thanks_text],
            link: Some((visit.site().url.to_string(), &words.back_home)),
            ..MessagePage::default()
        };
        Ok(page.show(&visit, StatusCode::OK))
    })
    .await
}
