//! What became of deliveries, noted with the submission.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata as _, SdkError};
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure as OnFailure};
use jiff::Timestamp;
use uuid::Uuid;

use super::error::StoreError;
use super::item::{readable, submission};
use super::schema::{Item, LISTS, comment_list, id_at, key, lead_list, s, submission_pk};
use super::table::{Store, update_if};
use super::undelivered::Undelivered;
use crate::submission::delivery::{Delivery, DeliveryState};
use crate::submission::{Status, Submission};

/// The most parts of 1 MB of a list that are looked through for what was never delivered.
const MAX_PARTS: usize = 5;

impl Store {
    /// Notes with a submission what became of a delivery. What was made stays made, and a submission that is gone stays
    /// gone.
    pub async fn note_delivery(
        &self,
        submission: &Submission,
        channel: &str,
        delivery: &Delivery,
    ) -> Result<(), StoreError> {
        let noting = || Ok::<_, StoreError>(self.noting(submission, channel, map(delivery)?));
        match noting()?.send().await.map_err(SdkError::into_service_error) {
            Ok(_) | Err(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(()),
            Err(error) if error.code() == Some("ValidationException") => {
                // Stored before deliveries were noted: there is nothing yet to put it into.
                self.begin_deliveries(submission).await?;
                Ok(noting()?.send().await.map(drop)?)
            }
            Err(error) => Err(StoreError::unavailable(&error)),
        }
    }

    fn noting(&self, submission: &Submission, channel: &str, delivery: AttributeValue) -> UpdateItemFluentBuilder {
        self.update_submission(&submission.site, submission.id)
            .update_expression("SET deliveries.#channel = :delivery")
            .condition_expression("attribute_exists(pk) AND NOT deliveries.#channel.#state = :sent")
            .expression_attribute_names("#channel", channel)
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":delivery", delivery)
            .expression_attribute_values(":sent", s("sent"))
    }

    /// Notes with a submission that a delivery that was made bounced.
    pub(crate) async fn note_bounce(
        &self,
        submission: &Submission,
        channel: &str,
        failed: &Delivery,
    ) -> Result<(), StoreError> {
        let update = self
            .update_submission(&submission.site, submission.id)
            .update_expression("SET deliveries.#channel = :failed")
            .condition_expression(
                "deliveries.#channel.#state = :sent OR begins_with(deliveries.#channel.#reason, :delayed)",
            )
            .expression_attribute_names("#channel", channel)
            .expression_attribute_names("#state", "state")
            .expression_attribute_names("#reason", "reason")
            .expression_attribute_values(":delayed", s("delayed"))
            .expression_attribute_values(":failed", map(failed)?)
            .expression_attribute_values(":sent", s("sent"));
        // Unless it is known already, or the submission is gone.
        update_if(update).await.map(drop)
    }

    async fn begin_deliveries(&self, submission: &Submission) -> Result<(), StoreError> {
        let update = self
            .update_submission(&submission.site, submission.id)
            .update_expression("SET deliveries = if_not_exists(deliveries, :none)")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":none", AttributeValue::M(Item::new()));
        Ok(update.send().await.map(drop)?)
    }

    /// Forgets that a delivery failed which does not apply any more: should it ever apply again, it is due.
    pub async fn forget_failure(&self, site: &str, id: Uuid, channel: &str) -> Result<(), StoreError> {
        let update = self
            .update_submission(site, id)
            .update_expression("REMOVE deliveries.#channel")
            .condition_expression("deliveries.#channel.#state = :failed")
            .expression_attribute_names("#channel", channel)
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":failed", s("failed"));
        // Unless it was made, or the submission is gone.
        update_if(update).await?;
        self.forget_undelivered(site, id, channel).await
    }

    /// Leads, and then comments that wait for the owner, which came in between two times and of whose delivery over a
    /// channel nothing is noted; the newest first. As many are read as came in, and 5,000 or so at most.
    pub async fn never_tried(
        &self,
        site: &str,
        channel: &str,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Submission>, StoreError> {
        let mut found = Vec::new();
        for list in [lead_list(site, Status::Received), comment_list(site, Status::Held)] {
            let mut after = None;
            for _ in 0..MAX_PARTS {
                let query = self.never_tried_in(&list, channel, from, to).set_exclusive_start_key(after);
                let output = query.send().await?;
                let items = output.items.unwrap_or_default();
                for submission in items.into_iter().filter_map(readable) {
                    found.push(submission?);
                }
                after = output.last_evaluated_key;
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(found)
    }

    fn never_tried_in(&self, list: &str, channel: &str, from: Timestamp, to: Timestamp) -> QueryFluentBuilder {
        self.client
            .query()
            .table_name(&self.table)
            .index_name(LISTS.name)
            .scan_index_forward(false)
            .key_condition_expression("#list = :list AND id BETWEEN :from AND :to")
            .filter_expression("attribute_not_exists(deliveries.#channel)")
            .expression_attribute_names("#list", LISTS.key)
            .expression_attribute_names("#channel", channel)
            .expression_attribute_values(":list", s(list))
            .expression_attribute_values(":from", s(id_at(from, u8::MIN)))
            .expression_attribute_values(":to", s(id_at(to, u8::MAX)))
    }

    /// Makes a failed delivery due, so that the stream brings it; it is tried again from `again_at` (seconds since
    /// 1970) on, should that be missed. Gives whether it did: not if it was made, if it is due already, or if the
    /// submission is gone.
    pub async fn make_due(&self, site: &str, failed: &Undelivered, again_at: i64) -> Result<bool, StoreError> {
        self.set_next_attempt(site, failed, again_at).await?;
        let due = Delivery { state: DeliveryState::Due, since: None, again_at: None, ..failed.delivery.clone() };
        let update = self
            .update_submission(site, failed.id)
            .update_expression("SET deliveries.#channel = :due")
            .condition_expression("deliveries.#channel.#state = :failed")
            .expression_attribute_names("#channel", &failed.channel)
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":due", map(&due)?)
            .expression_attribute_values(":failed", s("failed"))
            .return_values_on_condition_check_failure(OnFailure::AllOld);
        match update.send().await.map_err(SdkError::into_service_error) {
            Ok(_) => Ok(true),
            Err(UpdateItemError::ConditionalCheckFailedException(refused)) => {
                if made_or_gone(refused.item, &failed.channel)? {
                    self.forget_undelivered(site, failed.id, &failed.channel).await?;
                }
                Ok(false)
            }
            Err(error) => Err(StoreError::unavailable(&error)),
        }
    }

    fn update_submission(&self, site: &str, id: Uuid) -> UpdateItemFluentBuilder {
        let key = key(submission_pk(site, id), "item");
        self.client.update_item().table_name(&self.table).set_key(Some(key))
    }
}

/// Whether a submission, as it was found, is not there or was delivered over this channel.
fn made_or_gone(found: Option<Item>, channel: &str) -> Result<bool, StoreError> {
    let Some(found) = found else { return Ok(true) };
    let delivery = submission(found)?.deliveries.remove(channel);
    Ok(delivery.is_some_and(|delivery| delivery.state == DeliveryState::Sent))
}

fn map(delivery: &Delivery) -> Result<AttributeValue, StoreError> {
    Ok(serde_dynamo::to_attribute_value(delivery)?)
}
