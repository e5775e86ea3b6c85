//! What comes with a form, and from where: the sender's network is counted, a form token and a proof of work are looked
//! at and consumed, once, on the content that they came with.

use futures_util::try_join;
use jiff::Timestamp;

use super::error::JudgingError;
use super::form_token::{Place, SignedToken};
use super::proof_of_work::Solved;
use crate::app::App;
use crate::config::{ChallengeSettings, Site};
use crate::form::Hidden;
use crate::store::{NetworkRequest, TokenUse};
use crate::submission::sender::{Sender, TooMany};
use deskbell_filter::{FormToken, Proof};

/// How many challenges a network may fetch for each submission that it may send: people open forms that they never
/// send, in offices many of them behind one address.
pub(crate) const CHALLENGES_PER_SUBMISSION: u32 = 3;

/// For how many seconds a consumed token is remembered after it has grown old, for clocks differ.
const MARGIN: i64 = 3_600;

/// For how many seconds it is remembered what a network has sent, and which tokens it has used.
pub(crate) fn kept_seconds(site: &Site) -> i64 {
    site.challenge.max_ms() / 1_000 + MARGIN
}

/// What a form token and a proof of work turned out to be worth, and what is known of the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pass {
    pub(crate) token: FormToken,
    pub(crate) proof: Proof,
    /// How many submissions came from the network in this minute, this one included.
    pub(crate) rate: u32,
    /// Whether the owner has blocked the network.
    pub(crate) blocked: bool,
}

/// What came with a form.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Presented<'a> {
    pub(crate) site: &'a Site,
    pub(crate) sender: &'a Sender,
    /// The form's name.
    pub(crate) form: &'a str,
    pub(crate) hidden: &'a Hidden,
    /// The keyed hash of the content that it came with.
    pub(crate) content: &'a str,
}

/// Whether something counts as a submission of its network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counts {
    /// It does, and is refused beyond what the network may send in a minute.
    Yes,
    /// It follows one that was counted.
    No,
}

/// Redeems what came with a form: one write and one query, at once, be there a token or not.
pub(crate) async fn redeem(
    app: &App,
    presented: Presented<'_>,
    counts: Counts,
    now: Timestamp,
) -> Result<Pass, JudgingError> {
    let Presented { site, sender, content, .. } = presented;
    let (token, signed, proof) = presented.worth(app, now);
    let Some(network) = sender.network.as_deref() else {
        // Where it comes from is unknown, and so is whose token it is.
        let token = if signed.is_some() { FormToken::Absent } else { token };
        return Ok(Pass { token, proof: unproven(proof), rate: 0, blocked: false });
    };
    let sent = NetworkRequest {
        site: &site.id,
        network,
        now,
        keep: kept_seconds(site),
        most: (counts == Counts::Yes).then_some(site.judging.rate_per_minute),
        token: signed.map(|signed| TokenUse { token: signed.id, issued_at: signed.issued_at(), content }),
    };
    let (noted, known) = try_join!(app.store.note_sent(sent), app.store.past_of(sent))?;
    let noted = noted.ok_or(TooMany::until_next(1, now))?;
    let fetched = signed.map_or(0, |signed| signed.request_rate.div_ceil(CHALLENGES_PER_SUBMISSION));
    let pass = Pass { token, proof, rate: noted.rate.max(fetched), blocked: known.blocked };
    Ok(if known.is_replay(&noted, content) {
        Pass { token: FormToken::Replayed, proof: unproven(proof), ..pass }
    } else {
        pass
    })
}

impl Presented<'_> {
    /// What token and proof are worth by place, age and signature; with the token, if it is to be consumed.
    fn worth(&self, app: &App, now: Timestamp) -> (FormToken, Option<SignedToken>, Proof) {
        let solved = self.hidden.altcha.as_deref().map(Solved::parse);
        let token = solved.as_ref().and_then(|solved| solved.as_ref()?.token()).or(self.hidden.token.as_deref());
        let proof = match &solved {
            None => Proof::Absent,
            Some(None) => Proof::Failed,
            Some(Some(solved)) => solved.check(&app.keys),
        };
        let Some(token) = token else { return (FormToken::Absent, None, proof) };
        let network = self.sender.network.as_deref().unwrap_or_default();
        let place = Place { site: &self.site.id, form: self.form, network };
        match SignedToken::verify(&app.keys, &place, token) {
            // Whatever was solved belongs to a token that is worth nothing here.
            None => (FormToken::Foreign, None, unproven(proof)),
            Some(signed) => match by_age(signed.age_ms(now), self.site.challenge) {
                FormToken::Old => (FormToken::Old, None, unproven(proof)),
                token => (token, Some(signed), proof),
            },
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
