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
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::config::Review;
use crate::judging::captcha::Captcha;
use crate::judging::form_token::{Place, Ticket};
use crate::judging::proof_of_work as proof;
use crate::web::{self, Error, Unknown, Visit};

/// The name by which comments are asked for, as other forms are by theirs.
pub const COMMENTS: &str = "comments";

/// How many challenges a network may fetch for each submission that it may send: people open forms that they never
/// send, in offices many of them behind one address.
pub(crate) const PER_SUBMISSION: u32 = 3;

/// How a site's form tokens and proofs of work are treated.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// When a proof of work is asked for.
    pub proof: Asked,
    /// A form that is sent in fewer seconds than this was hardly filled in by hand.
    pub min_seconds: u32,
    /// A form that was open for more hours than this says nothing any more.
    pub max_hours: u32,
    /// The hosted captcha that the site's forms hold: its answer is the proof, then.
    pub captcha: Option<Captcha>,
}

/// When a proof of work is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Asked {
    /// At no time.
    Never,
    /// After a submission whose verdict is in doubt, and before one from a busy network.
    Unsure,
    /// Before each submission; one without is in doubt.
    Always,
}

impl Default for Settings {
    fn default() -> Self {
        Self { proof: Asked::Unsure, min_seconds: 3, max_hours: 12, captcha: None }
    }
}

impl Settings {
    pub(crate) fn check(&self, review: &mut Review) {
        if self.max_hours == 0 || self.max_hours > 24 * 30 {
            review.wrong("max_hours", "this must be from 1 to 720");
        }
        if self.min_seconds > 600 {
            review.wrong("min_seconds", "this must be at most 600, or honest people would be too quick");
        }
        if self.captcha.is_some() && self.proof == Asked::Never {
            review.wrong("captcha", "a captcha is named here, and `proof = \"never\"` asks for none");
        }
    }

    pub(crate) fn max_ms(&self) -> i64 {
        i64::from(self.max_hours) * 3_600_000
    }
}

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
    Router::new().route("/challenge", web::only("GET, HEAD, OPTIONS").get(get))
}

async fn get(State(app): State<Arc<App>>, request: Request) -> Response {
    web::serve(app, request, async |visit| {
        let site = visit.site();
        let form = visit.query("form").unwrap_or("default");
        if form != COMMENTS && !site.forms.contains_key(form) {
            return Err(Error::Unknown(Unknown::Form));
        }
        let now = visit.app.clock.now();
        let network = visit.network().unwrap_or_default();
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
    let pressure = visit.app.store.hit(&site.id, &visit.app.keys.hash("challenges", &[network]), now).await?;
    let most = site.judging.rate_per_minute.saturating_mul(PER_SUBMISSION);
    if pressure > most { Err(web::too_many(now)) } else { Ok(pressure) }
}

fn answer(visit: &Visit, ticket: &Ticket, token: String) -> Answer {
    let (settings, calm) = (visit.site().challenge, visit.site().judging.rate_per_minute);
    let busy = ticket.pressure > calm;
    let wanted = settings.proof != Asked::Never;
    let challenge = || {
        let expires_at = ticket.issued_at().as_second() + settings.max_ms() / 1_000;
        proof::challenge(&visit.app.keys, &token, proof::tries(ticket.pressure, calm), expires_at)
            // The token is good without it.
            .inspect_err(|error| tracing::error!(%error, "no challenge could be made"))
            .ok()
    };
    let challenge = wanted.then(challenge).flatten();
    let solve = challenge.is_some() && (busy || settings.proof == Asked::Always);
    Answer { challenge, token, solve }
}
