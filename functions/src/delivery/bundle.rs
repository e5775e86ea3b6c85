//! What is beyond an hour's deliveries over a channel is told of together, once a quarter of an hour: how much it is,
//! and where it stands. For each of it that counts as its delivery.

use futures_util::StreamExt as _;
use futures_util::stream;
use tokio::time::Instant;
use uuid::Uuid;

use super::attempt::Attempt;
use super::channels as further;
use super::due::{due_channels, state};
use super::email::{self, excerpt};
use super::lanes::lane;
use super::limits::{AT_ONCE, PATIENCE};
use super::more::More;
use super::notifier::Notifier;
use crate::config::Site;
use crate::store::{Bundle, StoreError};
use crate::submission::delivery::{Channel, Delivery, DeliveryState, SendError, Sent};
use crate::submission::reason::DeliveryReason;
use crate::submission::{Submission, SubmissionContent};
use crate::words::{english, words};

/// How many are listed.
const LISTED: usize = 20;

/// How many characters of each text are shown.
const EXCERPT: usize = 80;

/// Sends the bundle of a channel that is due, and lets each of its members know.
pub(super) async fn send(
    notifier: &Notifier,
    site: &Site,
    channel: &str,
    until: Instant,
) -> Result<Attempt, StoreError> {
    let (store, now) = (&notifier.app.store, notifier.app.clock.now().as_second());
    let Some(bundle) = store.close_bundle(&site.id, channel).await? else {
        return store.bundle_done(&site.id, channel, now).await.map(|()| Attempt::Made);
    };
    let ids = store.bundled(&site.id, bundle.id).await?;
    if !bundle.told {
        match tell(notifier, site, channel, &bundle, &ids).await? {
            Ok(()) => store.bundle_told(&site.id, channel).await?,
            Err(error) => return failed(notifier, site, channel, &bundle, &ids, error, until).await,
        }
    }
    let sent = Delivered::Sent;
    if note_each(notifier, site, channel, &ids, &sent, until).await? {
        store.bundle_done(&site.id, channel, now).await?;
    }
    Ok(Attempt::Made)
}

/// Says how many there are. Says nothing, if none of the few that there are is of any interest any more.
async fn tell(
    notifier: &Notifier,
    site: &Site,
    channel: &str,
    bundle: &Bundle,
    ids: &[Uuid],
) -> Result<Result<(), SendError>, StoreError> {
    let (mut listed, mut shown) = (Vec::new(), Vec::new());
    for id in ids.iter().rev().take(LISTED) {
        if let Some((one, _)) = open(notifier, site, channel, *id).await? {
            listed.push(line(site, &one));
            shown.push(*id);
        }
    }
    if listed.is_empty() && ids.len() <= LISTED {
        return Ok(Ok(()));
    }
    let count = if ids.len() <= LISTED { listed.len() } else { ids.len() };
    let named = site.channels.iter().find(|settings| settings.name.to_string() == channel);
    let cap = named.map_or(site.emails_per_hour, |settings| settings.per_hour);
    let more = More { id: bundle.id, count, listed, ids: shown, cap };
    let sending = async {
        match named {
            None => notifier.send_to_owner(email::more(site, &more, notifier.inbox(site))).await,
            Some(settings) => further::send_more(notifier, site, settings, &more).await,
        }
    };
    let went = tokio::time::timeout(notifier.app.clock.lasts(PATIENCE), sending).await;
    let went = went.unwrap_or_else(|_| Err(SendError::again(DeliveryReason::Timeout)));
    notifier.lanes.note(&lane(&site.id, channel), &went, notifier.app.clock.now());
    if went.is_ok() {
        tracing::info!(site = site.id, channel, count = more.count, "delivered together");
    }
    Ok(went)
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
    let again = error.retry;
    tracing::error!(DeliveriesFailed = 1, site = site.id, channel, %error, again, "bundle not delivered");
    let before = bundle.since.map(|since| Delivery::failing(since, &error));
    let delivery = Delivery::failed(before.as_ref(), &error, now);
    if let (Some(since), Some(at)) = (delivery.since, delivery.again_at) {
        store.postpone_bundle(&site.id, channel, since, at).await?;
        return Ok(Attempt::PutOff);
    }
    if note_each(notifier, site, channel, ids, &Delivered::Refused(error), until).await? {
        store.bundle_done(&site.id, channel, now).await?;
    }
    Ok(Attempt::Refused)
}

/// What came of a bundle, for each of its members.
enum Delivered {
    Sent,
    Refused(SendError),
}

/// Notes with each submission what came of its bundle; gives whether there was time for all of them.
async fn note_each(
    notifier: &Notifier,
    site: &Site,
    channel: &str,
    ids: &[Uuid],
    delivered: &Delivered,
    until: Instant,
) -> Result<bool, StoreError> {
    let noting = stream::iter(ids.to_vec()).map(async |id| {
        if Instant::now() >= until {
            return Ok(false);
        }
        let Some((one, applying)) = open(notifier, site, channel, id).await? else { return Ok(true) };
        let (store, now) = (&notifier.app.store, notifier.app.clock.now().as_second());
        let before = one.delivery(&applying);
        match delivered {
            Delivered::Sent => {
                store.note_delivery(&one, channel, &Delivery::sent(before, Sent::Bundled, now)).await?;
                if before.is_some() {
                    store.forget_undelivered(&site.id, one.id, channel).await?;
                }
            }
            Delivered::Refused(error) => {
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

/// A submission that is still to be delivered over a channel.
async fn open(
    notifier: &Notifier,
    site: &Site,
    channel: &str,
    id: Uuid,
) -> Result<Option<(Submission, Channel)>, StoreError> {
    let Some(now) = notifier.app.store.submission(&site.id, id).await? else { return Ok(None) };
    let applying = due_channels(site, &now).into_iter().find(|applying| applying.name() == *channel);
    let applying = applying.filter(|applying| state(&now, applying) != DeliveryState::Sent);
    Ok(applying.map(|applying| (now, applying)))
}

/// Who, and how it begins.
fn line(site: &Site, submission: &Submission) -> (String, String) {
    let words = words(&site.lang).unwrap_or_else(english);
    let name = match &submission.content {
        SubmissionContent::Lead(lead) => lead.name().unwrap_or_default(),
        SubmissionContent::Comment(comment) => comment.author(),
    };
    (excerpt(words.author(name), EXCERPT / 2), excerpt(submission.text().unwrap_or_default(), EXCERPT))
}
