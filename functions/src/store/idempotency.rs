//! Idempotency keys: the id under which content is stored, by the keyed hash of the content, so that what is sent twice
//! is stored once.
//!
//! An item counts how often anybody has sent the same content, and holds the ids that senders have claimed for it, each
//! sender for themselves: nobody else's content answers for one's own. A sender has one of [`SLOTS`] places in the
//! item, which stays small, whoever sends what. Should two have the same place, whoever comes in between only makes the
//! other's second try a submission of its own.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure as OnFailure};
use jiff::Timestamp;
use uuid::Uuid;

use super::error::StoreError;
use super::schema::{Item, VERSION, key, n, number, s};
use super::table::Store;

/// How long the same content counts as one submission, in milliseconds.
const REPEAT_WINDOW_MS: i64 = 600_000;

/// How long content is remembered as seen, in seconds: 30 days.
pub const IDEMPOTENCY_SECONDS: i64 = 30 * 86_400;

/// How many senders' claims an item holds.
const SLOTS: u8 = 10;

/// The id under which content is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// The id: a new one, or that of the same content sent within the last ten minutes.
    pub id: Uuid,
    /// Whether the id is new.
    pub first: bool,
    /// How often the same content came before that, more than ten minutes apart, or from somebody else.
    pub repeats: u32,
}

/// Who sends what.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    /// The site's id.
    pub site: &'a str,
    /// The keyed hash of the content.
    pub content: &'a str,
    /// A keyed hash of whoever sends it.
    pub sender: &'a str,
}

impl Claim<'_> {
    /// The sender's place.
    fn slot(&self) -> u8 {
        self.sender.bytes().fold(0_u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte)) % SLOTS
    }
}

impl Store {
    /// Takes `id` for what a sender sends, or gives the id that the same sender took for the same content less than ten
    /// minutes ago, unless that is `consumed`. Who gets an id stores under it, so that what somebody took and did not
    /// store is stored by the next try, and two tries at one moment store one item.
    pub async fn idempotency_key(
        &self,
        claim: Claim<'_>,
        id: Uuid,
        consumed: Option<Uuid>,
        now: Timestamp,
    ) -> Result<IdempotencyKey, StoreError> {
        let slot = claim.slot();
        let taken = format!("id{slot}");
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key_of(claim.site, claim.content)))
            .update_expression("SET #id = :id, #by = :by, #at = :now, expires_at = :expires, v = :v ADD times :one")
            .condition_expression("attribute_not_exists(#id) OR #by <> :by OR #at < :earlier OR #id = :consumed")
            .expression_attribute_names("#id", &taken)
            .expression_attribute_names("#by", format!("by{slot}"))
            .expression_attribute_names("#at", format!("at{slot}"))
            .expression_attribute_values(":id", s(id))
            .expression_attribute_values(":by", s(claim.sender))
            .expression_attribute_values(":consumed", s(consumed.unwrap_or_default()))
            .expression_attribute_values(":v", n(VERSION))
            .expression_attribute_values(":now", n(now.as_millisecond()))
            .expression_attribute_values(":earlier", n(now.as_millisecond() - REPEAT_WINDOW_MS))
            .expression_attribute_values(":expires", n(now.as_second() + IDEMPOTENCY_SECONDS))
            .expression_attribute_values(":one", n(1))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(OnFailure::AllOld);
        let item = match update.send().await.map_err(SdkError::into_service_error) {
            Ok(output) => output.attributes,
            Err(UpdateItemError::ConditionalCheckFailedException(failed)) => failed.item,
            Err(error) => return Err(StoreError::unavailable(&error)),
        };
        let item = item.unwrap_or_default();
        let claimed = item.get(&taken).and_then(|id| id.as_s().ok()?.parse().ok());
        let claimed = claimed.ok_or_else(|| StoreError::malformed("an idempotency key"))?;
        Ok(IdempotencyKey {
            id: claimed,
            first: claimed == id,
            repeats: number(&item, "times").unwrap_or(1_u32).saturating_sub(1),
        })
    }

    /// Until when it is known that content with this hash was seen, in seconds since 1970, if it is what is stored
    /// under this id.
    pub async fn idempotency_expiry(&self, site: &str, content: &str, id: Uuid) -> Result<Option<i64>, StoreError> {
        let item = self.get(key_of(site, content), false).await?.unwrap_or_default();
        let same = places().any(|place| item.get(&place) == Some(&s(id)));
        Ok(number(&item, "expires_at").filter(|_| same))
    }

    /// Forgets that content with this hash was seen, if it was what is stored under this id.
    pub async fn delete_idempotency_key(&self, site: &str, content: &str, id: Uuid) -> Result<(), StoreError> {
        let conditions: Vec<String> = places().map(|place| format!("{place} = :id")).collect();
        let delete = self
            .client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(key_of(site, content)))
            .condition_expression(conditions.join(" OR "))
            .expression_attribute_values(":id", s(id));
        match delete.send().await.map_err(SdkError::into_service_error) {
            Ok(_) | Err(DeleteItemError::ConditionalCheckFailedException(_)) => Ok(()),
            Err(error) => Err(StoreError::unavailable(&error)),
        }
    }
}

/// Where an id may stand; the first is where releases put it that knew no senders.
fn places() -> impl Iterator<Item = String> {
    std::iter::once("id".to_owned()).chain((0..SLOTS).map(|slot| format!("id{slot}")))
}

fn key_of(site: &str, content: &str) -> Item {
    key(format!("{site}#claim#{content}"), "item")
}
