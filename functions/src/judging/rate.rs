//! How much a network may send in a minute.

use jiff::Timestamp;

use super::error::JudgingError;
use crate::app::App;
use crate::config::Site;
use crate::submission::sender::{Sender, TooMany};

/// How many challenges a network may fetch for each submission that it may send: people open forms that they never
/// send, in offices many of them behind one address.
pub(crate) const CHALLENGES_PER_SUBMISSION: u32 = 3;

/// Counts a submission for the sender's network, which may have sent too much.
pub(crate) async fn count(app: &App, site: &Site, sender: &Sender, now: Timestamp) -> Result<u32, JudgingError> {
    let Some(network) = &sender.network else { return Ok(0) };
    let rate = app.store.count_request(&site.id, network, now).await?;
    if rate > site.judging.rate_per_minute { Err(TooMany::until_next_minute(now).into()) } else { Ok(rate) }
}
