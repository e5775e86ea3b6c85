//! Follows the table's stream: tells the owner, counts, files and learns.

use aws_lambda_events::dynamodb::{self, EventRecord};
use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use futures_util::StreamExt as _;
use futures_util::future::join_all;
use futures_util::stream;
use jiff::Timestamp;
use tokio::time::Instant;
use uuid::Uuid;

use super::stats;
use crate::config::Site;
use crate::delivery::limits::{AT_ONCE, BEGIN_WITHIN};
use crate::delivery::{self, Notifier, email, sign_in};
use crate::judging::akismet::AkismetError;
use crate::judging::learn;
use crate::rights;
use crate::store::{self, StoreError};
use crate::submission::delivery::SendError;
use crate::submission::{Submission, transition};

/// Within how many seconds after its id was made a submission is stored, if it is stored at all: more by far than what
/// keeps an id for the same content sent again.
const NEW_WITHIN: i64 = 3_600;

/// Handles a batch of the stream's records. Everything is delivered before anything is learnt, so that a third party
/// that is slow or down keeps no notifier waiting.
pub(super) async fn batch(notifier: &Notifier, event: dynamodb::Event) -> DynamoDbEventResponse {
    let mut failed = Vec::new();
    let mut decided: Vec<Decided> = Vec::new();
    let sites = sites(notifier, &event);
    let until = Instant::now() + notifier.app.clock.lasts(BEGIN_WITHIN);
    let following = by_item(event.records).into_iter().enumerate();
    let following =
        stream::iter(following).map(async |(place, records)| (place, follow_all(notifier, records, until).await));
    let mut followed: Vec<_> = following.buffer_unordered(AT_ONCE).collect().await;
    followed.sort_unstable_by_key(|(place, _)| *place);
    for (number, result) in followed.into_iter().flat_map(|(_, followed)| followed) {
        match result {
            Ok(Some(now)) => note(&mut decided, number, now),
            Ok(None) => {}
            Err(error) => fail(&mut failed, number, &error),
        }
    }
    for site in sites {
        for (number, error) in learn_decisions(notifier, site, &decided).await {
            fail(&mut failed, number, &error);
        }
        if site.akismet.is_some() {
            learn::ask_akismet_again(&notifier.app, site).await;
        }
    }
    let mut response = DynamoDbEventResponse::default();
    response.batch_item_failures = failed;
    response
}

/// The records of each item, in their order: different items are independent of each other.
fn by_item(records: Vec<EventRecord>) -> Vec<Vec<EventRecord>> {
    let mut items: Vec<Vec<EventRecord>> = Vec::new();
    for record in records {
        match items.iter_mut().find(|item| item[0].change.keys == record.change.keys) {
            Some(item) => item.push(record),
            None => items.push(vec![record]),
        }
    }
    items
}

/// Does what the records of one item ask for; gives each one's number and what came of it.
async fn follow_all(notifier: &Notifier, records: Vec<EventRecord>, until: Instant) -> Vec<Followed> {
    let mut followed = Vec::new();
    for record in records {
        let number = record.change.sequence_number.clone();
        let late = Instant::now() > until;
        followed.push((number, if late { Err(Failure::Late) } else { follow(notifier, record).await }));
    }
    followed
}

/// A record's number and what came of it: the submission as it is now, if the owner has decided about it.
type Followed = (Option<String>, Result<Option<Submission>, Failure>);

/// A record that waits for its submission's decision to be learnt.
type Decided = (Option<String>, Submission);

/// Notes what was decided: of several decisions about a submission, as it is now, for the first of their records.
fn note(decided: &mut Vec<Decided>, number: Option<String>, now: Submission) {
    match decided.iter_mut().find(|(_, known)| known.id == now.id) {
        Some((_, known)) => *known = now,
        None => decided.push((number, now)),
    }
}

/// The sites whose submissions the records are about.
fn sites<'a>(notifier: &'a Notifier, event: &dynamodb::Event) -> Vec<&'a Site> {
    let about = |site: &Site| {
        let prefix = format!("{}#submission#", site.id);
        let pk = |record: &EventRecord| record.change.keys.get("pk").cloned();
        event
            .records
            .iter()
            .any(|record| matches!(pk(record), Some(serde_dynamo::AttributeValue::S(pk)) if pk.starts_with(&prefix)))
    };
    notifier.app.config.sites.values().filter(|site| about(site)).collect()
}

fn fail(failed: &mut Vec<DynamoDbBatchItemFailure>, number: Option<String>, error: &Failure) {
    tracing::error!(%error, sequence_number = number, "stream record will be retried");
    let mut failure = DynamoDbBatchItemFailure::default();
    failure.item_identifier = number;
    failed.push(failure);
}

