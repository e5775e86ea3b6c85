//! Rate limits: how much of anything comes in some minutes. What a network sends is counted in [`super::network`].

use aws_sdk_dynamodb::types::ReturnValue;
use jiff::Timestamp;

use super::error::StoreError;
use super::schema::{VERSION, key, n, number};
use super::table::Store;

impl Store {
    /// Counts one of whatever the hash stands for in this minute; gives the count.
    pub async fn count_request(&self, site: &str, network: &str, now: Timestamp) -> Result<u32, StoreError> {
        self.count_request_within(1, site, network, now).await
    }

    /// Counts like [`Self::count_request`] what happens in a span of so many minutes.
    pub async fn count_request_within(
        &self,
        minutes: i64,
        site: &str,
        network: &str,
        now: Timestamp,
    ) -> Result<u32, StoreError> {
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
}
