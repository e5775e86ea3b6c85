//! How many published comments a page has, and a thread has replies: changed in the transaction in which a comment
//! appears or disappears.

use aws_sdk_dynamodb::types::{TransactWriteItem, Update};
use uuid::Uuid;

use super::error::StoreError;
use super::schema::{VERSION, count_pk, key, n, page_list, s, submission_pk};
use super::table::Store;
use crate::submission::Submission;
use crate::submission::comment::Comment;

impl Store {
    /// Counts comments that appeared, or disappeared if `added` is negative, on the page and in the thread of one.
    pub(super) fn count_comments(
        &self,
        submission: &Submission,
        comment: &Comment,
        added: i64,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        if added == 0 {
            return Ok(Vec::new());
        }
        let (site, page) = (&submission.site, comment.page().key());
        let thread = comment.root().map(|root| self.change_thread(site, root, page, added));
        let came = submission.received_at().as_second();
        Ok(std::iter::once(self.change_count(site, page, added, came)?).chain(thread.transpose()?).collect())
    }

    /// A page's count. When the first comment that was counted there came stays, whatever becomes of it.
    fn change_count(&self, site: &str, page: &str, added: i64, came: i64) -> Result<TransactWriteItem, StoreError> {
        let mut update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key(count_pk(site, page), "count")))
            .update_expression("SET v = :v ADD published :added")
            .expression_attribute_values(":v", n(VERSION))
            .expression_attribute_values(":added", n(added));
        if added > 0 {
            update = update
                .update_expression("SET v = :v, since = if_not_exists(since, :came) ADD published :added")
                .expression_attribute_values(":came", n(came));
        }
        Ok(TransactWriteItem::builder().update(update.build()?).build())
    }

    /// The first comment of the thread: how many replies it has. A reply that appears puts it back on its page, in
    /// case that it was taken down meanwhile, so that the reply can be seen.
    fn change_thread(&self, site: &str, root: Uuid, page: &str, added: i64) -> Result<TransactWriteItem, StoreError> {
        let mut update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key(submission_pk(site, root), "item")))
            .update_expression("ADD replies :added")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":added", n(added));
        if added > 0 {
            update = update
                // A comment that leaves its list for its page stays in that folder of the inbox.
                .update_expression(
                    "SET folder = if_not_exists(folder, #list), #list = :list REMOVE expires_at ADD replies :added",
                )
                .expression_attribute_names("#list", "list")
                .expression_attribute_values(":list", s(page_list(site, page)));
        }
        Ok(TransactWriteItem::builder().update(update.build()?).build())
    }
}
