//! Rings the bell: follows the table's stream and tells the owner, and looks every hour for what has not rung. The only
//! function that sends.
//!
//! A record may come again, alone or with its whole batch. Before anything is done the submission is read as it is
//! now, and what was done is noted with it; so a repetition finds nothing left to do, and one record that cannot be
//! handled keeps no other from being handled.

pub mod stats;

use aws_lambda_events::dynamodb::{self, EventRecord};
use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use futures_util::StreamExt as _;
use futures_util::future::join_all;
use futures_util::stream;
use jiff::Timestamp;
use serde::Deserialize;
use tokio::time::Instant;
use uuid::Uuid;

use crate::app::Bell;
use crate::config::Site;
use crate::delivery::bounces::{self, Notices};
use crate::delivery::digest;
use crate::delivery::letter;
use crate::delivery::{self, AT_ONCE, BEGIN_WITHIN, Unrung};
use crate::judging::akismet::AkismetError;
use crate::judging::learn;
use crate::owner::inbox;
use crate::rights;
use crate::store::{self, StoreError};
use crate::submission::delivery::SendError;
use crate::submission::{Status, Submission};
use crate::web::milliseconds;

/// Within how many seconds after its id was made a submission is stored, if it is stored at all: more by far than what
/// keeps an id for the same content sent again.
const NEW_WITHIN: i64 = 3_600;

/// What Lambda starts `notify` with.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Start {
    /// What SES tells of letters that came back.
    Returned(Notices),
    /// Everything else.
    Event(Event),
}

/// Does what it is started for. Fails if it must be told once more that a letter came back.
pub async fn start(bell: &Bell, start: Start) -> Result<DynamoDbEventResponse, StoreError> {
    match start {
        Start::Returned(notices) => bounces::hear(bell, &notices).await.map(|()| DynamoDbEventResponse::default()),
        Start::Event(event) => Ok(handle(bell, event).await),
    }
}

/// What `notify` is started by without SES.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Event {
    /// A schedule, whose constant input is `{"deskbell":"hourly"}` or `{"deskbell":"weekly"}`.
    Schedule {
        /// Which one.
        deskbell: Schedule,
    },
    /// Records of the table's stream.
    Stream(dynamodb::Event),
}

/// What is done without anybody asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Schedule {
    /// What failed is sent again, and what never rang rings.
    Hourly,
    /// The owner reads what came in.
    Weekly,
}

impl Schedule {
    fn word(self) -> &'static str {
        match self {
            Self::Hourly => "hourly",
            Self::Weekly => "weekly",
        }
    }
}

/// Does what an event asks for, and logs it; names the stream's records that must come again.
pub async fn handle(bell: &Bell, event: Event) -> DynamoDbEventResponse {
    let began = std::time::Instant::now();
    let (what, records) = match &event {
        Event::Stream(event) => ("stream", event.records.len()),
        Event::Schedule { deskbell } => (deskbell.word(), 0),
    };
    let response = match event {
        Event::Stream(event) => batch(bell, event).await,
        Event::Schedule { deskbell } => {
            match deskbell {
                Schedule::Hourly => hourly(bell, Timestamp::now()).await,
                Schedule::Weekly => digest::weekly(bell, Timestamp::now()).await,
            }
            DynamoDbEventResponse::default()
        }
    };
    let again = response.batch_item_failures.len();
    tracing::info!(event = what, records, again, ms = milliseconds(began), "handled");
    response
}

/// What the stream does not bring by `now`: what failed is sent again, and what never rang rings, and so do digests; then
/// days are added up, and Akismet is asked again what it could not say yet.
pub async fn hourly(bell: &Bell, now: Timestamp) {
    delivery::ring_missed(bell, now).await;
    digest::send_due(bell, now).await;
    for site in bell.app.config.sites.values() {
        if let Err(error) = stats::add_up(&bell.app.store, site, now).await {
            tracing::error!(%error, site = site.id, "days are not added up yet");
        }
    }
    for site in bell.app.config.sites.values().filter(|site| site.akismet.is_some()) {
        learn::ask_akismet_again(&bell.app, site).await;
    }
}

