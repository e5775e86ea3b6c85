//! Delivers a submission over channels, each by itself, and notes what became of each delivery.

use futures_util::future::join_all;
use jiff::Timestamp;

use super::attempt::{Attempt, timed};
use super::due::{due_channels, state};
use super::lanes::lane;
use super::limits::STREAM_TIME;
use super::notifier::Notifier;
use super::{channels as further, email, limits};
use crate::config::Site;
use crate::store::{Store, StoreError, Undelivered};
use crate::submission::Submission;
use crate::submission::delivery::{Channel, Delivery, DeliveryState, SendError, Sent};

/// After how many seconds what failed and then went into a bundle is looked at again: that was sent long before.
const BUNDLED: i64 = 3_600;

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
            Channel::Mail => mail(notifier, site, submission).await.map(|()| Sent::Made),
            Channel::Further(name) => further::send(notifier, site, submission, name).await,
        }
    };
    timed(notifier, &site.id, &channel.name(), Box::pin(sending)).await
}

/// Emails the owner. A sender's address that SES does not take in a header costs no delivery: it is tried once without,
/// and the address stands in the text.
async fn mail(notifier: &Notifier, site: &Site, submission: &Submission) -> Result<(), SendError> {
    let (links, parent) = (notifier.links(submission), parent(notifier, site, submission).await);
    let message = email::about(site, submission, parent.as_ref(), &links, true);
    let answerable = message.reply_to.is_some();
    match notifier.send_to_owner(message).await {
        Err(error) if answerable && error.is_about_the_message() => {
            tracing::info!(id = %submission.id, site = site.id, %error, "email refused, retried without Reply-To");
            notifier.send_to_owner(email::about(site, submission, parent.as_ref(), &links, false)).await
        }
        sent => sent,
    }
}

/// What a comment answers. An email that cannot say it goes out without.
async fn parent(notifier: &Notifier, site: &Site, submission: &Submission) -> Option<Submission> {
    let id = submission.comment()?.parent()?;
    let found = notifier.app.store.submission(&site.id, id).await;
    found.inspect_err(|error| tracing::warn!(%id, site = site.id, %error, "parent of a comment not read")).ok()?
}

/// Delivers what a stream record asks for, like [`deliver_due`]; but what failed already is the retry run's, however
/// often the record comes for another reason.
pub(crate) async fn deliver_requested(
    notifier: &Notifier,
    site: &Site,
    submission: &Submission,
    mut asked: Vec<Channel>,
) -> Result<(), StoreError> {
    asked.retain(|channel| state(submission, channel) != DeliveryState::Failed);
    deliver_due(notifier, site, submission, &asked).await
}

/// Delivers over those of `wanted` that apply, have not delivered, and have not been given up; writes down what became
/// of each. What fails is put on the list of what is due: it holds up nothing, and only what cannot be written down is
/// an error here.
pub(super) async fn deliver_due(
    notifier: &Notifier,
    site: &Site,
    submission: &Submission,
    wanted: &[Channel],
) -> Result<(), StoreError> {
    let open =
        |channel: &&Channel| wanted.contains(channel) && submission.delivery(channel).is_none_or(Delivery::is_open);
    let applying = due_channels(site, submission);
    let delivering = applying.iter().filter(open).map(async |channel| {
        let closed = notifier.lanes.closed(&lane(&site.id, &channel.name()), notifier.app.clock.now());
        let went = match closed {
            Some(error) => Err(error),
            None => attempt(notifier, site, submission, channel).await,
        };
        note(notifier, submission, channel, None, went).await.map(drop)
    });
    join_all(delivering).await.into_iter().collect()
}

/// Tries a delivery that stands in the list of what is due, whatever is known of its lane.
pub(super) async fn deliver_again(
    notifier: &Notifier,
    site: &Site,
    submission: &Submission,
    channel: &Channel,
    listed: &Delivery,
) -> Result<Attempt, StoreError> {
    let went = attempt(notifier, site, submission, channel).await;
    note(notifier, submission, channel, Some(listed), went).await
}

/// What an attempt has come to that did not fail.
enum Attempted {
    /// It is done with.
    Sent(Sent),
    /// It is beyond the hour's cap, and stands in a bundle.
    Bundled,
}

