//! Takes leads.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;

use crate::app::App;
use crate::form::{Fields, Form, Hidden, dialects};
use crate::judging::{Incoming, policy};
use crate::routes::{CONTACT, CONTACT_FORM, CONTACT_THANKS, FORM};
use crate::store::Lookup;
use crate::submission::lead::Lead;
use crate::submission::{Submission, SubmissionContent};
use crate::visitor::privacy;
use crate::visitor::response;
use crate::web::{self, Context, Error, FormPage, MessagePage, Unknown};

/// The form that is meant where none is named.
const DEFAULT: &str = "default";

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
    web::serve_form(app, request, async |mut context| {
        let mut posted = context.fields()?;
        context.speak_as_posted(&posted);
        let name = form_name(&context, &posted);
        let form = context.site().forms.get(&name).ok_or(Error::Unknown(Unknown::Form))?;
        let hidden = Hidden::take(&mut posted, form.honeypot.as_deref());
        // On the heap: taking holds all that was sent, several times over.
        match Box::pin(take(&context, &name, form, &posted, &hidden)).await {
            Ok(lead) => Ok(received(&context, &hidden, &lead)),
            Err(error) => Ok(form_again(&context, &name, form, posted, hidden, &error)),
        }
    })
    .await
}

/// The form's name: from the path, or as Netlify's forms send it.
fn form_name(context: &Context, posted: &Fields) -> String {
    let netlify = posted.get("form-name").filter(|name| context.site().forms.contains_key(*name));
    context.param("form").or(netlify).unwrap_or(DEFAULT).to_owned()
}

/// Stores a lead, whatever the filter says about it.
async fn take(
    context: &Context,
    name: &str,
    form: &Form,
    posted: &Fields,
    hidden: &Hidden,
) -> Result<Submission, Error> {
    context.admit(posted)?;
    let lead = Lead::read(name, form, posted.clone()).map_err(Error::Invalid)?;
    let sent = SubmissionContent::Lead(lead);
    let (app, site, sender) = (&*context.app, context.site(), context.sender());
    let lang = context.other_language();
    let incoming = Incoming { app, site, form: name, sender: &sender, hidden, content: &sent, lang };
    let known = incoming.gather(Lookup::default()).await?;
    let judged = incoming.judge(&known).await;
    let status = policy::lead_status(&judged.verdict);
    Ok(incoming.store(&known, sent.clone(), judged, status).await?)
}

fn received(context: &Context, hidden: &Hidden, lead: &Submission) -> Response {
    web::is_about(lead);
    response::answer(context, lead, hidden.next.as_deref())
}

fn form_again(
    context: &Context,
    name: &str,
    form: &Form,
    mut typed: Fields,
    hidden: Hidden,
    error: &Error,
) -> Response {
    let mut unseen = hidden.carried(error.is_early());
    unseen.extend(dialects::name_lead(&mut typed, form).map(|subject| ("_subject", subject)));
    let action = if name == DEFAULT { CONTACT.path.to_owned() } else { CONTACT_FORM.path.replace("{form}", name) };
    let page = FormPage {
        title: context.words().contact_title.to_owned(),
        action: context.route(&action),
        form,
        typed: &typed,
        hidden: unseen,
        hints: Vec::new(),
        quote: None,
    };
    page.refuse(context, error)
}

async fn thanks(State(app): State<Arc<App>>, request: Request) -> Response {
    web::serve(app, request, async |context| {
        let words = context.words();
        let page = MessagePage {
            title: words.thanks_title,
            paragraphs: vec![words.thanks_text],
            link: Some((context.site().url.to_string(), words.back_home)),
            ..MessagePage::default()
        };
        Ok(page.show(&context, StatusCode::OK))
    })
    .await
}
