//! What came with a form is looked at and spent: once, on the content that it came with.

use jiff::Timestamp;

use super::error::JudgingError;
use super::form_token::{Place, SignedToken};
use super::proof_of_work::Solved;
use super::rate::{self, CHALLENGES_PER_SUBMISSION};
use crate::app::App;
use crate::config::{ChallengeSettings, Site};
use crate::form::Hidden;
use crate::store::TokenUse;
use crate::submission::sender::{Sender, TooMany};
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
    app: &App,
    site: &Site,
    sender: &Sender,
    form: &str,
    hidden: &Hidden,
    content: &str,
    now: Timestamp,
) -> Result<Pass, JudgingError> {
    let solved = hidden.altcha.as_deref().map(Solved::parse);
    let token = solved.as_ref().and_then(|solved| solved.as_ref()?.token()).or(hidden.token.as_deref());
    let proof = match &solved {
        None => Proof::Absent,
        Some(None) => Proof::Failed,
        Some(Some(solved)) => solved.check(&app.keys),
    };
    match token {
        None => Ok(Pass { token: FormToken::Absent, proof, rate: rate::count(app, site, sender, now).await? }),
        Some(token) => {
            let network = sender.network.as_deref().unwrap_or_default();
            let place = Place { site: &site.id, form, network };
            match worth(app, site, &place, token, now) {
                Ok((token, signed)) => spend(app, site, signed, token, content, proof, now).await,
                // Whatever was solved belongs to a token that is worth nothing here.
                Err(token) => {
                    Ok(Pass { token, proof: unproven(proof), rate: rate::count(app, site, sender, now).await? })
                }
            }
        }
    }
}

/// What a token is worth by its place and age; without anything to be spent if that is nothing.
fn worth(
    app: &App,
    site: &Site,
    place: &Place<'_>,
    token: &str,
    now: Timestamp,
) -> Result<(FormToken, SignedToken), FormToken> {
    let signed = SignedToken::verify(&app.keys, place, token).ok_or(FormToken::Foreign)?;
    match by_age(signed.age_ms(now), site.challenge) {
        FormToken::Old => Err(FormToken::Old),
        token => Ok((token, signed)),
    }
}

async fn spend(
    app: &App,
    site: &Site,
    signed: SignedToken,
    token: FormToken,
    content: &str,
    proof: Proof,
    now: Timestamp,
) -> Result<Pass, JudgingError> {
    let rate = signed.request_rate.div_ceil(CHALLENGES_PER_SUBMISSION);
    let kept_until = signed.issued_at().as_second() + site.challenge.max_ms() / 1_000 + MARGIN;
    match app.store.consume_token(&site.id, signed.id, content, kept_until).await {
        Ok(TokenUse { times, .. }) if times > MOST_USES => Err(TooMany::until_next_minute(now).into()),
        Ok(TokenUse { same_content: true, .. }) => Ok(Pass { token, proof, rate }),
        Ok(TokenUse { same_content: false, .. }) => {
            Ok(Pass { token: FormToken::Replayed, proof: unproven(proof), rate })
        }
        Err(error) => {
            tracing::warn!(%error, "form token not consumed");
            Ok(Pass { token: FormToken::Absent, proof: unproven(proof), rate })
        }
    }
}

fn by_age(age_ms: i64, settings: ChallengeSettings) -> FormToken {
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
