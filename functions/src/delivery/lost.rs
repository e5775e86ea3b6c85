//! What neither the stream nor the list of what is due brings: every hour, what was never sent is sent, and what should
//! have been tried again and was not, as what an older release wrote down.

use futures_util::StreamExt as _;
use futures_util::stream;
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;
use uuid::Uuid;

use super::deliver::deliver_due;
use super::due::due_channels;
use super::limits::{AT_ONCE, STREAM_TIME};
use super::notifier::Notifier;
use super::retry::retry;
use crate::config::Site;
use crate::store::{Due, Store, StoreError, Undelivered};
use crate::submission::delivery::Channel;

/// How far back it is looked for what was never sent.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(14 * 24);

/// How many failed deliveries are read at a time.
const PART: usize = 100;

/// The most failed deliveries of a site that are tried in one go: more than there is time for.
const MOST: usize = 1_000;

/// Delivers what should have been delivered long before `now`: as much as can be begun by `until`, the rest another
/// time.
pub(crate) async fn deliver_lost(notifier: &Notifier, now: Timestamp, until: Instant) {
    let (mut lost, mut late) = (Vec::new(), Vec::new());
    for site in notifier.app.config.sites.values() {
        match find(&notifier.app.store, site, now).await {
            Ok((untried, overdue)) => {
                lost.extend(untried.into_iter().map(|id| (site, id)));
                late.extend(overdue.into_iter().map(|one| Due::Delivery(site.id.clone(), one)));
            }
            Err(error) => tracing::error!(%error, site = site.id, "cannot list undelivered submissions"),
        }
    }
    let delivering = stream::iter(lost).take_while(|_| std::future::ready(Instant::now() < until));
    let delivering = delivering.for_each_concurrent(AT_ONCE, async |(site, id)| {
        if let Err(error) = deliver(notifier, site, id).await {
            tracing::error!(%error, %id, site = site.id, "delivery retry failed");
        }
    });
    delivering.await;
    retry(notifier, late, until).await;
}

/// What was never tried, and what should have been tried again.
async fn find(store: &Store, site: &Site, now: Timestamp) -> Result<(Vec<Uuid>, Vec<Undelivered>), StoreError> {
    // What came just now is the stream's affair.
    let never_tried = store.never_tried(&site.id, &Channel::Mail.name(), now - LOOK_BACK, now - STREAM_TIME).await?;
    // Some wait for the digest.
    let untried = never_tried.into_iter().filter(|one| !due_channels(site, one).is_empty()).map(|one| one.id).collect();
    let (mut overdue, mut last): (Vec<Undelivered>, Option<Undelivered>) = (Vec::new(), None);
    let since = (now - STREAM_TIME).as_second();
    loop {
        let failed = store.undelivered(&site.id, last.as_ref(), PART).await?;
        let more = failed.len() == PART && overdue.len() < MOST;
        last = failed.last().cloned();
        overdue.extend(failed.into_iter().filter(|failed| failed.delivery.again_at.is_some_and(|at| at <= since)));
        if !more {
            return Ok((untried, overdue));
        }
    }
}

async fn deliver(notifier: &Notifier, site: &Site, id: Uuid) -> Result<(), StoreError> {
    let now = notifier.app.store.submission(&site.id, id).await?;
    match now.filter(|now| now.delivery(&Channel::Mail).is_none()) {
        Some(now) => deliver_due(notifier, site, &now, &due_channels(site, &now)).await,
        None => Ok(()),
    }
}
