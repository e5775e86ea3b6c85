//! Quotas: how many deliveries over a channel are made in an hour, how many text messages are sent in a month, and how
//! often an address is answered in a day. What is allowed is taken by one conditional write before anything is sent, so
//! that it holds however many ask at once.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure as OnFailure;
use jiff::Timestamp;
use uuid::Uuid;

use super::error::StoreError;
use super::schema::{Item, VERSION, key, n, number, s, stamped};
use super::table::{Store, update_if};
use super::transact::TRIES;

/// For how long it is known how many messages a month saw, in seconds.
const KEEP_MONTH: i64 = 100 * 86_400;

/// How long an hour of deliveries is, in seconds. It begins with the first of them.
const HOUR: i64 = 3_600;

/// How often an address is answered at most, in seconds.
const ANSWER_EVERY: i64 = 86_400;

/// Text messages of a channel in a calendar month.
#[derive(Debug, Clone, Copy)]
pub struct TextQuota<'a> {
    /// The site's id.
    pub site: &'a str,
    /// The channel's name.
    pub channel: &'a str,
    /// `2026-11`.
    pub month: &'a str,
}

impl Store {
    /// Takes one of a month's messages, if fewer than `cap` were taken.
    pub async fn take_text(&self, quota: TextQuota<'_>, cap: u32) -> Result<bool, StoreError> {
        let update = self
            .update_quota(quota)
            .update_expression("SET expires_at = :expires, v = :v ADD taken :one")
            .condition_expression("attribute_not_exists(taken) OR taken < :cap")
            .expression_attribute_values(":expires", n(Timestamp::now().as_second() + KEEP_MONTH))
            .expression_attribute_values(":v", n(VERSION))
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":cap", n(cap));
        Ok(update_if(update).await?.is_some())
    }

    /// Gives one back that certainly was not sent.
    pub async fn return_text(&self, quota: TextQuota<'_>) -> Result<(), StoreError> {
        give_back(self.update_quota(quota)).await
    }

    /// Notes that the owner is told that a month's messages are used up; gives whether nobody else did.
    pub async fn note_quota_exceeded(&self, quota: TextQuota<'_>) -> Result<bool, StoreError> {
        let update = self
            .update_quota(quota)
            .update_expression("SET told = :yes")
            .condition_expression("attribute_not_exists(told)")
            .expression_attribute_values(":yes", n(1));
        Ok(update_if(update).await?.is_some())
    }

    /// Forgets that the owner was told, for that failed.
    pub async fn forget_quota_exceeded(&self, quota: TextQuota<'_>) -> Result<(), StoreError> {
        update_if(self.update_quota(quota).update_expression("REMOVE told")).await.map(drop)
    }

    fn update_quota(&self, quota: TextQuota<'_>) -> UpdateItemFluentBuilder {
        let key = key(format!("{}#month#{}", quota.site, quota.channel), quota.month);
        self.client.update_item().table_name(&self.table).set_key(Some(key))
    }

    /// Takes one of an hour's deliveries over a channel, if fewer than `cap` were taken; `now` in seconds since 1970.
    pub async fn take_delivery(&self, site: &str, channel: &str, cap: u32, now: i64) -> Result<bool, StoreError> {
        for _ in 0..TRIES {
            let take = self
                .update_hour(site, channel)
                .update_expression("ADD taken :one")
                .condition_expression("expires_at > :now AND taken < :cap")
                .expression_attribute_values(":one", n(1))
                .expression_attribute_values(":now", n(now))
                .expression_attribute_values(":cap", n(cap))
                .return_values_on_condition_check_failure(OnFailure::AllOld);
            match take.send().await.map_err(SdkError::into_service_error) {
                Ok(_) => return Ok(true),
                Err(UpdateItemError::ConditionalCheckFailedException(refused)) => {
                    let until = refused.item.and_then(|item| number::<i64>(&item, "expires_at"));
                    if until.is_some_and(|until| until > now) {
                        return Ok(false);
                    }
                }
                Err(error) => return Err(StoreError::unavailable(&error)),
            }
            let begin = self
                .update_hour(site, channel)
                .update_expression("SET taken = :one, expires_at = :until, v = :v")
                .condition_expression("attribute_not_exists(pk) OR expires_at <= :now")
                .expression_attribute_values(":one", n(1))
                .expression_attribute_values(":until", n(now + HOUR))
                .expression_attribute_values(":v", n(VERSION))
                .expression_attribute_values(":now", n(now));
            if update_if(begin).await?.is_some() {
                return Ok(true);
            }
        }
        Err(StoreError::Contended("an hour's deliveries"))
    }

    /// Gives one back that was not made.
    pub async fn return_delivery(&self, site: &str, channel: &str) -> Result<(), StoreError> {
        give_back(self.update_hour(site, channel)).await
    }

    fn update_hour(&self, site: &str, channel: &str) -> UpdateItemFluentBuilder {
        let key = key(format!("{site}#hour#{channel}"), "item");
        self.client.update_item().table_name(&self.table).set_key(Some(key))
    }

    /// Takes the day's one answer to a person, by [`crate::app::App::person_hash`], for a lead; again for the same
    /// lead, whose answer may have failed.
    pub async fn take_autoresponse(&self, site: &str, person: &str, lead: Uuid) -> Result<bool, StoreError> {
        let now = Timestamp::now().as_second();
        let put = self.client.put_item().table_name(&self.table).set_item(Some(stamped(answer_key(site, person))));
        let put = put
            .item("submission", s(lead))
            .item("expires_at", n(now + ANSWER_EVERY))
            .condition_expression("attribute_not_exists(pk) OR expires_at <= :now OR submission = :lead")
            .expression_attribute_values(":now", n(now))
            .expression_attribute_values(":lead", s(lead));
        match put.send().await.map_err(SdkError::into_service_error) {
            Ok(_) => Ok(true),
            Err(PutItemError::ConditionalCheckFailedException(_)) => Ok(false),
            Err(error) => Err(StoreError::unavailable(&error)),
        }
    }

    /// Until when a person, by [`crate::app::App::person_hash`], is not answered again, in seconds since 1970, if they
    /// were answered.
    pub async fn answered(&self, site: &str, person: &str) -> Result<Option<i64>, StoreError> {
        let item = self.get(answer_key(site, person), false).await?;
        Ok(item.and_then(|item| number(&item, "expires_at")))
    }

    /// Forgets that a person was answered.
    pub async fn forget_answered(&self, site: &str, person: &str) -> Result<(), StoreError> {
        self.delete(answer_key(site, person)).await.map(drop)
    }
}

fn answer_key(site: &str, person: &str) -> Item {
    key(format!("{site}#answered#{person}"), "item")
}

/// Gives back one that was taken.
async fn give_back(update: UpdateItemFluentBuilder) -> Result<(), StoreError> {
    let update = update
        .update_expression("ADD taken :less")
        .condition_expression("taken > :none")
        .expression_attribute_values(":less", n(-1))
        .expression_attribute_values(":none", n(0));
    update_if(update).await.map(drop)
}