/// Handles a batch of the stream's records. Everything rings before anybody is taught, so that a third party that is
/// slow or down keeps no bell waiting.
async fn batch(bell: &Bell, event: dynamodb::Event) -> DynamoDbEventResponse {
    let mut failed = Vec::new();
    let mut decided: Vec<Decided> = Vec::new();
    let sites = sites(bell, &event);
    let until = Instant::now() + bell.app.clock.lasts(BEGIN_WITHIN);
    let following = by_item(event.records).into_iter().enumerate();
    let following =
        stream::iter(following).map(async |(place, records)| (place, follow_all(bell, records, until).await));
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
        for (number, error) in teach(bell, site, &decided).await {
            fail(&mut failed, number, &error);
        }
        if site.akismet.is_some() {
            learn::ask_akismet_again(&bell.app, site).await;
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
async fn follow_all(bell: &Bell, records: Vec<EventRecord>, until: Instant) -> Vec<Followed> {
    let mut followed = Vec::new();
    for record in records {
        let number = record.change.sequence_number.clone();
        let late = Instant::now() > until;
        followed.push((number, if late { Err(Failure::Late) } else { follow(bell, record).await }));
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
fn sites<'a>(bell: &'a Bell, event: &dynamodb::Event) -> Vec<&'a Site> {
    let about = |site: &Site| {
        let prefix = format!("{}#submission#", site.id);
        let pk = |record: &EventRecord| record.change.keys.get("pk").cloned();
        event
            .records
            .iter()
            .any(|record| matches!(pk(record), Some(serde_dynamo::AttributeValue::S(pk)) if pk.starts_with(&prefix)))
    };
    bell.app.config.sites.values().filter(|site| about(site)).collect()
}

fn fail(failed: &mut Vec<DynamoDbBatchItemFailure>, number: Option<String>, error: &Failure) {
    tracing::error!(%error, sequence_number = number, "a record must come again");
    let mut failure = DynamoDbBatchItemFailure::default();
    failure.item_identifier = number;
    failed.push(failure);
}

/// Why a record was not handled.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Unrung(#[from] Unrung),
    #[error("a link for signing in was not sent: {0}")]
    Mail(#[from] SendError),
    #[error("the batch takes too long")]
    Late,
    #[error("its decision was not learnt")]
    Memory,
    #[error("Akismet: {0}")]
    Akismet(#[from] AkismetError),
}

/// Does what a record asks for, and gives the submission as it is now if the owner has decided about it.
async fn follow(bell: &Bell, record: EventRecord) -> Result<Option<Submission>, Failure> {
    let pk = record.change.keys.get("pk").cloned();
    let Some(serde_dynamo::AttributeValue::S(pk)) = pk.filter(|_| record.event_name != "REMOVE") else {
        return Ok(None);
    };
    if store::is_sign_in(&pk) {
        return mail_link(bell, record.change.new_image).await.map(|()| None);
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
    let filed = file(bell, before.as_ref(), &seen).await;
    let told = tell(bell, before.as_ref(), &seen, decided && !moved, moved).await;
    let number = record.change.sequence_number.as_deref();
    // What was counted has moved along with what was moved.
    let now = Timestamp::now();
    let counted = if moved { Ok(()) } else { stats::count(&bell.app, number, before.as_ref(), &seen, now).await };
    filed?;
    counted?;
    told
}

/// Files a submission under its sender, and puts away what kept its place only for replies that are gone.
async fn file(bell: &Bell, before: Option<&Submission>, seen: &Submission) -> Result<(), Failure> {
    rights::file(&bell.app, before, seen).await?;
    if let Some(site) = bell.app.site(&seen.site).filter(|_| seen.holds_no_place()) {
        bell.app.store.put_away(site, seen).await?;
    }
    Ok(())
}

/// Whether a submission that is new in the table was not sent just before it was written (seconds since 1970), but moved
/// here from another table. It has rung there, and what was decided about it was learnt there; what should have rung and
/// has not, the hourly run finds.
fn is_moved(submission: &Submission, written: i64) -> bool {
    written - submission.received_at().as_second() > NEW_WITHIN
}

/// Counts and rings what is due of a submission that was written as `seen`, in the place of `before`. What has `moved`
/// rings no more.
async fn tell(
    bell: &Bell,
    before: Option<&Submission>,
    seen: &Submission,
    decided: bool,
    moved: bool,
) -> Result<Option<Submission>, Failure> {
    let site = bell.app.site(&seen.site);
    if site.is_none() {
        tracing::error!(id = %seen.id, site = seen.site, "the site is not configured any more");
    }
    let asked = site.filter(|_| !moved).map(|site| delivery::asked(site, before, seen)).unwrap_or_default();
    if asked.is_empty() && !must_count(seen) && !decided {
        return Ok(None);
    }
    // The image tells what it was when it was written; what to do depends on what it is.
    let Some(now) = bell.app.store.submission(&seen.site, seen.id).await? else { return Ok(None) };
    if must_count(&now) {
        count_in(bell, &now).await?;
    }
    if let Some(site) = site {
        delivery::ring_asked(bell, site, &now, asked).await?;
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

/// A comment that was published as it came is not part of its page's count yet.
fn must_count(submission: &Submission) -> bool {
    submission.status == Status::Published && !submission.counted
}

/// Counts a comment in that was published as it came. Its author, if one who is trusted, is so for longer.
async fn count_in(bell: &Bell, submission: &Submission) -> Result<(), StoreError> {
    bell.app.store.count_in(submission).await?;
    let author = bell.app.site(&submission.site).zip(submission.comment());
    match author.and_then(|(site, comment)| bell.app.author(site, comment)) {
        Some(author) => bell.app.store.trust_on(&submission.site, &author).await,
        None => Ok(()),
    }
}

/// Mails somebody of the team the link that they asked for. A repetition mails the same, unless it was used.
async fn mail_link(bell: &Bell, image: serde_dynamo::Item) -> Result<(), Failure> {
    let Some(due) = inbox::due(&bell.app, image).await? else { return Ok(()) };
    let link = format!("{}{}", bell.url.as_str().trim_end_matches('/'), due.path);
    let site = &*due.site.id;
    match bell.send(&letter::sign_in::letter(&due, &link)).await {
        Ok(()) => tracing::info!(site, "a link for signing in was sent"),
        Err(error) => {
            tracing::error!(DeliveriesFailed = 1, %error, site, "a link for signing in was not sent");
            if error.retry {
                return Err(error.into());
            }
        }
    }
    Ok(())
}

/// Teaches what the owner has decided; gives the records that must come again, each with the reason.
async fn teach(bell: &Bell, site: &Site, decided: &[Decided]) -> Vec<(Option<String>, Failure)> {
    let of_site = || decided.iter().filter(|(_, submission)| submission.site == site.id);
    let ids: Vec<Uuid> = of_site().map(|(_, submission)| submission.id).collect();
    if ids.is_empty() {
        return Vec::new();
    }
    if let Err(error) = learn::remember(&bell.app, site, &ids).await {
        tracing::error!(%error, site = site.id, "decisions were not learnt");
        return of_site().map(|(number, _)| (number.clone(), Failure::Memory)).collect();
    }
    if site.akismet.is_none() {
        return Vec::new();
    }
    // At once, so that a server that answers nobody costs the time of one question.
    let telling = of_site().map(async |(number, submission)| {
        let told = learn::tell_akismet(&bell.app, site, submission).await;
        told.err().map(|error| (number.clone(), error.into()))
    });
    join_all(telling).await.into_iter().flatten().collect()
}
