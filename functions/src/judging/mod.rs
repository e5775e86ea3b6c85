//! From what a visitor sent to the verdict: gathers what is known beside the content, cheap before dear, and has
//! [`deskbell_filter`] judge it. Nothing here refuses but too much at once: what cannot be found out is doubt, and
//! doubt holds.

pub mod akismet;
pub mod block;
pub mod captcha;
mod error;
pub mod form_token;
pub(crate) mod learn;
pub(crate) mod policy;
pub(crate) mod proof_of_work;
pub(crate) mod rate;
pub(crate) mod redeem;

use self::akismet::{Question, Said};
pub use self::error::JudgingError;
use crate::app::App;
use crate::config::{ProofWanted, Site};
use crate::form::{Email, Hidden};
use crate::store::{AkismetCheck, IdempotencyKey, StoreError};
use crate::submission::SubmissionContent;
use crate::submission::sender::Sender;
use deskbell_filter::{Akismet, Blocked, Content, Decision, Proof, Signals, Verdict, judge};

/// What a visitor sent, on its way to a verdict.
pub(crate) struct Incoming<'a> {
    pub(crate) app: &'a App,
    pub(crate) site: &'a Site,
    /// The form that it was sent with, by its name.
    pub(crate) form: &'a str,
    pub(crate) sender: &'a Sender,
    pub(crate) hidden: &'a Hidden,
    pub(crate) content: &'a SubmissionContent,
}

impl Incoming<'_> {
    /// Claims an id, and gathers what the table and the form itself tell. Fails if the sender's network has sent too
    /// much.
    pub(crate) async fn gather(&self) -> Result<(IdempotencyKey, Signals), JudgingError> {
        let (app, site, now) = (self.app, self.site, self.app.clock.now());
        let content = content_hash(app, self.content);
        let claim =
            async { Ok::<_, JudgingError>(app.store.idempotency_key(&site.id, &content, App::new_id(), now).await?) };
        // Two at a time, for which there are two connections from the start: a third would take longer to open than it
        // saves.
        let sender = async {
            let pass = redeem::redeem(app, site, self.sender, self.form, self.hidden, &content, now).await?;
            // On the heap: all of them together are more than a caller wants on its stack.
            Ok::<_, JudgingError>((pass, Box::pin(self.blocked()).await?))
        };
        let (claim, (pass, blocked)) = futures_util::try_join!(claim, sender)?;
        let (honeypot, repeats) = (self.hidden.honeypot, claim.repeats);
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
    async fn blocked(&self) -> Result<Option<Blocked>, StoreError> {
        let senders = block::senders(self.app, self.site, self.content.email(), self.sender.network.as_deref());
        let hashes = senders.iter().map(|(_, hash)| hash.as_str());
        let blocks = self.app.store.blocks(&self.site.id, hashes).await?;
        let is_blocked = |what: &Blocked| blocks.iter().any(|block| block.what == *what);
        Ok([Blocked::Address, Blocked::Network].into_iter().find(is_blocked))
    }

    /// The verdict: by what is at hand, what was learnt, what a captcha's provider says, and, if it still matters, what
    /// Akismet says.
    pub(crate) async fn verdict(&self, claim: IdempotencyKey, at_hand: Signals) -> Verdict {
        let (content, site) = (Content::from(self.content), self.site);
        let memory = self.app.site_model(site).await;
        let signals = self.insist(self.with_captcha(at_hand).await);
        let signals = Signals { site_model_unknown: memory.is_none(), ..signals };
        let memory = memory.unwrap_or_default();
        let without = judge(&content, &signals, &memory, &site.judging);
        match self.akismet(claim, &without).await {
            Akismet::NotAsked => without,
            akismet => judge(&content, &Signals { akismet, ..signals }, &memory, &site.judging),
        }
    }

    /// Where the site wants a proof with each submission, everything but a solved one is a missing one.
    fn insist(&self, signals: Signals) -> Signals {
        let wanted = self.site.challenge.proof == ProofWanted::Always && !signals.proof_unknown;
        if wanted && signals.proof != Proof::Solved { Signals { proof: Proof::Missing, ..signals } } else { signals }
    }

    /// Whether the site's captcha was solved, if it has one. Its word then counts, and that of a proof of work does
    /// not.
    async fn with_captcha(&self, signals: Signals) -> Signals {
        let site = self.site;
        let Some(captcha) = site.challenge.captcha else { return signals };
        match captcha::verify(self.app, site, captcha, &self.hidden.captcha).await {
            Ok(proof) => Signals { proof, ..signals },
            Err(error) => {
                tracing::error!(site = site.id, ?captcha, %error, "captcha not verified");
                Signals { proof: Proof::Absent, proof_unknown: true, ..signals }
            }
        }
    }

    /// Akismet's opinion, if the site wants it and it can change anything.
    async fn akismet(&self, claim: IdempotencyKey, without: &Verdict) -> Akismet {
        let site = self.site;
        let Some(settings) = &site.akismet else { return Akismet::NotAsked };
        if without.decision == Decision::Spam || without.score < settings.certain {
            return Akismet::NotAsked;
        }
        if !claim.first {
            // What was stored first counts, with its verdict. Where that failed, nobody asked, and doubt holds.
            return Akismet::Failed;
        }
        let question = Question::about(site, self.sender, settings, claim.id, self.content, self.hidden);
        let Some(question) = question else { return Akismet::Failed };
        match question.ask(self.app, site).await {
            Ok(said) => {
                self.remember(claim, &question, said).await;
                said.into()
            }
            Err(error) => {
                tracing::error!(id = %claim.id, site = site.id, %error, "Akismet check failed");
                Akismet::Failed
            }
        }
    }

    /// Keeps the question, so that Akismet can be asked again and told better. Without it, it is only not told.
    async fn remember(&self, claim: IdempotencyKey, question: &Question, said: Said) {
        let (app, site) = (self.app, self.site);
        let Some(sealed) = app.keys.seal(&site.id, claim.id, &question.to_bytes()) else { return };
        let check = AkismetCheck::new(sealed, said.label(), said.recheck_after());
        if let Err(error) = app.store.insert_akismet_check(&site.id, claim.id, &check).await {
            tracing::error!(id = %claim.id, site = site.id, %error, "Akismet check not stored");
        }
    }
}

/// A keyed hash of all that was written, by which the same content is known when it comes again.
pub(crate) fn content_hash(app: &App, content: &SubmissionContent) -> String {
    let parent;
    let content: Vec<&str> = match content {
        SubmissionContent::Lead(lead) => {
            let lines = lead.lines().into_iter().flat_map(|(name, value)| [name, value]);
            ["lead", lead.form()].into_iter().chain(lines).collect()
        }
        SubmissionContent::Comment(comment) => {
            parent = comment.parent().map(|parent| parent.to_string()).unwrap_or_default();
            let email = comment.email().map_or("", Email::as_str);
            let (page, url) = (comment.page().key(), comment.url().unwrap_or(""));
            vec!["comment", page, &parent, comment.author(), email, url, comment.text()]
        }
    };
    app.keys.hash("content", &content)
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
