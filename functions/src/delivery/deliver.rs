//! Delivers a submission over channels, each by itself, and notes what became of each delivery.

use std::borrow::Cow;

use futures_util::future::join_all;
use jiff::Timestamp;
use uuid::Uuid;

use super::due::{due_channels, state};
use super::limits::{PATIENCE, STREAM_TIME};
use super::notifier::Notifier;
use super::{channels as further, email};
use crate::config::Site;
use crate::store::{Store, StoreError, Undelivered};
use crate::submission::Submission;
use crate::submission::delivery::{Channel, Delivery, DeliveryState, SendError, Sent};
use crate::submission::reason::DeliveryReason;

/// How many failed deliveries are made due at a time.
const PART: usize = 25;

/// Sends a submission over a channel, whether or not that was done before. Does not write down what became of it.
pub async fn deliver(
    notifier: &Notifier,
    site: &Site,
    submission: &Submission,
    channel: &Channel,
) -> Result<Sent, SendError> {
    let sending = async {
        match channel {
            Channel::Mail => notifier
                .send_to_owner(email::about(site, submission, &notifier.links(submission)))
                .await
                .map(|()| Sent::Made),
            Channel::Further(name) => further::send(notifier, site, submission, name).await,
        }
    };
    tokio::time::timeout(notifier.app.clock.lasts(PATIENCE), sending)
        .await
        .unwrap_or_else(|_| Err(SendError::again(DeliveryReason::Timeout)))
}

/// Why something has to be delivered once more.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Undeliverable {
    /// What became of a delivery could not be written down.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A delivery failed, and is worth another try.
    #[error("{0}: {1}")]
    Failed(Cow<'static, str>, SendError),
}

/// Delivers what a stream record asks for, like [`deliver_due`]; but what failed already and does not hold the stream
/// waits for the hourly run, however often the record comes for another reason.
pub(crate) async fn deliver_requested(
    notifier: &Notifier,
    site: &Site,
    submission: &Submission,
    mut asked: Vec<Channel>,
) -> Result<(), Undeliverable> {
    asked.retain(|channel| channel.holds_the_stream() || state(submission, channel) != DeliveryState::Failed);
    deliver_due(notifier, site, submission, &asked).await
}

/// Delivers over those of `wanted` that apply, have not delivered, and have not been given up; writes down what became
/// of each. Gives the first reason, if there is one, to do this once more.
pub(crate) async fn deliver_due(
    notifier: &Notifier,
    site: &Site,
    submission: &Submission,
    wanted: &[Channel],
) -> Result<(), Undeliverable> {
    let open =
        |channel: &&Channel| wanted.contains(channel) && submission.delivery(channel).is_none_or(Delivery::is_open);
    let applying = due_channels(site, submission);
    let delivering = applying.iter().filter(open).map(|channel| deliver_over(notifier, site, submission, channel));
    join_all(delivering).await.into_iter().collect()
}

/// One channel's part of [`deliver_due`].
async fn deliver_over(
    notifier: &Notifier,
    site: &Site,
    submission: &Submission,
    channel: &Channel,
) -> Result<(), Undeliverable> {
    let (id, name, before) = (submission.id, channel.name(), submission.delivery(channel));
    let delivered = deliver(notifier, site, submission, channel).await;
    let now = Timestamp::now().as_second();
    match delivered {
        Ok(done) => {
            tracing::info!(%id, site = site.id, channel = &*name, "{done}");
            let sent = Delivery::sent(before, done, now);
            notifier.app.store.note_delivery(submission, &name, &sent).await?;
            if before.is_some() {
                notifier.app.store.forget_undelivered(&site.id, id, &name).await?;
            }
            Ok(())
        }
        Err(error) => {
            let again = error.retry;
            tracing::error!(DeliveriesFailed = 1, %id, site = site.id, channel = &*name, %error, again, "not delivered");
            let failed = Delivery::failed(before, &error, now);
            // The pointer first: what is known to have failed can always be found.
            notifier.app.store.keep_undelivered(submission, &name, &failed).await?;
            notifier.app.store.note_delivery(submission, &name, &failed).await?;
            let again = error.retry && channel.holds_the_stream();
            if again { Err(Undeliverable::Failed(name, error)) } else { Ok(()) }
        }
    }
}

/// That the mail about a submission came back, though it had been taken: it was not made, and is due again. There may
/// be another owner to hear of it; if not, what becomes of it then says why. Nothing happens if `id` is no
/// submission's.
pub(crate) async fn bounced(store: &Store, site: &str, id: Uuid) -> Result<(), StoreError> {
    let Some(submission) = store.submission(site, id).await? else { return Ok(()) };
    let made = submission.delivery(&Channel::Mail).filter(|delivery| delivery.state == DeliveryState::Sent);
    let Some(made) = made else { return Ok(()) };
    let error = SendError::again(DeliveryReason::Bounced);
    let failed = Delivery::failed(Some(made), &error, Timestamp::now().as_second());
    let channel = Channel::Mail.name();
    store.keep_undelivered(&submission, &channel, &failed).await?;
    store.note_bounce(&submission, &channel, &failed).await?;
    let again_at = (Timestamp::now() + STREAM_TIME).as_second();
    let failed = Undelivered { id, channel: channel.into_owned(), delivery: failed };
    store.make_due(site, &failed, again_at).await.map(drop)
}

/// Makes every delivery of a site that failed due again, and gives how many; the stream delivers. Doing it twice
/// delivers once.
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
