//! What stands in a table of the fault proxy, and what is put straight into it, past the functions.

use std::collections::HashMap;

use deskbell_functions::submission::{Status, Submission, SubmissionContent};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::fault_proxy::FaultProxy;
use crate::harness::item::item;
use crate::harness::world::ARTICLE;

/// An item as the embedded table has it.
type Item = HashMap<String, dynoxide::AttributeValue>;

/// Every item of the table.
pub(crate) fn items(proxy: &FaultProxy) -> Vec<Value> {
    let scan = serde_json::from_value(json!({ "TableName": "deskbell" })).expect("a request");
    let scanned = serde_json::to_value(proxy.database.scan(scan).expect("a scan")).expect("JSON");
    scanned["Items"].as_array().expect("items").clone()
}

pub(crate) fn pk(item: &Value) -> &str {
    item["pk"]["S"].as_str().expect("a key")
}

/// A submission as it stands in the table, in this list.
pub(crate) fn stored_as(submission: &Submission, list: &str) -> Value {
    let mut item = item(submission);
    item["list"] = json!({ "S": list });
    item
}

/// A copy of a stored comment, with a status and an id of its own.
pub(crate) fn copy(pattern: &Submission, status: Status) -> Item {
    let id = Uuid::now_v7();
    let comment = Submission { id, status, counted: status == Status::Published, ..pattern.clone() };
    let list = match status {
        Status::Published => format!("studio#page#{}", ARTICLE.trim_end_matches('/')),
        other => format!("studio#comment#{}", other.word()),
    };
    let mut item = stored_as(&comment, &list);
    if status == Status::Published {
        item["folder"] = json!({ "S": "studio#comment#published" });
    }
    serde_json::from_value(item).expect("an item")
}

/// An item as a reply of a thread that is counted.
pub(crate) fn replying(mut item: Item, root: Uuid) -> Item {
    let page =
        item.insert("list".into(), dynoxide::AttributeValue::S(format!("studio#thread#{root}"))).expect("a list");
    item.insert("page".into(), page);
    item
}

/// Puts copies of a stored lead straight into the table: with another message, and each under a newer id of its own.
pub(crate) fn copies(proxy: &FaultProxy, pattern: &Submission, count: usize, message: &str) {
    let mut wrote = serde_json::to_value(&pattern.content).expect("JSON");
    wrote["lead"]["message"] = message.into();
    let wrote: SubmissionContent = serde_json::from_value(wrote).expect("a lead");
    let copy = |_| {
        let copy = Submission { id: Uuid::now_v7(), content: wrote.clone(), ..pattern.clone() };
        let list = format!("studio#lead#{}", copy.status.word());
        serde_json::from_value(stored_as(&copy, &list)).expect("an item")
    };
    let items = (0..count).map(copy).collect();
    proxy.database.import_items("deskbell", items, dynoxide::ImportOptions::default()).expect("imported");
}

/// A stored comment as one of another page, which an earlier release filed under this key.
pub(crate) fn filed_under(item: Item, page: &str) -> Item {
    let mut item = serde_json::to_value(item).expect("JSON");
    item["wrote"]["M"]["comment"]["M"]["page"] = json!({ "S": page });
    item["list"] = json!({ "S": format!("studio#page#{page}") });
    serde_json::from_value(item).expect("an item")
}
