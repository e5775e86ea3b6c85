//! What is looked up about something that comes in: items of several kinds, in one call.

use uuid::Uuid;

use super::block::{block_pk, parse_block};
use super::error::StoreError;
use super::item::submission;
use super::schema::{Item, count_pk, is_in_force, key, number, submission_pk};
use super::table::Store;
use super::trust::{author_pk, parse_trust};
use crate::form::page::Page;
use crate::submission::{Status, Submission};

/// What is to be looked up; each of it costs half a read unit.
#[derive(Debug, Clone, Copy, Default)]
pub struct Lookup<'a> {
    /// An address that may be blocked, by its keyed hash; see [`crate::judging::block::senders`].
    pub address: Option<&'a str>,
    /// An author who may be trusted, by [`crate::app::App::author_hash`].
    pub author: Option<&'a str>,
    /// The comment that somebody answers.
    pub parent: Option<Uuid>,
    /// The page whose first comment's time matters.
    pub page: Option<&'a Page>,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LookedUp {
    /// Whether the address is blocked.
    pub blocked: bool,
    /// Whether the author is trusted.
    pub trusted: bool,
    /// The comment that somebody answers, if everybody can see it.
    pub parent: Option<Submission>,
    /// When the first comment of the page appeared, in seconds since 1970.
    pub since: Option<i64>,
}

impl Store {
    /// Looks things up for a site, in one call; in none, if there are none.
    pub async fn look_up(&self, site: &str, wanted: Lookup<'_>) -> Result<LookedUp, StoreError> {
        let [address, author, parent] = [
            wanted.address.map(|hash| (block_pk(site, hash), "item")),
            wanted.author.map(|hash| (author_pk(site, hash), "item")),
            wanted.parent.map(|id| (submission_pk(site, id), "item")),
        ];
        // An earlier release may have counted under another spelling of the page.
        let pages: Vec<_> =
            wanted.page.iter().flat_map(|page| page.keys()).map(|key| (count_pk(site, key), "count")).collect();
        let wanted = [&address, &author, &parent].into_iter().flatten().chain(&pages);
        let found = self.batch(wanted.map(|(pk, sk)| key(pk.clone(), sk)).collect()).await?;
        let item_of =
            |pk: &String| found.iter().find(|item| item.get("pk").and_then(|found| found.as_s().ok()) == Some(pk));
        let item = |at: Option<(String, &str)>| item_of(&at?.0);
        Ok(LookedUp {
            blocked: item(address).and_then(parse_block).is_some_and(|block| is_in_force(block.expires_at)),
            trusted: item(author).and_then(parse_trust).is_some_and(|trust| is_in_force(trust.expires_at)),
            parent: item(parent).cloned().map(published).transpose()?.flatten(),
            since: pages.iter().filter_map(|(pk, _)| number(item_of(pk)?, "since")).min(),
        })
    }
}

fn published(item: Item) -> Result<Option<Submission>, StoreError> {
    Ok(Some(submission(item)?).filter(|found| found.status == Status::Published))
}
