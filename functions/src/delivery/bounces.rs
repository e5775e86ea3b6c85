//! Emails that came back, and those that were called spam: SES tells of them through SNS. An address that takes no mail
//! for good is not written to any more; what did not reach the owner is delivered once more, to whom it can, or stands
//! in the inbox with its reason.

use futures_util::{TryStreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::delivery::limits::{AT_ONCE, STREAM_TIME};
pub use crate::delivery::notice::Notices;
use crate::delivery::notice::{Fate, Notice};
use crate::delivery::notifier::Notifier;
use crate::store::{StoreError, Suppression, SuppressionReason, Undelivered};
use crate::submission::Submission;
use crate::submission::delivery::{Channel, Delivery, DeliveryState, SendError};
use crate::submission::reason::DeliveryReason;

/// How long SES tries to deliver what is late, if it does not say.
const SES_TRIES: SignedDuration = SignedDuration::from_hours(14);

/// How long after SES has given up it may take to tell.
const SETTLING: SignedDuration = SignedDuration::from_hours(1);

/// Takes note of what SES tells. What fails can be told again: doing it twice does no harm.
pub(crate) async fn hear(notifier: &Notifier, notices: &Notices) -> Result<(), StoreError> {
    for notice in notices.read() {
        match notice {
            Ok(notice) => take_note(notifier, notice).await?,
            // SES says so, in plain words, when it first finds the topic.
            Err(error) => tracing::warn!(%error, "SNS message is not an SES event"),
        }
    }
    Ok(())
}

async fn take_note(notifier: &Notifier, notice: Notice) -> Result<(), StoreError> {
    let now = notifier.app.clock.now();
    let failed = match notice.what {
        Fate::Bounced(addresses) => {
            suppress(notifier, &addresses, SuppressionReason::Bounced).await?;
            Failed::ForGood
        }
        Fate::Complained(addresses) => return suppress(notifier, &addresses, SuppressionReason::Complained).await,
        Fate::Returned(code) => Failed::ForNow(SendError::again(DeliveryReason::Returned(code))),
        Fate::Rejected => Failed::ForNow(SendError::never(DeliveryReason::Ses("Reject".into()))),
        Fate::Delayed(code, until) => Failed::Late(code, until.unwrap_or(now + SES_TRIES)),
        Fate::Other(kind) => {
            tracing::info!(kind, "SES event ignored");
            return Ok(());
        }
    };
    let Some((site, id)) = notice.email else { return Ok(()) };
    let store = &notifier.app.store;
    if let Some(submission) = store.submission(&site, id).await? {
        return returned(notifier, &submission, &failed, now).await;
    }
    // Or it was about several.
    let members = stream::iter(store.bundled(&site, id).await?.into_iter().map(Ok));
    let hearing = members.try_for_each_concurrent(AT_ONCE, async |id| match store.submission(&site, id).await? {
        Some(submission) => returned(notifier, &submission, &failed, now).await,
        None => Ok(()),
    });
    hearing.await
}

async fn suppress(notifier: &Notifier, addresses: &[String], reason: SuppressionReason) -> Result<(), StoreError> {
    let suppression = Suppression { reason, at: Timestamp::now().as_second() };
    for email in addresses {
        notifier.app.store.suppress(&notifier.app.address_hash(email), suppression).await?;
        let team = notifier.app.config.sites.values().any(|site| site.people().any(|person| person.email.is(email)));
        if team {
            tracing::error!(reason = reason.word(), "team address added to the suppression list");
        } else {
            tracing::info!(reason = reason.word(), "address added to the suppression list");
        }
    }
    Ok(())
}

/// How an email that had been taken did not arrive.
enum Failed {
    /// Its address takes no mail: there may be another owner to hear of it; if not, what becomes of it then says why.
    ForGood,
    /// It may be taken another time, or is not taken as it is.
    ForNow(SendError),
    /// It may arrive yet, until then.
    Late(String, Timestamp),
}

/// That the email about a submission did not arrive, though it had been taken. Nothing happens if that is known.
async fn returned(
    notifier: &Notifier,
    submission: &Submission,
    failed: &Failed,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (store, channel, site, id) = (&notifier.app.store, Channel::Mail.name(), &*submission.site, submission.id);
    let made = submission.delivery(&Channel::Mail).filter(|made| made.state == DeliveryState::Sent || made.is_late());
    let Some(made) = made else { return Ok(()) };
    let delivery = match failed {
        Failed::ForGood => Delivery::failed(Some(made), &SendError::again(DeliveryReason::Bounced), now.as_second()),
        Failed::ForNow(error) => Delivery::returned(made, error, age(submission, now), now.as_second()),
        Failed::Late(..) if made.is_late() => return Ok(()),
        Failed::Late(code, until) => {
            Delivery::late(made, code.clone(), now.as_second(), (*until + SETTLING).as_second())
        }
    };
    tracing::error!(DeliveriesFailed = 1, %id, site, reason = ?delivery.reason, "email taken by SES not delivered");
    store.keep_undelivered(submission, &channel, &delivery).await?;
    store.note_bounce(submission, &channel, &delivery).await?;
    if matches!(failed, Failed::ForGood) {
        make_due(notifier, site, id, delivery, now).await?;
    }
    Ok(())
}

/// Has the stream deliver it once more, at once.
async fn make_due(
    notifier: &Notifier,
    site: &str,
    id: Uuid,
    delivery: Delivery,
    now: Timestamp,
) -> Result<(), StoreError> {
    let failed = Undelivered { id, channel: Channel::Mail.name().into_owned(), delivery };
    notifier.app.store.make_due(site, &failed, (now + STREAM_TIME).as_second()).await.map(drop)
}

/// How old a submission is, in seconds.
fn age(submission: &Submission, now: Timestamp) -> i64 {
    now.as_second() - submission.received_at().as_second()
}
