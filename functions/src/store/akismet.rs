//! What Akismet was asked about a submission: for telling it better, with the very same words, when the owner disagrees.
//! One more write unit for each KB, and only where Akismet was asked; one more while it wants to be asked again.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use uuid::Uuid;

use super::{Item, LISTS, Store, StoreError, key, n, s, stamped};
use crate::judging::akismet::Said;
use deskbell_filter::Label;

/// How long a question is kept, in seconds: a day longer than the links in the owner's mail work.
pub const ASKED_SECONDS: i64 = 15 * 86_400;

/// The most provisional answers that are looked at in one go.
const DUE: i32 = 10;

/// A question to Akismet and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The question, sealed by [`crate::keys::Keys::seal`], for it holds the visitor's address.
    pub sealed: Vec<u8>,
    /// What Akismet said.
    pub said: Label,
    /// What Akismet was told since.
    pub told: Option<Label>,
    /// How often it was tried in vain to tell it.
    pub tries: u32,
    /// Of which decision; see [`crate::submission::Submission::decisions`].
    pub tried_for: u32,
    /// When it wants to be asked again.
    pub again: Option<Again>,
}

/// When a provisional answer is asked for again, in seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Again {
    /// The earliest time.
    pub at: i64,
    /// From then on nobody waits any longer.
    pub until: i64,
}

impl Asked {
    /// A question that was just answered.
    #[must_use]
    pub fn new(sealed: Vec<u8>, said: Said) -> Self {
        let now = Timestamp::now().as_second();
        let again = match said {
            Said::Provisional(after) => Some(Again { at: now + i64::from(after), until: now + 2 * i64::from(after) }),
            Said::Ham | Said::Spam | Said::Discard => None,
        };
        Self { sealed, said: said.label(), told: None, tries: 0, tried_for: 0, again }
    }

    /// What Akismet believes now.
    #[must_use]
    pub fn belief(&self) -> Label {
        self.told.unwrap_or(self.said)
    }
}

impl Store {
    /// Keeps a question unless one is kept already for this submission: the first is the one that was judged by.
    pub async fn remember_asked(&self, site: &str, id: Uuid, asked: &Asked) -> Result<(), StoreError> {
        let put = self.client.put_item().table_name(&self.table).set_item(Some(item(site, id, asked)));
        match put.condition_expression("attribute_not_exists(pk)").send().await.map_err(SdkError::into_service_error) {
            Ok(_) | Err(PutItemError::ConditionalCheckFailedException(_)) => Ok(()),
            Err(error) => Err(StoreError::unavailable(&error)),
        }
    }

    /// Replaces what is known about a question, unless it was erased meanwhile.
    pub async fn change_asked(&self, site: &str, id: Uuid, asked: &Asked) -> Result<(), StoreError> {
        let put = self.client.put_item().table_name(&self.table).set_item(Some(item(site, id, asked)));
        match put.condition_expression("attribute_exists(pk)").send().await.map_err(SdkError::into_service_error) {
            Ok(_) | Err(PutItemError::ConditionalCheckFailedException(_)) => Ok(()),
            Err(error) => Err(StoreError::unavailable(&error)),
        }
    }

    /// Forgets a question; gives whether there was one.
    pub async fn forget_asked(&self, site: &str, id: Uuid) -> Result<bool, StoreError> {
        self.delete(key(asked_pk(site, id), "item")).await
    }

    /// The question that was asked about a submission, if it is still kept.
    pub async fn asked(&self, site: &str, id: Uuid) -> Result<Option<Asked>, StoreError> {
        let item = self.get(key(asked_pk(site, id), "item"), true).await?;
        item.as_ref().map(|item| read(item).ok_or_else(|| StoreError::malformed("a check by Akismet"))).transpose()
    }

    /// The oldest questions of a site that Akismet answered provisionally.
    pub async fn asked_again(&self, site: &str) -> Result<Vec<(Uuid, Asked)>, StoreError> {
        let query = self.client.query().table_name(&self.table).index_name(LISTS.name);
        let output = query
            .key_condition_expression("#list = :list")
            .expression_attribute_names("#list", "list")
            .expression_attribute_values(":list", s(list(site)))
            .limit(DUE)
            .send()
            .await?;
        let items = output.items.unwrap_or_default();
        Ok(items.iter().filter_map(|item| Some((item.get("id")?.as_s().ok()?.parse().ok()?, read(item)?))).collect())
    }
}

fn asked_pk(site: &str, id: Uuid) -> String {
    format!("{site}#akismet#{id}")
}

fn list(site: &str) -> String {
    format!("{site}#akismet")
}

fn item(site: &str, id: Uuid, asked: &Asked) -> Item {
    let mut item = stamped(key(asked_pk(site, id), "item"));
    item.insert("sealed".into(), AttributeValue::B(Blob::new(asked.sealed.clone())));
    item.insert("said".into(), s(word(asked.said)));
    item.insert("tries".into(), n(asked.tries));
    item.insert("tried_for".into(), n(asked.tried_for));
    if let Some(told) = asked.told {
        item.insert("told".into(), s(word(told)));
    }
    if let Some(again) = asked.again {
        item.insert("again_at".into(), n(again.at));
        item.insert("again_until".into(), n(again.until));
        item.insert("list".into(), s(list(site)));
        item.insert("id".into(), s(id));
    }
    let asked_at = id.get_timestamp().map_or(0, |time| time.to_unix().0);
    item.insert("expires_at".into(), n(i64::try_from(asked_at).unwrap_or_default() + ASKED_SECONDS));
    item
}

fn word(label: Label) -> &'static str {
    match label {
        Label::Spam => "spam",
        Label::Ham => "ham",
    }
}

fn parse(text: &str) -> Option<Label> {
    [Label::Spam, Label::Ham].into_iter().find(|label| word(*label) == text)
}

fn read(item: &Item) -> Option<Asked> {
    let label = |name: &str| item.get(name).and_then(|word| parse(word.as_s().ok()?));
    let number = |name: &str| item.get(name).and_then(|number| number.as_n().ok()?.parse::<i64>().ok());
    let count = |name: &str| number(name).and_then(|count| u32::try_from(count).ok()).unwrap_or_default();
    Some(Asked {
        sealed: item.get("sealed")?.as_b().ok()?.clone().into_inner(),
        said: label("said")?,
        told: label("told"),
        tries: count("tries"),
        tried_for: count("tried_for"),
        again: number("again_at").zip(number("again_until")).map(|(at, until)| Again { at, until }),
    })
}
