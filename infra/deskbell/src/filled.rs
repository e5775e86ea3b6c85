//! A contact form filled in by a program: as much as it requires.

use deskbell_functions::config::Site;
use deskbell_functions::form::{Field, FieldKind, Form};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// These fields, among them the sender's `email`, and something for whatever else the form requires.
pub(crate) fn filled(site: &Site, form: &Form, fields: &[(&str, &str)]) -> Vec<(String, String)> {
    let email = fields.iter().find(|(name, _)| *name == "email").map_or("", |(_, email)| email);
    let mut pairs: Vec<(String, String)> =
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    for field in form.fields.iter().filter(|field| field.required) {
        if !pairs.iter().any(|(name, _)| *name == field.name) {
            pairs.push((field.name.clone(), typed(site, field, email)));
        }
    }
    pairs
}

fn typed(site: &Site, field: &Field, email: &str) -> String {
    match field.kind() {
        FieldKind::Line | FieldKind::Text => "Deskbell".into(),
        FieldKind::Email => email.into(),
        FieldKind::Tel => "+46 8 555 010".into(),
        FieldKind::Url => site.url.to_string(),
        FieldKind::Number => "1".into(),
        FieldKind::Date => Timestamp::now().to_zoned(TimeZone::UTC).date().to_string(),
        FieldKind::Choice => field.choices.first().cloned().unwrap_or_default(),
        FieldKind::Consent => "on".into(),
    }
}