/// Sends, within the hour's cap.
async fn attempt(
    notifier: &Notifier,
    site: &Site,
    submission: &Submission,
    channel: &Channel,
) -> Result<Attempted, SendError> {
    let (store, name, now) = (&notifier.app.store, channel.name(), notifier.app.clock.now());
    let cap = limits::cap(site, channel);
    if let Some(cap) = cap
        && !store.take_delivery(&site.id, &name, cap, now.as_second()).await?
    {
        store.add_to_bundle(&site.id, &name, submission.id, now.as_second()).await?;
        return Ok(Attempted::Bundled);
    }
    let went = deliver(notifier, site, submission, channel).await;
    if cap.is_some() && went.is_err() {
        // One too few within the hour, should this fail, too.
        let _ = store.return_delivery(&site.id, &name).await;
    }
    went.map(Attempted::Sent)
}

/// Writes down what came of a delivery, of which it may be `listed` that it failed or had to wait before.
async fn note(
    notifier: &Notifier,
    submission: &Submission,
    channel: &Channel,
    listed: Option<&Delivery>,
    went: Result<Attempted, SendError>,
) -> Result<Attempt, StoreError> {
    let (id, site, name, store) = (submission.id, &*submission.site, channel.name(), &notifier.app.store);
    let (before, now) = (submission.delivery(channel), notifier.app.clock.now().as_second());
    match went {
        Ok(Attempted::Bundled) => {
            tracing::info!(%id, site, channel = &*name, "to be delivered together with others");
            if let Some(listed) = listed {
                let waiting = Undelivered { id, channel: name.into_owned(), delivery: listed.clone() };
                store.set_next_attempt(site, &waiting, now + BUNDLED).await?;
            }
            Ok(Attempt::Done)
        }
        Ok(Attempted::Sent(done)) => {
            tracing::info!(%id, site, channel = &*name, "{done}");
            store.note_delivery(submission, &name, &Delivery::sent(before, done, now)).await?;
            if before.is_some() || listed.is_some() {
                store.forget_undelivered(site, id, &name).await?;
            }
            Ok(Attempt::Done)
        }
        Err(error) => {
            // Since when it has had to wait the list alone says.
            let known = if error.reason.is_throttling() { listed.or(before) } else { before.or(listed) };
            let (delivery, again) = (Delivery::not_made(known, &error, now), error.retry);
            if delivery.state == DeliveryState::Failed {
                tracing::error!(DeliveriesFailed = 1, %id, site, channel = &*name, %error, again, "not delivered");
            } else {
                tracing::info!(%id, site, channel = &*name, %error, "delivery throttled");
            }
            keep(notifier, submission, &name, &delivery).await?;
            Ok(if again { Attempt::PutOff } else { Attempt::Done })
        }
    }
}

/// Keeps a delivery that was not made. The pointer first: what is known to have failed can always be found. What only
/// has to wait is as due as before.
async fn keep(
    notifier: &Notifier,
    submission: &Submission,
    channel: &str,
    delivery: &Delivery,
) -> Result<(), StoreError> {
    notifier.app.store.keep_undelivered(submission, channel, delivery).await?;
    if delivery.state == DeliveryState::Failed {
        notifier.app.store.note_delivery(submission, channel, delivery).await?;
    }
    Ok(())
}

/// Makes every delivery of a site that failed due again, and gives how many; the stream delivers. Doing it twice
/// delivers once.
pub async fn redrive(store: &Store, site: &str) -> Result<usize, StoreError> {
    let again_at = (Timestamp::now() + STREAM_TIME).as_second();
    let mut due = 0;
    let mut after = None;
    loop {
        let failed = store.undelivered(site, after.as_ref(), PART).await?;
        // What only waits is on its way.
        let making = failed.iter().filter(|failed| failed.delivery.state == DeliveryState::Failed);
        let making = making.map(|failed| store.make_due(site, failed, again_at));
        for made in join_all(making).await {
            due += usize::from(made?);
        }
        if failed.len() < PART {
            return Ok(due);
        }
        after = failed.last().cloned();
    }
}
