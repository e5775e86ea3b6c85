//! What is stored about a person.

use futures_util::future::try_join_all;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::App;
use crate::config::Site;
use crate::form::Email;
use crate::judging::akismet::Question;
use crate::judging::block;
use crate::judging::content_hash;
use crate::store::{SUPPRESSION_SECONDS, StoreError, SuppressionReason};
use crate::submission::{Submission, SubmissionContent, time_of};
use crate::words::Words;
use crate::words::dates::{rfc3339, rfc3339_second};
use deskbell_filter::Label;

/// How much is read at a time.
const AT_ONCE: usize = 50;

/// Everything that a site has stored about a person, for the person.
#[derive(Debug, Serialize)]
pub struct Export {
    /// The site's name.
    pub site: String,
    /// The address that was asked about.
    pub email: String,
    /// When this was put together.
    pub made_at: String,
    /// What is stored.
    pub stored: Vec<Stored>,
    /// Whether there is more than this holds.
    pub more: bool,
    /// What there is to say about it.
    pub notes: Vec<String>,
}

/// Something that is stored about a person.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stored {
    /// What it is, in the site's language.
    pub what: String,
    /// The submission that it is, or belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// When it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// The day on which it is deleted; none if it stays until somebody deletes it.
    pub until: Option<String>,
    /// What the person wrote, by the names that people know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub written: Vec<(String, String)>,
    /// All of it, as it is stored.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub record: Value,
}

/// A part of what is stored about a person.
#[derive(Debug)]
pub struct Part {
    /// What is stored, the newest submissions first.
    pub stored: Vec<Stored>,
    /// After which submission the next part begins; none if this is the last.
    pub next: Option<Uuid>,
}

/// All that a site has stored about a person; of very much, the newest `most` submissions.
pub async fn export(app: &App, site: &Site, email: &Email, most: usize) -> Result<Export, StoreError> {
    let (mut all, mut after, mut left) = (Vec::new(), None, most);
    loop {
        let part = stored(app, site, email, after, AT_ONCE.min(left)).await?;
        left = left.saturating_sub(AT_ONCE);
        all.extend(part.stored);
        after = part.next;
        if after.is_none() || left == 0 {
            break;
        }
    }
    let words = site.words();
    Ok(Export {
        site: site.name.clone(),
        email: email.to_string(),
        made_at: rfc3339(Timestamp::now()),
        stored: all,
        more: after.is_some(),
        notes: [words.stored_note_index, words.stored_note_recent, words.stored_note_others].map(String::from).into(),
    })
}

/// A part of what a site has stored about a person: `limit` submissions and what belongs to them; and, in the first
/// part, whatever else bears the person's address.
pub async fn stored(
    app: &App,
    site: &Site,
    email: &Email,
    after: Option<Uuid>,
    limit: usize,
) -> Result<Part, StoreError> {
    let person = app.person_hash(&site.id, email.as_str());
    let part = app.store.by_person(&site.id, &person, after, limit).await?;
    let memory = app.store.site_model(&site.id).await?;
    let words = site.words();
    let reading = part.submissions.iter().map(async |submission| {
        let mut found = vec![sent(submission, words)?];
        found.extend(seen(app, site, submission, words).await?);
        found.extend(akismet_check(app, site, submission, words).await?);
        let lesson = Stored { id: Some(submission.id), ..Stored::new(words.stored_learning) };
        found.extend(memory.holds(submission.id).then_some(lesson));
        Ok::<_, StoreError>(found)
    });
    let mut stored: Vec<Stored> = try_join_all(reading).await?.into_iter().flatten().collect();
    if after.is_none() {
        stored.extend(approvals(app, site, &person, words).await?);
        stored.extend(answered(app, site, email, words).await?);
        stored.extend(blocks(app, site, email, words).await?);
        stored.extend(suppressed(app, email, words).await?);
        stored.extend(sessions(app, site, email, words).await?);
    }
    Ok(Part { stored, next: part.next })
}

impl Stored {
    fn new(what: &str) -> Self {
        Self { what: what.into(), id: None, since: None, until: None, written: Vec::new(), record: Value::Null }
    }
}

