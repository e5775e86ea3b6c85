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
pub(crate) mod redeem;

use std::sync::Arc;

use futures_util::future::{join, join_all};
use futures_util::try_join;
use jiff::Timestamp;
use uuid::Uuid;

use self::akismet::{Question, Said};
pub use self::error::JudgingError;
use self::redeem::{Counts, Presented, redeem};
use crate::app::App;
use crate::config::secret::Secret;
use crate::config::{ProofWanted, Site};
use crate::form::captcha::Captcha;
use crate::form::{Email, Hidden};
use crate::store::{AkismetCheck, Claim, IdempotencyKey, LookedUp, Lookup};
use crate::submission::sender::Sender;
use crate::submission::{Status, Submission, SubmissionContent, transition};
use deskbell_filter::{Akismet, Blocked, Content, Decision, Proof, Signals, SiteModel, Verdict, judge};

/// How often an id is claimed anew where the last one's submission answers for nobody any more.
const CLAIMS: usize = 3;

/// What a visitor sent, on its way to a verdict.
pub(crate) struct Incoming<'a> {
    pub(crate) app: &'a App,
    pub(crate) site: &'a Site,
    /// The form that it was sent with, by its name.
    pub(crate) form: &'a str,
    pub(crate) sender: &'a Sender,
    pub(crate) hidden: &'a Hidden,
    pub(crate) content: &'a SubmissionContent,
    /// The language in which its sender is answered, where that is not the site's own.
    pub(crate) lang: Option<&'static str>,
}

/// What is known about it before it is judged.
pub(crate) struct Known {
    pub(crate) claim: IdempotencyKey,
    /// The comment that it answers, whether its author is trusted, and since when its page has comments.
    pub(crate) found: LookedUp,
    /// The keyed hash of the content.
    content: String,
    signals: Signals,
    site_model: Option<Arc<SiteModel>>,
}

/// A verdict, and what Akismet said on the way to it.
pub(crate) struct Judged {
    pub(crate) verdict: Verdict,
    check: Option<AkismetCheck>,
}

