//! Authors whom the owner has approved: for a time after the last comment of theirs that was published.

use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem};
use jiff::Timestamp;

use super::error::StoreError;
use super::schema::{Item, LISTS, is_in_force, key, n, number, s, stamped};
use super::table::{Store, update_if};

/// An author: a name together with an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// By [`crate::app::App::author_hash`].
    pub hash: String,
    /// The address alone, by [`crate::app::App::person_hash`].
    pub person: String,
    /// For how many days an approval counts.
    pub days: u32,
}

impl Author {
    /// Until when an approval of today counts.
    fn expiry(&self) -> i64 {
        Timestamp::now().as_second() + i64::from(self.days) * 86_400
    }
}

/// That an author is trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trust {
    /// The author, by [`crate::app::App::author_hash`].
    pub author: String,
    /// When the owner approved last, in seconds since 1970.
    pub approved_at: i64,
    /// Until when it counts.
    pub expires_at: i64,
}

impl Store {
    /// Whether the owner has approved a comment of this author.
    pub async fn trusts(&self, site: &str, author: &str) -> Result<bool, StoreError> {
        let item = self.get(key(author_pk(site, author), "item"), false).await?;
        Ok(item.as_ref().and_then(parse_trust).is_some_and(|trust| is_in_force(trust.expires_at)))
    }

    /// Trusts an author for longer, if it is one who is trusted: a comment of theirs was published.
    pub async fn trust_on(&self, site: &str, author: &Author) -> Result<(), StoreError> {
        let key = key(author_pk(site, &author.hash), "item");
        let update = self.client.update_item().table_name(&self.table).set_key(Some(key));
        let update = update
            .update_expression("SET expires_at = :expires")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":expires", n(author.expiry()));
        update_if(update).await.map(drop)
    }

    /// The names under which a person is trusted, by [`crate::app::App::person_hash`]; a hundred at most.
    pub async fn trusted(&self, site: &str, person: &str) -> Result<Vec<Trust>, StoreError> {
        let query = self.client.query().table_name(&self.table).index_name(LISTS.name);
        let output = query
            .key_condition_expression("#list = :list")
            .expression_attribute_names("#list", "list")
            .expression_attribute_values(":list", s(list(site, person)))
            .limit(100)
            .send()
            .await?;
        Ok(output.items.unwrap_or_default().iter().filter_map(parse_trust).collect())
    }

    /// Trusts an author no longer.
    pub async fn distrust(&self, site: &str, author: &str) -> Result<(), StoreError> {
        let delete = self.client.delete_item().table_name(&self.table);
        delete.set_key(Some(key(author_pk(site, author), "item"))).send().await?;
        Ok(())
    }

    /// Trusts an author from now on, or no longer.
    pub(super) fn change_trust(
        &self,
        site: &str,
        author: &Author,
        trusted: bool,
    ) -> Result<TransactWriteItem, StoreError> {
        let key = key(author_pk(site, &author.hash), "item");
        if !trusted {
            let delete = Delete::builder().table_name(&self.table).set_key(Some(key)).build()?;
            return Ok(TransactWriteItem::builder().delete(delete).build());
        }
        let put = Put::builder().table_name(&self.table).set_item(Some(stamped(key)));
        let put = put.item("list", s(list(site, &author.person))).item("id", s(&author.hash));
        let put = put.item("approved_at", n(Timestamp::now().as_second())).item("expires_at", n(author.expiry()));
        Ok(TransactWriteItem::builder().put(put.build()?).build())
    }
}

pub(super) fn author_pk(site: &str, author: &str) -> String {
    format!("{site}#author#{author}")
}

fn list(site: &str, person: &str) -> String {
    format!("{site}#trust#{person}")
}

pub(super) fn parse_trust(item: &Item) -> Option<Trust> {
    Some(Trust {
        author: item.get("id")?.as_s().ok()?.clone(),
        approved_at: number(item, "approved_at")?,
        expires_at: number(item, "expires_at")?,
    })
}
