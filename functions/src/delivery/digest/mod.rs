//! The weekly digest: once a week the owner reads what came in, what waits, what could not be delivered, and what of
//! the spam is most likely real, each with its button. For an empty week nothing is sent.
//!
//! The weekly schedule makes it due; it is sent then, and where that fails, every hour until it is sent.

mod email;
mod week;

use std::ops::Range;

use futures_util::StreamExt as _;
use futures_util::stream;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use self::week::Week;
use crate::config::{Digest, Site};
use crate::delivery::limits::{AT_ONCE, BEGIN_WITHIN};
use crate::delivery::mail::EmailMessage;
use crate::delivery::notifier::Notifier;
use crate::store::StoreError;
use crate::submission::delivery::SendError;

/// How far back a digest reaches that has none before it.
pub const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The farthest that a digest reaches back, however long ago the one before it was sent.
const LONGEST: SignedDuration = SignedDuration::from_hours(4 * 7 * 24);

/// What came in so lately is left to the next digest: the lists may not hold all of it yet.
const SETTLING: SignedDuration = SignedDuration::from_secs(60);

/// Why a digest was not sent.
#[derive(Debug, thiserror::Error)]
pub enum DigestError {
    /// The table cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Mail.
    #[error(transparent)]
    Unsent(#[from] SendError),
}

/// Makes the digests of this week due, and sends them.
pub async fn weekly(notifier: &Notifier, now: Timestamp) {
    let week = week_of(now);
    for site in sites(notifier) {
        if let Err(error) = notifier.app.store.make_digest_due(&site.id, &week, now).await {
            tracing::error!(%error, site = site.id, "digest not scheduled");
        }
    }
    send_each(notifier, sites(notifier), now, Instant::now() + notifier.app.clock.lasts(BEGIN_WITHIN)).await;
}

/// Sends what is still due of what [`weekly`] could not send.
pub(crate) async fn send_due(notifier: &Notifier, now: Timestamp, until: Instant) {
    let mut due = Vec::new();
    for site in sites(notifier) {
        match notifier.app.store.is_digest_due(&site.id).await {
            Ok(true) => due.push(site),
            Ok(false) => {}
            Err(error) => tracing::error!(%error, site = site.id, "cannot read whether a digest is due"),
        }
    }
    send_each(notifier, due, now, until).await;
}

/// Sends as many as can be begun by `until`; the rest stays due.
async fn send_each(notifier: &Notifier, sites: impl IntoIterator<Item = &Site>, now: Timestamp, until: Instant) {
    let sites = stream::iter(sites).take_while(|_| std::future::ready(Instant::now() < until));
    let sending = sites.for_each_concurrent(AT_ONCE, async |site| {
        if let Err(error) = send_if_due(notifier, site, now).await {
            tracing::error!(DeliveriesFailed = 1, %error, site = site.id, "digest not sent");
        }
    });
    sending.await;
}

fn sites(notifier: &Notifier) -> impl Iterator<Item = &Site> {
    notifier.app.config.sites.values().filter(|site| site.digest == Digest::Weekly)
}

async fn send_if_due(notifier: &Notifier, site: &Site, now: Timestamp) -> Result<(), DigestError> {
    let store = &notifier.app.store;
    let Some(due) = store.claim_digest(&site.id, now).await? else { return Ok(()) };
    let until = now - SETTLING;
    let since = due.since.unwrap_or(until - WEEK).max(until - LONGEST);
    match send(notifier, site, &due.week, since..until).await {
        Ok(sent) => {
            tracing::info!(site = site.id, week = due.week, sent, "weekly digest");
            Ok(store.digest_sent(&site.id, &due, until).await?)
        }
        Err(error) => {
            let again = !matches!(&error, DigestError::Unsent(error) if !error.retry);
            store.digest_failed(&site.id, &due, again).await?;
            Err(error)
        }
    }
}

/// Sends a site's digest of a time, whether or not that was done before; gives whether there was anything to tell.
/// `name` names the email: a repetition under the same name is one email in the mailbox.
pub async fn send(notifier: &Notifier, site: &Site, name: &str, time: Range<Timestamp>) -> Result<bool, DigestError> {
    let Some(message) = written(notifier, site, name, time).await? else { return Ok(false) };
    notifier.send_to_owner(message).await?;
    Ok(true)
}

/// The plain-text part of a site's digest of a time; none if there is nothing to tell.
pub async fn text(notifier: &Notifier, site: &Site, time: Range<Timestamp>) -> Result<Option<String>, DigestError> {
    Ok(written(notifier, site, "", time).await?.map(|message| message.text))
}

async fn written<'a>(
    notifier: &Notifier,
    site: &'a Site,
    name: &str,
    time: Range<Timestamp>,
) -> Result<Option<EmailMessage<'a>>, StoreError> {
    let week = Week::read(&notifier.app.store, site, time).await?;
    Ok((!week.is_empty()).then(|| email::compose(notifier, site, name, &week)))
}

/// The week of a moment, as `2026-W48`.
fn week_of(time: Timestamp) -> String {
    let week = time.to_zoned(TimeZone::UTC).date().iso_week_date();
    format!("{}-W{:02}", week.year(), week.week())
}
