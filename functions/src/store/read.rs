//! Reading: each list is one query of just what is shown.

use std::collections::HashMap;

use futures_util::future::try_join_all;
use uuid::Uuid;

use super::error::StoreError;
use super::item::{readable, submission};
use super::part::{Listed, Order, Part};
use super::schema::{
    FOLDERS, Index, Item, LISTS, REPLIES, comment_list, count_pk, key, lead_list, number, page_list, s, submission_pk,
    thread_list,
};
use super::table::{BATCH, Store};
use crate::form::page::Page;
use crate::submission::{Status, Submission, Visible};

/// A list that the owner looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// Leads of a status.
    Leads(Status),
    /// Comments of a status.
    Comments(Status),
}

/// How many comments a page has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// Published comments.
    pub published: u64,
    /// When the one came that appeared first, in seconds since 1970; it may be gone again.
    pub since: Option<i64>,
}

impl Store {
    /// A submission, as it is now.
    pub async fn submission(&self, site: &str, id: Uuid) -> Result<Option<Submission>, StoreError> {
        let item = self.get(key(submission_pk(site, id), "item"), true).await?;
        item.map(submission).transpose()
    }

    /// The comment that somebody wants to answer, if it can be seen by everybody.
    pub async fn published(&self, site: &str, id: Uuid) -> Result<Option<Submission>, StoreError> {
        let item = self.get(key(submission_pk(site, id), "item"), false).await?;
        let found = item.map(submission).transpose()?;
        Ok(found.filter(|submission| submission.status == Status::Published))
    }

    /// First comments of a page's threads.
    pub async fn page(
        &self,
        site: &str,
        page: &Page,
        order: Order,
        after: Option<Uuid>,
        limit: usize,
    ) -> Result<Part<Visible>, StoreError> {
        self.filed(&LISTS, site, page, order, after, limit).await
    }

    /// What is filed under a page in an index, under older keys of it, too.
    async fn filed<T: Listed>(
        &self,
        index: &Index,
        site: &str,
        page: &Page,
        order: Order,
        after: Option<Uuid>,
        limit: usize,
    ) -> Result<Part<T>, StoreError> {
        let parts = page.keys().map(|key| self.query(index, page_list(site, key), order, after, limit));
        let parts = try_join_all(parts).await?.into_iter();
        Ok(parts.reduce(|part, other| part.joined(other, order, limit)).unwrap_or_default())
    }

    /// Replies of a thread, the oldest first.
    pub async fn replies(
        &self,
        site: &str,
        root: Uuid,
        after: Option<Uuid>,
        limit: usize,
    ) -> Result<Part<Visible>, StoreError> {
        self.list_named(thread_list(site, root), Order::Oldest, after, limit).await
    }

    /// The newest published comments of a page, replies among them, the newest first: up to `limit`. What was taken
    /// down and keeps its place on the page takes up the place of one.
    pub async fn newest_on(&self, site: &str, page: &Page, limit: usize) -> Result<Vec<Visible>, StoreError> {
        let (firsts, replies) = futures_util::try_join!(
            self.page(site, page, Order::Newest, None, limit),
            self.filed(&REPLIES, site, page, Order::Newest, None, limit)
        )?;
        let mut newest = firsts.joined(replies, Order::Newest, limit).submissions;
        newest.retain(|submission| submission.status == Status::Published);
        Ok(newest)
    }

    /// The newest published comments of a site, the newest first: up to `limit`.
    pub async fn newest(&self, site: &str, limit: usize) -> Result<Vec<Visible>, StoreError> {
        Ok(self.query(&FOLDERS, comment_list(site, Status::Published), Order::Newest, None, limit).await?.submissions)
    }

    /// What stands in a list, the newest first. The next part is older.
    pub async fn list(&self, site: &str, list: List, after: Option<Uuid>, limit: usize) -> Result<Part, StoreError> {
        self.list_from(site, list, Order::Newest, after, limit).await
    }

    /// What came after `than` in a list and is next to it, the newest first as ever. The next part is newer.
    pub async fn newer(&self, site: &str, list: List, than: Uuid, limit: usize) -> Result<Part, StoreError> {
        let mut part = self.list_from(site, list, Order::Oldest, Some(than), limit).await?;
        part.submissions.reverse();
        Ok(part)
    }

