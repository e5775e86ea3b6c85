//! What is beyond an hour's deliveries over a channel, to be told of together. A bundle is open until it is due; then
//! it is closed, and whatever comes meanwhile opens the next one. Its members outlive it for as long as it may bounce.

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::ReturnValue;
use uuid::Uuid;

use super::due_key;
use super::error::StoreError;
use super::schema::{Item, LISTS, VERSION, key, n, number, s, stamped};
use super::table::{Store, update_if};
use super::transact::TRIES;

/// How long after its first member a bundle is due, if none was sent of late; in seconds.
const FIRST: i64 = 30;

/// How far apart bundles are, in seconds.
const EVERY: i64 = 15 * 60;

/// For how long the members are known, in seconds: longer than a bundle is tried, and than SES tries to deliver it.
const KEEP: i64 = 16 * 86_400;

/// A bundle that is closed, and to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// Names the message.
    pub id: Uuid,
    /// Since when sending it has been failing, in seconds since 1970.
    pub since: Option<i64>,
    /// Whether it was sent, and only its members do not know yet.
    pub sent: bool,
}

impl Store {
    /// Puts a submission into the open bundle of a channel; opens one, if there is none.
    pub async fn add_to_bundle(&self, site: &str, channel: &str, id: Uuid, now: i64) -> Result<(), StoreError> {
        for _ in 0..TRIES {
            let bundle = self.open_bundle(site, channel, now).await?;
            let mut member = stamped(key(members_pk(site, bundle), &id.to_string()));
            member.insert("expires_at".into(), n(now + KEEP));
            self.client.put_item().table_name(&self.table).set_item(Some(member)).send().await?;
            // It may have been closed and read in between.
            let found = self.get(bundle_key(site, channel), true).await?;
            if found.and_then(|found| uuid(&found, "open")) == Some(bundle) {
                return Ok(());
            }
        }
        Err(StoreError::Contended("a bundle of notifications"))
    }

    async fn open_bundle(&self, site: &str, channel: &str, now: i64) -> Result<Uuid, StoreError> {
        for _ in 0..TRIES {
            let found = self.get(bundle_key(site, channel), true).await?.unwrap_or_default();
            if let Some(open) = uuid(&found, "open") {
                return Ok(open);
            }
            let (new, last) = (Uuid::now_v7(), number::<i64>(&found, "sent_at").unwrap_or_default());
            let update = self.update_bundle(site, channel).condition_expression("attribute_not_exists(#open)");
            let update = update
                .expression_attribute_names("#open", "open")
                .expression_attribute_values(":new", s(new))
                .expression_attribute_values(":v", n(VERSION));
            // What is closed and not sent yet stays due when it is.
            let update = if found.contains_key("closed") {
                update.update_expression("SET #open = :new, v = :v REMOVE expires_at")
            } else {
                let change = "SET #open = :new, v = :v, #list = :list, #id = :id REMOVE expires_at";
                let update = update.update_expression(change);
                due_key::list(update, (now + FIRST).max(last + EVERY), &name(site, channel))
            };
            if update_if(update).await?.is_some() {
                return Ok(new);
            }
        }
        Err(StoreError::Contended("a bundle of notifications"))
    }

    /// Closes the open bundle of a channel, unless an earlier one is still to be sent, and gives the one that is
    /// closed.
    pub async fn close_bundle(&self, site: &str, channel: &str) -> Result<Option<Bundle>, StoreError> {
        let close = self
            .update_bundle(site, channel)
            .update_expression("SET closed = #open REMOVE #open, since, told")
            .condition_expression("attribute_exists(#open) AND attribute_not_exists(closed)")
            .expression_attribute_names("#open", "open")
            .return_values(ReturnValue::AllNew);
        let item = match update_if(close).await? {
            Some(item) => Some(item),
            None => self.get(bundle_key(site, channel), true).await?,
        };
        let bundle = |item: Item| {
            let (since, sent) = (number(&item, "since"), item.contains_key("told"));
            Some(Bundle { id: uuid(&item, "closed")?, since, sent })
        };
        Ok(item.and_then(bundle))
    }

