//! A submission as it is exported: the same names in both kinds of file.

use serde_json::{Value, json};

use super::csv;
use crate::config::Site;
use crate::form::Email;
use crate::form::built_in::{BuiltIn, MESSAGE};
use crate::submission::{Submission, SubmissionContent};
use crate::words::dates::{rfc3339, rfc3339_second};

/// The last of the columns that every table has, before those of the forms' own fields.
const NOTES: &str = "notes";

/// The columns that every table has, but for the notes.
fn columns() -> impl Iterator<Item = &'static str> {
    let place = ["id", "kind", "received", "status", "form", "page"].into_iter();
    place.chain(BuiltIn::of_columns().map(|field| field.name)).chain(["text", "score", "decision"])
}

/// Where fields stand that no form of the configuration names.
const OTHER: &str = "other";

/// All of them as one JSON array.
pub(super) fn array(submissions: &[Submission]) -> String {
    Value::Array(submissions.iter().map(object).collect()).to_string()
}

/// How many bytes one takes in the array.
pub(super) fn size(submission: &Submission) -> usize {
    object(submission).to_string().len()
}

/// All of them as a table.
pub(super) fn table(site: &Site, submissions: &[Submission]) -> String {
    let own = own_columns(site);
    let rows: Vec<Vec<String>> = submissions.iter().map(|submission| row(submission, &own)).collect();
    let mut names: Vec<&str> = columns().chain([NOTES]).collect();
    names.extend(own.iter().map(|one| one.column.as_str()).chain([OTHER]));
    csv::table(std::iter::once(names).chain(rows.iter().map(|row| row.iter().map(String::as_str).collect())))
}

/// A field of the site's forms, and its column.
struct Own {
    field: String,
    column: String,
}

/// The fields of the site's forms that have no column yet, each once. Never what a visitor named: there is no end to
/// that.
fn own_columns(site: &Site) -> Vec<Own> {
    let mut own: Vec<Own> = Vec::new();
    for field in site.forms.values().flat_map(|form| &form.fields).map(|field| field.name.clone()) {
        if BuiltIn::of_leads_named(&field).is_none() && !own.iter().any(|one| one.field == field) {
            let taken = field == OTHER || columns().chain([NOTES]).any(|column| column == field);
            own.push(Own { column: if taken { format!("field_{field}") } else { field.clone() }, field });
        }
    }
    own
}

fn row(submission: &Submission, own: &[Own]) -> Vec<String> {
    let value = object(submission);
    let text = |name: &str| match &value[name] {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    };
    let fields: &[(String, String)] = match &submission.content {
        SubmissionContent::Lead(lead) => lead.fields(),
        SubmissionContent::Comment(_) => &[],
    };
    let mut cells: Vec<String> = columns().map(text).collect();
    cells
        .push(submission.notes.iter().map(|note| format!("{}: {}", note.by, note.text)).collect::<Vec<_>>().join("\n"));
    let (mut values, mut other) = (vec![Vec::new(); own.len()], Vec::new());
    let agreed = submission.consents().iter().map(|consent| (&consent.field, &consent.text));
    for (name, value) in fields.iter().map(|(name, value)| (name, value)).chain(agreed) {
        match own.iter().position(|one| one.field == *name) {
            Some(at) => values[at].push(value.clone()),
            None => other.push(format!("{name}: {value}")),
        }
    }
    cells.extend(values.into_iter().map(|values| values.join(", ")));
    cells.push(other.join("\n"));
    cells
}

/// One as a JSON object: what is not there is null.
fn object(submission: &Submission) -> Value {
    let mut object = match &submission.content {
        SubmissionContent::Lead(lead) => json!({
            "kind": "message",
            "form": lead.form(),
            "text": lead.message(),
            "fields": lead.fields().iter().map(|(name, value)| json!({ "name": name, "value": value })).collect::<Vec<_>>(),
        }),
        SubmissionContent::Comment(comment) => json!({
            "kind": "comment",
            "page": comment.page().path(),
            "parent": comment.parent(),
            "name": comment.author(),
            "email": comment.email().map(Email::shown),
            "url": comment.url(),
            "text": comment.text(),
            "by_owner": comment.by_owner(),
            "by_team": comment.by_team(),
        }),
    };
    if let SubmissionContent::Lead(lead) = &submission.content {
        for name in BuiltIn::of_leads().map(|field| field.name).filter(|name| *name != MESSAGE) {
            object[name] = json!(lead.value(name));
        }
    }
    let verdict = &submission.verdict;
    object["id"] = json!(submission.id);
    object["received"] = json!(rfc3339(submission.received_at()));
    object["status"] = json!(submission.status);
    object["score"] = json!(verdict.score);
    object["decision"] = json!(verdict.decision);
    object["reasons"] = json!(verdict.reasons);
    object["consents"] = submission
        .consents()
        .iter()
        .map(|one| json!({ "field": one.field, "text": one.text, "at": rfc3339_second(one.at) }))
        .collect();
    object["notes"] = submission
        .notes
        .iter()
        .map(|note| json!({ "by": note.by, "at": rfc3339_second(note.at), "text": note.text }))
        .collect();
    object
}
