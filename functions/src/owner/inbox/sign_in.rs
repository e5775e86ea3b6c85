//! Asking for a link to sign in with. What is answered, and about how long it takes, does not depend on whether the
//! address is anybody's.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use futures_util::try_join;
use http::{StatusCode, header};
use jiff::Timestamp;

use super::magic_link;
use super::pre_session::PreSession;
use super::session::{self, own_route};
use crate::app::App;
use crate::config::Site;
use crate::form::Email;
use crate::platform::render::render;
use crate::routes::SIGN_IN;
use crate::store::{Asker, SignIn};
use crate::submission::sender::TooMany;
use crate::web::{self, Context, Error, MessagePage};
use crate::words::{Words, format};

/// How long a link works, in seconds.
const LINK_SECONDS: i64 = 15 * 60;

/// In how many minutes a network's links are counted.
const COUNTED_MINUTES: i64 = 15;

/// In how many minutes the links to an address are counted.
const ADDRESS_MINUTES: i64 = 60;

/// How many networks can use up an address' links together, none of which gets more than its part.
const NETWORKS: u32 = 4;

/// The routes of signing in.
pub(super) fn routes() -> Router<Arc<App>> {
    Router::new().route(SIGN_IN.path, web::only(&SIGN_IN).get(show).post(ask)).merge(magic_link::routes())
}

#[derive(Template)]
#[template(path = "inbox/sign_in.html")]
struct SignInTemplate<'a> {
    words: &'a Words,
    site: Option<&'a Site>,
    notice: Option<String>,
    action: String,
    csrf: String,
    next: &'a str,
    email: &'a str,
    /// Whether what was typed is no address.
    wrong: bool,
}

async fn show(State(app): State<Arc<App>>, request: Request) -> Response {
    web::serve(app, request, async |context| {
        let next = own_route(context.query("next").unwrap_or_default());
        if session::find(&context).await?.is_some() {
            return Ok(web::see_other(&context.route(&next)));
        }
        page(&context, "", &next, None)
    })
    .await
}

/// Why nobody is sent a link, and the page says so.
#[derive(Clone, Copy)]
enum Refusal {
    /// The browser did not keep the cookie, or the form is old, or another page sent it.
    Stranger,
    /// Not an address.
    Email,
    /// Too many links in a while.
    TooMany(TooMany),
}

async fn ask(State(app): State<Arc<App>>, request: Request) -> Response {
    web::serve(app, request, async |context| {
        let fields = context.fields()?;
        let (typed, next) = (fields.get("email").unwrap_or_default().trim(), fields.get("next").unwrap_or_default());
        let next = own_route(next);
        let Some(browser) = PreSession::of(&context).filter(|browser| browser.sent(&context, &fields)) else {
            return page(&context, typed, &next, Some(Refusal::Stranger));
        };
        let mailable = Email::parse(typed).filter(|email| email.in_header().is_some());
        let Some(email) = mailable else { return page(&context, typed, &next, Some(Refusal::Email)) };
        if let Some(refused) = too_many(&context, &email).await? {
            return page(&context, typed, &next, Some(Refusal::TooMany(refused)));
        }
        context.app.store.ask_to_sign_in(&sign_in(&context, &browser, &email, next)).await?;
        Ok(sent(&context, &email))
    })
    .await
}

/// Counts a link for the network, for the network and the address together, and for the address; says so if
/// there are too many. A network gets a part of an address' links, so that neither one nor two of them can keep
/// out who asks from another; and an address is mailed a bounded number, wherever they are asked for.
async fn too_many(context: &Context, email: &Email) -> Result<Option<TooMany>, Error> {
    let (store, keys, site) = (&context.app.store, &context.app.keys, context.site());
    let (now, most) = (context.app.clock.now(), site.judging.rate_per_minute);
    let (network, address) = (context.sender().network.unwrap_or_default(), email.as_str().to_lowercase());
    let each = most.div_ceil(NETWORKS);
    let count = async |hash: String, minutes, most| {
        let counted = store.count_request_within(minutes, &site.id, &hash, now).await?;
        Ok::<_, Error>((counted > most).then(|| TooMany::until_next(minutes, now)))
    };
    let of_network = keys.hash("links of a network", &[&network]);
    let of_both = keys.hash("links of a network to an address", &[&network, &address]);
    let of_address = keys.hash("links of an address", &[&address]);
    let (network, both) =
        try_join!(count(of_network, COUNTED_MINUTES, most.div_ceil(2)), count(of_both, ADDRESS_MINUTES, each))?;
    // Last, so that a network beyond its own limits uses up none of the address' links.
    match network.or(both) {
        Some(refused) => Ok(Some(refused)),
        None => count(of_address, ADDRESS_MINUTES, each * NETWORKS).await,
    }
}

fn sign_in(context: &Context, browser: &PreSession, email: &Email, next: String) -> SignIn {
    let (app, site) = (&context.app, context.site());
    let member = app.member_hash(&site.id, email.as_str());
    SignIn {
        id: App::new_id(),
        site: site.id.clone(),
        sign_in: if app.member(site, &member).is_some() { Asker::Known } else { Asker::Unknown },
        member,
        browser: browser.hash(context),
        next,
        expires_at: Timestamp::now().as_second() + LINK_SECONDS,
    }
}

fn page(context: &Context, email: &str, next: &str, refusal: Option<Refusal>) -> Result<Response, Error> {
    let (words, browser) = (context.words(), PreSession::known(context)?);
    let (status, notice) = match refusal {
        None => (StatusCode::OK, None),
        Some(Refusal::Stranger) => (StatusCode::FORBIDDEN, Some(words.sign_in_no_cookie.to_owned())),
        Some(Refusal::Email) => (StatusCode::UNPROCESSABLE_ENTITY, None),
        Some(Refusal::TooMany(refused)) => {
            let minutes = refused.seconds.div_ceil(60);
            (StatusCode::TOO_MANY_REQUESTS, Some(words.sign_in_too_many.format("minutes", minutes)))
        }
    };
    let page = SignInTemplate {
        words,
        site: Some(context.site()),
        notice,
        action: context.route(SIGN_IN.path),
        csrf: browser.csrf(context),
        next,
        email,
        wrong: matches!(refusal, Some(Refusal::Email)),
    };
    let mut response = web::html(status, render(&page));
    if let Some(Refusal::TooMany(refused)) = refusal {
        response.headers_mut().insert(header::RETRY_AFTER, refused.seconds.into());
    }
    browser.keep(&mut response, context.site());
    Ok(response)
}

fn sent(context: &Context, email: &Email) -> Response {
    let words = context.words();
    let text = format(words.sign_in_sent_text, "email", email.shown());
    let page = MessagePage {
        title: words.sign_in_sent_title,
        paragraphs: vec![&text, words.sign_in_sent_hint],
        link: Some((context.route(SIGN_IN.path), words.sign_in_again)),
        ..MessagePage::default()
    };
    page.show(context, StatusCode::OK)
}
