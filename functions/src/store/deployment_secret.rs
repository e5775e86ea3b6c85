//! The deployment's secret, from which all its keys are made.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use ring::rand::{SecureRandom, SystemRandom};

use super::error::StoreError;
use super::schema::{Item, key, stamped};
use super::table::Store;
use crate::keys::Keys;

impl Store {
    /// Has a connection opened that later calls will use, by asking for something small. If that fails, a later call
    /// opens it.
    pub(crate) async fn open_connection(&self) {
        let _ = self.get(secret_key(), false).await;
    }

    /// The deployment's secret. Made by who asks first; everybody else gets the same.
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
}

/// The deployment's secret.
pub(super) fn secret_key() -> Item {
    key("deployment".into(), "secret")
}
