//! What is beyond an hour's deliveries over a channel is told of together, once a quarter of an hour: how much it is,
//! and where it stands. For each of it that counts as its delivery.

use futures_util::future::ready;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use tokio::time::Instant;
use uuid::Uuid;

use super::attempt::{Attempt, timed};
use super::channels as further;
use super::due::{due_channels, state};
use super::email::{self, excerpt};
use super::limits::AT_ONCE;
use super::more::More;
use super::notifier::Notifier;
use crate::config::Site;
use crate::config::channels::ChannelSettings;
use crate::store::{Bundle, StoreError};
use crate::submission::delivery::{Channel, Delivery, DeliveryState, SendError, Sent};
use crate::submission::{Submission, SubmissionContent};

/// How many are listed.
const LISTED: usize = 20;

/// How many characters of each text are shown.
const EXCERPT: usize = 80;

/// Sends the bundle of a channel that is due, and lets each of its members know. If the channel is not configured any
/// more, nobody is to be told.
pub(super) async fn send(
    notifier: &Notifier,
    site: &Site,
    channel: &str,
    until: Instant,
) -> Result<Attempt, StoreError> {
    let (store, now) = (&notifier.app.store, notifier.app.clock.now().as_second());
    let Some(bundle) = store.close_bundle(&site.id, channel).await? else {
        return store.bundle_done(&site.id, channel, now).await.map(|()| Attempt::Done);
    };
    let settings = site.channels.iter().find(|settings| settings.name.to_string() == channel);
    if settings.is_none() && channel != Channel::Mail.name() {
        tracing::info!(site = site.id, channel, "channel not configured, bundle dropped");
        return store.bundle_done(&site.id, channel, now).await.map(|()| Attempt::Done);
    }
    let ids = store.bundled(&site.id, bundle.id).await?;
    if !bundle.sent {
        match send_message(notifier, site, settings, &bundle, &ids).await? {
            Ok(()) => store.bundle_sent(&site.id, channel).await?,
            Err(error) => return failed(notifier, site, channel, &bundle, &ids, error, until).await,
        }
    }
    if note_each(notifier, site, channel, &ids, &BundleOutcome::Sent, until).await? {
        store.bundle_done(&site.id, channel, now).await?;
    }
    Ok(Attempt::Done)
}

/// Says how many there are, over a channel with settings or by mail. Says nothing, if none of the few that there are is
/// of any interest any more.
async fn send_message(
    notifier: &Notifier,
    site: &Site,
    settings: Option<&ChannelSettings>,
    bundle: &Bundle,
    ids: &[Uuid],
) -> Result<Result<(), SendError>, StoreError> {
    let channel = &*settings.map_or(Channel::Mail.name(), |settings| settings.name.to_string().into());
    let newest: Vec<Uuid> = ids.iter().rev().take(LISTED).copied().collect();
    let newest = stream::iter(newest).map(|id| open(notifier, site, channel, id)).buffered(AT_ONCE);
    let newest: Vec<(Submission, Channel)> = newest.try_filter_map(|open| ready(Ok(open))).try_collect().await?;
    let listed: Vec<_> = newest.iter().map(|(one, _)| line(site, one)).collect();
    let shown = newest.iter().map(|(one, _)| one.id).collect();
    if listed.is_empty() && ids.len() <= LISTED {
        return Ok(Ok(()));
    }
    let count = if ids.len() <= LISTED { listed.len() } else { ids.len() };
    let more = More { id: bundle.id, count, listed, ids: shown };
    let sending = async {
        let sent = match settings {
            None => notifier.send_to_owner(email::more(site, &more, notifier.inbox(site))).await,
            Some(settings) => further::send_more(notifier, site, settings, &more).await,
        };
        sent.map(|()| Sent::Bundled)
    };
    let went = timed(notifier, &site.id, channel, Box::pin(sending)).await;
    if went.is_ok() {
        tracing::info!(site = site.id, channel, count = more.count, "delivered together");
    }
    Ok(went.map(drop))
}

