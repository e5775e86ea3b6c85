//! The table. The only module that speaks DynamoDB.
//!
//! One table, keyed by `pk` and `sk`; three sparse indexes: `lists`, keyed by `list` and `id`; `folders`, keyed by
//! `folder` and `id`; `replies`, keyed by `page` and `id`. Every submission stands in exactly one list at a time, so that
//! whatever is shown is one query of just what is shown. A comment whose list is its page stands in a folder of the inbox
//! besides, from the moment when it is counted: taking it costs nothing more. And a reply, whose list is its thread, stands
//! among the replies of its page, from the same moment. The inbox, the thread and the page's feed each want it in an order of
//! its own, and an index has one: so counting a reply costs one write unit more, and first comments and whatever is not
//! published cost nothing for it.
//!
//! | what | `pk` | `sk` | `list` |
//! | --- | --- | --- | --- |
//! | a lead, a comment | `{site}#submission#{id}` | `item` | see below |
//! | a page's count of published comments, and since when it has had any | `{site}#page#{page}` | `count` | |
//! | an author whom the owner has approved | `{site}#author#{hash}` | `item` | `{site}#trust#{person}` |
//! | a sender whom the owner has blocked | `{site}#block#{hash}` | `item` | `{site}#block` |
//! | content seen lately, and the id claimed for it | `{site}#claim#{hash}` | `item` | |
//! | submissions of a network in a minute; its challenges; links asked for | `{site}#rate#{hash}` | `{minute}` | |
//! | a form token that was spent, and on which content | `{site}#token#{id}` | `item` | |
//! | what a site's filter has learnt from its owner | `{site}#memory` | `item` | |
//! | what Akismet was asked about a submission | `{site}#akismet#{id}` | `item` | `{site}#akismet` while it wants to be asked again |
//! | that a person has sent a submission | `{site}#person#{hash}` | `{id}` | |
//! | a link for signing in that was asked for | `{site}#sign-in#{id}` | `item` | |
//! | a session of a member of the team | `{site}#sessions#{hash of the member}` | `{hash of the session}` | |
//! | whether a site's digest is due, and up to when the last one reached | `{site}#digest` | `item` | |
//! | a delivery that failed | `{site}#undelivered` | `{id}#{channel}` | |
//! | text messages of a channel in a month | `{site}#month#{channel}` | `{month}` | |
//! | that a person was answered within a day | `{site}#answered#{person}` | `item` | |
//! | what counts of a submission of the last days | `{site}#stats#{yyyy-mm-dd}` | `{id}` | |
//! | a day's numbers | `{site}#stats` | `{yyyy-mm-dd}` | |
//! | the deployment's secret | `deployment` | `secret` | |
//! | an address that is not written to any more | `deployment#suppressed` | `{hash}` | |
//! | a third party's secret, for all sites | `deployment` | `secret#{name}` | |
//! | a third party's secret, for one site | `{site}#secret` | `{name}` | |
//!
//! | to … | one call |
//! | --- | --- |
//! | give a challenge | `UpdateItem` rate |
//! | take a submission | `UpdateItem` token, or else rate; `UpdateItem` claim, `BatchGetItem` blocks of address and network, `PutItem` submission (a comment reads its parent and author, and `GetItem` count where pages close and it has no parent) |
//! | give a second chance | `GetItem` submission; `TransactWriteItems` submission, count, first comment of the thread (with a proof, `UpdateItem` token; a comment reads its author) |
//! | show a page's comments | Query list `{site}#page#{page}`, `GetItem` count, and for each thread with replies Query list `{site}#thread#{id}` |
//! | give the newest comments of a page, for its feed | Query list `{site}#page#{page}` and replies `{site}#page#{page}`, the newest of each: twice as many as are given, at most; of the whole site: Query folder `{site}#comment#published` |
//! | show counts | `BatchGetItem` of up to 100 pages |
//! | show a folder of the inbox | Query list `{site}#lead#{status}` or `{site}#comment#{status}`; for comments that were put away, and those that are published, Query folder `{site}#comment#{status}` |
//! | note something about a lead | `GetItem` submission; `UpdateItem` submission, if its notes are still as they were |
//! | decide | `GetItem` submission; `TransactWriteItems` submission, count, first comment of the thread, author, block, reply |
//! | show whether a sender is blocked; whoever is | `BatchGetItem` blocks of address and network; Query list `{site}#block` |
//! | block no longer | `DeleteItem` block |
//! | file under a person | `PutItem` pointer, `GetItem` submission |
//! | show what a person has sent | Query `{site}#person#{hash}`, `BatchGetItem` of up to 100 submissions |
//! | show whether a person is trusted | Query list `{site}#trust#{person}` |
//! | erase what a person has sent | for each submission `GetItem`; `DeleteItem` claim; `TransactWriteItems` submission, count, first comment of the thread; `DeleteItem` what Akismet was asked; Query undelivered; `DeleteItem` pointer |
//! | ring | `GetItem` submission; for each channel `UpdateItem` submission; what fails, `PutItem` that it failed, and `DeleteItem` once it is made |
//! | write to an address | `GetItem` whether it is suppressed |
//! | hear that a letter came back | `PutItem` that its address is suppressed; `PutItem` that it failed, `UpdateItem` submission, twice |
//! | send a text message | `UpdateItem` month; again if SNS did not take it |
//! | answer a visitor | `PutItem` answered, if it is not there |
//! | list the names of secrets | Query `{site}#secret`, or `deployment` from `secret#` on |
//! | find what was not delivered | Query `{site}#undelivered` |
//! | find what never rang | Query lists `{site}#lead#received` and `{site}#comment#held`, of two weeks |
//! | ring again | for each that failed `UpdateItem` that it failed, `UpdateItem` submission |
//! | send a digest | `UpdateItem` that it is due; `GetItem` whether, `UpdateItem` claim; Query lists and folders of the week, `{site}#undelivered`; `UpdateItem` that it was sent |
//! | count a submission | `PutItem` mark, if none of a later record is there: when it comes, and when a delivery was made or failed |
//! | add a day up; show days | Query days; for each that is missing, Query its marks, and `PutItem` day |
//! | judge | `GetItem` memory, `GetItem` secrets: once in a container, and again after five minutes |
//! | learn a decision | `GetItem` memory, submission; `PutItem` memory, if it is still as it was |
//! | tell Akismet | `GetItem` and `PutItem` what it was asked; Query list `{site}#akismet` for what to ask again |
//! | ask for a link | `UpdateItem` rate of the network, and of the address; `PutItem` sign-in |
//! | sign in | `GetItem` sign-in; `TransactWriteItems` sign-in, session |
//! | be signed in | `GetItem` session |
//! | move a site, by the operator's program | `DescribeTable`, `GetItem` secret, Scan; `PutItem` each if it is not there |
//! | sign out; everywhere | `DeleteItem` session; Query sessions of the member, `DeleteItem` each |
//!
//! Nothing scans but the operator's program, when it moves a site. `expires_at` (seconds) is the TTL attribute.
//!
//! `v` is the version of an item's shape; without it, 1. It is raised only where an older release would misread the item:
//! attributes that may be missing are added without. A newer release reads what older ones wrote. An older release that
//! meets a newer item (after a deployment was taken back) leaves it as it is: whatever is about that item alone fails with
//! [`StoreError::Newer`], the stream brings it again and then puts it in the dead-letter queue, and lists leave it out and
//! log it.

