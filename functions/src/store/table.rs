//! The table, and what is done with items of any kind.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{KeysAndAttributes, ReturnValue};

use super::error::StoreError;
use super::item::known;
use super::schema::Item;

/// The table.
#[derive(Debug, Clone)]
pub struct Store {
    pub(super) client: Client,
    pub(super) table: String,
}

/// How many items `BatchGetItem` takes.
pub(super) const BATCH: usize = 100;

/// How often what `BatchGetItem` left over is asked for again.
const TRIES: usize = 5;

impl Store {
    /// The table of that name.
    #[must_use]
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// The items with these different keys, in any order.
    pub(super) async fn batch(&self, keys: Vec<Item>) -> Result<Vec<Item>, StoreError> {
        let mut found = Vec::new();
        for keys in keys.chunks(BATCH) {
            let wanted = KeysAndAttributes::builder().set_keys(Some(keys.to_vec())).build()?;
            let mut requests = HashMap::from([(self.table.clone(), wanted)]);
            for _ in 0..TRIES {
                if requests.is_empty() {
                    break;
                }
                let output = self.client.batch_get_item().set_request_items(Some(requests)).send().await?;
                let items = output.responses.unwrap_or_default().into_values().flatten();
                found.extend(items.map(known).collect::<Result<Vec<_>, _>>()?);
                requests = output.unprocessed_keys.unwrap_or_default();
            }
            if !requests.is_empty() {
                return Err(StoreError::Unavailable("BatchGetItem keeps leaving keys over".into()));
            }
        }
        Ok(found)
    }

    pub(super) async fn get(&self, key: Item, consistent: bool) -> Result<Option<Item>, StoreError> {
        let get = self.client.get_item().table_name(&self.table).set_key(Some(key));
        get.consistent_read(consistent).send().await?.item.map(known).transpose()
    }

    /// Deletes an item; gives whether it was there.
    pub(super) async fn delete(&self, key: Item) -> Result<bool, StoreError> {
        let delete = self.client.delete_item().table_name(&self.table).set_key(Some(key));
        let deleted = delete.return_values(ReturnValue::AllOld).send().await?;
        Ok(deleted.attributes.is_some_and(|item| !item.is_empty()))
    }
}

/// Makes a change if its condition is met; gives what was asked for of the item, and nothing if it is not met.
pub(super) async fn update_if(update: UpdateItemFluentBuilder) -> Result<Option<Item>, StoreError> {
    match update.send().await.map_err(SdkError::into_service_error) {
        Ok(output) => Ok(Some(output.attributes.unwrap_or_default())),
        Err(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(None),
        Err(error) => Err(StoreError::unavailable(&error)),
    }
}
