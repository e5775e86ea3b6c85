//! A contact request, parsed at the door.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};

use crate::form::built_in::{BuiltIn, MESSAGE};
use crate::form::{Consent, Email, FieldError, FieldKind, Fields, Form, clean_line, clean_text, dialects, name};

/// The longest subject that a page gives, in characters.
const MAX_SUBJECT: usize = 100;

/// What fields are called that hold a part of the sender's name, by [`name::own_key`].
const FIRST_NAME: [&str; 5] = ["firstname", "fname", "givenname", "forename", "vorname"];
const LAST_NAME: [&str; 5] = ["lastname", "lname", "surname", "familyname", "nachname"];

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
        let subject = dialects::name_lead(&mut posted, form);
        let filled = form.read(&posted)?;
        let mut lead = Self {
            form: name.into(),
            email: None,
            values: BTreeMap::new(),
            fields: Vec::new(),
            consents: filled.consents,
        };
        if let Some(subject) = subject {
            lead.place_subject(&subject);
        }
        // What the settings call by another name than ours was read under that.
        let mut filled = Fields { pairs: filled.values, ..Fields::default() };
        dialects::name_lead(&mut filled, &Form::default());
        for (name, value) in filled.pairs {
            lead.place(name, value);
        }
        lead.find_address(form);
        lead.find_name();
        Ok(lead)
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

    /// The subject that the page, or another service's form, gives: one short line. What is longer is kept whole beside
    /// it.
    fn place_subject(&mut self, typed: &str) {
        let line = clean_line(typed);
        let short: String = line.chars().take(MAX_SUBJECT).collect();
        let short = short.trim_end().to_owned();
        if short != line {
            self.fields.push(("subject".into(), clean_text(typed)));
        }
        if !short.is_empty() {
            self.values.insert("subject", short);
        }
    }

    /// Where no field is known to hold the address to reply to: the one that the settings say holds an address, or else
    /// the only address that stands in a field by itself.
    fn find_address(&mut self, form: &Form) {
        if self.email.is_some() {
            return;
        }
        let configured = |(name, _): &&(String, String)| form.field(name).kind() == FieldKind::Email;
        let address = |(_, value): &(String, String)| Email::parse(value);
        self.email = self.fields.iter().filter(configured).find_map(address).or_else(|| self.only_address());
        if let Some(email) = &self.email {
            self.fields.retain(|(_, value)| !email.is(value));
        }
    }

    /// The address that stands in a field by itself, if there is one and no other.
    fn only_address(&self) -> Option<Email> {
        let values = self.fields.iter().map(|(_, value)| value).chain(self.values.values());
        let mut addresses = values.filter_map(|value| Email::parse(value));
        let first = addresses.next()?;
        addresses.all(|other| other.as_str().eq_ignore_ascii_case(first.as_str())).then_some(first)
    }

    /// Where no field is the sender's name: the first and the last name, which stay among the form's own fields too.
    fn find_name(&mut self) {
        if self.values.contains_key("name") {
            return;
        }
        let one_of = |keys: &[&str]| {
            let named = self.fields.iter().find(|(name, _)| keys.contains(&&*name::own_key(name)));
            named.map(|(_, value)| value.as_str())
        };
        let parts = one_of(&FIRST_NAME).into_iter().chain(one_of(&LAST_NAME));
        let name = clean_line(&parts.collect::<Vec<_>>().join(" "));
        if !name.is_empty() {
            self.values.insert("name", name.chars().take(FieldKind::Line.max()).collect());
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

    /// The text that is judged: what the built-in fields say in words, but for the name, and the form's own fields with
    /// their names, which are as little ours as what stands in them.
    #[must_use]
    pub fn text(&self) -> String {
        let says = |field: &&BuiltIn| matches!(field.kind, FieldKind::Line | FieldKind::Text) && field.name != "name";
        let known = BuiltIn::of_leads().filter(says).filter_map(|field| self.value(field.name).map(Cow::from));
        let own = self.fields.iter().flat_map(|(name, value)| [name::humanise(name).into(), Cow::from(value)]);
        known.chain(own).collect::<Vec<_>>().join("\n")
    }
}

#[cfg(test)]
mod tests {
    use proptest::strategy::Strategy as _;

    use super::*;

    fn lead(pairs: &[(&str, &str)]) -> Lead {
        let pairs = pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        Lead::read("default", &Form::default(), Fields { pairs, ..Fields::default() }).expect("valid")
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
    fn names_are_known_by_any_spelling_and_the_one_address_is_the_one_to_reply_to() {
        let form: Form = serde_json::from_value(serde_json::json!({ "fields": [
            { "name": "work_mail", "type": "email", "required": true }, { "name": "telephone", "required": true },
        ]}))
        .expect("a form");
        let posted = |pairs: &[(&str, &str)]| Fields {
            pairs: pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
            ..Fields::default()
        };
        let pairs = [("Work-Mail", "ann@example.org"), ("Telephone", "555"), ("other", "bo@example.org")];
        let lead = Lead::read("default", &form, posted(&pairs)).expect("valid");
        assert_eq!(lead.lines(), [("email", "ann@example.org"), ("phone", "555"), ("other", "bo@example.org")]);
        let wrong = Lead::read("default", &form, posted(&[("work_mail", "ann")])).expect_err("two mistakes");
        let wrong: Vec<_> = wrong.iter().map(|error| (error.field.as_str(), error.code.name())).collect();
        assert_eq!(wrong, [("work_mail", "email"), ("telephone", "required")]);
    }

    #[test]
    fn an_address_in_two_spellings_stands_once() {
        for again in ["ann@MÜNCHEN.example", "Ann@münchen.example", "ann@xn--mnchen-3ya.example"] {
            let lead = lead(&[("kontakt", "ann@münchen.example"), ("wieder", again), ("message", "Hello")]);
            assert_eq!(lead.lines(), [("email", "ann@münchen.example"), ("message", "Hello")], "{again}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_that_was_typed_is_lost(names in proptest::collection::vec(
            proptest::prop_oneof![
                proptest::sample::select(vec![
                    "name", "Name", "your-name", "fields[name]", "email", "E-Mail", "_replyto", "contact[email]", "tel",
                    "phone", "message", "text", "comment[]", "subject", "Subject", "first_name", "Nachname", "a[]", "a",
                    "address[street]", "[]", "?",
                ]).prop_map(str::to_owned),
                "[a-z\\[\\] -]{1,12}",
            ],
            1..20,
        )) {
            let value = |(number, name): (usize, &String)| {
                let address = ["mail", "replyto"].iter().any(|key| name::key(name).contains(key));
                (name.clone(), if address { format!("v{number}@example.org") } else { format!("v{number}") })
            };
            let pairs: Vec<_> = names.iter().enumerate().map(value).filter(|(name, _)| !dialects::is_control(name)).collect();
            let posted = Fields { pairs: pairs.clone(), ..Fields::default() };
            if !pairs.is_empty() {
                let lead = Lead::read("default", &Form::default(), posted).expect("valid");
                for (_, value) in pairs {
                    proptest::prop_assert!(lead.lines().iter().any(|(_, kept)| kept.split(' ').any(|kept| kept == value)), "{value}: {lead:?}");
                }
            }
        }
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
