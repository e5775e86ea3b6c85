//! What is due at a time, of all sites together: one list, looked through once a minute. It is sparse, in the index
//! `lists`, ordered by time; where nothing is due, a look costs half a read unit.

use jiff::Timestamp;

use super::due_key::{DUE, place};
use super::error::StoreError;
use super::schema::{Item, LISTS, s};
use super::table::Store;
use super::undelivered::{Undelivered, parse_undelivered};

/// The most parts of 1 MB that are read at a look: some thousands of items each. What waits for a service that is down
/// must not hide what is due over others.
const MAX_PARTS: usize = 10;

/// Something that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Due {
    /// A delivery of a site's that failed or had to wait.
    Delivery(String, Undelivered),
    /// A bundle of a site's over the channel of this name.
    Bundle(String, String),
}

impl Due {
    /// The site's id.
    #[must_use]
    pub fn site(&self) -> &str {
        match self {
            Self::Delivery(site, _) | Self::Bundle(site, _) => site,
        }
    }

    /// The channel's name.
    #[must_use]
    pub fn channel(&self) -> &str {
        match self {
            Self::Delivery(_, undelivered) => &undelivered.channel,
            Self::Bundle(_, channel) => channel,
        }
    }
}

impl Store {
    /// What is due by `now`, what has been due for longest first: all of it, or as much as `MAX_PARTS` hold.
    pub async fn due(&self, now: Timestamp) -> Result<Vec<Due>, StoreError> {
        let (mut due, mut after) = (Vec::new(), None);
        for _ in 0..MAX_PARTS {
            let query = self
                .client
                .query()
                .table_name(&self.table)
                .index_name(LISTS.name)
                .key_condition_expression("#list = :list AND id <= :now")
                .expression_attribute_names("#list", LISTS.key)
                .expression_attribute_values(":list", s(DUE))
                .expression_attribute_values(":now", s(place(now.as_second(), "~")))
                .set_exclusive_start_key(after);
            let output = query.send().await?;
            due.extend(output.items.unwrap_or_default().into_iter().filter_map(readable));
            after = output.last_evaluated_key;
            if after.is_none() {
                break;
            }
        }
        Ok(due)
    }

    /// Has something that is due be due at another time, in seconds since 1970, if it is still there.
    pub(crate) async fn put_off(&self, due: &Due, at: i64) -> Result<(), StoreError> {
        match due {
            Due::Delivery(site, undelivered) => self.set_next_attempt(site, undelivered, at).await,
            Due::Bundle(site, channel) => self.put_off_bundle(site, channel, at).await,
        }
    }
}

/// What an item is; nothing, and a line in the log, if that cannot be told: one bad item must not stop the others.
fn readable(item: Item) -> Option<Due> {
    let pk = item.get("pk").and_then(|pk| pk.as_s().ok()).cloned().unwrap_or_default();
    let read = match pk.split_once('#') {
        Some((site, "undelivered")) => parse_undelivered(item).map(|one| Due::Delivery(site.to_owned(), one)),
        Some((site, "bundles")) => match item.get("sk").and_then(|sk| sk.as_s().ok()) {
            Some(channel) => Ok(Due::Bundle(site.to_owned(), channel.clone())),
            None => Err(StoreError::malformed("a bundle")),
        },
        _ => Err(StoreError::malformed("something that is due")),
    };
    read.inspect_err(|error| tracing::error!(%error, pk, "unreadable item skipped in the list of what is due")).ok()
}
