//! Site models, what a site's filter has learnt from its owner: one item for each site, replaced as a whole if nobody
//! else was quicker.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

use super::error::StoreError;
use super::schema::{Item, key, n, number, stamped};
use super::table::Store;
use deskbell_filter::{SiteModel, Unreadable};

/// A site's model as it is kept.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StoredSiteModel {
    /// What was learnt.
    pub model: SiteModel,
    /// How often it was replaced; 0 if nothing is kept yet.
    pub version: u64,
}

impl Store {
    /// A site's model, for judging by: perhaps not the newest.
    pub async fn site_model(&self, site: &str) -> Result<SiteModel, StoreError> {
        Ok(stored(self.get(model_key(site), false).await?)?.model)
    }

    /// A site's model as it is now, for adding to it.
    pub async fn site_model_now(&self, site: &str) -> Result<StoredSiteModel, StoreError> {
        stored(self.get(model_key(site), true).await?)
    }

    /// Puts `model` in the place of what had this version. Gives whether it did: if not, somebody else was quicker.
    pub async fn replace_site_model(&self, site: &str, version: u64, model: &SiteModel) -> Result<bool, StoreError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(stamped(model_key(site))))
            .item("memory", AttributeValue::B(Blob::new(model.to_bytes())))
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

fn model_key(site: &str) -> Item {
    key(format!("{site}#memory"), "item")
}

/// What cannot be read is an error and not a beginning: it may be a newer release's, and is not to be overwritten.
fn stored(item: Option<Item>) -> Result<StoredSiteModel, StoreError> {
    let Some(item) = item else { return Ok(StoredSiteModel::default()) };
    let bytes = item.get("memory").and_then(|bytes| bytes.as_b().ok()).ok_or(Unreadable)?;
    let version = number(&item, "version").ok_or(Unreadable)?;
    Ok(StoredSiteModel { model: SiteModel::from_bytes(bytes.as_ref(), Timestamp::now())?, version })
}
