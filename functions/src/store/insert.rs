//! Storing a submission, once.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure as OnFailure;

use super::error::StoreError;
use super::item::{self, item};
use super::table::Store;
use crate::submission::Submission;

impl Store {
    /// Stores a submission under the id of its idempotency key. Gives the one that is stored: this one, or the one that
    /// was there.
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
                item::submission(failed.item.ok_or(StoreError::Gone)?)
            }
            Err(error) => Err(StoreError::unavailable(&error)),
        }
    }
}
