//! Rings a submission through to people, over each channel by itself: what became of one neither stops nor repeats
//! another. What became of it is kept with the submission, so that a delivery that was made is not made again; and what
//! failed stands beside it in the table, where it is found by one query.
//!
//! Only `notify` sends. Whoever else wants something sent changes the table, and the stream rings.

pub mod bounces;
pub mod channels;
pub mod digest;
pub(crate) mod letter;
pub mod mail;
mod retry;

use std::borrow::Cow;
use std::time::Duration;

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

pub(crate) use self::retry::ring_missed;
use crate::app::Bell;
use crate::config::Site;
use crate::store::{Store, StoreError, Undelivered, Why};
use crate::submission::delivery::{Channel, Delivery, DeliveryState, SendError, Sent};
use crate::submission::{Status, Submission, Wrote};

/// How long a delivery may take over any channel, so that nobody's slow server holds up the others.
const PATIENCE: Duration = Duration::from_secs(12);

/// How many submissions are rung through at a time: as fast as a new SES account may send, and not so many that those
/// who wait their turn wait for long.
pub(crate) const AT_ONCE: usize = 5;

/// After how long no more is begun, so that the function has ended what it was at before its time (60 s, in the template)
/// is up.
pub(crate) const BEGIN_WITHIN: Duration = Duration::from_secs(25);

/// How long the stream has for what it was just told, before the hourly run takes it up.
const STREAM_TIME: SignedDuration = SignedDuration::from_mins(15);

/// How many failed deliveries are made due at a time.
const PART: usize = 25;

/// The channels that are configured and apply to a submission as it stands: every lead that is not spam rings, also one
/// taken out of spam; so does every comment that the owner has not seen, unless it is left to the digest.
#[must_use]
pub fn channels(site: &Site, submission: &Submission) -> Vec<Channel> {
    let rings = match (&submission.wrote, submission.status) {
        (Wrote::Lead(_), Status::Received) => true,
        (Wrote::Comment(comment), Status::Held | Status::Published) => {
            submission.decisions == 0 && !comment.by_owner() && !digest::holds(site, submission)
        }
        _ => false,
    };
    if !rings {
        return Vec::new();
    }
    let further = channels::applying(site, submission).map(|channel| Channel::Further(channel.name.clone()));
    std::iter::once(Channel::Mail).chain(further).collect()
}

/// Sends a submission over a channel, whether or not that was done before. Does not write down what became of it.
pub async fn deliver(bell: &Bell, site: &Site, submission: &Submission, channel: &Channel) -> Result<Sent, SendError> {
    let sending = async {
        match channel {
            Channel::Mail => {
                bell.send_to_owner(letter::about(site, submission, &bell.links(submission))).await.map(|()| Sent::Made)
            }
            Channel::Further(name) => channels::send(bell, site, submission, name).await,
        }
    };
    tokio::time::timeout(bell.app.clock.lasts(PATIENCE), sending)
        .await
        .unwrap_or_else(|_| Err(SendError::again("no answer in time")))
}

/// Why something has to be rung once more.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unrung {
    /// What became of a delivery could not be written down.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A delivery failed, and is worth another try.
    #[error("{0}: {1}")]
    Failed(Cow<'static, str>, SendError),
}

/// Which channels a stream record asks for: those on which the submission became due by the change that it tells of.
/// What a failed delivery writes down asks for nothing, or it would be tried again at once for ever.
#[must_use]
pub(crate) fn asked(site: &Site, old: Option<&Submission>, new: &Submission) -> Vec<Channel> {
    let before = old.map(|old| channels(site, old)).unwrap_or_default();
    let became_due = |channel: &Channel| {
        let was = old.filter(|_| before.contains(channel)).map(|old| state(old, channel));
        match state(new, channel) {
            DeliveryState::Due => was != Some(DeliveryState::Due),
            DeliveryState::Failed => was.is_none(),
            DeliveryState::Sent => false,
        }
    };
    let mut due = channels(site, new);
    due.retain(became_due);
    due
}

fn state(submission: &Submission, channel: &Channel) -> DeliveryState {
    submission.delivery(channel).map_or(DeliveryState::Due, |delivery| delivery.state)
}

