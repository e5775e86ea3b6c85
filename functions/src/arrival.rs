//! A submission arrives: everything that must be asked for before it can be judged, and the answer once it is stored.

use axum::response::Response;
use http::StatusCode;
use jiff::Timestamp;
use serde_json::Value;

use crate::app::App;
use crate::form::Hidden;
use crate::spam::Signals;
use crate::store::Claim;
use crate::submission::{Submission, Wrote};
use crate::web::{self, Error, Visit};
use crate::{challenge, comments, contact, second_chance};

/// Claims an id for what a visitor sent to a form, and gathers what is known about it beside its content. Fails if the
/// sender's network has sent too much.
pub(crate) async fn gather(
    visit: &Visit,
    form: &str,
    hidden: &Hidden,
    content: &[&str],
) -> Result<(Claim, Signals), Error> {
    let (app, now) = (&visit.app, Timestamp::now());
    let content = app.keys.hash("content", content);
    let claim = async { Ok(app.store.claim(&visit.site().id, &content, App::new_id(), now).await?) };
    let pass = challenge::redeem(visit, form, hidden, &content, now);
    let (claim, pass) = futures_util::try_join!(claim, pass)?;
    let signals = Signals {
        honeypot: hidden.honeypot,
        repeats: claim.repeats,
        rate: pass.rate,
        token: pass.token,
        proof: pass.proof,
        ..Signals::default()
    };
    Ok((claim, signals))
}

/// What became of a submission, as the one who sent it may know: spam looks like what waits.
pub(crate) struct Outcome {
    /// `201` or `202`.
    pub(crate) status: StatusCode,
    /// What programs read.
    pub(crate) body: Value,
    /// Where people go on, and where programs may send them.
    pub(crate) place: String,
}

impl Outcome {
    /// What became of a submission. `next` is where the form asked to go afterwards; not checked yet.
    pub(crate) fn of(visit: &Visit, submission: &Submission, next: Option<&str>) -> Self {
        match &submission.wrote {
            Wrote::Lead(lead) => contact::outcome(visit, submission, lead, next),
            Wrote::Comment(comment) => comments::outcome(visit, submission, comment, next),
        }
    }
}

/// The answer to a submission that was stored. Where there is doubt, it leads to a second chance first.
pub(crate) fn answer(visit: &Visit, submission: &Submission, next: Option<&str>) -> Response {
    let Outcome { status, mut body, place } = Outcome::of(visit, submission, next);
    let offer = second_chance::offer(visit, submission);
    if !visit.json {
        return web::see_other(&offer.map_or(place, |offer| offer.page(next)));
    }
    if let Some(offer) = offer {
        body["second_chance"] = offer.json(next);
    }
    web::at(&place, web::json(status, &body))
}
