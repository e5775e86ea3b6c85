//! A submission as DynamoDB has it. The benchmarks have this, too.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use deskbell_functions::submission::Submission;
use serde_json::{Value, json};

/// The item of a submission, as JSON of DynamoDB's, with its key and in no list.
pub(crate) fn item(submission: &Submission) -> Value {
    let item: HashMap<String, AttributeValue> = serde_dynamo::to_item(submission).expect("an item");
    let mut item = serde_json::to_value(serde_dynamo::Item::from(item)).expect("JSON");
    item["pk"] = json!({ "S": format!("{}#submission#{}", submission.site, submission.id) });
    item["sk"] = json!({ "S": "item" });
    item
}
