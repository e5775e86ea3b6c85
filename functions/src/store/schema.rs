//! The items of the table: their keys, the lists that they stand in, and which calls each access costs.
//!
//! One table, keyed by `pk` and `sk`; three sparse indexes: `lists`, keyed by `list` and `id`; `folders`, keyed by
//! `folder` and `id`; `replies`, keyed by `page` and `id`. Every submission stands in exactly one list at a time, so
//! that whatever is shown is one query of just what is shown. A comment whose list is its page stands in a folder of
//! the inbox besides, from the moment when it is counted: taking it costs nothing more. And a reply, whose list is its
//! thread, stands among the replies of its page, from the same moment. The inbox, the thread and the page's feed each
//! want it in an order of its own, and an index has one: so counting a reply costs one write unit more, and first
//! comments and whatever is not published cost nothing for it.
//!
//! | what | `pk` | `sk` | `list` |
//! | --- | --- | --- | --- |
//! | a lead, a comment | `{site}#submission#{id}` | `item` | see below |
//! | a page's count of published comments, and since when it has had any | `{site}#page#{page}` | `count` | |
//! | an author whom the owner has approved | `{site}#author#{hash}` | `item` | `{site}#trust#{person}` |
//! | a sender whom the owner has blocked | `{site}#block#{hash}` | `item` | `{site}#block` |
//! | what a network has sent in a minute, and the form tokens it has used, for which content | `{site}#block#{network}` | `{minute}` | |
//! | content seen lately, and for each sender the id under which it is stored (the idempotency key) | `{site}#claim#{hash}` | `item` | |
//! | challenges of a network in a minute; links asked for | `{site}#rate#{hash}` | `{minute}` | |
//! | a site's model: what its filter has learnt from its owner | `{site}#memory` | `item` | |
//! | a check by Akismet of a submission | `{site}#akismet#{id}` | `item` | `{site}#akismet` while it is to be checked again |
//! | that a person has sent a submission | `{site}#person#{hash}` | `{id}` | |
//! | a link for signing in that was asked for | `{site}#sign-in#{id}` | `item` | |
//! | a session of a member of the team | `{site}#sessions#{hash of the member}` | `{hash of the session}` | |
//! | whether a site's digest is due, and up to when the last one reached | `{site}#digest` | `item` | |
//! | a delivery that failed or has to wait | `{site}#undelivered` | `{id}#{channel}` | `deployment#due` while it is to be tried again |
//! | deliveries over a channel in an hour | `{site}#hour#{channel}` | `item` | |
//! | what is beyond those: the bundle of a channel that is open, and the one that is being sent | `{site}#bundles` | `{channel}` | `deployment#due` while there is one |
//! | a submission in a bundle | `{site}#bundle#{bundle}` | `{id}` | |
//! | text messages of a channel in a month | `{site}#month#{channel}` | `{month}` | |
//! | that a person was answered within a day | `{site}#answered#{person}` | `item` | |
//! | what counts of a submission of the last days | `{site}#stats#{yyyy-mm-dd}` | `{id}` | |
//! | a day's numbers | `{site}#stats` | `{yyyy-mm-dd}` | |
//! | the deployment's secret | `deployment` | `secret` | |
//! | the suppression list: an address that is not written to any more | `deployment#suppressed` | `{hash}` | |
//! | a third party's secret, for all sites | `deployment` | `secret#{name}` | |
//! | a third party's secret, for one site | `{site}#secret` | `{name}` | |
//!
//! | to … | one call |
//! | --- | --- |
//! | give a challenge | `UpdateItem` rate |
//! | insert a submission | at once `UpdateItem` minute of the network, Query block and minutes of the network, `UpdateItem` claim, `BatchGetItem` block of the address (of a comment its author, and its parent, or the page's count where pages close); then `PutItem` submission |
//! | give a second chance | `GetItem` submission; `TransactWriteItems` submission, count, first comment of the thread (with a proof, `UpdateItem` minute and Query minutes of the network; a comment reads its author) |
//! | show a page's comments | Query list `{site}#page#{page}`, `GetItem` count, and for each thread with replies Query list `{site}#thread#{id}` |
//! | give the newest comments of a page, for its feed | Query list `{site}#page#{page}` and replies `{site}#page#{page}`, the newest of each: twice as many as are given, at most; of the whole site: Query folder `{site}#comment#published` |
//! | show counts | `BatchGetItem` of up to 100 pages |
//! | show a folder of the inbox | Query list `{site}#lead#{status}` or `{site}#comment#{status}`; for comments in spam and trash, and those that are published, Query folder `{site}#comment#{status}` |
//! | note something about a lead | `GetItem` submission; `UpdateItem` submission, if its notes are still as they were |
//! | decide | `GetItem` submission; `TransactWriteItems` submission, count, first comment of the thread, author, block, reply |
//! | show whether a sender is blocked; who is | `BatchGetItem` blocks of address and network; Query list `{site}#block` |
//! | block no longer | `DeleteItem` block |
//! | index by person | `PutItem` pointer, `GetItem` submission |
//! | show what a person has sent | Query `{site}#person#{hash}`, `BatchGetItem` of up to 100 submissions |
//! | show whether a person is trusted | Query list `{site}#trust#{person}` |
//! | erase what a person has sent | for each submission `GetItem`; `DeleteItem` idempotency key; `TransactWriteItems` submission, count, first comment of the thread; `DeleteItem` check by Akismet; Query undelivered; `DeleteItem` pointer |
//! | notify | `GetItem` submission; for each channel `UpdateItem` submission; what fails, `PutItem` that it failed, and `DeleteItem` once it is made |
//! | write to an address | `GetItem` whether it is suppressed |
//! | hear of a bounce or a complaint | `PutItem` that its address is suppressed; `GetItem` submission, or Query `{site}#bundle#{bundle}` and `GetItem` each submission; for each `PutItem` that it failed, `UpdateItem` submission; where another owner may hear of it, `UpdateItem` both once more |
//! | deliver over a channel | `UpdateItem` hour, and again where a new one begins, or to give back what failed; beyond its cap, `GetItem` bundle, `UpdateItem` bundle if none is open, `PutItem` submission in it, `GetItem` bundle |
//! | send a bundle | `UpdateItem` bundle, Query `{site}#bundle#{bundle}`; for each `GetItem` and `UpdateItem` submission; `UpdateItem` bundle, twice |
//! | send a text message | `UpdateItem` month; again if SNS did not take it |
//! | answer a visitor | `PutItem` answered, if it is not there; `UpdateItem` hour, as for any channel; beyond its cap, `DeleteItem` answered |
//! | list the names of secrets | Query `{site}#secret`, or `deployment` from `secret#` on |
//! | find what is due, once a minute | Query list `deployment#due`, up to now; `UpdateItem` what nothing can be done about |
//! | find what was not delivered | Query `{site}#undelivered` |
//! | find what was never delivered | Query lists `{site}#lead#received` and `{site}#comment#held`, of two weeks |
//! | deliver again | for each that failed `UpdateItem` that it failed, `UpdateItem` submission |
//! | send a digest | `UpdateItem` that it is due; `GetItem` whether, `UpdateItem` claim; Query lists and folders of the week, `{site}#undelivered`; `UpdateItem` that it was sent |
//! | count a submission | `PutItem` mark, if none of a later record is there: when it comes, and when a delivery was made or failed |
//! | add a day up; show days | Query days; for each that is missing, Query its marks, and `PutItem` day |
//! | judge | `GetItem` site model, `GetItem` secrets: once in a container, and again after five minutes |
//! | learn a decision | `GetItem` site model, submission; `PutItem` site model, if it is still as it was |
//! | send feedback to Akismet; check again | `GetItem` and `PutItem` check; Query list `{site}#akismet` |
//! | ask for a link | `UpdateItem` rate of the network, of both together, and of the address; `PutItem` sign-in |
//! | sign in | `GetItem` sign-in; `TransactWriteItems` sign-in, session |
//! | be signed in | `GetItem` session |
//! | transfer a site, by the operator's program | `DescribeTable`, `GetItem` secret, Scan; `PutItem` each if it is not there |
//! | sign out; everywhere | `DeleteItem` session; Query sessions of the member, `DeleteItem` each |
//!
//! Nothing scans but the operator's program, when it transfers a site. `expires_at` (seconds) is the TTL attribute.
//!
//! `v` is the version of an item's shape; without it, 1. It is raised only where an older release would misread the
//! item: attributes that may be missing are added without. A newer release reads what older ones wrote. An older
//! release that meets a newer item (after a deployment was taken back) leaves it as it is: whatever is about that item
//! alone fails with `StoreError::Newer`, the stream brings it again and then puts it in the dead-letter queue, and
//! lists leave it out and log it.

