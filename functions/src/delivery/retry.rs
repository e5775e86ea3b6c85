//! What the stream does not bring any more: every hour, what was never sent is sent, and what failed is tried again.

use futures_util::StreamExt as _;
use futures_util::stream;
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;
use uuid::Uuid;

use super::deliver::{Undeliverable, deliver_due};
use super::due::{due_channels, state};
use super::limits::{AT_ONCE, BEGIN_WITHIN, STREAM_TIME};
use super::notifier::Notifier;
use crate::config::Site;
use crate::store::{Store, StoreError, Undelivered};
use crate::submission::delivery::{Channel, DeliveryState};

/// How far back it is looked for what was never sent.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(14 * 24);

/// How many failed deliveries are read at a time.
const PART: usize = 100;

/// The most failed deliveries of a site that are tried in one go: more than there is time for.
const MOST: usize = 1_000;

/// A submission that is not delivered over the channel of that name; without one, whose mail was never tried.
struct Missed<'a> {
    site: &'a Site,
    id: Uuid,
    channel: Option<String>,
}

/// Delivers what should have been delivered by `now`: as much as there is time for, and the rest another time.
pub(crate) async fn retry_due(notifier: &Notifier, now: Timestamp) {
    let until = Instant::now() + notifier.app.clock.lasts(BEGIN_WITHIN);
    let mut missed = Vec::new();
    for site in notifier.app.config.sites.values() {
        match find(&notifier.app.store, site, now).await {
            Ok(found) => missed.extend(found),
            Err(error) => tracing::error!(%error, site = site.id, "cannot list undelivered submissions"),
        }
    }
    let delivering = stream::iter(missed).take_while(|_| std::future::ready(Instant::now() < until));
    let delivering = delivering.for_each_concurrent(AT_ONCE, async |missed| {
        if let Err(error) = missed.deliver(notifier).await {
            tracing::error!(%error, id = %missed.id, site = missed.site.id, "delivery retry failed");
        }
    });
    delivering.await;
}

async fn find<'a>(store: &Store, site: &'a Site, now: Timestamp) -> Result<Vec<Missed<'a>>, StoreError> {
    // What came just now is the stream's affair.
    let never_tried = store.never_tried(&site.id, &Channel::Mail.name(), now - LOOK_BACK, now - STREAM_TIME).await?;
    // Some wait for the digest.
    let due = never_tried.into_iter().filter(|one| !due_channels(site, one).is_empty());
    let mut missed: Vec<Missed> = due.map(|one| Missed { site, id: one.id, channel: None }).collect();
    let mut last: Option<Undelivered> = None;
    loop {
        let failed = store.undelivered(&site.id, last.as_ref(), PART).await?;
        let more = failed.len() == PART && missed.len() < MOST;
        last = failed.last().cloned();
        let due = failed.into_iter().filter(|failed| failed.delivery.again_at.is_some_and(|at| at <= now.as_second()));
        missed.extend(due.map(|failed| Missed { site, id: failed.id, channel: Some(failed.channel) }));
        if !more {
            return Ok(missed);
        }
    }
}

impl Missed<'_> {
    async fn deliver(&self, notifier: &Notifier) -> Result<(), Undeliverable> {
        let Self { site, id, channel } = self;
        let now = notifier.app.store.submission(&site.id, *id).await?;
        let applying = now.as_ref().map(|now| due_channels(site, now)).unwrap_or_default();
        match (now, channel) {
            (Some(now), None) if now.delivery(&Channel::Mail).is_none() => {
                deliver_due(notifier, site, &now, &applying).await
            }
            (_, None) => Ok(()),
            (now, Some(name)) => {
                let open = applying.into_iter().find(|channel| channel.name() == **name);
                match now.zip(open).filter(|(now, channel)| state(now, channel) != DeliveryState::Sent) {
                    Some((now, channel)) => deliver_due(notifier, site, &now, &[channel]).await,
                    // Made, erased, decided about, or the channel is not configured any more.
                    None => Ok(notifier.app.store.forget_failure(&site.id, *id, name).await?),
                }
            }
        }
    }
}
