//! Senders whom the owner has blocked, for a time: an address or a network, and of either nothing but a keyed hash.

use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, TransactWriteItem};
use uuid::Uuid;

use super::error::StoreError;
use super::schema::{Item, LISTS, is_in_force, key, n, number, s, stamped};
use super::table::Store;
use deskbell_filter::Blocked;

/// That a sender is blocked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// What of the sender is blocked.
    pub what: Blocked,
    /// Its keyed hash; see [`crate::judging::block::senders`].
    pub hash: String,
    /// When it was blocked; blocks are listed by it.
    pub id: Uuid,
    /// The submission because of which it was.
    pub about: Uuid,
    /// The name of who blocked it.
    pub by: String,
    /// Until when it counts, in seconds since 1970.
    pub expires_at: i64,
}

impl Store {
    /// Which of up to 100 senders, by their hashes, are blocked.
    pub async fn blocks(&self, site: &str, hashes: impl Iterator<Item = &str>) -> Result<Vec<Block>, StoreError> {
        let keys: Vec<Item> = hashes.map(|hash| key(block_pk(site, hash), "item")).collect();
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let blocks = self.batch(keys).await?;
        Ok(blocks.iter().filter_map(parse_block).filter(|block| is_in_force(block.expires_at)).collect())
    }

    /// The blocked senders of a site, those blocked last first, and after which id the next part begins.
    pub async fn blocked(
        &self,
        site: &str,
        after: Option<Uuid>,
        limit: usize,
    ) -> Result<(Vec<Block>, Option<Uuid>), StoreError> {
        let before = after.map_or("g".into(), |after| after.to_string());
        let query = self.client.query().table_name(&self.table).index_name(LISTS.name);
        let output = query
            .key_condition_expression("#list = :list AND id < :before")
            .expression_attribute_names("#list", "list")
            .expression_attribute_values(":list", s(list(site)))
            .expression_attribute_values(":before", s(before))
            .scan_index_forward(false)
            // One more than asked for tells whether there is a next part.
            .limit(i32::try_from(limit + 1).unwrap_or(i32::MAX))
            .send()
            .await?;
        let mut blocks: Vec<Block> = output.items.unwrap_or_default().iter().filter_map(parse_block).collect();
        let more = blocks.len() > limit || output.last_evaluated_key.is_some();
        blocks.truncate(limit);
        let next = blocks.last().map(|block| block.id).filter(|_| more);
        Ok((blocks, next))
    }

    /// Blocks a sender no longer.
    pub async fn unblock(&self, site: &str, hash: &str) -> Result<(), StoreError> {
        let delete = self.client.delete_item().table_name(&self.table);
        delete.set_key(Some(key(block_pk(site, hash), "item"))).send().await?;
        Ok(())
    }

    /// Blocks a sender, anew if it was blocked before.
    pub(super) fn put_block(&self, site: &str, block: &Block) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder().table_name(&self.table).set_item(Some(item(site, block))).build()?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    pub(super) fn delete_block(&self, site: &str, hash: &str) -> Result<TransactWriteItem, StoreError> {
        let key = key(block_pk(site, hash), "item");
        let delete = Delete::builder().table_name(&self.table).set_key(Some(key)).build()?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }
}

pub(super) fn block_pk(site: &str, hash: &str) -> String {
    format!("{site}#block#{hash}")
}

fn list(site: &str) -> String {
    format!("{site}#block")
}

fn item(site: &str, block: &Block) -> Item {
    let mut item = stamped(key(block_pk(site, &block.hash), "item"));
    let texts = [
        ("list", list(site)),
        ("id", block.id.to_string()),
        ("hash", block.hash.clone()),
        ("what", block.what.word().into()),
        ("about", block.about.to_string()),
        ("by", block.by.clone()),
    ];
    item.extend(texts.map(|(name, text)| (name.to_owned(), AttributeValue::S(text))));
    item.insert("expires_at".into(), n(block.expires_at));
    item
}

pub(super) fn parse_block(item: &Item) -> Option<Block> {
    let text = |name: &str| item.get(name)?.as_s().ok();
    Some(Block {
        what: Blocked::named(text("what")?)?,
        hash: text("hash")?.clone(),
        id: text("id")?.parse().ok()?,
        about: text("about")?.parse().ok()?,
        by: text("by")?.clone(),
        expires_at: number(item, "expires_at")?,
    })
}
