//! What a script fetches before a form is sent: a form token that tells how long somebody had the form open, and a
//! proof of work for when there is doubt. Both are signals for the filter. Nobody is refused for lacking them.
//!
//! Fetching counts the sender's network apart from what it sends, and writes the count into the token: sending is
//! counted by itself, with a token and without, and who fetches many shows in the verdict.

use std::sync::Arc;

use altcha::Challenge;
use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use jiff::Timestamp;
use serde::Serialize;

use crate::app::App;
use crate::config::{COMMENTS_FORM, ProofWanted};
use crate::judging::form_token::{Place, SignedToken};
use crate::judging::proof_of_work as proof;
use crate::judging::redeem::CHALLENGES_PER_SUBMISSION;
use crate::routes::CHALLENGE;
use crate::submission::sender::TooMany;
use crate::web::{self, Context, Error, Unknown};
use crate::words::Words;

/// The answer: what ALTCHA's widget reads, and the members of our own.
#[derive(Serialize)]
struct Answer {
    #[serde(flatten)]
    challenge: Option<Challenge>,
    /// For the form's field `_token`.
    token: String,
    /// Whether the challenge should be solved before the form is sent.
    solve: bool,
    /// What the embed script says by itself.
    words: ScriptWords,
}

/// What the embed script says by itself, in the language of the page.
#[derive(Serialize)]
struct ScriptWords {
    sending: &'static str,
    offline: &'static str,
    unsent: &'static str,
    cancel: &'static str,
}

/// The route, served beside those of the comments.
pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new().route(CHALLENGE.path, web::only(&CHALLENGE).get(get))
}

async fn get(State(app): State<Arc<App>>, request: Request) -> Response {
    web::serve(app, request, async |context| {
        let site = context.site();
        let form = context.query("form").unwrap_or("default");
        if form != COMMENTS_FORM && !site.forms.contains_key(form) {
            return Err(Error::Unknown(Unknown::Form));
        }
        let now = context.app.clock.now();
        let network = context.sender().network.unwrap_or_default();
        let request_rate = count(&context, &network, now).await?;
        let signed = SignedToken { id: App::new_id(), request_rate };
        let token = signed.sign(&context.app.keys, &Place { site: &site.id, form, network: &network });
        Ok(web::json(StatusCode::OK, &answer(&context, &signed, token)))
    })
    .await
}

/// Counts a challenge for the network, apart from submissions, which others of that network may send without one.
async fn count(context: &Context, network: &str, now: Timestamp) -> Result<u32, Error> {
    if network.is_empty() {
        return Ok(0);
    }
    let site = context.site();
    let request_rate =
        context.app.store.count_request(&site.id, &context.app.keys.hash("challenges", &[network]), now).await?;
    let most = site.judging.rate_per_minute.saturating_mul(CHALLENGES_PER_SUBMISSION);
    if request_rate > most { Err(TooMany::until_next(1, now).into()) } else { Ok(request_rate) }
}

fn answer(context: &Context, signed: &SignedToken, token: String) -> Answer {
    let (settings, calm) = (context.site().challenge, context.site().judging.rate_per_minute);
    let busy = signed.request_rate > calm;
    let wanted = settings.proof != ProofWanted::Never;
    let challenge = || {
        let expires_at = signed.issued_at().as_second() + settings.max_ms() / 1_000;
        proof::challenge(&context.app.keys, &token, proof::tries(signed.request_rate, calm), expires_at)
            // The token is good without it.
            .inspect_err(|error| tracing::error!(%error, "proof-of-work challenge not created"))
            .ok()
    };
    let challenge = wanted.then(challenge).flatten();
    let solve = challenge.is_some() && (busy || settings.proof == ProofWanted::Always);
    let Words { sending, offline, unsent, cancel, .. } = *context.words();
    Answer { challenge, token, solve, words: ScriptWords { sending, offline, unsent, cancel } }
}
