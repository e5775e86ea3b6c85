//! Takes leads.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;

use crate::app::App;
use crate::form::{Fields, Form, Hidden};
use crate::judging::{Incoming, policy};
use crate::routes::{CONTACT, CONTACT_FORM, CONTACT_THANKS, FORM};
use crate::submission::lead::Lead;
use crate::submission::{Submission, Wrote};
use crate::visitor::outcome;
use crate::visitor::privacy;
use crate::web::{self, Error, FormPage, MessagePage, Unknown, Visit};

/// The function's routes.
pub fn router(app: Arc<App>) -> Router {
    let routes = Router::new()
        .route(CONTACT.path, web::only(&CONTACT).post(post))
        .route(CONTACT_THANKS.path, web::only(&CONTACT_THANKS).get(thanks))
        .route(CONTACT_FORM.path, web::only(&CONTACT_FORM).post(post))
        .route(FORM.path, web::only(&FORM).post(post))
        .merge(privacy::routes());
    web::router(app, routes)
}

async fn post(State(app): State<Arc<App>>, request: Request) -> Response {
    web::serve(app, request, async |visit| {
        let mut posted = visit.fields().await?;
        let name = form_name(&visit, &posted);
        let form = visit.site().forms.get(&name).ok_or(Error::Unknown(Unknown::Form))?;
        let hidden = Hidden::take(&mut posted, form.honeypot.as_deref());
        match take(&visit, &name, form, &posted, &hidden).await {
            Ok(lead) => Ok(received(&visit, &hidden, &lead)),
            Err(error) => Ok(form_again(&visit, &name, form, &posted, hidden, &error)),
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
    let wrote = Wrote::Lead(lead);
    let (app, site, sender) = (&*visit.app, visit.site(), visit.sender());
    let incoming = Incoming { app, site, form: name, sender: &sender, hidden, wrote: &wrote };
    let (claim, at_hand) = incoming.gather().await?;
    let verdict = incoming.verdict(claim, at_hand).await;
    let status = policy::lead_status(&verdict);
    let mut submission = Submission::new(claim.id, site, wrote, verdict, status);
    submission.network = sender.network;
    Ok(app.store.insert(submission).await?)
}

fn received(visit: &Visit, hidden: &Hidden, lead: &Submission) -> Response {
    web::is_about(lead);
    outcome::answer(visit, lead, hidden.next.as_deref())
}

fn form_again(visit: &Visit, name: &str, form: &Form, posted: &Fields, hidden: Hidden, error: &Error) -> Response {
    let page = FormPage {
        title: visit.words().contact_title.to_owned(),
        action: visit.route(&if name == "default" { "/contact".into() } else { format!("/contact/{name}") }),
        form,
        typed: posted,
        hidden: hidden.carried(matches!(error, Error::Invalid(_))),
        hints: Vec::new(),
        quote: None,
    };
    page.refuse(visit, error)
}

async fn thanks(State(app): State<Arc<App>>, request: Request) -> Response {
    web::serve(app, request, async |visit| {
        let words = visit.words();
        let page = MessagePage {
            title: words.thanks_title,
            paragraphs: vec![words.thanks_text],
            link: Some((visit.site().url.to_string(), words.back_home)),
            ..MessagePage::default()
        };
        Ok(page.show(&visit, StatusCode::OK))
    })
    .await
}
