//! From what a visitor sent to the verdict: gathers what is known beside the content, cheap before dear, and has
//! [`crate::spam`] judge it. Nothing here refuses: what cannot be found out is doubt, and doubt holds.

use crate::akismet::{Question, Said};
use crate::captcha;
use crate::form::Hidden;
use crate::spam::{Akismet, Content, Decision, Proof, Signals, Verdict, judge};
use crate::store::{Asked, Claim};
use crate::submission::Wrote;
use crate::web::Visit;

/// The verdict on what a visitor sent.
pub(crate) async fn verdict(visit: &Visit, wrote: &Wrote, hidden: &Hidden, claim: Claim, rate: u32) -> Verdict {
    let content = Content::from(wrote);
    let judging = &visit.site().judging;
    let memory = visit.app.memory(visit.site()).await;
    let signals = Signals { memory_unknown: memory.is_none(), ..gather(visit, hidden, claim, rate).await };
    let memory = memory.unwrap_or_default();
    let without = judge(&content, &signals, &memory, judging);
    match akismet(visit, wrote, hidden, claim, &without).await {
        Akismet::NotAsked => without,
        akismet => judge(&content, &Signals { akismet, ..signals }, &memory, judging),
    }
}

async fn gather(visit: &Visit, hidden: &Hidden, claim: Claim, rate: u32) -> Signals {
    let proof = proof(visit, hidden).await;
    Signals {
        honeypot: hidden.honeypot,
        repeats: claim.repeats,
        rate,
        proof: proof.unwrap_or_default(),
        proof_unknown: proof.is_none(),
        ..Signals::default()
    }
}

/// Whether the site's captcha was solved; none if that cannot be found out.
async fn proof(visit: &Visit, hidden: &Hidden) -> Option<Proof> {
    let site = visit.site();
    let Some(captcha) = site.judging.captcha else { return Some(Proof::Absent) };
    let verified = captcha::verify(&visit.app, site, captcha, &hidden.captcha).await;
    verified.inspect_err(|error| tracing::error!(site = site.id, ?captcha, %error, "a captcha was not verified")).ok()
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
