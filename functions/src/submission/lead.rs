//! A contact request, parsed at the door.

use serde::{Deserialize, Serialize};

use crate::form::{Consent, Email, FieldError, Fields, Form, Hidden};

/// A contact request. [`Lead::read`] is the only way to make one from what a visitor typed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lead {
    form: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<Email>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    /// The form's own fields, in their order; repeated names stand repeatedly.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    fields: Vec<(String, String)>,
    /// What the sender agreed to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    consents: Vec<Consent>,
}

impl Lead {
    /// Reads what was posted to the form called `name`; gives all bad fields at once.
    pub fn read(name: &str, form: &Form, mut posted: Fields) -> Result<Self, Vec<FieldError>> {
        let subject = posted.take(&["_subject"]);
        rename_aliases(&mut posted);
        let mut lead = Self {
            form: name.into(),
            name: None,
            email: None,
            phone: None,
            subject: subject.map(|subject| one_line(&subject)),
            message: None,
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
        let slot = match name.as_str() {
            "name" => &mut self.name,
            "phone" => &mut self.phone,
            "message" => &mut self.message,
            "email" if self.email.is_none() => {
                self.email = Email::parse(&value);
                return;
            }
            "subject" if self.subject.is_none() => &mut self.subject,
            _ => return self.fields.push((name, value)),
        };
        if slot.is_none() {
            *slot = Some(value);
        } else {
            self.fields.push((name, value));
        }
    }

    /// The form's name.
    #[must_use]
    pub fn form(&self) -> &str {
        &self.form
    }

    /// The sender's name.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The sender's address.
    #[must_use]
    pub fn email(&self) -> Option<&Email> {
        self.email.as_ref()
    }

    /// The subject, one line.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// The message.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// The sender's telephone number.
    #[must_use]
    pub fn phone(&self) -> Option<&str> {
        self.phone.as_deref()
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
        let known = [
            ("name", self.name.as_deref()),
            ("email", self.email.as_ref().map(Email::as_str)),
            ("phone", self.phone.as_deref()),
            ("subject", self.subject.as_deref()),
        ];
        let known = known.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let own = self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let agreed = self.consents.iter().map(|consent| (consent.field.as_str(), consent.text.as_str()));
        known.chain(own).chain(agreed).chain(self.message().map(|message| ("message", message))).collect()
    }

    /// The text that is judged: the message and the form's own fields.
    #[must_use]
    pub fn text(&self) -> String {
        let own = self.fields.iter().map(|(_, value)| value.as_str());
        self.subject().into_iter().chain(self.message()).chain(own).collect::<Vec<_>>().join("\n")
    }
}

/// The name under which a field of a contact form is read; none if it is not content.
pub(crate) fn arrives_as(name: &str) -> Option<String> {
    let mut posted = Fields { pairs: vec![(name.into(), "x".into())], faults: Vec::new() };
    Hidden::take(&mut posted, None);
    posted.take(&["_subject"]);
    rename_aliases(&mut posted);
    posted.pairs.pop().map(|(name, _)| name)
}

fn rename_aliases(posted: &mut Fields) {
    posted.unwrap_names();
    posted.rename(&["_replyto", "replyto", "replyTo"], "email");
    posted.take(&["_replyto", "replyto", "replyTo"]);
    posted.rename(&["tel", "telephone"], "phone");
    posted.rename(&["comment", "text"], "message");
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
}
