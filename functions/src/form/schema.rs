//! A form: its fields, and what somebody filled in. Both contact requests and comments pass through [`Form::read`];
//! nothing behind it validates again.

use serde::Deserialize;

use crate::form::built_in::MESSAGE;
use crate::form::code::{Code, FieldError};
use crate::form::consent::Consent;
use crate::form::data::Fields;
use crate::form::field::Field;
use crate::form::kind::FieldKind;
use crate::form::name;

/// A form: the fields that the owner of the site named, and what happens around them.
/// Fields that are not named here are taken too, as [`FieldKind::Text`] of the usual length.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Form {
    /// The named fields, in the order in which they are shown.
    pub fields: Vec<Field>,
    /// The thank-you page: a path or an address on the site. The built-in page if absent.
    pub thanks: Option<String>,
    /// A field that people cannot see; what fills it in is a bot. The usual names are known without it.
    pub honeypot: Option<String>,
    /// The subject of the owner's mail.
    pub subject: Option<String>,
}

/// A form as it was filled in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filled {
    /// Names and values, cleaned, in their order.
    pub values: Vec<(String, String)>,
    /// What was agreed to.
    pub consents: Vec<Consent>,
}

impl Form {
    /// Checks everything that was posted and gives the form as it was filled in; or all that is wrong.
    pub fn read(&self, posted: &Fields) -> Result<Filled, Vec<FieldError>> {
        let mut errors = posted.faults.clone();
        let mut filled = Filled::default();
        for (name, value) in &posted.pairs {
            let field = self.field(name);
            if field.kind() == FieldKind::Consent {
                filled.agree(&field, value);
                continue;
            }
            match field.clean(value) {
                Ok(value) if value.is_empty() => {}
                Ok(value) => filled.values.push((name.clone(), value)),
                Err(code) => errors.push(FieldError::new(name, code)),
            }
        }
        for field in self.fields.iter().filter(|field| field.required) {
            if !filled.has(&field.name) && !errors.iter().any(|error| error.field == field.name) {
                errors.push(FieldError::new(&field.name, field.missing()));
            }
        }
        if filled.values.is_empty() && errors.is_empty() {
            errors.push(FieldError::new(MESSAGE, Code::Required));
        }
        if errors.is_empty() { Ok(filled) } else { Err(errors) }
    }

    /// The field of that name: as configured, or as its name suggests.
    #[must_use]
    pub fn field(&self, name: &str) -> Field {
        let named = self.fields.iter().find(|field| field.name == name);
        named.cloned().unwrap_or_else(|| Field { name: name.into(), ..Field::default() })
    }

    /// The field that the settings name so, or by another spelling of it.
    pub(super) fn named(&self, name: &str) -> Option<&Field> {
        let exact = self.fields.iter().find(|field| field.name == name);
        exact.or_else(|| self.fields.iter().find(|field| name::is_same(&field.name, name)))
    }
}

impl Filled {
    /// Notes what was agreed to, once.
    fn agree(&mut self, field: &Field, typed: &str) {
        if !self.has(&field.name) {
            self.consents.extend(Consent::given(field, typed));
        }
    }

    fn has(&self, name: &str) -> bool {
        self.values.iter().any(|(named, _)| named == name) || self.consents.iter().any(|consent| consent.field == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, kind: FieldKind) -> Field {
        Field { name: name.into(), kind: Some(kind), choices: vec!["tea".into()], ..Field::default() }
    }

    #[test]
    fn all_bad_fields_are_reported_at_once_and_order_and_repeats_are_kept() {
        let form = Form {
            fields: vec![
                Field { required: true, ..field("email", FieldKind::Email) },
                Field { required: true, ..field("name", FieldKind::Line) },
            ],
            ..Form::default()
        };
        let pairs = |list: &[(&str, &str)]| Fields {
            pairs: list.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
            ..Fields::default()
        };
        let errors = form.read(&pairs(&[("email", "nobody"), ("name", " ")])).expect_err("two mistakes");
        let named: Vec<_> = errors.iter().map(|error| (error.field.as_str(), error.code.name())).collect();
        assert_eq!(named, [("email", "email"), ("name", "required")]);

        let posted = pairs(&[("b", "1"), ("a", "2"), ("b", "3"), ("email", "a@b.org"), ("name", "A")]);
        assert_eq!(form.read(&posted).map(|filled| filled.values), Ok(posted.pairs.clone()));
        assert!(Form::default().read(&pairs(&[("x", "")])).is_err());
    }
}
