//! What the team notes about a lead: kept with it, and gone with it.

use uuid::Uuid;

use super::error::StoreError;
use super::schema::{key, submission_pk};
use super::table::{Store, update_if};
use super::transact::{TRIES, pause};
use crate::submission::{Note, Submission};

impl Store {
    /// Adds a note to a lead, once; gives whether there was room for it. [`StoreError::Gone`] if there is no such lead.
    pub async fn add_note(&self, site: &str, id: Uuid, note: &Note) -> Result<bool, StoreError> {
        let added = |mut notes: Vec<Note>| {
            let known = notes.iter().any(|one| one.id == note.id);
            let room = known || notes.len() < Note::COUNT;
            if room && !known {
                notes.push(note.clone());
            }
            room.then_some(notes)
        };
        self.change_notes(site, id, added).await
    }

    /// Deletes a note, if it is still there. [`StoreError::Gone`] if there is no such lead.
    pub async fn delete_note(&self, site: &str, id: Uuid, note: Uuid) -> Result<(), StoreError> {
        let without = |mut notes: Vec<Note>| {
            notes.retain(|one| one.id != note);
            Some(notes)
        };
        self.change_notes(site, id, without).await.map(drop)
    }

    /// Replaces the notes by what `change` makes of them, if it gives anything.
    async fn change_notes(
        &self,
        site: &str,
        id: Uuid,
        change: impl Fn(Vec<Note>) -> Option<Vec<Note>>,
    ) -> Result<bool, StoreError> {
        for _ in 0..TRIES {
            let before = self.submission(site, id).await?.filter(|one| one.comment().is_none());
            let before = before.ok_or(StoreError::Gone)?;
            let Some(after) = change(before.notes.clone()) else { return Ok(false) };
            if after == before.notes || self.replace_notes(&before, &after).await? {
                return Ok(true);
            }
            pause().await;
        }
        Err(StoreError::Contended("the notes"))
    }

    /// Writes the notes, if they are still as they were; gives whether they were.
    async fn replace_notes(&self, before: &Submission, after: &[Note]) -> Result<bool, StoreError> {
        let mut update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(submission_pk(&before.site, before.id), "item")));
        let unchanged = if before.notes.is_empty() { "attribute_not_exists(notes)" } else { "notes = :before" };
        update = update.condition_expression(format!("attribute_exists(pk) AND {unchanged}"));
        if !before.notes.is_empty() {
            update = update.expression_attribute_values(":before", serde_dynamo::to_attribute_value(&before.notes)?);
        }
        update = if after.is_empty() {
            update.update_expression("REMOVE notes")
        } else {
            let after = serde_dynamo::to_attribute_value(after)?;
            update.update_expression("SET notes = :after").expression_attribute_values(":after", after)
        };
        Ok(update_if(update).await?.is_some())
    }
}