    /// Submissions in a bundle, in the order of time.
    pub async fn bundled(&self, site: &str, bundle: Uuid) -> Result<Vec<Uuid>, StoreError> {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let query = self
                .client
                .query()
                .table_name(&self.table)
                .consistent_read(true)
                .key_condition_expression("pk = :pk")
                .expression_attribute_values(":pk", s(members_pk(site, bundle)))
                .set_exclusive_start_key(after);
            let output = query.send().await?;
            found.extend(output.items.unwrap_or_default().iter().filter_map(|item| uuid(item, "sk")));
            after = output.last_evaluated_key;
            if after.is_none() {
                return Ok(found);
            }
        }
    }

    /// Keeps that a closed bundle was sent, though not all of its members know yet.
    pub async fn bundle_sent(&self, site: &str, channel: &str) -> Result<(), StoreError> {
        let update = self.update_bundle(site, channel).update_expression("SET told = :yes");
        let update = update.condition_expression("attribute_exists(closed)").expression_attribute_values(":yes", n(1));
        update_if(update).await.map(drop)
    }

    /// Puts off a closed bundle, which has been failing `since`, to a time; both in seconds since 1970.
    pub async fn postpone_bundle(&self, site: &str, channel: &str, since: i64, at: i64) -> Result<(), StoreError> {
        let update = self
            .update_bundle(site, channel)
            .update_expression("SET since = :since, #list = :list, #id = :id")
            .condition_expression("attribute_exists(closed)")
            .expression_attribute_values(":since", n(since));
        update_if(due_key::list(update, at, &name(site, channel))).await.map(drop)
    }

    /// Has the bundle of a channel be due at another time, in seconds since 1970.
    pub(super) async fn put_off_bundle(&self, site: &str, channel: &str, at: i64) -> Result<(), StoreError> {
        let update = self.update_bundle(site, channel).update_expression("SET #list = :list, #id = :id");
        let update = update.condition_expression("attribute_exists(#open) OR attribute_exists(closed)");
        let update = update.expression_attribute_names("#open", "open");
        update_if(due_key::list(update, at, &name(site, channel))).await.map(drop)
    }

    /// Is done with a closed bundle; the next one, if it is open already, is due in its time. Only what is neither open
    /// nor closed expires.
    pub async fn bundle_done(&self, site: &str, channel: &str, now: i64) -> Result<(), StoreError> {
        let gone = || {
            let update = self.update_bundle(site, channel).expression_attribute_names("#open", "open");
            update.expression_attribute_values(":now", n(now))
        };
        for _ in 0..TRIES {
            let alone = gone()
                .update_expression("SET sent_at = :now, expires_at = :expires REMOVE closed, since, told, #list, #id")
                .condition_expression("attribute_not_exists(#open)")
                .expression_attribute_values(":expires", n(now + KEEP))
                .expression_attribute_names("#list", LISTS.key)
                .expression_attribute_names("#id", "id");
            let next = gone()
                .update_expression(
                    "SET sent_at = :now, #list = :list, #id = :id REMOVE closed, since, told, expires_at",
                )
                .condition_expression("attribute_exists(#open)");
            let next = due_key::list(next, now + EVERY, &name(site, channel));
            if update_if(alone).await?.is_some() || update_if(next).await?.is_some() {
                return Ok(());
            }
        }
        Err(StoreError::Contended("a bundle of notifications"))
    }

    fn update_bundle(&self, site: &str, channel: &str) -> UpdateItemFluentBuilder {
        self.client.update_item().table_name(&self.table).set_key(Some(bundle_key(site, channel)))
    }
}

/// What tells a channel's bundle from others in the list of what is due.
fn name(site: &str, channel: &str) -> String {
    format!("{site}#bundles#{channel}")
}

fn bundle_key(site: &str, channel: &str) -> Item {
    key(format!("{site}#bundles"), channel)
}

fn members_pk(site: &str, bundle: Uuid) -> String {
    format!("{site}#bundle#{bundle}")
}

fn uuid(item: &Item, name: &str) -> Option<Uuid> {
    item.get(name)?.as_s().ok()?.parse().ok()
}