/// A submission itself.
fn sent(submission: &Submission, words: &Words) -> Result<Stored, StoreError> {
    let what = match &submission.content {
        SubmissionContent::Lead(_) => words.stored_lead,
        SubmissionContent::Comment(_) => words.stored_comment,
    };
    let written = submission.lines().into_iter().map(|(name, value)| (words.label(name), value.into_owned()));
    Ok(Stored {
        id: Some(submission.id),
        since: Some(rfc3339(submission.received_at())),
        until: submission.expires_at.map(rfc3339_second),
        written: written.collect(),
        record: serde_json::to_value(submission).map_err(|error| StoreError::Malformed(error.to_string()))?,
        ..Stored::new(what)
    })
}

/// That its content was seen.
async fn seen(app: &App, site: &Site, submission: &Submission, words: &Words) -> Result<Option<Stored>, StoreError> {
    let content = content_hash(app, &submission.content);
    let until = app.store.idempotency_expiry(&site.id, &content, submission.id).await?;
    let seen = |until| Stored {
        id: Some(submission.id),
        until: Some(rfc3339_second(until)),
        ..Stored::new(words.stored_duplicate)
    };
    Ok(until.map(seen))
}

/// What Akismet was asked about it.
async fn akismet_check(
    app: &App,
    site: &Site,
    submission: &Submission,
    words: &Words,
) -> Result<Option<Stored>, StoreError> {
    let Some(check) = app.store.akismet_check(&site.id, submission.id).await? else { return Ok(None) };
    let word = |label| if label == Label::Spam { "spam" } else { "ham" };
    let question = app.keys.open(&site.id, submission.id, &check.sealed);
    let question = question.and_then(|plain| Question::from_bytes(&plain));
    let record = json!({
        "asked": question.map(|question| question.fields().to_vec()),
        "answered": word(check.response),
        "told_since": check.feedback.map(word),
    });
    let until = submission.received_at().as_second() + crate::store::AKISMET_CHECK_SECONDS;
    Ok(Some(Stored {
        id: Some(submission.id),
        until: Some(rfc3339_second(until)),
        record,
        ..Stored::new(words.stored_akismet)
    }))
}

/// That comments under the person's address were approved.
async fn approvals(app: &App, site: &Site, person: &str, words: &Words) -> Result<Vec<Stored>, StoreError> {
    let trusted = app.store.trusted(&site.id, person).await?.into_iter();
    let approval = trusted.map(|trust| Stored {
        since: Some(rfc3339_second(trust.approved_at)),
        until: Some(rfc3339_second(trust.expires_at)),
        ..Stored::new(words.stored_trust)
    });
    Ok(approval.collect())
}

/// That the person was answered automatically.
async fn answered(app: &App, site: &Site, email: &Email, words: &Words) -> Result<Option<Stored>, StoreError> {
    let until = app.store.answered(&site.id, &app.answered_hash(&site.id, email.as_str())).await?;
    Ok(until.map(|until| Stored { until: Some(rfc3339_second(until)), ..Stored::new(words.stored_answered) }))
}

/// That the owner has blocked the address. That stays when everything else is erased: nobody is to end it by asking.
async fn blocks(app: &App, site: &Site, email: &Email, words: &Words) -> Result<Vec<Stored>, StoreError> {
    let senders = block::senders(app, site, Some(email), None);
    let blocks = app.store.blocks(&site.id, senders.iter().map(|(_, hash)| hash.as_str())).await?.into_iter();
    let blocked = blocks.map(|block| Stored {
        since: Some(rfc3339(time_of(block.id))),
        until: Some(rfc3339_second(block.expires_at)),
        ..Stored::new(words.stored_block)
    });
    Ok(blocked.collect())
}

/// That nothing is sent to the address any more. That stays, too: what came back once would come back again.
async fn suppressed(app: &App, email: &Email, words: &Words) -> Result<Option<Stored>, StoreError> {
    Ok(app.suppressed(email).await?.map(|suppressed| Stored {
        since: Some(rfc3339_second(suppressed.at)),
        until: Some(rfc3339_second(suppressed.at + SUPPRESSION_SECONDS)),
        ..Stored::new(match suppressed.reason {
            SuppressionReason::Bounced => words.stored_bounced,
            SuppressionReason::Complained => words.stored_complained,
        })
    }))
}

/// That somebody of the team is signed in.
async fn sessions(app: &App, site: &Site, email: &Email, words: &Words) -> Result<Vec<Stored>, StoreError> {
    let sessions = app.store.sessions(&site.id, &app.member_hash(&site.id, email.as_str())).await?.into_iter();
    Ok(sessions
        .map(|until| Stored { until: Some(rfc3339_second(until)), ..Stored::new(words.stored_session) })
        .collect())
}
