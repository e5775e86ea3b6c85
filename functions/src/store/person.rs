//! The index by person: for each submission with an e-mail address a pointer under the keyed hash of the address. It
//! goes when the submission goes. `notify` puts it there, from the table's stream, so that inserting a submission costs
//! nothing more; hence what came in the last seconds may not be indexed yet.

use std::collections::HashMap;

use uuid::Uuid;

use super::error::StoreError;
use super::item::submission;
use super::part::Part;
use super::schema::{Item, key, n, s, stamped, submission_pk};
use super::table::Store;
use crate::submission::Submission;

/// Sorts after every id, and before whatever else stands under a person.
const AFTER_IDS: &str = "g";

impl Store {
    /// Indexes a submission by a person, by [`crate::app::App::person_hash`], for as long as it is kept itself. Again
    /// and again is once.
    pub async fn index_by_person(&self, person: &str, submission: &Submission) -> Result<(), StoreError> {
        let mut item = stamped(pointer(&submission.site, person, submission.id));
        item.extend(submission.expires_at.map(|at| ("expires_at".into(), n(at))));
        self.client.put_item().table_name(&self.table).set_item(Some(item)).send().await?;
        Ok(())
    }

    /// Removes a submission from the index by person.
    pub async fn unindex_by_person(&self, site: &str, person: &str, id: Uuid) -> Result<(), StoreError> {
        let delete = self.client.delete_item().table_name(&self.table);
        delete.set_key(Some(pointer(site, person, id))).send().await?;
        Ok(())
    }

    /// The ids of a person's submissions, the newest first, and after which of them the next part begins. What they
    /// point to may be gone.
    pub async fn ids_by_person(
        &self,
        site: &str,
        person: &str,
        after: Option<Uuid>,
        limit: usize,
    ) -> Result<(Vec<Uuid>, Option<Uuid>), StoreError> {
        let before = after.map_or(AFTER_IDS.into(), |after| after.to_string());
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :person AND sk < :before")
            .expression_attribute_values(":person", s(person_pk(site, person)))
            .expression_attribute_values(":before", s(before))
            .scan_index_forward(false)
            // One more than asked for tells whether there is a next part.
            .limit(i32::try_from(limit + 1).unwrap_or(i32::MAX));
        let output = query.send().await?;
        let cut = output.last_evaluated_key.is_some();
        let items = output.items.unwrap_or_default();
        let mut ids: Vec<Uuid> = items.iter().filter_map(|item| item.get("sk")?.as_s().ok()?.parse().ok()).collect();
        let more = ids.len() > limit || cut;
        ids.truncate(limit);
        let next = ids.last().copied().filter(|_| more);
        Ok((ids, next))
    }

    /// What a person has sent, by [`crate::app::App::person_hash`], the newest first.
    pub async fn by_person(
        &self,
        site: &str,
        person: &str,
        after: Option<Uuid>,
        limit: usize,
    ) -> Result<Part, StoreError> {
        let (ids, next) = self.ids_by_person(site, person, after, limit).await?;
        Ok(Part { submissions: self.submissions(site, &ids).await?, next })
    }

    /// The submissions with these ids, in their order; those that are gone are left out.
    pub async fn submissions(&self, site: &str, ids: &[Uuid]) -> Result<Vec<Submission>, StoreError> {
        let keys = ids.iter().map(|id| key(submission_pk(site, *id), "item")).collect();
        let found = self.batch(keys).await?.into_iter().map(submission).collect::<Result<Vec<_>, _>>()?;
        let mut found: HashMap<Uuid, Submission> =
            found.into_iter().map(|submission| (submission.id, submission)).collect();
        Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
    }
}

fn person_pk(site: &str, person: &str) -> String {
    format!("{site}#person#{person}")
}

fn pointer(site: &str, person: &str, id: Uuid) -> Item {
    key(person_pk(site, person), &id.to_string())
}
