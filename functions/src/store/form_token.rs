//! Form tokens that were consumed, and by which content.

use aws_sdk_dynamodb::types::ReturnValue;
use uuid::Uuid;

use super::error::StoreError;
use super::schema::{VERSION, key, n, number, s};
use super::table::Store;

/// What became of a form token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenUse {
    /// Whether it was consumed by this content: now, or by an earlier try to send the same.
    pub same_content: bool,
    /// How often it was sent, this time included.
    pub times: u32,
}

impl Store {
    /// Consumes a form token with content of this hash, unless other content consumed it before. Of many tries at one
    /// moment the first wins.
    pub async fn consume_token(
        &self,
        site: &str,
        token: Uuid,
        content: &str,
        expires_at: i64,
    ) -> Result<TokenUse, StoreError> {
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
        let same_content = first.is_some_and(|first| first == content);
        Ok(TokenUse { same_content, times: number(&item, "times").unwrap_or(u32::MAX) })
    }
}
