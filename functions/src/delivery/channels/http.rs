//! Sending a message to an address that the owner gave, and what its answer means: taken, to be tried again, or refused
//! for good. Reasons name neither the address nor anything that was sent.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};
use url::Url;

use crate::delivery::notifier::Notifier;
use crate::platform::outgoing::{OutgoingError, Receipt};
use crate::submission::delivery::SendError;
use crate::submission::reason::DeliveryReason;

/// How long a message may take over everything, a second try included.
const TOTAL: Duration = Duration::from_secs(5);

/// Within what time the first try must have failed for a second one to follow at once.
const QUICKLY: Duration = Duration::from_secs(2);

/// How long to wait before the second try, if nothing else is said.
const PAUSE: Duration = Duration::from_millis(500);

/// The longest wait that somebody may ask for, in seconds; for more than that it is put off.
const LONGEST_WAIT: u64 = 2;

/// Sends JSON. Tries once more at once if that failed quickly and may help: chats take one message a second.
pub(super) async fn post(
    notifier: &Notifier,
    url: &Url,
    headers: &[(&str, &str)],
    body: &str,
) -> Result<(), SendError> {
    let clock = &notifier.app.clock;
    let sending = async {
        let started = Instant::now();
        let first = notifier.app.outgoing.send(url, headers, body.to_owned()).await;
        match pause(&first).filter(|_| started.elapsed() < clock.lasts(QUICKLY)) {
            Some(pause) => {
                sleep(clock.lasts(pause)).await;
                notifier.app.outgoing.send(url, headers, body.to_owned()).await
            }
            None => first,
        }
    };
    outcome(timeout(clock.lasts(TOTAL), sending).await.unwrap_or(Err(OutgoingError::Time)))
}

/// How long to wait before a second try, if there should be one.
fn pause(first: &Result<Receipt, OutgoingError>) -> Option<Duration> {
    match first {
        Ok(Receipt { status: 429, retry_after }) => {
            let wait = retry_after.filter(|seconds| *seconds <= LONGEST_WAIT)?;
            Some(Duration::from_secs(wait).max(PAUSE))
        }
        Ok(Receipt { status: 500..=599, retry_after: None }) | Err(OutgoingError::Connection) => Some(PAUSE),
        _ => None,
    }
}

/// What an answer means.
fn outcome(answer: Result<Receipt, OutgoingError>) -> Result<(), SendError> {
    let Receipt { status, retry_after } = match answer {
        Ok(receipt) => receipt,
        Err(OutgoingError::Address) => return Err(SendError::never(DeliveryReason::InvalidAddress)),
        Err(OutgoingError::Forbidden) => return Err(SendError::never(DeliveryReason::PrivateAddress)),
        Err(OutgoingError::Connection) => return Err(SendError::again(DeliveryReason::NoConnection)),
        Err(OutgoingError::Time) => return Err(SendError::again(DeliveryReason::Timeout)),
        Err(OutgoingError::Answer) => return Err(SendError::again(DeliveryReason::UnreadableAnswer)),
    };
    match status {
        200..=299 => Ok(()),
        429 => Err(SendError::again(DeliveryReason::TooManyRequests(retry_after))),
        408 | 425 | 500..=599 => Err(SendError::again(DeliveryReason::ServerError(status))),
        410 => Err(SendError::never(DeliveryReason::Gone)),
        300..=399 => Err(SendError::never(DeliveryReason::Redirect(status))),
        _ => Err(SendError::never(DeliveryReason::Rejected(status))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_taken_tried_again_or_final() {
        let cases = [
            (200, None),
            (204, None),
            (301, Some(false)),
            (307, Some(false)),
            (400, Some(false)),
            (401, Some(false)),
            (403, Some(false)),
            (404, Some(false)),
            (408, Some(true)),
            (410, Some(false)),
            (422, Some(false)),
            (429, Some(true)),
            (500, Some(true)),
            (503, Some(true)),
            (100, Some(false)),
        ];
        for (status, again) in cases {
            let outcome = outcome(Ok(Receipt { status, retry_after: None }));
            assert_eq!(outcome.err().map(|error| error.retry), again, "{status}");
        }
        let cases = [
            (OutgoingError::Address, false),
            (OutgoingError::Forbidden, false),
            (OutgoingError::Connection, true),
            (OutgoingError::Time, true),
        ];
        for (error, again) in cases {
            assert_eq!(outcome(Err(error)).expect_err("failed").retry, again, "{error}");
        }
    }

    #[test]
    fn a_second_try_follows_only_where_it_is_soon_and_may_help() {
        let receipt = |status, retry_after| Ok(Receipt { status, retry_after });
        assert_eq!(pause(&receipt(429, Some(1))), Some(Duration::from_secs(1)));
        assert_eq!(pause(&receipt(429, Some(0))), Some(PAUSE));
        assert_eq!(pause(&receipt(503, None)), Some(PAUSE));
        for not in
            [receipt(429, None), receipt(429, Some(3)), receipt(503, Some(1)), receipt(200, None), receipt(410, None)]
        {
            assert_eq!(pause(&not), None, "{not:?}");
        }
        assert_eq!(pause(&Err(OutgoingError::Time)), None);
    }
}
