//! `[sites.NAME.forms.…]`, checked: what no form can have, and what would never come into play.

use crate::config::validator::Validator;
use crate::form::{Field, FieldKind, Form, dialects, name};

impl Form {
    pub(super) fn check(&self, validator: &mut Validator) {
        validator.within("fields", |validator| {
            for (index, field) in self.fields.iter().enumerate() {
                validator.within(index, |validator| field.check(&self.fields[..index], validator));
            }
        });
        if self.honeypot.as_ref().is_some_and(|trap| self.fields.iter().any(|field| field.name == *trap)) {
            validator.wrong("honeypot", "people fill in this field, so they would be treated as bots");
        }
    }
}

impl Field {
    fn check(&self, earlier: &[Self], validator: &mut Validator) {
        if earlier.iter().any(|earlier| earlier.name == self.name) {
            validator.wrong("name", "duplicate field name");
        }
        if dialects::is_control(&self.name) {
            validator.wrong("name", "this name is reserved for a control field");
        }
        if self.name.chars().count() > name::MAX {
            validator.wrong("name", format!("longer than {} characters", name::MAX));
        }
        if self.max == Some(0) {
            validator.wrong("max", "0 would reject everything that is typed here");
        }
        if self.kind() == FieldKind::Consent && self.label.as_ref().is_none_or(|label| label.trim().is_empty()) {
            validator.advise(
                "type",
                "a consent field needs a label",
                "add label = \"…\" with the text shown next to the box",
            );
        }
        self.check_choices(validator);
    }

    fn check_choices(&self, validator: &mut Validator) {
        if self.kind() == FieldKind::Choice && self.choices.is_empty() {
            validator.advise("type", "a choice field needs choices", "add choices = [\"…\", \"…\"]");
        }
        if self.kind() != FieldKind::Choice && !self.choices.is_empty() {
            validator.advise("choices", "`choices` has no effect in a field of another type", "add type = \"choice\"");
        }
        let long = self.choices.iter().enumerate().filter(|(_, choice)| choice.chars().count() > self.max());
        for (index, _) in long {
            let problem = format!("longer than the field's maximum of {} characters", self.max());
            validator.within("choices", |validator| validator.wrong(index, problem));
        }
    }
}
