//! An attempt to deliver: how long it may take, and what comes of it.

use std::pin::Pin;

use super::lanes::lane;
use super::limits::PATIENCE;
use super::notifier::Notifier;
use crate::submission::delivery::{SendError, Sent};
use crate::submission::reason::DeliveryReason;

/// What came of an attempt to deliver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attempt {
    /// It is done with: made, refused for good, or not to be made any more.
    Done,
    /// It is tried again.
    PutOff,
}

/// Sends over a channel of a site's, within [`PATIENCE`], and remembers how the service's lane is. Where nothing had to
/// be sent, and where the table did not say what, nothing is learnt of the service.
pub(super) async fn timed(
    notifier: &Notifier,
    site: &str,
    channel: &str,
    sending: Pin<Box<impl Future<Output = Result<Sent, SendError>>>>,
) -> Result<Sent, SendError> {
    let clock = &notifier.app.clock;
    let went = tokio::time::timeout(clock.lasts(PATIENCE), sending).await;
    let went = went.unwrap_or_else(|_| Err(SendError::again(DeliveryReason::Timeout)));
    match &went {
        Ok(Sent::Needless(_)) | Err(SendError { reason: DeliveryReason::StoreUnavailable, .. }) => {}
        went => notifier.lanes.note(&lane(site, channel), went, clock.now()),
    }
    went
}
