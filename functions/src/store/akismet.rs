//! Checks by Akismet: what it was asked about a submission, for feedback with the very same words when the owner
//! disagrees. One more write unit for each KB, and only where Akismet was asked; one more while it wants to be asked
//! again.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use uuid::Uuid;

use super::error::StoreError;
use super::schema::{Item, LISTS, key, n, number, s, stamped};
use super::table::Store;
use deskbell_filter::Label;

/// How long a check is kept, in seconds: a day longer than the links in the owner's mail work.
pub const AKISMET_CHECK_SECONDS: i64 = 15 * 86_400;

/// The most provisional responses that are looked at in one go.
const DUE: i32 = 10;

/// A check by Akismet, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AkismetCheck {
    /// The question, sealed by [`crate::keys::Keys::seal`], for it holds the visitor's address.
    pub sealed: Vec<u8>,
    /// What Akismet said.
    pub response: Label,
    /// The feedback that Akismet got since.
    pub feedback: Option<Label>,
    /// How often feedback was sent in vain.
    pub tries: u32,
    /// Of which decision; see [`crate::submission::Submission::decisions`].
    pub tried_for: u32,
    /// When it wants to be asked again.
    pub recheck: Option<Recheck>,
}

/// When a provisional answer is asked for again, in seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recheck {
    /// The earliest time.
    pub at: i64,
    /// From then on nobody waits any longer.
    pub until: i64,
}

impl AkismetCheck {
    /// A check with its response; with the seconds after which Akismet wants to be asked again, if the response is
    /// provisional.
    #[must_use]
    pub fn new(sealed: Vec<u8>, response: Label, recheck_after: Option<u32>) -> Self {
        let now = Timestamp::now().as_second();
        let recheck = recheck_after.map(i64::from).map(|after| Recheck { at: now + after, until: now + 2 * after });
        Self { sealed, response, feedback: None, tries: 0, tried_for: 0, recheck }
    }

    /// What Akismet believes now.
    #[must_use]
    pub fn belief(&self) -> Label {
        self.feedback.unwrap_or(self.response)
    }
}

impl Store {
    /// Keeps a check unless one is kept already for this submission: the first is the one that was judged by.
    pub async fn insert_akismet_check(&self, site: &str, id: Uuid, check: &AkismetCheck) -> Result<(), StoreError> {
        let put = self.client.put_item().table_name(&self.table).set_item(Some(item(site, id, check)));
        match put.condition_expression("attribute_not_exists(pk)").send().await.map_err(SdkError::into_service_error) {
            Ok(_) | Err(PutItemError::ConditionalCheckFailedException(_)) => Ok(()),
            Err(error) => Err(StoreError::unavailable(&error)),
        }
    }

    /// Replaces what is known about a check, unless it was erased meanwhile.
    pub async fn update_akismet_check(&self, site: &str, id: Uuid, check: &AkismetCheck) -> Result<(), StoreError> {
        let put = self.client.put_item().table_name(&self.table).set_item(Some(item(site, id, check)));
        match put.condition_expression("attribute_exists(pk)").send().await.map_err(SdkError::into_service_error) {
            Ok(_) | Err(PutItemError::ConditionalCheckFailedException(_)) => Ok(()),
            Err(error) => Err(StoreError::unavailable(&error)),
        }
    }

    /// Deletes a check; gives whether there was one.
    pub async fn delete_akismet_check(&self, site: &str, id: Uuid) -> Result<bool, StoreError> {
        self.delete(key(check_pk(site, id), "item")).await
    }

    /// The check of a submission, if it is still kept.
    pub async fn akismet_check(&self, site: &str, id: Uuid) -> Result<Option<AkismetCheck>, StoreError> {
        let item = self.get(key(check_pk(site, id), "item"), true).await?;
        item.as_ref()
            .map(|item| parse_check(item).ok_or_else(|| StoreError::malformed("a check by Akismet")))
            .transpose()
    }

    /// The oldest checks of a site whose response was provisional.
    pub async fn provisional_akismet_checks(&self, site: &str) -> Result<Vec<(Uuid, AkismetCheck)>, StoreError> {
        let query = self.client.query().table_name(&self.table).index_name(LISTS.name);
        let output = query
            .key_condition_expression("#list = :list")
            .expression_attribute_names("#list", "list")
            .expression_attribute_values(":list", s(list(site)))
            .limit(DUE)
            .send()
            .await?;
        let items = output.items.unwrap_or_default();
        Ok(items
            .iter()
            .filter_map(|item| Some((item.get("id")?.as_s().ok()?.parse().ok()?, parse_check(item)?)))
            .collect())
    }
}

fn check_pk(site: &str, id: Uuid) -> String {
    format!("{site}#akismet#{id}")
}

fn list(site: &str) -> String {
    format!("{site}#akismet")
}

fn item(site: &str, id: Uuid, check: &AkismetCheck) -> Item {
    let mut item = stamped(key(check_pk(site, id), "item"));
    item.insert("sealed".into(), AttributeValue::B(Blob::new(check.sealed.clone())));
    item.insert("said".into(), s(word(check.response)));
    item.insert("tries".into(), n(check.tries));
    item.insert("tried_for".into(), n(check.tried_for));
    if let Some(feedback) = check.feedback {
        item.insert("told".into(), s(word(feedback)));
    }
    if let Some(recheck) = check.recheck {
        item.insert("again_at".into(), n(recheck.at));
        item.insert("again_until".into(), n(recheck.until));
        item.insert("list".into(), s(list(site)));
        item.insert("id".into(), s(id));
    }
    let checked_at = id.get_timestamp().map_or(0, |time| time.to_unix().0);
    item.insert("expires_at".into(), n(i64::try_from(checked_at).unwrap_or_default() + AKISMET_CHECK_SECONDS));
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

fn parse_check(item: &Item) -> Option<AkismetCheck> {
    let label = |name: &str| item.get(name).and_then(|word| parse(word.as_s().ok()?));
    let count = |name: &str| number(item, name).unwrap_or_default();
    Some(AkismetCheck {
        sealed: item.get("sealed")?.as_b().ok()?.clone().into_inner(),
        response: label("said")?,
        feedback: label("told"),
        tries: count("tries"),
        tried_for: count("tried_for"),
        recheck: number(item, "again_at").zip(number(item, "again_until")).map(|(at, until)| Recheck { at, until }),
    })
}