mod akismet;
mod block;
mod change;
mod count;
mod delivery;
mod digest;
mod erase;
mod error;
mod insert;
mod memory;
mod notes;
mod person;
mod quota;
mod read;
mod secret;
mod sessions;
mod stats;
mod suppression;
mod transact;
mod transfer;
mod trust;

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use uuid::Uuid;

pub use self::akismet::{ASKED_SECONDS, Again, Asked};
pub use self::block::Block;
pub use self::change::Moderation;
pub use self::delivery::Undelivered;
pub use self::digest::DueDigest;
pub use self::erase::Erased;
pub use self::error::{StoreError, chain};
pub use self::insert::{CLAIM_SECONDS, Claim, Spent};
pub use self::memory::Remembered;
pub use self::quota::Month;
pub use self::read::{Count, List, Order, Part};
pub use self::sessions::{Asker, SESSION_SECONDS, SignIn};
pub(crate) use self::sessions::{is_sign_in, sign_in};
pub use self::suppression::{SUPPRESSION_SECONDS, Suppression, SuppressionReason};
pub(crate) use self::transact::pause;
pub use self::transfer::{Filed, Raw};
pub use self::trust::{Author, Trust};
use crate::submission::{Status, Submission, Wrote};

/// A sparse index: its name, and the attribute by which, and then by `id`, it is ordered.
struct Index {
    name: &'static str,
    key: &'static str,
}

const LISTS: Index = Index { name: "lists", key: "list" };

const FOLDERS: Index = Index { name: "folders", key: "folder" };

const REPLIES: Index = Index { name: "replies", key: "page" };

/// The version of the items' shape that this code writes.
const VERSION: u32 = 1;

/// An item's attributes.
type Item = HashMap<String, AttributeValue>;