use std::collections::HashMap;
use std::str::FromStr;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use uuid::Uuid;

use crate::submission::{Status, Submission, SubmissionContent};

/// A sparse index: its name, and the attribute by which, and then by `id`, it is ordered.
pub(super) struct Index {
    pub(super) name: &'static str,
    pub(super) key: &'static str,
}

pub(super) const LISTS: Index = Index { name: "lists", key: "list" };

pub(super) const FOLDERS: Index = Index { name: "folders", key: "folder" };

pub(super) const REPLIES: Index = Index { name: "replies", key: "page" };

/// The version of the items' shape that this code writes.
pub(super) const VERSION: u32 = 1;

/// An item's attributes.
pub(super) type Item = HashMap<String, AttributeValue>;

/// An item with the version of its shape.
pub(super) fn stamped(mut item: Item) -> Item {
    item.insert("v".into(), n(VERSION));
    item
}

/// Whether an item with this key is a submission.
pub(crate) fn is_submission(pk: &str) -> bool {
    pk.split('#').nth(1) == Some("submission")
}

/// Whether what counts until then, in seconds since 1970, still counts: what has expired may stand in the table for two
/// days more.
pub(super) fn is_in_force(expires_at: i64) -> bool {
    expires_at > Timestamp::now().as_second()
}

