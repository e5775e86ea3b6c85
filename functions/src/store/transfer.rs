//! Transfer: items as they are, of whatever kind, for export and import, not for reading them.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure as OnFailure;
use serde_json::Value;

use super::deployment_secret::secret_key;
use super::error::StoreError;
use super::schema::{Item, number};
use super::table::Store;

/// Kinds that stay behind: what is known for minutes or hours, and who is signed in.
const LEFT: [&str; 8] = ["claim", "rate", "token", "sign-in", "sessions", "hour", "bundle", "bundles"];

/// Where the deployment's own items stand.
const DEPLOYMENT: &str = "deployment";

/// An item, of whatever kind and release.
#[derive(Debug, Clone, PartialEq)]
pub struct TransferItem(Item);

/// What came of importing an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportOutcome {
    /// It was not there.
    New,
    /// It was there, and the same.
    Same,
    /// Another one was there, and is.
    Other,
}

impl TransferItem {
    /// As `DynamoDB` JSON: each value with its type, numbers to the last digit, bytes in base64.
    pub fn to_json(&self) -> Result<Value, serde_json::Error> {
        serde_json::to_value(serde_dynamo::Item::from(self.0.clone()))
    }

    /// Reads what [`Self::to_json`] made.
    pub fn from_json(json: Value) -> Result<Self, serde_json::Error> {
        Ok(Self(serde_json::from_value::<serde_dynamo::Item>(json)?.into()))
    }

    /// What kind of item it is: the word behind the site's id in its key; none for the deployment's own. What a network
    /// has sent in a minute is a rate, though it stands beside the network's block.
    #[must_use]
    pub fn kind(&self) -> Option<&str> {
        match self.pk().split('#').nth(1) {
            Some("block") if self.sk().bytes().all(|byte| byte.is_ascii_digit()) => Some("rate"),
            kind => kind,
        }
    }

    /// Whether it is the deployment's secret.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        let text = |name: &str| self.0.get(name).and_then(|value| value.as_s().ok()).map(String::as_str);
        (text("pk"), text("sk")) == (Some(DEPLOYMENT), Some("secret"))
    }

    /// Whether it goes along when a site, or all of them, are transferred at a time (seconds since 1970): not if it has
    /// expired by then. What is no site's goes along with each.
    #[must_use]
    pub fn is_transferred(&self, site: Option<&str>, now: i64) -> bool {
        let of = self.pk().split('#').next().unwrap_or_default();
        let of_site = site.is_none_or(|site| [site, DEPLOYMENT, ""].contains(&of));
        let until = number::<i64>(&self.0, "expires_at");
        let left = self.kind().is_some_and(|kind| LEFT.contains(&kind));
        of_site && !left && until.is_none_or(|until| until > now)
    }

    fn pk(&self) -> &str {
        self.text("pk")
    }

    fn sk(&self) -> &str {
        self.text("sk")
    }

    fn text(&self, name: &str) -> &str {
        self.0.get(name).and_then(|value| value.as_s().ok()).map_or("", String::as_str)
    }
}

impl Store {
    /// What tells this table from every other, also from one of the same name that was deleted, and about how many
    /// items there are.
    pub async fn identity(&self) -> Result<(String, u64), StoreError> {
        let described = self.client.describe_table().table_name(&self.table).send().await?.table;
        let table = described.ok_or_else(|| StoreError::Unavailable("DescribeTable describes no table".into()))?;
        let made = table.creation_date_time.map_or(0.0, |at| at.as_secs_f64());
        let name = format!("{} of {made}", table.table_arn.as_deref().unwrap_or(&self.table));
        Ok((name, table.item_count.and_then(|count| count.try_into().ok()).unwrap_or_default()))
    }

    /// The deployment's secret, if there is one yet.
    pub async fn export_secret(&self) -> Result<Option<TransferItem>, StoreError> {
        Ok(self.get(secret_key(), true).await?.map(TransferItem))
    }

    /// A part of all that is stored, of up to 1 MB, and the key after which the next part begins.
    pub async fn scan(
        &self,
        after: Option<TransferItem>,
    ) -> Result<(Vec<TransferItem>, Option<TransferItem>), StoreError> {
        let scan = self.client.scan().table_name(&self.table).consistent_read(true);
        let output = scan.set_exclusive_start_key(after.map(|TransferItem(key)| key)).send().await?;
        Ok((
            output.items.unwrap_or_default().into_iter().map(TransferItem).collect(),
            output.last_evaluated_key.map(TransferItem),
        ))
    }

    /// Puts an item where none is.
    pub async fn import_item(&self, TransferItem(item): &TransferItem) -> Result<ImportOutcome, StoreError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item.clone()))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(OnFailure::AllOld);
        match put.send().await.map_err(SdkError::into_service_error) {
            Ok(_) => Ok(ImportOutcome::New),
            Err(PutItemError::ConditionalCheckFailedException(failed)) if failed.item.as_ref() == Some(item) => {
                Ok(ImportOutcome::Same)
            }
            Err(PutItemError::ConditionalCheckFailedException(_)) => Ok(ImportOutcome::Other),
            Err(error) => Err(StoreError::unavailable(&error)),
        }
    }

    /// Puts the deployment's secret in the place of another. Whatever runs keeps the old one until it starts anew.
    pub async fn replace_secret(&self, TransferItem(item): &TransferItem) -> Result<(), StoreError> {
        self.client.put_item().table_name(&self.table).set_item(Some(item.clone())).send().await?;
        Ok(())
    }
}