/// The table.
#[derive(Debug, Clone)]
pub struct Store {
    client: Client,
    table: String,
}

impl Store {
    /// The table of that name.
    #[must_use]
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }
}

/// A submission as an item: itself, its keys, the list that it stands in, and the version of its shape.
fn item(submission: &Submission) -> Result<Item, StoreError> {
    let mut item: Item = serde_dynamo::to_item(submission)?;
    // Absent, not null: that is what TTL goes by.
    item.retain(|_, value| !value.is_null());
    item.extend(key(submission_pk(&submission.site, submission.id), "item"));
    item.insert("list".into(), s(list_of(submission)));
    item.extend(folder_of(submission).map(|folder| ("folder".into(), s(folder))));
    item.extend(replies_of(submission).map(|page| ("page".into(), s(page))));
    Ok(stamped(item))
}

/// An item with the version of its shape.
fn stamped(mut item: Item) -> Item {
    item.insert("v".into(), n(VERSION));
    item
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
fn readable<T: DeserializeOwned>(item: Item) -> Option<Result<T, StoreError>> {
    let pk = item.get("pk").and_then(|pk| pk.as_s().ok()).cloned();
    match parsed(item) {
        Err(error @ StoreError::Newer) => {
            tracing::error!(%error, pk, "left out of a list");
            None
        }
        read => Some(read),
    }
}

/// An item, unless a newer release wrote it.
fn known(item: Item) -> Result<Item, StoreError> {
    match item.get("v") {
        Some(AttributeValue::N(version)) if is_newer(version) => Err(StoreError::Newer),
        _ => Ok(item),
    }
}

fn is_newer(version: &str) -> bool {
    version.parse::<u32>().is_ok_and(|version| version > VERSION)
}

/// Whether an item with this key is a submission.
pub(crate) fn is_submission(pk: &str) -> bool {
    pk.split('#').nth(1) == Some("submission")
}

fn key(pk: String, sk: &str) -> Item {
    HashMap::from([("pk".into(), AttributeValue::S(pk)), ("sk".into(), AttributeValue::S(sk.into()))])
}

/// An id of that time, all of whose other bits are those of `rest`.
pub(crate) fn id_at(time: Timestamp, rest: u8) -> Uuid {
    let milliseconds = u64::try_from(time.as_millisecond()).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(milliseconds, &[rest; 10]).into_uuid()
}

fn submission_pk(site: &str, id: Uuid) -> String {
    format!("{site}#submission#{id}")
}

fn count_pk(site: &str, page: &str) -> String {
    format!("{site}#page#{page}")
}

/// The deployment's secret.
fn secret_key() -> Item {
    key("deployment".into(), "secret")
}

fn claim_key(site: &str, content: &str) -> Item {
    key(format!("{site}#claim#{content}"), "item")
}

/// The list that a submission stands in. A first comment that was taken down keeps its place on the page while
/// others' replies hang on it.
fn list_of(submission: &Submission) -> String {
    let site = &submission.site;
    match &submission.wrote {
        Wrote::Lead(_) => lead_list(site, submission.status),
        Wrote::Comment(comment) if submission.status == Status::Published || submission.replies > 0 => {
            match comment.root() {
                Some(root) => thread_list(site, root),
                None => page_list(site, comment.page().key()),
            }
        }
        Wrote::Comment(_) => comment_list(site, submission.status),
    }
}

/// The folder of the inbox in which a comment stands whose list is its page: one that is published, once it is counted,
/// and a first comment that was taken down while others' replies hang on it.
fn folder_of(submission: &Submission) -> Option<String> {
    let taken_down = submission.status != Status::Published && submission.replies > 0;
    let on_page = submission.comment().is_some() && !submission.erased && (submission.counted || taken_down);
    on_page.then(|| comment_list(&submission.site, submission.status))
}

/// Where a reply stands among all of its page, once it is counted.
fn replies_of(submission: &Submission) -> Option<String> {
    let reply = submission.comment().filter(|comment| submission.counted && comment.root().is_some())?;
    Some(page_list(&submission.site, reply.page().key()))
}

fn lead_list(site: &str, status: Status) -> String {
    format!("{site}#lead#{}", status.word())
}

fn comment_list(site: &str, status: Status) -> String {
    format!("{site}#comment#{}", status.word())
}

fn page_list(site: &str, page: &str) -> String {
    format!("{site}#page#{page}")
}

fn thread_list(site: &str, root: Uuid) -> String {
    format!("{site}#thread#{root}")
}

fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

#[expect(clippy::needless_pass_by_value, reason = "numbers are values")]
fn n(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}