/// Delivers what a stream record asks for, like [`ring`]; but what failed already and does not hold the stream waits for
/// the hourly run, however often the record comes for another reason.
pub(crate) async fn ring_asked(
    bell: &Bell,
    site: &Site,
    submission: &Submission,
    mut asked: Vec<Channel>,
) -> Result<(), Unrung> {
    asked.retain(|channel| channel.holds_the_stream() || state(submission, channel) != DeliveryState::Failed);
    ring(bell, site, submission, &asked).await
}

/// Delivers over those of `wanted` that apply, have not delivered, and have not been given up; writes down what became
/// of each. Gives the first reason, if there is one, to do this once more.
async fn ring(bell: &Bell, site: &Site, submission: &Submission, wanted: &[Channel]) -> Result<(), Unrung> {
    let open =
        |channel: &&Channel| wanted.contains(channel) && submission.delivery(channel).is_none_or(Delivery::is_open);
    let applying = channels(site, submission);
    let ringing = applying.iter().filter(open).map(|channel| ring_over(bell, site, submission, channel));
    join_all(ringing).await.into_iter().collect()
}

/// One channel's part of [`ring`].
async fn ring_over(bell: &Bell, site: &Site, submission: &Submission, channel: &Channel) -> Result<(), Unrung> {
    let (id, name, before) = (submission.id, channel.name(), submission.delivery(channel));
    let delivered = deliver(bell, site, submission, channel).await;
    let now = Timestamp::now().as_second();
    match delivered {
        Ok(done) => {
            tracing::info!(%id, site = site.id, channel = &*name, "{done}");
            let sent = Delivery::sent(before, done, now);
            bell.app.store.note_delivery(submission, &name, &sent).await?;
            if before.is_some() {
                bell.app.store.forget_undelivered(&site.id, id, &name).await?;
            }
            Ok(())
        }
        Err(error) => {
            let again = error.retry;
            tracing::error!(DeliveriesFailed = 1, %id, site = site.id, channel = &*name, %error, again, "not delivered");
            let failed = Delivery::failed(before, &error, now);
            // The pointer first: what is known to have failed can always be found.
            bell.app.store.keep_undelivered(submission, &name, &failed).await?;
            bell.app.store.note_delivery(submission, &name, &failed).await?;
            let again = error.retry && channel.holds_the_stream();
            if again { Err(Unrung::Failed(name, error)) } else { Ok(()) }
        }
    }
}

/// That the mail about a submission came back, though it had been taken: it was not made, and is due again. There may be
/// another owner to hear of it; if not, what becomes of it then says why. Nothing happens if `id` is no submission's.
pub(crate) async fn came_back(store: &Store, site: &str, id: Uuid) -> Result<(), StoreError> {
    let Some(submission) = store.submission(site, id).await? else { return Ok(()) };
    let made = submission.delivery(&Channel::Mail).filter(|delivery| delivery.state == DeliveryState::Sent);
    let Some(made) = made else { return Ok(()) };
    let error = SendError::again(Why::Bounced.reason());
    let failed = Delivery::failed(Some(made), &error, Timestamp::now().as_second());
    let channel = Channel::Mail.name();
    store.keep_undelivered(&submission, &channel, &failed).await?;
    store.note_returned(&submission, &channel, &failed).await?;
    let again_at = (Timestamp::now() + STREAM_TIME).as_second();
    let failed = Undelivered { id, channel: channel.into_owned(), delivery: failed };
    store.make_due(site, &failed, again_at).await.map(drop)
}

/// Makes every delivery of a site that failed due again, and gives how many; the stream rings. Doing it twice rings once.
pub async fn redrive(store: &Store, site: &str) -> Result<usize, StoreError> {
    let again_at = (Timestamp::now() + STREAM_TIME).as_second();
    let mut due = 0;
    let mut after = None;
    loop {
        let failed = store.undelivered(site, after.as_ref(), PART).await?;
        let making = failed.iter().map(|failed| store.make_due(site, failed, again_at));
        for made in join_all(making).await {
            due += usize::from(made?);
        }
        if failed.len() < PART {
            return Ok(due);
        }
        after = failed.last().cloned();
    }
}
