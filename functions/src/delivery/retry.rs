//! Tries again what is due: once a minute, each lane by itself. A lane whose service is still out of order is left
//! after a few tries, and all that waits on it is tried at the next look, without having rested any longer for it. What
//! nothing can be done about, for no release or site here knows it, is looked at once a day.

use std::collections::BTreeMap;

use futures_util::StreamExt as _;
use futures_util::future::{join, join_all, ready};
use futures_util::stream;
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;
use uuid::Uuid;

use super::attempt::Attempt;
use super::bundle;
use super::deliver::deliver_again;
use super::due::{due_channels, state};
use super::lanes::{FAILURES, lane};
use super::limits::{AT_ONCE, BEGIN_WITHIN};
use super::notifier::Notifier;
use crate::config::Site;
use crate::store::{Due, StoreError, Undelivered};
use crate::submission::Submission;
use crate::submission::delivery::{Channel, Delivery, DeliveryState};

/// How long what nothing can be done about rests.
const REST: SignedDuration = SignedDuration::from_hours(24);

/// Delivers what is due by `now`: as much as there is time for, and the rest another time. Gives how much was due.
pub(crate) async fn retry_due(notifier: &Notifier, now: Timestamp) -> usize {
    let until = Instant::now() + notifier.app.clock.lasts(BEGIN_WITHIN);
    let due = match notifier.app.store.due(now).await {
        Ok(due) => due,
        Err(error) => {
            tracing::error!(%error, "cannot list what is due");
            return 0;
        }
    };
    let count = due.len();
    retry(notifier, due, until).await;
    count
}

/// Tries again what is due, each lane by itself; begins nothing after `until`.
pub(super) async fn retry(notifier: &Notifier, due: Vec<Due>, until: Instant) {
    let (mut lanes, mut homeless): (Vec<Lane>, Vec<Due>) = (Vec::new(), Vec::new());
    for due in due {
        let Some(site) = notifier.app.site(due.site()) else {
            homeless.push(due);
            continue;
        };
        let name = lane(&site.id, due.channel());
        match lanes.iter_mut().find(|lane| lane.name == name) {
            Some(lane) => lane.waiting.push((site, due)),
            None => lanes.push(Lane { name, waiting: vec![(site, due)] }),
        }
    }
    let trying = join_all(lanes.into_iter().map(|lane| lane.run(notifier, until)));
    join(trying, rest_homeless(notifier, homeless, until)).await;
}

/// Has what is of no site rest: it may be configured again.
async fn rest_homeless(notifier: &Notifier, homeless: Vec<Due>, until: Instant) {
    let mut waiting: BTreeMap<&str, usize> = BTreeMap::new();
    for due in &homeless {
        *waiting.entry(due.site()).or_default() += 1;
    }
    for (site, waiting) in waiting {
        tracing::error!(site, waiting, "site not configured");
    }
    let homeless = stream::iter(&homeless).take_while(|_| ready(Instant::now() < until));
    homeless.for_each_concurrent(AT_ONCE, |due| rest(notifier, due)).await;
}

/// Has something that is due rest, as nothing can be done about it now.
async fn rest(notifier: &Notifier, due: &Due) {
    let at = (notifier.app.clock.now() + REST).as_second();
    if let Err(error) = notifier.app.store.put_off(due, at).await {
        tracing::error!(%error, site = due.site(), channel = due.channel(), "delivery not put off");
    }
}

/// What waits for one service.
struct Lane<'a> {
    name: String,
    waiting: Vec<(&'a Site, Due)>,
}

impl Lane<'_> {
    /// One after the other until one is made, several at once from then on; left when too many have failed in a row.
    /// What the table gave an error for says nothing about the service.
    async fn run(self, notifier: &Notifier, until: Instant) {
        let Self { name, waiting } = self;
        let (mut waiting, mut failures) = (waiting.into_iter(), 0);
        while failures < FAILURES && Instant::now() < until {
            let Some((site, one)) = waiting.next() else { return };
            match again(notifier, site, &one, until).await {
                Some(Attempt::PutOff) => failures += 1,
                Some(Attempt::Done) => break,
                None => {}
            }
        }
        if failures == FAILURES {
            return tracing::warn!(lane = name, waiting = waiting.len(), "service still out of order");
        }
        let goes_on = || Instant::now() < until && notifier.lanes.closed(&name, notifier.app.clock.now()).is_none();
        let rest = stream::iter(waiting).take_while(|_| ready(goes_on()));
        let trying = rest.for_each_concurrent(AT_ONCE, async |(site, one)| {
            again(notifier, site, &one, until).await;
        });
        trying.await;
    }
}

/// Tries one thing again; nothing is known of its service if the table gave an error.
async fn again(notifier: &Notifier, site: &Site, due: &Due, until: Instant) -> Option<Attempt> {
    let tried = match due {
        Due::Delivery(_, undelivered) => deliver(notifier, site, undelivered).await,
        Due::Bundle(_, channel) => bundle::send(notifier, site, channel, until).await,
    };
    match tried {
        Ok(attempt) => Some(attempt),
        Err(error) => {
            tracing::error!(%error, site = site.id, channel = due.channel(), "delivery retry failed");
            if error.is_unreadable() {
                rest(notifier, due).await;
            }
            None
        }
    }
}

async fn deliver(notifier: &Notifier, site: &Site, undelivered: &Undelivered) -> Result<Attempt, StoreError> {
    let Undelivered { id, channel, delivery } = undelivered;
    let now = notifier.app.store.submission(&site.id, *id).await?;
    let applying = now.as_ref().map(|now| due_channels(site, now)).unwrap_or_default();
    let open = applying.into_iter().find(|applying| applying.name() == **channel);
    match now.zip(open).filter(|(now, open)| state(now, open) != DeliveryState::Sent) {
        Some((now, open)) if now.delivery(&open).is_some_and(Delivery::is_late) => arrived(notifier, &now, &open).await,
        Some((now, open)) => deliver_again(notifier, site, &now, &open, delivery).await,
        None => forget(notifier, site, *id, channel).await,
    }
}

/// SES has given up by now, or delivered it; and of the first it would have told.
async fn arrived(notifier: &Notifier, submission: &Submission, channel: &Channel) -> Result<Attempt, StoreError> {
    let (store, name, now) = (&notifier.app.store, channel.name(), notifier.app.clock.now().as_second());
    if let Some(late) = submission.delivery(channel) {
        store.note_delivery(submission, &name, &Delivery::arrived(late, now)).await?;
    }
    store.forget_undelivered(&submission.site, submission.id, &name).await.map(|()| Attempt::Done)
}

/// It was made, erased, decided about, or the channel is not configured any more.
async fn forget(notifier: &Notifier, site: &Site, id: Uuid, channel: &str) -> Result<Attempt, StoreError> {
    notifier.app.store.forget_failure(&site.id, id, channel).await.map(|()| Attempt::Done)
}
