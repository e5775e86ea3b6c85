//! A contact request, parsed at the door.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};

use crate::form::built_in::{BuiltIn, MESSAGE};
use crate::form::{Consent, Email, FieldError, FieldKind, Fields, Form, dialects};

/// A contact request. [`Lead::read`] is the only way to make one from what a visitor typed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lead {
    form: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<Email>,
    /// The other [built-in fields](BuiltIn), each stored under its own name.
    #[serde(flatten, deserialize_with = "built_in")]
    values: BTreeMap<&'static str, String>,
    /// The form's own fields, in their order; repeated names stand repeatedly.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    fields: Vec<(String, String)>,
    /// What the sender agreed to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    consents: Vec<Consent>,
}

/// Of a stored lead, the built-in fields: what else is there is another's, or of a later release.
fn built_in<'de, D: Deserializer<'de>>(stored: D) -> Result<BTreeMap<&'static str, String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Attribute {
        Text(String),
        Other(IgnoredAny),
    }
    let all = BTreeMap::<String, Attribute>::deserialize(stored)?.into_iter();
    let known = all.filter_map(|(name, value)| match value {
        Attribute::Text(text) => Some((BuiltIn::of_leads_named(&name)?.name, text)),
        Attribute::Other(_) => None,
    });
    Ok(known.collect())
}

impl Lead {
    /// Reads what was posted to the form called `name`; gives all bad fields at once.
    pub fn read(name: &str, form: &Form, mut posted: Fields) -> Result<Self, Vec<FieldError>> {
        let subject = dialects::name_lead(&mut posted).map(|subject| ("subject", one_line(&subject)));
        let mut lead = Self {
            form: name.into(),
            email: None,
            values: subject.into_iter().collect(),
            fields: Vec::new(),
            consents: Vec::new(),
        };
        let filled = form.read(&posted)?;
        for (name, value) in filled.values {
            lead.place(name, value);
        }
        Ok(Self { consents: filled.consents, ..lead })
    }

    /// Puts a checked value where it belongs; what comes a second time joins the form's own fields.
    fn place(&mut self, name: String, value: String) {
        match BuiltIn::of_leads_named(&name).map(|field| field.name) {
            Some("email") if self.email.is_none() => match Email::parse(&value) {
                Some(email) => self.email = Some(email),
                // The settings may ask for something else under this name.
                None => self.fields.push((name, value)),
            },
            Some(name) if name != "email" && !self.values.contains_key(name) => {
                self.values.insert(name, value);
            }
            _ => self.fields.push((name, value)),
        }
    }

    /// The form's name.
    #[must_use]
    pub fn form(&self) -> &str {
        &self.form
    }

    /// What was filled in for a built-in field, as people read it.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        match name {
            "email" => self.email.as_ref().map(Email::shown),
            name => self.values.get(name).map(String::as_str),
        }
    }

    /// The sender's name.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.value("name")
    }

    /// The sender's address.
    #[must_use]
    pub fn email(&self) -> Option<&Email> {
        self.email.as_ref()
    }

    /// The subject, one line.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.value("subject")
    }

    /// The message.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.value(MESSAGE)
    }

    /// The sender's phone number.
    #[must_use]
    pub fn phone(&self) -> Option<&str> {
        self.value("phone")
    }

    /// The form's own fields, in their order.
    #[must_use]
    pub fn fields(&self) -> &[(String, String)] {
        &self.fields
    }

    /// What the sender agreed to.
    #[must_use]
    pub fn consents(&self) -> &[Consent] {
        &self.consents
    }

    /// Everything that was filled in, by name, as the owner reads it: the message last.
    #[must_use]
    pub fn lines(&self) -> Vec<(&str, &str)> {
        let known = BuiltIn::of_leads().map(|field| field.name).filter(|name| *name != MESSAGE);
        let known = known.filter_map(|name| Some((name, self.value(name)?)));
        let own = self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let agreed = self.consents.iter().map(|consent| (consent.field.as_str(), consent.text.as_str()));
        known.chain(own).chain(agreed).chain(self.message().map(|message| (MESSAGE, message))).collect()
    }

    /// The text that is judged: what the built-in fields say in words, but for the name, and the form's own fields.
    #[must_use]
    pub fn text(&self) -> String {
        let says = |field: &&BuiltIn| matches!(field.kind, FieldKind::Line | FieldKind::Text) && field.name != "name";
        let known = BuiltIn::of_leads().filter(says).filter_map(|field| self.value(field.name));
        known.chain(self.fields.iter().map(|(_, value)| value.as_str())).collect::<Vec<_>>().join("\n")
    }
}

fn one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().filter(|c| !c.is_control()).take(245).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lead(pairs: &[(&str, &str)]) -> Lead {
        let pairs = pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        Lead::read("default", &Form::default(), Fields { pairs, faults: Vec::new() }).expect("valid")
    }

    #[test]
    fn other_services_field_names_are_understood() {
        let lead = lead(&[
            ("fields[name]", "Ann"),
            ("_replyto", "ann@example.org"),
            ("telephone", "555 0100"),
            ("text", "Hello"),
            ("_subject", "Hi\r\nBcc: x@y.org"),
            ("colour", "red"),
            ("colour", "blue"),
        ]);
        let expected = [
            ("name", "Ann"),
            ("email", "ann@example.org"),
            ("phone", "555 0100"),
            ("subject", "Hi Bcc: x@y.org"),
            ("colour", "red"),
            ("colour", "blue"),
            ("message", "Hello"),
        ];
        assert_eq!(lead.lines(), expected);
    }

    #[test]
    fn a_field_of_the_same_name_keeps_its_place_when_the_known_one_is_there() {
        let lead = lead(&[("message", "one"), ("comment", "two"), ("name", "A"), ("name", "B")]);
        assert_eq!(lead.lines(), [("name", "A"), ("comment", "two"), ("name", "B"), ("message", "one")]);
    }

    #[test]
    fn built_in_fields_are_stored_under_their_names_and_the_rest_is_not_lost() {
        let lead = lead(&[
            ("name", "Ann"),
            ("email", "ann@example.org"),
            ("phone", "555 0100"),
            ("message", "Hello"),
            ("colour", "red"),
        ]);
        let mut stored = serde_json::to_value(&lead).expect("JSON");
        let expected = serde_json::json!({
            "form": "default", "name": "Ann", "email": "ann@example.org", "phone": "555 0100", "message": "Hello",
            "fields": [["colour", "red"]],
        });
        assert_eq!(stored, expected);
        // As a later release may have stored it.
        stored["page"] = "/a".into();
        stored["seen"] = serde_json::json!({ "by": ["M"] });
        assert_eq!(serde_json::from_value::<Lead>(stored).expect("a lead"), lead);
    }
}
