//! What came with a form is looked at and spent: once, on the content that it came with.

use jiff::Timestamp;

use super::form_token::{Place, Ticket};
use super::proof_of_work::Solved;
use crate::form::Hidden;
use crate::store::TokenUse;
use crate::visitor::challenge::{PER_SUBMISSION, Settings};
use crate::web::{self, Error, Visit};
use deskbell_filter::{FormToken, Proof};

/// How often one token may be sent, whatever with, until it is taken for a flood: a double press and a second try.
const MOST_USES: u32 = 4;

/// For how many seconds a spent token is remembered after it has grown old, for clocks differ.
const MARGIN: i64 = 3_600;

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
    match token {
        None => Ok(Pass { token: FormToken::Absent, proof, rate: web::rate(visit, now).await? }),
        Some(token) => redeem_token(visit, form, token, content, now, proof).await,
    }
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
    match visit.app.store.consume_token(&site.id, ticket.id, content, kept_until).await {
        Ok(TokenUse { times, .. }) if times > MOST_USES => Err(web::too_many(now)),
        Ok(TokenUse { same_content: true, .. }) => Ok(Pass { token, proof, rate }),
        Ok(TokenUse { same_content: false, .. }) => {
            Ok(Pass { token: FormToken::Replayed, proof: unproven(proof), rate })
        }
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
