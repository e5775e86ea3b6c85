//! The answer to the one who sent something, once it is stored: at once, and after a second chance.

use axum::response::Response;
use http::StatusCode;
use serde_json::Value;

use super::{comments, contact, second_chance};
use crate::submission::{Submission, Wrote};
use crate::web::{self, Visit};

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
