//! Erasing what a person has sent.
//!
//! The submissions go first, so that nothing more can come of them; then what hangs on them and was made of them; the
//! pointers, by which all of it is found, go last. So whatever interrupts it, doing it again does the rest.

use futures_util::future::{try_join, try_join_all};
use uuid::Uuid;

use crate::app::App;
use crate::config::Site;
use crate::form::Email;
use crate::judging::content_hash;
use crate::judging::learn;
use crate::store::{Erased, StoreError};
use crate::submission::Submission;

/// How many submissions are erased at once. More would only wait for each other on the same page.
const AT_ONCE: usize = 5;

/// How many submissions are read at once.
const READ_AT_ONCE: usize = 100;

/// What was erased, or would be. Says nothing about the person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    /// Messages.
    pub leads: usize,
    /// Comments that are gone.
    pub comments: usize,
    /// Comments of which the place is left, for others' replies hang on them.
    pub tombstones: usize,
    /// Approvals of the person as an author.
    pub approvals: usize,
    /// Questions to Akismet.
    pub questions: usize,
    /// What the filter has learnt from the owner's decisions.
    pub lessons: usize,
    /// Whether there is more to erase.
    pub more: bool,
}

impl Report {
    /// Whether nothing was there.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Both together; more is left if the later one says so.
    #[must_use]
    pub fn and(self, later: Self) -> Self {
        Self {
            leads: self.leads + later.leads,
            comments: self.comments + later.comments,
            tombstones: self.tombstones + later.tombstones,
            approvals: self.approvals + later.approvals,
            questions: self.questions + later.questions,
            lessons: self.lessons + later.lessons,
            more: later.more,
        }
    }

    fn add(&mut self, submission: &Submission, erased: Erased) {
        match (submission.comment(), erased) {
            (None, _) => self.leads += 1,
            (Some(_), Erased::Removed) => self.comments += 1,
            (Some(_), Erased::Tombstone) => self.tombstones += 1,
        }
    }
}

/// Erases what a person has sent to a site: up to `most` submissions, and says whether there are more. What the owner
/// and others have written stays, and so does the place of a comment to which others have replied, as "removed".
pub async fn erase(app: &App, site: &Site, email: &Email, most: usize) -> Result<Report, StoreError> {
    let person = app.person_hash(&site.id, email.as_str());
    let (ids, next) = app.store.ids_by_person(&site.id, &person, None, most).await?;
    // Looked at before: what becomes a tombstone is unlearnt by the stream, too, perhaps sooner than here.
    let memory = app.store.site_model(&site.id).await?;
    let lessons = ids.iter().filter(|id| memory.holds(**id)).count();
    let mut report = Report { lessons, more: next.is_some(), ..Report::default() };
    for some in ids.chunks(AT_ONCE) {
        let erasing = some.iter().map(|id| erase_one(app, site, &person, *id));
        for (submission, asked) in try_join_all(erasing).await? {
            if let Some((submission, erased)) = submission {
                report.add(&submission, erased);
            }
            report.questions += usize::from(asked);
        }
    }
    unlearn(app, site, &ids).await?;
    report.approvals = distrust(app, site, &person).await?;
    app.store.forget_answered(&site.id, &app.answered_hash(&site.id, email.as_str())).await?;
    sign_out(app, site, email).await?;
    for some in ids.chunks(AT_ONCE) {
        try_join_all(some.iter().map(|id| app.store.unindex_by_person(&site.id, &person, *id))).await?;
    }
    Ok(report)
}

/// Erases one submission, whosever it is and whether or not it is filed yet, and what hangs on it. What the stream
/// still brings of it finds it gone. That somebody wrote on its day is still counted.
pub async fn erase_submission(app: &App, site: &Site, id: Uuid) -> Result<(), StoreError> {
    if let Some(submission) = app.store.submission(&site.id, id).await? {
        erase_now(app, site, &submission).await?;
        if let Some(person) = app.person(&submission) {
            app.store.unindex_by_person(&site.id, &person, id).await?;
        }
    }
    forget_what_hangs_on(app, site, id).await.map(drop)
}

/// What [`erase`] would erase, of however many submissions. Changes nothing.
pub async fn would_erase(app: &App, site: &Site, email: &Email) -> Result<Report, StoreError> {
    let person = app.person_hash(&site.id, email.as_str());
    let memory = app.store.site_model(&site.id).await?;
    let approvals = app.store.trusted(&site.id, &person).await?.len();
    let (mut report, mut after) = (Report { approvals, ..Report::default() }, None);
    loop {
        let part = app.store.by_person(&site.id, &person, after, READ_AT_ONCE).await?;
        let asked = try_join_all(part.submissions.iter().map(|one| app.store.akismet_check(&site.id, one.id))).await?;
        report.questions += asked.into_iter().flatten().count();
        for submission in &part.submissions {
            report.add(submission, if submission.replies > 0 { Erased::Tombstone } else { Erased::Removed });
            report.lessons += usize::from(memory.holds(submission.id));
        }
        after = part.next;
        if after.is_none() {
            return Ok(report);
        }
    }
}

/// Erases a submission, if it is still the person's, and what hangs on it. Gives what became of it, and whether Akismet
/// had been asked.
async fn erase_one(
    app: &App,
    site: &Site,
    person: &str,
    id: Uuid,
) -> Result<(Option<(Submission, Erased)>, bool), StoreError> {
    let found = app.store.submission(&site.id, id).await?;
    let theirs = found.filter(|found| app.person(found).is_some_and(|whose| whose == person));
    let erased = match theirs {
        Some(submission) => {
            let erased = erase_now(app, site, &submission).await?;
            Some((submission, erased))
        }
        None => None,
    };
    Ok((erased, forget_what_hangs_on(app, site, id).await?))
}

async fn erase_now(app: &App, site: &Site, submission: &Submission) -> Result<Erased, StoreError> {
    let id = submission.id;
    app.store.delete_idempotency_key(&site.id, &content_hash(app, &submission.content), id).await?;
    let erased = app.store.erase(site, submission).await?;
    tracing::info!(%id, site = site.id, ?erased, "erased");
    Ok(erased)
}

/// Gives whether Akismet had been asked.
async fn forget_what_hangs_on(app: &App, site: &Site, id: Uuid) -> Result<bool, StoreError> {
    let hung_on =
        try_join(app.store.delete_akismet_check(&site.id, id), app.store.forget_all_undelivered(&site.id, id));
    hung_on.await.map(|(asked, _)| asked)
}

/// Has the filter forget what it has learnt from these submissions, now that they are gone.
async fn unlearn(app: &App, site: &Site, ids: &[Uuid]) -> Result<(), StoreError> {
    let memory = app.store.site_model_now(&site.id).await?.model;
    let learnt: Vec<Uuid> = ids.iter().copied().filter(|id| memory.holds(*id)).collect();
    if learnt.is_empty() { Ok(()) } else { learn::remember(app, site, &learnt).await }
}

/// Forgets that comments under the person's address were approved; gives how many names they bore.
async fn distrust(app: &App, site: &Site, person: &str) -> Result<usize, StoreError> {
    let trusted = app.store.trusted(&site.id, person).await?;
    try_join_all(trusted.iter().map(|trust| app.store.distrust(&site.id, &trust.author))).await?;
    Ok(trusted.len())
}

/// Ends the sessions of somebody who was of the team once, and is not any more.
async fn sign_out(app: &App, site: &Site, email: &Email) -> Result<(), StoreError> {
    let member = app.member_hash(&site.id, email.as_str());
    if app.member(site, &member).is_some() { Ok(()) } else { app.store.end_sessions(&site.id, &member).await }
}
