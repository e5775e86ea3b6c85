//! From what a visitor sent to the verdict: gathers what is known beside the content, cheap before dear, and has
//! [`crate::spam`] judge it. Nothing here refuses: what cannot be found out is doubt, and doubt holds.

use crate::akismet::{Question, Said};
use crate::captcha;
use crate::form::Hidden;
use crate::spam::{Akismet, Content, Decision, Signals, Verdict, judge};
use crate::store::{Asked, Claim};
use crate::submission::Wrote;
use crate::web::Visit;

/// What is known about a submission without asking anybody further.
pub(crate) fn at_hand(hidden: &Hidden, claim: Claim, rate: u32) -> Signals {
    Signals { honeypot: hidden.honeypot, repeats: claim.repeats, rate, ..Signals::default() }
}

/// The verdict on what a visitor sent: by what is at hand, what was learnt, what a captcha's provider says, and, if it
/// still matters, what Akismet says.
pub(crate) async fn verdict(visit: &Visit, wrote: &Wrote, hidden: &Hidden, claim: Claim, at_hand: Signals) -> Verdict {
    let (content, site) = (Content::from(wrote), visit.site());
    let memory = visit.app.memory(site).await;
    let signals = Signals { memory_unknown: memory.is_none(), ..with_captcha(visit, hidden, at_hand).await };
    let memory = memory.unwrap_or_default();
    let without = judge(&content, &signals, &memory, &site.judging);
    match akismet(visit, wrote, hidden, claim, &without).await {
        Akismet::NotAsked => without,
        akismet => judge(&content, &Signals { akismet, ..signals }, &memory, &site.judging),
    }
}

/// Adds whether the site's captcha, if it has one, was solved.
async fn with_captcha(visit: &Visit, hidden: &Hidden, signals: Signals) -> Signals {
    let site = visit.site();
    let Some(captcha) = site.judging.captcha else { return signals };
    match captcha::verify(&visit.app, site, captcha, &hidden.captcha).await {
        Ok(proof) => Signals { proof, ..signals },
        Err(error) => {
            tracing::error!(site = site.id, ?captcha, %error, "a captcha was not verified");
            Signals { proof_unknown: true, ..signals }
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