/// Why a record was not handled.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("a link for signing in was not sent: {0}")]
    Mail(#[from] SendError),
    #[error("the batch takes too long")]
    Late,
    #[error("its decision was not learnt")]
    SiteModel,
    #[error("Akismet: {0}")]
    Akismet(#[from] AkismetError),
}

/// Does what a record asks for, and gives the submission as it is now if the owner has decided about it.
async fn follow(notifier: &Notifier, record: EventRecord) -> Result<Option<Submission>, Failure> {
    let pk = record.change.keys.get("pk").cloned();
    if record.event_name == "REMOVE" {
        return Ok(None);
    }
    let Some(serde_dynamo::AttributeValue::S(pk)) = pk else {
        return Err(StoreError::malformed("a key").into());
    };
    if store::is_sign_in(&pk) {
        return mail_link(notifier, record.change.new_image).await.map(|()| None);
    }
    if !store::is_submission(&pk) {
        return Ok(None);
    }
    let (new, written) = (record.event_name == "INSERT", record.change.approximate_creation_date_time.timestamp());
    let decided = decisions(&record.change.old_image) != decisions(&record.change.new_image);
    let before = store::submission(record.change.old_image).ok();
    let seen = store::submission(record.change.new_image)?;
    let moved = new && is_moved(&seen, written);
    // None waits for another to succeed.
    let filed = file(notifier, before.as_ref(), &seen).await;
    let told = tell(notifier, before.as_ref(), &seen, decided && !moved, moved).await;
    let number = record.change.sequence_number.as_deref();
    // What was counted has moved along with what was moved.
    let now = Timestamp::now();
    let counted = if moved { Ok(()) } else { stats::count(&notifier.app, number, before.as_ref(), &seen, now).await };
    filed?;
    counted?;
    told
}

/// Files a submission under its sender, and removes a tombstone whose replies are gone.
async fn file(notifier: &Notifier, before: Option<&Submission>, seen: &Submission) -> Result<(), Failure> {
    rights::index_person(&notifier.app, before, seen).await?;
    if let Some(site) = notifier.app.site(&seen.site).filter(|_| seen.is_needless_tombstone()) {
        notifier.app.store.remove_tombstone(site, seen).await?;
    }
    Ok(())
}

/// Whether a submission that is new in the table was not sent just before it was written (seconds since 1970), but
/// moved here from another table. It is delivered there, and what was decided about it was learnt there; what should
/// have been delivered and has not, the hourly run finds.
fn is_moved(submission: &Submission, written: i64) -> bool {
    written - submission.received_at().as_second() > NEW_WITHIN
}

/// Counts, and delivers what is due of a submission that was written as `seen`, in the place of `before`. What has
/// `moved` is announced no more.
async fn tell(
    notifier: &Notifier,
    before: Option<&Submission>,
    seen: &Submission,
    decided: bool,
    moved: bool,
) -> Result<Option<Submission>, Failure> {
    let site = notifier.app.site(&seen.site);
    if site.is_none() {
        tracing::error!(id = %seen.id, site = seen.site, "site not configured");
    }
    let asked =
        site.filter(|_| !moved).map(|site| delivery::requested_channels(site, before, seen)).unwrap_or_default();
    if asked.is_empty() && !transition::is_uncounted(seen) && !decided {
        return Ok(None);
    }
    // The image tells what it was when it was written; what to do depends on what it is.
    let Some(now) = notifier.app.store.submission(&seen.site, seen.id).await? else { return Ok(None) };
    if transition::is_uncounted(&now) {
        count_in(notifier, &now).await?;
    }
    if let Some(site) = site {
        delivery::deliver_requested(notifier, site, &now, asked).await?;
    }
    Ok(decided.then_some(now))
}

/// How often the owner had decided when a record was written.
fn decisions(image: &serde_dynamo::Item) -> Option<String> {
    match image.get("decisions") {
        Some(serde_dynamo::AttributeValue::N(number)) if number != "0" => Some(number.clone()),
        _ => None,
    }
}

/// Counts a comment in that was published as it came. Its author, if one who is trusted, is so for longer.
async fn count_in(notifier: &Notifier, submission: &Submission) -> Result<(), StoreError> {
    notifier.app.store.count_in(submission).await?;
    let author = notifier.app.site(&submission.site).zip(submission.comment());
    match author.and_then(|(site, comment)| notifier.app.author(site, comment)) {
        Some(author) => notifier.app.store.trust_on(&submission.site, &author).await,
        None => Ok(()),
    }
}

/// Mails somebody of the team the link that they asked for. A repetition mails the same, unless it was used.
async fn mail_link(notifier: &Notifier, image: serde_dynamo::Item) -> Result<(), Failure> {
    let Some(due) = sign_in::due(&notifier.app, image).await? else { return Ok(()) };
    let link = notifier.address(&due.path);
    let site = &*due.site.id;
    match notifier.send(&email::sign_in::compose(&due, &link)).await {
        Ok(()) => tracing::info!(site, "sign-in email sent"),
        Err(error) => {
            tracing::error!(DeliveriesFailed = 1, %error, site, "sign-in email not sent");
            if error.retry {
                return Err(error.into());
            }
        }
    }
    Ok(())
}

/// Learns what the owner has decided, and tells Akismet; gives the records that must come again, each with the reason.
async fn learn_decisions(notifier: &Notifier, site: &Site, decided: &[Decided]) -> Vec<(Option<String>, Failure)> {
    let of_site = || decided.iter().filter(|(_, submission)| submission.site == site.id);
    let ids: Vec<Uuid> = of_site().map(|(_, submission)| submission.id).collect();
    if ids.is_empty() {
        return Vec::new();
    }
    if let Err(error) = learn::remember(&notifier.app, site, &ids).await {
        tracing::error!(%error, site = site.id, "online learning failed");
        return of_site().map(|(number, _)| (number.clone(), Failure::SiteModel)).collect();
    }
    if site.akismet.is_none() {
        return Vec::new();
    }
    // At once, so that a server that answers nobody costs the time of one question.
    let feedback = of_site().map(async |(number, submission)| {
        let told = learn::tell_akismet(&notifier.app, site, submission).await;
        told.err().map(|error| (number.clone(), error.into()))
    });
    join_all(feedback).await.into_iter().flatten().collect()
}