impl Incoming<'_> {
    /// Claims an id, and gathers what the table and the form itself say: all at once, for whoever sends it waits.
    /// Fails if the sender's network has sent too much.
    pub(crate) async fn gather(&self, wanted: Lookup<'_>) -> Result<Known, JudgingError> {
        let (app, site, now) = (self.app, self.site, self.app.clock.now());
        let content = content_hash(app, self.content);
        let address = self.content.email().map(|email| block::address_hash(app, site, email));
        let wanted = Lookup { address: address.as_deref(), ..wanted };
        let (sender, form, hidden) = (self.sender, self.form, self.hidden);
        let presented = Presented { site, sender, form, hidden, content: &content };
        // Each on the heap: all of them together are more than a caller wants on its stack. There are connections for
        // as many from the start.
        let (claim, pass, found, site_model) = try_join!(
            Box::pin(self.claim(&content, None, now)),
            Box::pin(redeem(app, presented, Counts::Yes, now)),
            Box::pin(async { Ok(app.store.look_up(&site.id, wanted).await?) }),
            self.read_what_is_kept(),
        )?;
        let address = found.blocked.then_some(Blocked::Address);
        let signals = Signals {
            honeypot: hidden.honeypot,
            repeats: claim.repeats,
            blocked: address.or(pass.blocked.then_some(Blocked::Network)),
            rate: pass.rate,
            token: pass.token,
            proof: pass.proof,
            ..Signals::default()
        };
        Ok(Known { claim, found, content, signals, site_model })
    }

    /// Claims an id for the sender, other than the `consumed` one that they had. What filled in the honeypot is
    /// somebody else's: who sends it again without shall be heard.
    async fn claim(
        &self,
        content: &str,
        consumed: Option<Uuid>,
        now: Timestamp,
    ) -> Result<IdempotencyKey, JudgingError> {
        let (app, site) = (self.app, &self.site.id);
        let network = self.sender.network.as_deref().unwrap_or_default();
        let sender = app.keys.hash("claimant", &[network, if self.hidden.honeypot { "trap" } else { "" }]);
        let claim = Claim { site, content, sender: &sender };
        Ok(app.store.idempotency_key(claim, App::new_id(), consumed, now).await?)
    }

    /// What a container reads once: the site's model, and the secrets that judging needs.
    async fn read_what_is_kept(&self) -> Result<Option<Arc<SiteModel>>, JudgingError> {
        let akismet = self.site.akismet.as_ref().map(|_| Secret::Akismet);
        let captcha = self.site.challenge.captcha.map(Captcha::secret);
        // Who needs them says what is wrong with them.
        let secrets = join_all(akismet.iter().chain(&captcha).map(|secret| self.app.secret(self.site, secret)));
        // On the heap, for as long as it has to be read.
        let model = Box::pin(self.app.site_model(self.site));
        Ok(join(model, Box::pin(secrets)).await.0)
    }

    /// The verdict: by what is known, what was learnt, what a captcha's provider says, and, if it still matters, what
    /// Akismet says.
    pub(crate) async fn judge(&self, known: &Known) -> Judged {
        let (content, site) = (Content::from(self.content), self.site);
        let signals = self.insist(self.with_captcha(known.signals).await);
        let signals = Signals { site_model_unknown: known.site_model.is_none(), ..signals };
        let none = SiteModel::default();
        let site_model = known.site_model.as_deref().unwrap_or(&none);
        let without = judge(&content, &signals, site_model, &site.judging);
        match self.akismet(known.claim, &without).await {
            (Akismet::NotAsked, check) => Judged { verdict: without, check },
            (akismet, check) => {
                Judged { verdict: judge(&content, &Signals { akismet, ..signals }, site_model, &site.judging), check }
            }
        }
    }

    /// Stores its content, and what became of it; or gives what the same sender has sent before, if that answers for
    /// it. Where it does not, it is stored under an id of its own.
    pub(crate) async fn store(
        &self,
        known: &Known,
        content: SubmissionContent,
        judged: Judged,
        status: Status,
    ) -> Result<Submission, JudgingError> {
        let Judged { verdict, check } = judged;
        let mut submission = Submission::new(known.claim.id, self.site, content, verdict, status);
        submission.network.clone_from(&self.sender.network);
        submission.lang = self.lang.map(str::to_owned);
        let kept = self.keep(submission.id, check);
        let (stored, ()) = join(self.app.store.insert(submission.clone()), kept).await;
        let mut stored = stored?;
        for _ in 0..CLAIMS {
            if transition::answers_for(&stored, &submission) {
                break;
            }
            submission.id = self.claim(&known.content, Some(stored.id), self.app.clock.now()).await?.id;
            stored = self.app.store.insert(submission.clone()).await?;
        }
        Ok(stored)
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

    /// Akismet's opinion, if the site wants it and it can change anything; with what is to be kept of the question.
    async fn akismet(&self, claim: IdempotencyKey, without: &Verdict) -> (Akismet, Option<AkismetCheck>) {
        let site = self.site;
        let Some(settings) = &site.akismet else { return (Akismet::NotAsked, None) };
        if without.decision == Decision::Spam || without.score < settings.certain {
            return (Akismet::NotAsked, None);
        }
        if !claim.first {
            // What was stored first counts, with its verdict. Where that failed, nobody asked, and doubt holds.
            return (Akismet::Failed, None);
        }
        let question = Question::about(site, self.sender, settings, claim.id, self.content, self.hidden);
        let Some(question) = question else { return (Akismet::Failed, None) };
        match question.ask(self.app, site).await {
            Ok(said) => {
                let sealed = self.app.keys.seal(&site.id, claim.id, &question.to_bytes());
                let check = sealed.map(|sealed| AkismetCheck::new(sealed, said.label(), said.recheck_after()));
                (said.into(), check)
            }
            Err(error) => {
                tracing::error!(id = %claim.id, site = site.id, %error, "Akismet check failed");
                (Akismet::Failed, None)
            }
        }
    }

    /// Keeps the question, so that Akismet can be asked again and given feedback. Without it, there is only no
    /// feedback.
    async fn keep(&self, id: Uuid, check: Option<AkismetCheck>) {
        let Some(check) = check else { return };
        if let Err(error) = self.app.store.insert_akismet_check(&self.site.id, id, &check).await {
            tracing::error!(%id, site = self.site.id, %error, "Akismet check not stored");
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
