//! Idempotency keys: the id under which content is stored, by the keyed hash of the content, so that what is sent twice
//! is stored once.

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

/// The id under which content is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// The id: a new one, or that of the same content sent within the last ten minutes.
    pub id: Uuid,
    /// Whether the id is new.
    pub first: bool,
    /// How often the same content came before that, more than ten minutes apart.
    pub repeats: u32,
}

impl Store {
    /// Takes `id` for content with this hash, or gives the id taken for the same content less than ten minutes ago.
    /// Who gets an id stores under it, so that what somebody took and did not store is stored by the next try, and two
    /// tries at one moment store one item.
    pub async fn idempotency_key(
        &self,
        site: &str,
        content: &str,
        id: Uuid,
        now: Timestamp,
    ) -> Result<IdempotencyKey, StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key_of(site, content)))
            .update_expression("SET id = :id, claimed_at = :now, expires_at = :expires, v = :v ADD times :one")
            .condition_expression("attribute_not_exists(pk) OR claimed_at < :earlier")
            .expression_attribute_values(":id", s(id))
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
        let claimed = item.get("id").and_then(|id| id.as_s().ok()?.parse().ok());
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
        let same = item.get("id") == Some(&s(id));
        Ok(number(&item, "expires_at").filter(|_| same))
    }

    /// Forgets that content with this hash was seen, if it was what is stored under this id.
    pub async fn delete_idempotency_key(&self, site: &str, content: &str, id: Uuid) -> Result<(), StoreError> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(key_of(site, content)))
            .condition_expression("id = :id")
            .expression_attribute_values(":id", s(id));
        match delete.send().await.map_err(SdkError::into_service_error) {
            Ok(_) | Err(DeleteItemError::ConditionalCheckFailedException(_)) => Ok(()),
            Err(error) => Err(StoreError::unavailable(&error)),
        }
    }
}

fn key_of(site: &str, content: &str) -> Item {
    key(format!("{site}#claim#{content}"), "item")
}
