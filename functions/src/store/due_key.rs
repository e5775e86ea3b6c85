//! Where something stands in the list of what is due: see `due.rs`.

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;

use super::schema::{LISTS, s};

/// The list.
pub(super) const DUE: &str = "deployment#due";

/// By what an item stands in the list: when it is due, and what else tells it from others.
pub(super) fn listed(at: i64, name: &str) -> [(String, AttributeValue); 2] {
    [("list".into(), s(DUE)), ("id".into(), s(place(at, name)))]
}

/// Fills in what an update that sets `#list = :list, #id = :id` lacks.
pub(super) fn list(update: UpdateItemFluentBuilder, at: i64, name: &str) -> UpdateItemFluentBuilder {
    update
        .expression_attribute_names("#list", LISTS.key)
        .expression_attribute_names("#id", "id")
        .expression_attribute_values(":list", s(DUE))
        .expression_attribute_values(":id", s(place(at, name)))
}

/// Sorts by time as text does.
pub(super) fn place(at: i64, name: &str) -> String {
    format!("{:012}#{name}", at.max(0))
}