    async fn list_from(
        &self,
        site: &str,
        list: List,
        order: Order,
        after: Option<Uuid>,
        limit: usize,
    ) -> Result<Part, StoreError> {
        let listed = |name| self.list_named(name, order, after, limit);
        let in_folder = |status| self.query(&FOLDERS, comment_list(site, status), order, after, limit);
        match list {
            List::Leads(status) => listed(lead_list(site, status)).await,
            List::Comments(Status::Published) => in_folder(Status::Published).await,
            // Some were taken down and keep their place on their page.
            List::Comments(status) => {
                let (listed, kept) = futures_util::try_join!(listed(comment_list(site, status)), in_folder(status))?;
                Ok(listed.joined(kept, order, limit))
            }
        }
    }

    async fn list_named<T: Listed>(
        &self,
        list: String,
        order: Order,
        after: Option<Uuid>,
        limit: usize,
    ) -> Result<Part<T>, StoreError> {
        self.query(&LISTS, list, order, after, limit).await
    }

    async fn query<T: Listed>(
        &self,
        index: &Index,
        value: String,
        order: Order,
        after: Option<Uuid>,
        limit: usize,
    ) -> Result<Part<T>, StoreError> {
        let (operator, forward) = match order {
            Order::Newest => ("<", false),
            Order::Oldest => (">", true),
        };
        let mut query = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(index.name)
            .scan_index_forward(forward)
            // `list` is a reserved word.
            .expression_attribute_names("#key", index.key)
            .expression_attribute_values(":key", s(value))
            // One more than shown tells whether there is a next part.
            .limit(i32::try_from(limit + 1).unwrap_or(i32::MAX));
        query = match after {
            Some(id) => query
                .key_condition_expression(format!("#key = :key AND id {operator} :after"))
                .expression_attribute_values(":after", s(id)),
            None => query.key_condition_expression("#key = :key"),
        };
        if !T::ATTRIBUTES.is_empty() {
            // The key and the version tell what is not to be read.
            for path in T::ATTRIBUTES.iter().chain(&["pk", "v"]) {
                for name in path.split('.') {
                    query = query.expression_attribute_names(format!("#{name}"), name);
                }
            }
            query = query.projection_expression(format!("#{}, #pk, #v", T::ATTRIBUTES.join(", #").replace('.', ".#")));
        }
        let output = query.send().await?;
        // A query also ends at 1 MB; then the part is shorter, and what it ends with is where the next begins.
        let cut = output.last_evaluated_key.is_some();
        let items = output.items.unwrap_or_default().into_iter();
        let submissions = items.filter_map(readable).collect::<Result<Vec<_>, _>>()?;
        Ok(Part::cut(submissions, cut, limit))
    }

    /// How many published comments a page has, and since when it has had any.
    pub async fn count(&self, site: &str, page: &Page) -> Result<Count, StoreError> {
        let items = page.keys().map(|name| self.get(key(count_pk(site, name), "count"), false));
        let items: Vec<Item> = try_join_all(items).await?.into_iter().flatten().collect();
        let since = items.iter().filter_map(|item| number(item, "since")).min();
        Ok(Count { published: items.iter().filter_map(|item| number::<u64>(item, "published")).sum(), since })
    }

    /// How many published comments each of up to 100 pages has, in their order.
    pub async fn counts(&self, site: &str, pages: &[Page]) -> Result<Vec<u64>, StoreError> {
        let mut keys: Vec<String> =
            pages.iter().take(BATCH).flat_map(Page::keys).map(|page| count_pk(site, page)).collect();
        keys.sort_unstable();
        keys.dedup();
        let items = self.batch(keys.into_iter().map(|pk| key(pk, "count")).collect()).await?;
        let found = items
            .into_iter()
            .filter_map(|item| Some((item.get("pk")?.as_s().ok()?.clone(), number(&item, "published")?)));
        let found: HashMap<String, u64> = found.collect();
        let count = |page: &Page| page.keys().filter_map(|page| found.get(&count_pk(site, page))).sum();
        Ok(pages.iter().map(count).collect())
    }
}
