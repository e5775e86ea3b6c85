//! What a script fetches before a form is sent: a form token that tells how long somebody had the form open, and a
//! proof of work for when there is doubt. Both are signals for the filter. Nobody is refused for lacking them.
//!
//! Fetching counts the sender's network and writes the count into the token, so that sending, which then has to spend
//! the token, does not count again: taking a submission costs the same with a token and without.

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
use crate::judging::form_token::{Place, Ticket};
use crate::judging::proof_of_work as proof;
use crate::judging::rate::CHALLENGES_PER_SUBMISSION;
use crate::routes::CHALLENGE;
use crate::submission::sender::TooMany;
use crate::web::{self, Error, Unknown, Visit};

/// The answer: what ALTCHA's widget reads, and the members of our own.
#[derive(Serialize)]
struct Answer {
    #[serde(flatten)]
    challenge: Option<Challenge>,
    /// For the form's field `_token`.
    token: String,
    /// Whether the challenge should be solved before the form is sent.
    solve: bool,
}

/// The route, served beside those of the comments.
pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new().route(CHALLENGE.path, web::only(&CHALLENGE).get(get))
}

async fn get(State(app): State<Arc<App>>, request: Request) -> Response {
    web::serve(app, request, async |visit| {
        let site = visit.site();
        let form = visit.query("form").unwrap_or("default");
        if form != COMMENTS_FORM && !site.forms.contains_key(form) {
            return Err(Error::Unknown(Unknown::Form));
        }
        let now = visit.app.clock.now();
        let network = visit.sender().network.unwrap_or_default();
        let pressure = count(&visit, &network, now).await?;
        let ticket = Ticket { id: App::new_id(), pressure };
        let token = ticket.sign(&visit.app.keys, &Place { site: &site.id, form, network: &network });
        Ok(web::json(StatusCode::OK, &answer(&visit, &ticket, token)))
    })
    .await
}

/// Counts a challenge for the network, apart from submissions, which others of that network may send without one.
async fn count(visit: &Visit, network: &str, now: Timestamp) -> Result<u32, Error> {
    if network.is_empty() {
        return Ok(0);
    }
    let site = visit.site();
    let pressure = visit.app.store.count_request(&site.id, &visit.app.keys.hash("challenges", &[network]), now).await?;
    let most = site.judging.rate_per_minute.saturating_mul(CHALLENGES_PER_SUBMISSION);
    if pressure > most { Err(TooMany::until_next_minute(now).into()) } else { Ok(pressure) }
}

fn answer(visit: &Visit, ticket: &Ticket, token: String) -> Answer {
    let (settings, calm) = (visit.site().challenge, visit.site().judging.rate_per_minute);
    let busy = ticket.pressure > calm;
    let wanted = settings.proof != ProofWanted::Never;
    let challenge = || {
        let expires_at = ticket.issued_at().as_second() + settings.max_ms() / 1_000;
        proof::challenge(&visit.app.keys, &token, proof::tries(ticket.pressure, calm), expires_at)
            // The token is good without it.
            .inspect_err(|error| tracing::error!(%error, "no challenge could be made"))
            .ok()
    };
    let challenge = wanted.then(challenge).flatten();
    let solve = challenge.is_some() && (busy || settings.proof == ProofWanted::Always);
    Answer { challenge, token, solve }
}
