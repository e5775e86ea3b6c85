//! `[sites.NAME.forms.…]`, checked: what no form can have, and what would never come into play.

use crate::config::validator::Validator;
use crate::form::{Field, FieldKind, Form, dialects};

impl Form {
    pub(super) fn check(&self, validator: &mut Validator) {
        validator.within("fields", |validator| {
            for (index, field) in self.fields.iter().enumerate() {
                validator.within(index, |validator| field.check(&self.fields[..index], validator));
            }
        });
        if self.honeypot.as_ref().is_some_and(|trap| self.fields.iter().any(|field| field.name == *trap)) {
            validator.wrong("honeypot", "people fill in this field of the form, and would be taken for machines");
        }
    }
}

impl Field {
    fn check(&self, earlier: &[Self], validator: &mut Validator) {
        if earlier.iter().any(|earlier| earlier.name == self.name) {
            validator.wrong("name", "this field is there twice");
        }
        match dialects::read_as(&self.name) {
            None => validator.wrong("name", "no form field can have this name: forms use it for something else"),
            Some(name) if name != self.name => {
                let problem = "what is sent under this name is filed under another, and would be missed here";
                validator.advise("name", problem, format!("call it `{name}` here, the form may keep its name"));
            }
            Some(_) => {}
        }
        if self.max == Some(0) {
            let refused = if self.required { "must be filled in, and" } else { "" };
            validator.wrong("max", format!("nothing fits into this field: it {refused} may have 0 characters"));
        }
        if self.kind() == FieldKind::Consent && self.label.as_ref().is_none_or(|label| label.trim().is_empty()) {
            validator.advise(
                "type",
                "nobody could tell what is agreed to",
                "add label = \"…\", as it stands beside the box",
            );
        }
        self.check_choices(validator);
    }

    fn check_choices(&self, validator: &mut Validator) {
        if self.kind() == FieldKind::Choice && self.choices.is_empty() {
            validator.advise("type", "there is nothing to choose from", "add choices = [\"…\", \"…\"]");
        }
        if self.kind() != FieldKind::Choice && !self.choices.is_empty() {
            validator.advise("choices", "nobody is offered them", "add type = \"choice\"");
        }
        let long = self.choices.iter().enumerate().filter(|(_, choice)| choice.chars().count() > self.max());
        for (index, _) in long {
            let problem = format!("this choice is longer than the {} characters of the field", self.max());
            validator.within("choices", |validator| validator.wrong(index, problem));
        }
    }
}
