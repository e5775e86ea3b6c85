//! What follows from the owner's decisions: whoever judged otherwise gets feedback. Best effort, after everything is
//! delivered; feedback given twice counts once, and what the owner undoes is
//! undone.

use futures_util::future::join_all;
use jiff::Timestamp;
use uuid::Uuid;

use super::akismet::{AkismetError, Question, Said};
use super::policy;
use crate::app::App;
use crate::config::Site;
use crate::store::{AkismetCheck, Recheck, StoreError, pause};
use crate::submission::{Status, Submission, transition};
use deskbell_filter::{Akismet, Content, Verdict};

/// How often Akismet is told about one decision before it is given up.
const TRIES: u32 = 3;

/// How often a memory that others are changing is tried.
const CHANGES: u32 = 8;

/// Learns what has been decided about these submissions, as it is now. It is looked up after the memory was read: so
/// who writes last knows the last decision, however late a record comes and however many learn at once.
pub(crate) async fn remember(app: &App, site: &Site, decided: &[Uuid]) -> Result<(), StoreError> {
    for _ in 0..CHANGES {
        let before = app.store.site_model_now(&site.id).await?;
        let (mut memory, mut changed) = (before.model, false);
        for id in decided {
            changed |= match app.store.submission(&site.id, *id).await? {
                Some(now) => memory.learn(*id, now.label(), &Content::from(&now.content), Timestamp::now()),
                // It was erased: so is the lesson.
                None => memory.learn(*id, None, &Content::default(), Timestamp::now()),
            };
        }
        if !changed || app.store.replace_site_model(&site.id, before.version, &memory).await? {
            return Ok(());
        }
        pause().await;
    }
    Err(StoreError::Contended("the site model"))
}

/// Tells Akismet what a submission really is, if it believes otherwise.
pub(crate) async fn tell_akismet(app: &App, site: &Site, submission: &Submission) -> Result<(), AkismetError> {
    let (id, decisions) = (submission.id, submission.decisions);
    let Some(check) = app.store.akismet_check(&site.id, id).await? else { return Ok(()) };
    // What is not decided is what Akismet said in the first place.
    let truth = submission.label().unwrap_or(check.response);
    let tries = if check.tried_for == decisions { check.tries } else { 0 };
    if truth == check.belief() || tries >= TRIES {
        return Ok(());
    }
    let Some(question) = question(app, site, submission, &check) else { return Ok(()) };
    match question.tell(app, site, truth).await {
        Ok(()) => {
            tracing::info!(%id, site = site.id, label = ?truth, "Akismet feedback sent");
            let told = AkismetCheck { feedback: Some(truth), tries: 0, ..check };
            Ok(app.store.update_akismet_check(&site.id, id, &told).await?)
        }
        Err(error) => {
            let missed = AkismetCheck { tries: tries + 1, tried_for: decisions, ..check };
            app.store.update_akismet_check(&site.id, id, &missed).await?;
            if missed.tries < TRIES {
                return Err(error);
            }
            tracing::error!(%id, site = site.id, %error, "Akismet feedback given up");
            Ok(())
        }
    }
}

/// Asks again what Akismet has answered provisionally and can know by now. What fails is asked with the next record.
pub(crate) async fn ask_akismet_again(app: &App, site: &Site) {
    let now = Timestamp::now().as_second();
    let waiting = match app.store.provisional_akismet_checks(&site.id).await {
        Ok(waiting) => waiting,
        Err(error) => return tracing::error!(%error, site = site.id, "cannot list pending Akismet rechecks"),
    };
    let due = waiting
        .into_iter()
        .filter_map(|(id, check)| Some((id, check.recheck.filter(|recheck| recheck.at <= now)?, check)));
    let asking = due.map(async |(id, recheck, check)| {
        if let Err(error) = ask_again(app, site, id, recheck, check).await {
            tracing::error!(%error, %id, site = site.id, "Akismet recheck failed");
        }
    });
    join_all(asking).await;
}

async fn ask_again(app: &App, site: &Site, id: Uuid, recheck: Recheck, check: AkismetCheck) -> Result<(), StoreError> {
    let now = Timestamp::now().as_second();
    let submission = app.store.submission(&site.id, id).await?;
    let open = submission.as_ref().filter(|submission| submission.decisions == 0);
    let Some((open, question)) = open.and_then(|open| Some((open, question(app, site, open, &check)?))) else {
        // Decided, or gone: nobody waits for it any more.
        return app.store.update_akismet_check(&site.id, id, &AkismetCheck { recheck: None, ..check }).await;
    };
    let waits = now < recheck.until;
    let next = match question.ask_again(app, site).await {
        Ok(Said::Provisional(after)) if waits => {
            AkismetCheck { recheck: Some(Recheck { at: now + i64::from(after), ..recheck }), ..check }
        }
        Err(_) if waits => return Ok(()),
        Ok(Said::Provisional(_)) | Err(_) => AkismetCheck { recheck: None, ..check },
        Ok(said) => {
            settle(app, site, open, said.into()).await?;
            AkismetCheck { response: said.label(), recheck: None, ..check }
        }
    };
    app.store.update_akismet_check(&site.id, id, &next).await
}

/// Judges again what waited for Akismet.
async fn settle(app: &App, site: &Site, submission: &Submission, akismet: Akismet) -> Result<(), StoreError> {
    let Some(verdict) = submission.verdict.with_akismet(akismet, &site.judging) else { return Ok(()) };
    let status = status(app, site, submission, &verdict).await?;
    app.store.settle(site, submission, &verdict, status).await?;
    tracing::info!(id = %submission.id, site = site.id, decision = verdict.decision.word(), "verdict revised after Akismet recheck");
    Ok(())
}

async fn status(app: &App, site: &Site, submission: &Submission, verdict: &Verdict) -> Result<Status, StoreError> {
    match submission.comment() {
        Some(comment) if transition::settles_status(submission) => {
            policy::revised_comment_status(app, site, comment, verdict).await
        }
        _ => Ok(submission.status),
    }
}

fn question(app: &App, site: &Site, submission: &Submission, check: &AkismetCheck) -> Option<Question> {
    let question = app.keys.open(&site.id, submission.id, &check.sealed).and_then(|plain| Question::from_bytes(&plain));
    if question.is_none() {
        tracing::error!(id = %submission.id, site = site.id, "stored Akismet check cannot be decrypted");
    }
    question
}
