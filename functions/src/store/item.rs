//! Submissions as items: written with the version of their shape, and read whichever release wrote them, if it was no
//! newer one.

use aws_sdk_dynamodb::types::AttributeValue;
use serde::de::DeserializeOwned;

use super::error::StoreError;
use super::schema::{Item, VERSION, folder_of, key, list_of, replies_of, s, stamped, submission_pk};
use crate::submission::Submission;

/// A submission as an item: itself, its keys, the list that it stands in, and the version of its shape.
pub(super) fn item(submission: &Submission) -> Result<Item, StoreError> {
    let mut item: Item = serde_dynamo::to_item(submission)?;
    // Absent, not null: that is what TTL goes by.
    item.retain(|_, value| !value.is_null());
    item.extend(key(submission_pk(&submission.site, submission.id), "item"));
    item.insert("list".into(), s(list_of(submission)));
    item.extend(folder_of(submission).map(|folder| ("folder".into(), s(folder))));
    item.extend(replies_of(submission).map(|page| ("page".into(), s(page))));
    Ok(stamped(item))
}

/// Reads a submission from its item or its stream image, whichever release wrote it; no newer one's.
pub(crate) fn submission<I>(item: I) -> Result<Submission, StoreError>
where
    I: Into<serde_dynamo::Item>,
{
    parsed(item)
}

fn parsed<T, I>(item: I) -> Result<T, StoreError>
where
    T: DeserializeOwned,
    I: Into<serde_dynamo::Item>,
{
    let item = item.into();
    match item.get("v") {
        Some(serde_dynamo::AttributeValue::N(version)) if is_newer(version) => Err(StoreError::Newer),
        _ => Ok(serde_dynamo::from_item(item)?),
    }
}

/// Reads what stands in a list; nothing, if a newer release wrote it.
pub(super) fn readable<T: DeserializeOwned>(item: Item) -> Option<Result<T, StoreError>> {
    let pk = item.get("pk").and_then(|pk| pk.as_s().ok()).cloned();
    match parsed(item) {
        Err(error @ StoreError::Newer) => {
            tracing::error!(%error, pk, "unreadable item skipped in a list");
            None
        }
        read => Some(read),
    }
}

/// An item, unless a newer release wrote it.
pub(super) fn known(item: Item) -> Result<Item, StoreError> {
    match item.get("v") {
        Some(AttributeValue::N(version)) if is_newer(version) => Err(StoreError::Newer),
        _ => Ok(item),
    }
}

fn is_newer(version: &str) -> bool {
    version.parse::<u32>().is_ok_and(|version| version > VERSION)
}
