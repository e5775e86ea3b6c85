//! From what a visitor sent to the verdict: gathers what is known beside the content, cheap before dear, and has
//! [`deskbell_filter`] judge it. Nothing here refuses but too much at once: what cannot be found out is doubt, and doubt
//! holds.

pub mod akismet;
pub mod block;
pub mod captcha;
pub mod form_token;
pub(crate) mod learn;
pub(crate) mod proof_of_work;
pub(crate) mod redeem;

use crate::app::App;
use crate::form::{Email, Hidden};
use crate::judging::akismet::{Question, Said};
use crate::store::{Asked, Claim, StoreError};
use crate::submission::Wrote;
use crate::visitor::challenge::Asked as Wanted;
use crate::web::{Error, Visit};
use deskbell_filter::{Akismet, Blocked, Content, Decision, Proof, Signals, Verdict, judge};

/// Claims an id for what a visitor sent to a form, and gathers what the table and the form itself tell about it. Fails
/// if the sender's network has sent too much.
pub(crate) async fn gather(
    visit: &Visit,
    form: &str,
    hidden: &Hidden,
    wrote: &Wrote,
) -> Result<(Claim, Signals), Error> {
    let (app, now) = (&visit.app, visit.app.clock.now());
    let content = content_hash(app, wrote);
    let claim = async { Ok::<_, Error>(app.store.claim(&visit.site().id, &content, App::new_id(), now).await?) };
    // Two at a time, for which there are two connections from the start: a third would take longer to open than it saves.
    let sender = async {
        let pass = redeem::redeem(visit, form, hidden, &content, now).await?;
        // On the heap: all of them together are more than a caller wants on its stack.
        Ok::<_, Error>((pass, Box::pin(blocked(visit, wrote)).await?))
    };
    let (claim, (pass, blocked)) = futures_util::try_join!(claim, sender)?;
    let (honeypot, repeats) = (hidden.honeypot, claim.repeats);
    let at_hand = Signals {
        honeypot,
        repeats,
        blocked,
        rate: pass.rate,
        token: pass.token,
        proof: pass.proof,
        ..Signals::default()
    };
    Ok((claim, at_hand))
}

/// What the owner has blocked of the sender.
async fn blocked(visit: &Visit, wrote: &Wrote) -> Result<Option<Blocked>, StoreError> {
    let network = visit.network();
    let senders = block::senders(&visit.app, visit.site(), wrote.email(), network.as_deref());
    let blocks = visit.app.store.blocks(&visit.site().id, senders.iter().map(|(_, hash)| hash.as_str())).await?;
    let is_blocked = |what: &Blocked| blocks.iter().any(|block| block.what == *what);
    Ok([Blocked::Address, Blocked::Network].into_iter().find(is_blocked))
}

/// A keyed hash of all that was written, by which the same content is known when it comes again.
pub(crate) fn content_hash(app: &App, wrote: &Wrote) -> String {
    let parent;
    let content: Vec<&str> = match wrote {
        Wrote::Lead(lead) => {
            let lines = lead.lines().into_iter().flat_map(|(name, value)| [name, value]);
            ["lead", lead.form()].into_iter().chain(lines).collect()
        }
        Wrote::Comment(comment) => {
            parent = comment.parent().map(|parent| parent.to_string()).unwrap_or_default();
            let email = comment.email().map_or("", Email::as_str);
            let (page, url) = (comment.page().key(), comment.url().unwrap_or(""));
            vec!["comment", page, &parent, comment.author(), email, url, comment.text()]
        }
    };
    app.keys.hash("content", &content)
}

/// The verdict on what a visitor sent: by what is at hand, what was learnt, what a captcha's provider says, and, if it
/// still matters, what Akismet says.
pub(crate) async fn verdict(visit: &Visit, wrote: &Wrote, hidden: &Hidden, claim: Claim, at_hand: Signals) -> Verdict {
    let (content, site) = (Content::from(wrote), visit.site());
    let memory = visit.app.memory(site).await;
    let signals = insist(visit, with_captcha(visit, hidden, at_hand).await);
    let signals = Signals { memory_unknown: memory.is_none(), ..signals };
    let memory = memory.unwrap_or_default();
    let without = judge(&content, &signals, &memory, &site.judging);
    match akismet(visit, wrote, hidden, claim, &without).await {
        Akismet::NotAsked => without,
        akismet => judge(&content, &Signals { akismet, ..signals }, &memory, &site.judging),
    }
}

/// Where the site wants a proof with each submission, everything but a solved one is a missing one.
fn insist(visit: &Visit, signals: Signals) -> Signals {
    let wanted = visit.site().challenge.proof == Wanted::Always && !signals.proof_unknown;
    if wanted && signals.proof != Proof::Solved { Signals { proof: Proof::Missing, ..signals } } else { signals }
}

/// Whether the site's captcha was solved, if it has one. Its word then counts, and that of a proof of work does not.
async fn with_captcha(visit: &Visit, hidden: &Hidden, signals: Signals) -> Signals {
    let site = visit.site();
    let Some(captcha) = site.challenge.captcha else { return signals };
    match captcha::verify(&visit.app, site, captcha, &hidden.captcha).await {
        Ok(proof) => Signals { proof, ..signals },
        Err(error) => {
            tracing::error!(site = site.id, ?captcha, %error, "a captcha was not verified");
            Signals { proof: Proof::Absent, proof_unknown: true, ..signals }
        }
    }
}

/// Akismet's opinion, if the site wants it and it can change anything.
async fn akismet(visit: &Visit, wrote: &Wrote, hidden: &Hidden, claim: Claim, without: &Verdict) -> Akismet {
    let site = visit.site();
    let Some(settings) = &site.akismet else { return Akismet::NotAsked };
    if without.decision == Decision::Spam || without.score < settings.certain {
        return Akismet::NotAsked;
    }
    if !claim.first {
        // What was stored first counts, with its verdict. Where that failed, nobody asked, and doubt holds.
        return Akismet::Failed;
    }
    let Some(question) = Question::about(visit, settings, claim.id, wrote, hidden) else { return Akismet::Failed };
    match question.ask(&visit.app, site).await {
        Ok(said) => {
            remember(visit, claim, &question, said).await;
            said.into()
        }
        Err(error) => {
            tracing::error!(id = %claim.id, site = site.id, %error, "Akismet was not asked");
            Akismet::Failed
        }
    }
}

/// Keeps the question, so that Akismet can be asked again and told better. Without it, it is only not told.
async fn remember(visit: &Visit, claim: Claim, question: &Question, said: Said) {
    let (app, site) = (&visit.app, visit.site());
    let Some(sealed) = app.keys.seal(&site.id, claim.id, &question.to_bytes()) else { return };
    if let Err(error) = app.store.remember_asked(&site.id, claim.id, &Asked::new(sealed, said)).await {
        tracing::error!(id = %claim.id, site = site.id, %error, "what Akismet was asked is not kept");
    }
}

impl From<Said> for Akismet {
    fn from(said: Said) -> Self {
        match said {
            Said::Ham => Self::Ham,
            Said::Provisional(_) => Self::Pending,
            Said::Spam => Self::Spam,
            Said::Discard => Self::Discard,
        }
    }
}
