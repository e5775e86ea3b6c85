//! The link for signing in: what `notify` mails, and what becomes of it. Opening it shows a button; the button signs
//! in, once, in the browser that asked.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;

use super::pre_session::PreSession;
use super::session::{self, own_route};

use crate::app::App;
use crate::config::Site;
use crate::config::team::Person;
use crate::keys::{Purpose, TokenError};
use crate::platform::render::render;
use crate::routes::{INBOX, SIGN_IN, SIGN_IN_LINK};
use crate::store::{SignIn, StoreError};
use crate::web::{self, Context, Error, MessagePage};
use crate::words::{Words, format};

/// The link's route.
pub(super) fn routes() -> Router<Arc<App>> {
    Router::new().route(SIGN_IN_LINK.path, web::only(&SIGN_IN_LINK).get(show).post(enter))
}

/// A link that works, and for whom.
struct Ready {
    sign_in: SignIn,
    person: Person,
    browser: PreSession,
}

/// Why a link does not work.
enum Dead {
    Forged,
    Expired,
    Used,
    OtherBrowser,
}

async fn find(context: &Context) -> Result<Result<Ready, Dead>, Error> {
    let (app, site) = (&context.app, context.site());
    let token = match app.keys.verify(Purpose::SignIn, context.param("token").unwrap_or_default()) {
        Ok(token) if token.site == site.id => token,
        Ok(_) | Err(TokenError::Forged) => return Ok(Err(Dead::Forged)),
        Err(TokenError::Expired) => return Ok(Err(Dead::Expired)),
    };
    let Some(sign_in) = app.store.sign_in(&site.id, token.id).await? else { return Ok(Err(Dead::Used)) };
    let Some(person) = app.member(site, &sign_in.member) else { return Ok(Err(Dead::Used)) };
    let browser = PreSession::of(context).filter(|browser| browser.hash(context) == sign_in.browser);
    Ok(browser.map(|browser| Ready { sign_in, person, browser }).ok_or(Dead::OtherBrowser))
}

async fn show(State(app): State<Arc<App>>, request: Request) -> Response {
    web::serve(app, request, async |context| match find(&context).await? {
        Ok(ready) => Ok(page(&context, &ready, None, StatusCode::OK)),
        Err(_) if session::find(&context).await?.is_some() => Ok(web::see_other(&context.route(INBOX.path))),
        Err(dead) => Ok(dead.page(&context)),
    })
    .await
}

async fn enter(State(app): State<Arc<App>>, request: Request) -> Response {
    web::serve(app, request, async |context| {
        let fields = context.fields()?;
        let ready = match find(&context).await? {
            Ok(ready) => ready,
            Err(dead) => return Ok(dead.page(&context)),
        };
        if !ready.browser.sent(&context, &fields) {
            return Ok(page(&context, &ready, Some(context.words().sign_in_no_cookie), StatusCode::FORBIDDEN));
        }
        match session::begin(&context, &ready.sign_in).await {
            Ok(session) => Ok(welcome(&context, &ready, &session)),
            Err(StoreError::Consumed) => Ok(Dead::Used.page(&context)),
            Err(error) => Err(error.into()),
        }
    })
    .await
}

/// On to where the person wanted to go, with the session's cookie.
fn welcome(context: &Context, ready: &Ready, session: &str) -> Response {
    let site = context.site();
    tracing::info!(site = site.id, role = ready.person.role.word(), "signed in");
    let mut response = web::see_other(&context.route(&own_route(&ready.sign_in.next)));
    session::keep(&mut response, site, session);
    PreSession::forget(&mut response, site);
    response
}

#[derive(Template)]
#[template(path = "inbox/link.html")]
struct LinkTemplate<'a> {
    words: &'a Words,
    site: Option<&'a Site>,
    notice: Option<&'a str>,
    text: String,
    csrf: String,
}

fn page(context: &Context, ready: &Ready, notice: Option<&str>, status: StatusCode) -> Response {
    let words = context.words();
    let page = LinkTemplate {
        words,
        site: Some(context.site()),
        notice,
        text: format(words.sign_in_as, "name", &ready.person.name),
        csrf: ready.browser.csrf(context),
    };
    web::html(status, render(&page))
}

impl Dead {
    /// What is wrong, and the way to a new link.
    fn page(&self, context: &Context) -> Response {
        let words = context.words();
        let (status, title, text) = match self {
            Self::Forged => (StatusCode::FORBIDDEN, words.forged_title, words.forged_text),
            Self::Expired => (StatusCode::GONE, words.expired_title, words.sign_in_expired_text),
            Self::Used => (StatusCode::GONE, words.sign_in_used_title, words.sign_in_used_text),
            Self::OtherBrowser => {
                (StatusCode::FORBIDDEN, words.sign_in_other_browser_title, words.sign_in_other_browser_text)
            }
        };
        let page = MessagePage {
            title,
            paragraphs: vec![text],
            link: Some((context.route(SIGN_IN.path), words.sign_in_new)),
            ..MessagePage::default()
        };
        page.show(context, status)
    }
}
