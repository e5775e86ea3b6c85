//! What a site's filter has learnt from its owner: one item for each site, replaced as a whole if nobody else was quicker.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

use super::{Item, Store, StoreError, key, n, stamped};
use deskbell_filter::{SiteModel, Unreadable};

/// A site's memory as it is kept.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Remembered {
    /// What was learnt.
    pub memory: SiteModel,
    /// How often it was replaced; 0 if nothing is kept yet.
    pub version: u64,
}

impl Store {
    /// A site's memory, for judging by: perhaps not the newest.
    pub async fn memory(&self, site: &str) -> Result<SiteModel, StoreError> {
        Ok(remembered(self.get(memory_key(site), false).await?)?.memory)
    }

    /// A site's memory as it is now, for adding to it.
    pub async fn memory_now(&self, site: &str) -> Result<Remembered, StoreError> {
        remembered(self.get(memory_key(site), true).await?)
    }

    /// Puts `memory` in the place of what had this version. Gives whether it did: if not, somebody else was quicker.
    pub async fn replace_memory(&self, site: &str, version: u64, memory: &SiteModel) -> Result<bool, StoreError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(stamped(memory_key(site))))
            .item("memory", AttributeValue::B(Blob::new(memory.to_bytes())))
            .item("version", n(version + 1))
            .condition_expression("attribute_not_exists(pk) OR version = :version")
            .expression_attribute_values(":version", n(version));
        match put.send().await.map_err(SdkError::into_service_error) {
            Ok(_) => Ok(true),
            Err(PutItemError::ConditionalCheckFailedException(_)) => Ok(false),
            Err(error) => Err(StoreError::unavailable(&error)),
        }
    }
}

fn memory_key(site: &str) -> Item {
    key(format!("{site}#memory"), "item")
}

/// What cannot be read is an error and not a beginning: it may be a newer release's, and is not to be overwritten.
fn remembered(item: Option<Item>) -> Result<Remembered, StoreError> {
    let Some(item) = item else { return Ok(Remembered::default()) };
    let bytes = item.get("memory").and_then(|bytes| bytes.as_b().ok()).ok_or(Unreadable)?;
    let version = item.get("version").and_then(|version| version.as_n().ok()?.parse().ok()).ok_or(Unreadable)?;
    Ok(Remembered { memory: SiteModel::from_bytes(bytes.as_ref(), Timestamp::now())?, version })
}
