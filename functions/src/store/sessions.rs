//! Signing in: links that were asked for, and the sessions that come of them. Neither holds an address or anything that
//! could be used as it stands: people, browsers and sessions are keyed hashes.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem};
use futures_util::future::try_join_all;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::error::StoreError;
use super::schema::{Item, key, n, number, s, stamped};
use super::table::Store;
use super::transact::{TRIES, pause};

/// A link for signing in that somebody asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignIn {
    /// Which one.
    pub id: Uuid,
    /// The site's id.
    pub site: String,
    /// Whether anybody is to get it. What nobody is to get is stored too, so that asking takes as long.
    pub sign_in: Asker,
    /// Who, by [`crate::app::App::member_hash`].
    pub member: String,
    /// The keyed hash of what only the browser knows that asked.
    pub browser: String,
    /// The route to go on to.
    pub next: String,
    /// The last second at which it works, since 1970.
    pub expires_at: i64,
}

/// Who asked for a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Asker {
    /// Somebody of the team, by the address.
    Known,
    /// Nobody of the team.
    Unknown,
}

/// How long a session lasts, in seconds: 30 days.
pub const SESSION_SECONDS: i64 = 30 * 86_400;

impl Store {
    /// Keeps a link that was asked for.
    pub async fn ask_to_sign_in(&self, sign_in: &SignIn) -> Result<(), StoreError> {
        let mut item: Item = serde_dynamo::to_item(sign_in)?;
        item.extend(stamped(sign_in_key(&sign_in.site, sign_in.id)));
        self.client.put_item().table_name(&self.table).set_item(Some(item)).send().await?;
        Ok(())
    }

    /// A link that was asked for, if it was not used and has not expired.
    pub async fn sign_in(&self, site: &str, id: Uuid) -> Result<Option<SignIn>, StoreError> {
        let item = self.get(sign_in_key(site, id), true).await?;
        let found: Option<SignIn> = item.map(serde_dynamo::from_item).transpose()?;
        Ok(found.filter(|found| found.expires_at >= Timestamp::now().as_second()))
    }

    /// Uses up a link and begins a session with this keyed hash, both or neither. If the link was used meanwhile the
    /// answer is [`StoreError::Consumed`].
    pub async fn begin_session(&self, sign_in: &SignIn, session: &str) -> Result<(), StoreError> {
        let now = Timestamp::now().as_second();
        let used = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(sign_in_key(&sign_in.site, sign_in.id)))
            .condition_expression("browser = :browser AND expires_at >= :now")
            .expression_attribute_values(":browser", s(&sign_in.browser))
            .expression_attribute_values(":now", n(now))
            .build()?;
        let mut item = stamped(key(sessions_pk(&sign_in.site, &sign_in.member), session));
        item.insert("expires_at".into(), n(now + SESSION_SECONDS));
        let begun = Put::builder().table_name(&self.table).set_item(Some(item)).build()?;
        let writes =
            vec![TransactWriteItem::builder().delete(used).build(), TransactWriteItem::builder().put(begun).build()];
        for _ in 0..TRIES {
            match self.client.transact_write_items().set_transact_items(Some(writes.clone())).send().await {
                Ok(_) => return Ok(()),
                Err(error) if refused(&error, "ConditionalCheckFailed") => return Err(StoreError::Consumed),
                Err(error) if refused(&error, "TransactionConflict") => pause().await,
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Contended("the link"))
    }

    /// Whether a member has this session.
    pub async fn has_session(&self, site: &str, member: &str, session: &str) -> Result<bool, StoreError> {
        let item = self.get(key(sessions_pk(site, member), session), true).await?;
        let until = item.and_then(|item| number::<i64>(&item, "expires_at"));
        Ok(until.is_some_and(|until| until >= Timestamp::now().as_second()))
    }

    /// Ends a session of a member.
    pub async fn end_session(&self, site: &str, member: &str, session: &str) -> Result<(), StoreError> {
        let delete = self.client.delete_item().table_name(&self.table);
        delete.set_key(Some(key(sessions_pk(site, member), session))).send().await?;
        Ok(())
    }

    /// Until when each session of a member lasts, in seconds since 1970.
    pub async fn sessions(&self, site: &str, member: &str) -> Result<Vec<i64>, StoreError> {
        let query = self.client.query().table_name(&self.table).key_condition_expression("pk = :pk");
        let output = query.expression_attribute_values(":pk", s(sessions_pk(site, member))).send().await?;
        let items = output.items.unwrap_or_default();
        Ok(items.iter().filter_map(|item| number(item, "expires_at")).collect())
    }

    /// Ends all sessions of a member.
    pub async fn end_sessions(&self, site: &str, member: &str) -> Result<(), StoreError> {
        loop {
            let query = self.client.query().table_name(&self.table).consistent_read(true);
            let output = query
                .key_condition_expression("pk = :pk")
                .expression_attribute_values(":pk", s(sessions_pk(site, member)))
                .send()
                .await?;
            let items = output.items.unwrap_or_default();
            let sessions = items.iter().filter_map(|item| item.get("sk")?.as_s().ok());
            try_join_all(sessions.map(|session| self.end_session(site, member, session))).await?;
            if output.last_evaluated_key.is_none() {
                return Ok(());
            }
        }
    }
}

/// Whether an item with this key is a link that somebody asked for.
pub(crate) fn is_sign_in(pk: &str) -> bool {
    pk.split('#').nth(1) == Some("sign-in")
}

/// Reads a link that was asked for from its stream image.
pub(crate) fn sign_in(image: serde_dynamo::Item) -> Result<SignIn, StoreError> {
    Ok(serde_dynamo::from_item(image)?)
}

fn sign_in_key(site: &str, id: Uuid) -> Item {
    key(format!("{site}#sign-in#{id}"), "item")
}

fn sessions_pk(site: &str, member: &str) -> String {
    format!("{site}#sessions#{member}")
}

fn refused<R>(error: &SdkError<TransactWriteItemsError, R>, code: &str) -> bool {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(canceled)) => {
            canceled.cancellation_reasons().iter().any(|reason| reason.code() == Some(code))
        }
        _ => false,
    }
}