/// Puts off what could not be sent; or, if trying again cannot help, lets each member know that it was not delivered.
async fn failed(
    notifier: &Notifier,
    site: &Site,
    channel: &str,
    bundle: &Bundle,
    ids: &[Uuid],
    error: SendError,
    until: Instant,
) -> Result<Attempt, StoreError> {
    let (store, now) = (&notifier.app.store, notifier.app.clock.now().as_second());
    let delivery = Delivery::not_made(bundle.since.map(Delivery::waiting).as_ref(), &error, now);
    if delivery.state == DeliveryState::Failed {
        let again = error.retry;
        tracing::error!(DeliveriesFailed = 1, site = site.id, channel, %error, again, "bundle not delivered");
    } else {
        tracing::info!(site = site.id, channel, %error, "bundle throttled");
    }
    if let (Some(since), Some(at)) = (delivery.since, delivery.again_at) {
        store.postpone_bundle(&site.id, channel, since, at).await?;
        return Ok(Attempt::PutOff);
    }
    // What was given up as a whole does not begin anew for each of them.
    let refused = BundleOutcome::Refused(SendError { retry: false, ..error });
    if note_each(notifier, site, channel, ids, &refused, until).await? {
        store.bundle_done(&site.id, channel, now).await?;
    }
    Ok(Attempt::Done)
}

/// What came of a bundle, for each of its members.
enum BundleOutcome {
    Sent,
    Refused(SendError),
}

/// Notes with each submission what came of its bundle; gives whether there was time for all of them.
async fn note_each(
    notifier: &Notifier,
    site: &Site,
    channel: &str,
    ids: &[Uuid],
    outcome: &BundleOutcome,
    until: Instant,
) -> Result<bool, StoreError> {
    let noting = stream::iter(ids.to_vec()).map(async |id| {
        if Instant::now() >= until {
            return Ok(false);
        }
        let Some((one, applying)) = open(notifier, site, channel, id).await? else { return Ok(true) };
        let (store, now) = (&notifier.app.store, notifier.app.clock.now().as_second());
        let before = one.delivery(&applying);
        match outcome {
            BundleOutcome::Sent => {
                store.note_delivery(&one, channel, &Delivery::sent(before, Sent::Bundled, now)).await?;
                if before.is_some() {
                    store.forget_undelivered(&site.id, one.id, channel).await?;
                }
            }
            BundleOutcome::Refused(error) => {
                let failed = Delivery::failed(before, error, now);
                store.keep_undelivered(&one, channel, &failed).await?;
                store.note_delivery(&one, channel, &failed).await?;
            }
        }
        Ok::<_, StoreError>(true)
    });
    let noted: Vec<_> = noting.buffer_unordered(AT_ONCE).collect().await;
    let mut all = true;
    for noted in noted {
        all &= noted?;
    }
    Ok(all)
}

/// A submission that is still to be delivered over a channel. One that this release cannot read holds up none of the
/// others.
async fn open(
    notifier: &Notifier,
    site: &Site,
    channel: &str,
    id: Uuid,
) -> Result<Option<(Submission, Channel)>, StoreError> {
    let found = match notifier.app.store.submission(&site.id, id).await {
        Err(error) if error.is_unreadable() => {
            tracing::error!(%error, %id, site = site.id, channel, "unreadable submission left out of a bundle");
            None
        }
        found => found?,
    };
    let Some(now) = found else { return Ok(None) };
    let applying = due_channels(site, &now).into_iter().find(|applying| applying.name() == *channel);
    let applying = applying.filter(|applying| state(&now, applying) != DeliveryState::Sent);
    Ok(applying.map(|applying| (now, applying)))
}

/// Who, and how it begins.
fn line(site: &Site, submission: &Submission) -> (String, String) {
    let words = site.words();
    let name = match &submission.content {
        SubmissionContent::Lead(lead) => lead.name().unwrap_or_default(),
        SubmissionContent::Comment(comment) => comment.author(),
    };
    (excerpt(words.author(name), EXCERPT / 2), excerpt(submission.text().unwrap_or_default(), EXCERPT))
}
