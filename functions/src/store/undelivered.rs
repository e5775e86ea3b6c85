//! Deliveries that failed or have to wait, in a list of their own: by it `deskbell redrive` and the inbox find them.
//! Those that are tried again stand in the list of what is due besides, by time: see `due.rs`.

use futures_util::future::try_join_all;
use jiff::Timestamp;
use uuid::Uuid;

use super::due_key;
use super::error::StoreError;
use super::schema::{Item, key, n, s, stamped};
use super::table::{Store, update_if};
use crate::submission::Submission;
use crate::submission::delivery::Delivery;

/// For how long it is known that something was not delivered, if what it is about is kept for good; in seconds.
const KEEP_SECONDS: i64 = 90 * 86_400;

/// A delivery that failed or has to wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undelivered {
    /// The submission's id.
    pub id: Uuid,
    /// The channel's name.
    pub channel: String,
    /// What became of it.
    pub delivery: Delivery,
}

impl Store {
    /// Keeps, where it is found by one query, that a delivery failed or has to wait, and when it is tried again.
    pub async fn keep_undelivered(
        &self,
        submission: &Submission,
        channel: &str,
        delivery: &Delivery,
    ) -> Result<(), StoreError> {
        let Submission { site, id, expires_at, .. } = submission;
        let mut item: Item = serde_dynamo::to_item(delivery)?;
        item.extend(stamped(undelivered_key(site, *id, channel)));
        if let Some(at) = delivery.again_at {
            item.extend(due_key::listed(at, &due_name(site, *id, channel)));
        }
        let expires_at = expires_at.unwrap_or_else(|| Timestamp::now().as_second() + KEEP_SECONDS);
        item.insert("expires_at".into(), n(expires_at));
        self.client.put_item().table_name(&self.table).set_item(Some(item)).send().await?;
        Ok(())
    }

    /// Forgets that it was known that a delivery failed.
    pub async fn forget_undelivered(&self, site: &str, id: Uuid, channel: &str) -> Result<(), StoreError> {
        let delete = self.client.delete_item().table_name(&self.table);
        delete.set_key(Some(undelivered_key(site, id, channel))).send().await?;
        Ok(())
    }

    /// Forgets that deliveries of a submission failed; gives how many.
    pub async fn forget_all_undelivered(&self, site: &str, id: Uuid) -> Result<usize, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :id)")
            .expression_attribute_values(":pk", s(undelivered_pk(site)))
            .expression_attribute_values(":id", s(format!("{id}#")));
        let items = query.send().await?.items.unwrap_or_default();
        let channels = items.iter().filter_map(|item| item.get("sk")?.as_s().ok()?.split_once('#'));
        let forgetting = channels.map(|(_, channel)| self.forget_undelivered(site, id, channel));
        Ok(try_join_all(forgetting).await?.len())
    }

    /// Deliveries of a site that failed, in the order of their submissions, from after one of them on.
    pub async fn undelivered(
        &self,
        site: &str,
        after: Option<&Undelivered>,
        limit: usize,
    ) -> Result<Vec<Undelivered>, StoreError> {
        let after = after.map_or_else(|| " ".into(), |after| undelivered_sk(after.id, &after.channel));
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND sk > :after")
            .expression_attribute_values(":pk", s(undelivered_pk(site)))
            .expression_attribute_values(":after", s(after))
            .limit(i32::try_from(limit).unwrap_or(i32::MAX));
        let items = query.send().await?.items.unwrap_or_default();
        items.into_iter().map(parse_undelivered).collect()
    }

    /// Sets when a failed delivery is seen to, unless it was made meanwhile.
    pub(crate) async fn set_next_attempt(
        &self,
        site: &str,
        failed: &Undelivered,
        again_at: i64,
    ) -> Result<(), StoreError> {
        let key = undelivered_key(site, failed.id, &failed.channel);
        let update = self.client.update_item().table_name(&self.table).set_key(Some(key));
        let update = update
            .update_expression("SET again_at = :at, #list = :list, #id = :id")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":at", n(again_at));
        let update = due_key::list(update, again_at, &due_name(site, failed.id, &failed.channel));
        update_if(update).await.map(drop)
    }
}

fn undelivered_pk(site: &str) -> String {
    format!("{site}#undelivered")
}

fn undelivered_key(site: &str, id: Uuid, channel: &str) -> Item {
    key(undelivered_pk(site), &undelivered_sk(id, channel))
}

/// What tells a delivery from others in the list of what is due.
fn due_name(site: &str, id: Uuid, channel: &str) -> String {
    format!("{site}#{}", undelivered_sk(id, channel))
}

fn undelivered_sk(id: Uuid, channel: &str) -> String {
    format!("{id}#{channel}")
}

pub(super) fn parse_undelivered(item: Item) -> Result<Undelivered, StoreError> {
    let sk = item.get("sk").and_then(|sk| sk.as_s().ok()?.split_once('#'));
    let known = sk.and_then(|(id, channel)| Some((id.parse().ok()?, channel.to_owned())));
    let (id, channel) = known.ok_or_else(|| StoreError::malformed("a failed delivery"))?;
    Ok(Undelivered { id, channel, delivery: serde_dynamo::from_item(item)? })
}