pub(super) fn key(pk: String, sk: &str) -> Item {
    HashMap::from([("pk".into(), AttributeValue::S(pk)), ("sk".into(), AttributeValue::S(sk.into()))])
}

/// An id of that time, all of whose other bits are those of `rest`.
pub(crate) fn id_at(time: Timestamp, rest: u8) -> Uuid {
    let milliseconds = u64::try_from(time.as_millisecond()).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(milliseconds, &[rest; 10]).into_uuid()
}

pub(super) fn submission_pk(site: &str, id: Uuid) -> String {
    format!("{site}#submission#{id}")
}

pub(super) fn count_pk(site: &str, page: &str) -> String {
    format!("{site}#page#{page}")
}

/// The list that a submission stands in. A first comment that was taken down keeps its place on the page while
/// others' replies hang on it.
pub(super) fn list_of(submission: &Submission) -> String {
    let site = &submission.site;
    match &submission.content {
        SubmissionContent::Lead(_) => lead_list(site, submission.status),
        SubmissionContent::Comment(comment) if submission.status == Status::Published || submission.replies > 0 => {
            match comment.root() {
                Some(root) => thread_list(site, root),
                None => page_list(site, comment.page().key()),
            }
        }
        SubmissionContent::Comment(_) => comment_list(site, submission.status),
    }
}

/// The folder of the inbox in which a comment stands whose list is its page: one that is published, once it is counted,
/// and a first comment that was taken down while others' replies hang on it.
pub(super) fn folder_of(submission: &Submission) -> Option<String> {
    let taken_down = submission.status != Status::Published && submission.replies > 0;
    let on_page = submission.comment().is_some() && !submission.erased && (submission.counted || taken_down);
    on_page.then(|| comment_list(&submission.site, submission.status))
}

/// Where a reply stands among all of its page, once it is counted.
pub(super) fn replies_of(submission: &Submission) -> Option<String> {
    let reply = submission.comment().filter(|comment| submission.counted && comment.root().is_some())?;
    Some(page_list(&submission.site, reply.page().key()))
}

pub(super) fn lead_list(site: &str, status: Status) -> String {
    format!("{site}#lead#{}", status.word())
}

pub(super) fn comment_list(site: &str, status: Status) -> String {
    format!("{site}#comment#{}", status.word())
}

pub(super) fn page_list(site: &str, page: &str) -> String {
    format!("{site}#page#{page}")
}

pub(super) fn thread_list(site: &str, root: Uuid) -> String {
    format!("{site}#thread#{root}")
}

pub(super) fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

#[expect(clippy::needless_pass_by_value, reason = "numbers are values")]
pub(super) fn n(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// A number of an item.
pub(super) fn number<T: FromStr>(item: &Item, name: &str) -> Option<T> {
    item.get(name)?.as_n().ok()?.parse().ok()
}
