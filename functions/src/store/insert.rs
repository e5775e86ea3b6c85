//! Taking something in: at most four write units and two read units for a submission of up to 1 KB.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure as OnFailure};
use jiff::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};
use uuid::Uuid;

use super::{Item, Store, StoreError, VERSION, claim_key, item, key, n, s, secret_key, stamped};
use crate::keys::Keys;
use crate::submission::Submission;

/// How long the same content counts as one submission, in milliseconds.
const REPEAT_WINDOW_MS: i64 = 600_000;

/// How long content is remembered as seen, in seconds: 30 days.
pub const CLAIM_SECONDS: i64 = 30 * 86_400;

/// The id under which a submission's content is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// The id: a new one, or that of the same content sent within the last ten minutes.
    pub id: Uuid,
    /// Whether the id is new.
    pub first: bool,
    /// How often the same content came before that, more than ten minutes apart.
    pub repeats: u32,
}

/// What became of a form token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spent {
    /// Whether it was spent on this content: now, or by an earlier try to send the same.
    pub here: bool,
    /// How often it was sent, this time included.
    pub times: u32,
}

impl Store {
    /// The deployment's secret. Made by whoever asks first; everybody else gets the same.
    pub async fn secret(&self) -> Result<Vec<u8>, StoreError> {
        if let Some(secret) = self.stored_secret().await? {
            return Ok(secret);
        }
        let mut secret = vec![0; Keys::LENGTH];
        SystemRandom::new().fill(&mut secret).map_err(|_| StoreError::NoRandomness)?;
        let put = self.client.put_item().table_name(&self.table).set_item(Some(stamped(secret_key())));
        let put = put.item("secret", AttributeValue::B(Blob::new(secret.clone())));
        match put.condition_expression("attribute_not_exists(pk)").send().await.map_err(SdkError::into_service_error) {
            Ok(_) => Ok(secret),
            Err(PutItemError::ConditionalCheckFailedException(_)) => {
                self.stored_secret().await?.ok_or_else(|| StoreError::malformed("the deployment's secret"))
            }
            Err(error) => Err(StoreError::unavailable(&error)),
        }
    }

    async fn stored_secret(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let get = self.client.get_item().table_name(&self.table).set_key(Some(secret_key()));
        let item = get.consistent_read(true).send().await?.item;
        Ok(item.and_then(|item| item.get("secret")?.as_b().ok().map(|secret| secret.clone().into_inner())))
    }

    /// Counts one submission of a network in this minute, or one of whatever else the hash stands for; gives the count.
    pub async fn hit(&self, site: &str, network: &str, now: Timestamp) -> Result<u32, StoreError> {
        self.hit_within(1, site, network, now).await
    }

    /// Counts like [`Self::hit`] what happens in a span of so many minutes.
    pub async fn hit_within(&self, minutes: i64, site: &str, network: &str, now: Timestamp) -> Result<u32, StoreError> {
        let minute = now.as_second() / 60 / minutes * minutes;
        let output = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(format!("{site}#rate#{network}"), &minute.to_string())))
            .update_expression("SET expires_at = :expires, v = :v ADD hits :one")
            .expression_attribute_values(":expires", n((minute + minutes + 1) * 60))
            .expression_attribute_values(":v", n(VERSION))
            .expression_attribute_values(":one", n(1))
            .return_values(ReturnValue::UpdatedNew)
            .send()
            .await?;
        Ok(output.attributes.as_ref().and_then(|item| number(item, "hits")).unwrap_or_default())
    }

    /// Spends a form token on content with this hash, unless it was spent on other content before. Of many tries at one
    /// moment the first wins.
    pub async fn spend(&self, site: &str, token: Uuid, content: &str, expires_at: i64) -> Result<Spent, StoreError> {
        let output = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(format!("{site}#token#{token}"), "item")))
            .update_expression(
                "SET content = if_not_exists(content, :content), expires_at = :expires, v = :v ADD times :one",
            )
            .expression_attribute_values(":content", s(content))
            .expression_attribute_values(":expires", n(expires_at))
            .expression_attribute_values(":v", n(VERSION))
            .expression_attribute_values(":one", n(1))
            .return_values(ReturnValue::AllNew)
            .send()
            .await?;
        let item = output.attributes.ok_or_else(|| StoreError::malformed("a form token"))?;
        let first = item.get("content").and_then(|first| first.as_s().ok());
        let here = first.is_some_and(|first| first == content);
        Ok(Spent { here, times: number(&item, "times").unwrap_or(u32::MAX) })
    }

    /// Claims `id` for content with this hash, or gives the id claimed for the same content less than ten minutes ago.
    /// Whoever gets an id stores under it, so that a claim whose owner died is taken up by the next try, and two tries
    /// at one moment store one item.
    pub async fn claim(&self, site: &str, content: &str, id: Uuid, now: Timestamp) -> Result<Claim, StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(claim_key(site, content)))
            .update_expression("SET id = :id, claimed_at = :now, expires_at = :expires, v = :v ADD times :one")
            .condition_expression("attribute_not_exists(pk) OR claimed_at < :earlier")
            .expression_attribute_values(":id", s(id))
            .expression_attribute_values(":v", n(VERSION))
            .expression_attribute_values(":now", n(now.as_millisecond()))
            .expression_attribute_values(":earlier", n(now.as_millisecond() - REPEAT_WINDOW_MS))
            .expression_attribute_values(":expires", n(now.as_second() + CLAIM_SECONDS))
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
        Ok(Claim { id: claimed, first: claimed == id, repeats: number(&item, "times").unwrap_or(1).saturating_sub(1) })
    }

    /// Stores a submission under its claimed id. Gives the one that is stored: this one, or the one that was there.
    pub async fn insert(&self, submission: Submission) -> Result<Submission, StoreError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item(&submission)?))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(OnFailure::AllOld);
        match put.send().await.map_err(SdkError::into_service_error) {
            Ok(_) => Ok(submission),
            Err(PutItemError::ConditionalCheckFailedException(failed)) => {
                super::submission(failed.item.ok_or(StoreError::Gone)?)
            }
            Err(error) => Err(StoreError::unavailable(&error)),
        }
    }
}

fn number(item: &Item, name: &str) -> Option<u32> {
    item.get(name)?.as_n().ok()?.parse().ok()
}
