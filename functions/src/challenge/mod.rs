//! What a script fetches before a form is sent: a form token that tells how long somebody had the form open, and a
//! proof of work for when there is doubt. Both are signals for the filter. Nobody is refused for lacking them.
//!
//! Fetching counts the sender's network and writes the count into the token, so that sending, which then has to spend
//! the token, does not count again: taking a submission costs the same with a token and without.

mod proof;
mod ticket;

use std::sync::Arc;

use altcha::Challenge;
use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use self::proof::Solved;
pub use self::ticket::{Place, Ticket};
use crate::app::App;
use crate::form::Hidden;
use crate::spam::{FormToken, Proof};
use crate::store::Spent;
use crate::web::{self, Error, Unknown, Visit};

/// The name by which comments are asked for, as other forms are by theirs.
pub const COMMENTS: &str = "comments";

/// How many challenges a network may fetch for each submission that it may send: people open forms that they never
/// send, in offices many of them behind one address.
const PER_SUBMISSION: u32 = 3;

/// How often one token may be sent, whatever with, until it is taken for a flood: a double press and a second try.
const MOST_USES: u32 = 4;

/// For how many seconds a spent token is remembered after it has grown old, for clocks differ.
const MARGIN: i64 = 3_600;

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
        Self { proof: Asked::Unsure, min_seconds: 3, max_hours: 12 }
    }
}

impl Settings {
    pub(crate) fn check(&self) -> Result<(), String> {
        if self.max_hours == 0 || self.max_hours > 24 * 30 {
            return Err("challenge.max_hours must be from 1 to 720".into());
        }
        if i64::from(self.min_seconds) > 600 {
            return Err("challenge.min_seconds must be at most 600".into());
        }
        Ok(())
    }

    fn max_ms(&self) -> i64 {
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
        let now = Timestamp::now();
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

/// What a form token and a proof of work turned out to be worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pass {
    pub(crate) token: FormToken,
    pub(crate) proof: Proof,
    /// How many submissions came from the network in this minute, this one included.
    pub(crate) rate: u32,
}

/// Redeems what came with a form for a submission whose content has this hash: one write, be there a token or not.
/// A token that cannot be spent because the table does not answer counts as none.
pub(crate) async fn redeem(
    visit: &Visit,
    form: &str,
    hidden: &Hidden,
    content: &str,
    now: Timestamp,
) -> Result<Pass, Error> {
    let solved = hidden.altcha.as_deref().map(Solved::read);
    let token = solved.as_ref().and_then(|solved| solved.as_ref()?.token()).or(hidden.token.as_deref());
    let proof = match &solved {
        None => Proof::Absent,
        Some(None) => Proof::Failed,
        Some(Some(solved)) => solved.check(&visit.app.keys),
    };
    let mut pass = match token {
        None => Pass { token: FormToken::Absent, proof, rate: web::rate(visit, now).await? },
        Some(token) => redeem_token(visit, form, token, content, now, proof).await?,
    };
    if visit.site().challenge.proof == Asked::Always && pass.proof != Proof::Solved {
        pass.proof = Proof::Missing;
    }
    Ok(pass)
}

async fn redeem_token(
    visit: &Visit,
    form: &str,
    token: &str,
    content: &str,
    now: Timestamp,
    proof: Proof,
) -> Result<Pass, Error> {
    let (site, network) = (visit.site(), visit.network().unwrap_or_default());
    let place = Place { site: &site.id, form, network: &network };
    let ticket = Ticket::read(&visit.app.keys, &place, token);
    let token = ticket.map_or(FormToken::Foreign, |ticket| by_age(ticket.age_ms(now), site.challenge));
    let Some(ticket) = ticket.filter(|_| token != FormToken::Old) else {
        // Whatever was solved belongs to a token that is worth nothing here.
        return Ok(Pass { token, proof: unproven(proof), rate: web::rate(visit, now).await? });
    };
    let rate = ticket.pressure.div_ceil(PER_SUBMISSION);
    let kept_until = ticket.issued_at().as_second() + site.challenge.max_ms() / 1_000 + MARGIN;
    match visit.app.store.spend(&site.id, ticket.id, content, kept_until).await {
        Ok(Spent { times, .. }) if times > MOST_USES => Err(web::too_many(now)),
        Ok(Spent { here: true, .. }) => Ok(Pass { token, proof, rate }),
        Ok(Spent { here: false, .. }) => Ok(Pass { token: FormToken::Replayed, proof: unproven(proof), rate }),
        Err(error) => {
            tracing::warn!(%error, "a form token could not be spent");
            Ok(Pass { token: FormToken::Absent, proof: unproven(proof), rate })
        }
    }
}

fn by_age(age_ms: i64, settings: Settings) -> FormToken {
    if age_ms < i64::from(settings.min_seconds) * 1_000 {
        FormToken::Young
    } else if age_ms > settings.max_ms() {
        FormToken::Old
    } else {
        FormToken::Good
    }
}

/// A proof whose token is worth nothing: it is no merit, and what was wrong with it stays wrong.
fn unproven(proof: Proof) -> Proof {
    if proof == Proof::Solved { Proof::Absent } else { proof }
}
