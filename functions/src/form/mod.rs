//! What may be typed into a form: the fields, their limits, and the one place where typed text is checked.
//! Both contact requests and comments pass through [`Form::read`]; nothing behind it validates again.

mod code;
mod consent;
mod email;
pub mod page;
mod posted;

use serde::Deserialize;

use crate::config::Review;
use crate::submission::lead;

pub use self::code::{Code, FieldError};
pub use self::consent::Consent;
pub use self::email::{Email, is_web_address};
pub use self::posted::{Fields, Hidden};

/// A form: the fields that the owner of the site named, and what happens around them.
/// Fields that are not named here are taken too, as [`Kind::Text`] of the usual length.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Form {
    /// The named fields, in the order in which they are shown.
    pub fields: Vec<Field>,
    /// The thank-you page: a path or an address on the site. The built-in page if absent.
    pub thanks: Option<String>,
    /// A field that people cannot see; whoever fills it in is a machine. The customary names are known without it.
    pub honeypot: Option<String>,
    /// The subject of the owner's mail.
    pub subject: Option<String>,
}

/// One field of a form.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// The name that the form posts it under.
    pub name: String,
    /// What people read beside it; made from the name if absent.
    pub label: Option<String>,
    /// What may be typed; guessed from the name if absent.
    #[serde(rename = "type")]
    pub kind: Option<Kind>,
    /// Whether it must be filled in.
    #[serde(default)]
    pub required: bool,
    /// The longest value, in characters.
    pub max: Option<usize>,
    /// The values of a [`Kind::Choice`].
    #[serde(default)]
    pub choices: Vec<String>,
}

/// What may be typed into a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// One line.
    Line,
    /// Any text.
    Text,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Tel,
    /// An address on the web, `http` or `https`.
    Url,
    /// A number.
    Number,
    /// A date as `YYYY-MM-DD`.
    Date,
    /// One of the field's choices.
    Choice,
    /// A box to tick, whose label is what is agreed to.
    Consent,
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
            if field.kind() == Kind::Consent {
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
            errors.push(FieldError::new("message", Code::Required));
        }
        if errors.is_empty() { Ok(filled) } else { Err(errors) }
    }

    /// The field of that name: as configured, or as its name suggests.
    #[must_use]
    pub fn field(&self, name: &str) -> Field {
        let named = self.fields.iter().find(|field| field.name == name);
        named.cloned().unwrap_or_else(|| Field { name: name.into(), ..Field::default() })
    }

    pub(crate) fn check(&self, review: &mut Review) {
        review.within("fields", |review| {
            for (index, field) in self.fields.iter().enumerate() {
                review.within(index, |review| field.check(&self.fields[..index], review));
            }
        });
        if self.honeypot.as_ref().is_some_and(|trap| self.fields.iter().any(|field| field.name == *trap)) {
            review.wrong("honeypot", "people fill in this field of the form, and would be taken for machines");
        }
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

impl Field {
    /// What may be typed.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind.unwrap_or(match self.name.as_str() {
            "email" => Kind::Email,
            "phone" => Kind::Tel,
            "url" => Kind::Url,
            "name" | "author" | "subject" => Kind::Line,
            _ => Kind::Text,
        })
    }

    /// The longest value, in characters.
    #[must_use]
    pub fn max(&self) -> usize {
        self.max.unwrap_or(match self.kind() {
            Kind::Line => 245,
            Kind::Email => 254,
            Kind::Url => 2_000,
            Kind::Tel | Kind::Number | Kind::Date | Kind::Consent => 40,
            Kind::Choice => 500,
            Kind::Text => 20_000,
        })
    }

    fn check(&self, earlier: &[Self], review: &mut Review) {
        if earlier.iter().any(|earlier| earlier.name == self.name) {
            review.wrong("name", "this field is there twice");
        }
        match lead::arrives_as(&self.name) {
            None => review.wrong("name", "no form field can have this name: forms use it for something else"),
            Some(name) if name != self.name => {
                let problem = "what is sent under this name is filed under another, and would be missed here";
                review.advise("name", problem, format!("call it `{name}` here, the form may keep its name"));
            }
            Some(_) => {}
        }
        if self.max == Some(0) {
            let refused = if self.required { "must be filled in, and" } else { "" };
            review.wrong("max", format!("nothing fits into this field: it {refused} may have 0 characters"));
        }
        if self.kind() == Kind::Consent && self.label.as_ref().is_none_or(|label| label.trim().is_empty()) {
            review.advise(
                "type",
                "nobody could tell what is agreed to",
                "add label = \"…\", as it stands beside the box",
            );
        }
        self.check_choices(review);
    }

    /// What is wrong where it must be filled in and is not.
    fn missing(&self) -> Code {
        if self.kind() == Kind::Consent { Code::Consent } else { Code::Required }
    }

    fn check_choices(&self, review: &mut Review) {
        if self.kind() == Kind::Choice && self.choices.is_empty() {
            review.advise("type", "there is nothing to choose from", "add choices = [\"…\", \"…\"]");
        }
        if self.kind() != Kind::Choice && !self.choices.is_empty() {
            review.advise("choices", "nobody is offered them", "add type = \"choice\"");
        }
        let long = self.choices.iter().enumerate().filter(|(_, choice)| choice.chars().count() > self.max());
        for (index, _) in long {
            let problem = format!("this choice is longer than the {} characters of the field", self.max());
            review.within("choices", |review| review.wrong(index, problem));
        }
    }

    /// The value as it is kept, or why it is refused. Blank is fine here; whether it may be blank is the form's matter.
    fn clean(&self, typed: &str) -> Result<String, Code> {
        if typed.contains('\u{fffd}') {
            return Err(Code::Encoding);
        }
        let value = match self.kind() {
            Kind::Text => clean_text(typed),
            Kind::Url => whole_address(clean_line(typed)),
            _ => clean_line(typed),
        };
        if value.chars().count() > self.max() {
            return Err(Code::TooLong(self.max()));
        }
        if value.is_empty() || self.fits(&value) { Ok(value) } else { Err(self.misfit()) }
    }

    fn fits(&self, value: &str) -> bool {
        match self.kind() {
            Kind::Line | Kind::Text | Kind::Consent => true,
            Kind::Email => Email::parse(value).is_some(),
            Kind::Url => is_web_address(value),
            Kind::Tel => {
                value.chars().any(char::is_numeric)
                    && value.chars().all(|c| c.is_alphanumeric() || " +-()./#,;:".contains(c))
            }
            Kind::Number => value.replacen(',', ".", 1).parse::<f64>().is_ok_and(f64::is_finite),
            Kind::Date => value.parse::<jiff::civil::Date>().is_ok(),
            Kind::Choice => self.choices.iter().any(|choice| choice == value),
        }
    }

    fn misfit(&self) -> Code {
        match self.kind() {
            Kind::Email => Code::Email,
            Kind::Url => Code::Url,
            Kind::Tel => Code::Tel,
            Kind::Number => Code::Number,
            Kind::Date => Code::Date,
            Kind::Line | Kind::Text | Kind::Choice | Kind::Consent => Code::Choice,
        }
    }
}

/// People leave out the `https://` of their website.
fn whole_address(typed: String) -> String {
    let whole = format!("https://{typed}");
    if typed.contains('.') && !typed.contains("://") && is_web_address(&whole) { whole } else { typed }
}

/// Text of several lines as it is kept: line ends as `\n`, no control characters, no blank lines around it.
pub(crate) fn clean_text(typed: &str) -> String {
    let unix = typed.replace("\r\n", "\n").replace('\r', "\n");
    let kept: String = unix.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    kept.trim().into()
}

/// One line as it is kept: line ends and runs of white space become a space. Characters that turn the direction of
/// writing are left out, for a name could use them to disguise the text around it.
fn clean_line(typed: &str) -> String {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}');
    let kept: String = typed.chars().filter(|c| !turns(*c)).map(|c| if c.is_control() { ' ' } else { c }).collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, kind: Kind) -> Field {
        Field { name: name.into(), kind: Some(kind), choices: vec!["tea".into()], ..Field::default() }
    }

    #[test]
    fn values_are_cleaned_or_refused() {
        let long = "x".repeat(41);
        let cases = [
            (Kind::Line, " a\r\nBcc: b@c.org\0 ", Ok("a Bcc: b@c.org")),
            (Kind::Line, "\u{202e}evil", Ok("evil")),
            (Kind::Text, "\r\none\r\ntwo\0\r\n", Ok("one\ntwo")),
            (Kind::Text, "caf\u{fffd}", Err(Code::Encoding)),
            (Kind::Email, "mara@example.org", Ok("mara@example.org")),
            (Kind::Email, "a@b", Err(Code::Email)),
            (Kind::Email, "a..b@example.org", Err(Code::Email)),
            (Kind::Email, "a@[127.0.0.1]", Err(Code::Email)),
            (Kind::Email, "a@example..org", Err(Code::Email)),
            (Kind::Email, "a@example.org, b@example.org", Err(Code::Email)),
            (Kind::Url, "https://example.org/x", Ok("https://example.org/x")),
            (Kind::Url, "javascript:alert(1)", Err(Code::Url)),
            (Kind::Url, "example.org/me", Ok("https://example.org/me")),
            (Kind::Url, "no address", Err(Code::Url)),
            (Kind::Url, "ftp://example.org", Err(Code::Url)),
            (Kind::Tel, "+46 (0)8 555 010", Ok("+46 (0)8 555 010")),
            (Kind::Tel, "call me", Err(Code::Tel)),
            (Kind::Tel, &long, Err(Code::TooLong(40))),
            (Kind::Number, "2,5", Ok("2,5")),
            (Kind::Number, "two", Err(Code::Number)),
            (Kind::Date, "2026-02-30", Err(Code::Date)),
            (Kind::Choice, "tea", Ok("tea")),
            (Kind::Choice, "gin", Err(Code::Choice)),
            (Kind::Email, "", Ok("")),
        ];
        for (kind, typed, expected) in cases {
            assert_eq!(field("x", kind).clean(typed).as_deref(), expected.as_deref(), "{kind:?} {typed:?}");
        }
    }

    #[test]
    fn all_bad_fields_are_reported_at_once_and_order_and_repeats_are_kept() {
        let form = Form {
            fields: vec![
                Field { required: true, ..field("email", Kind::Email) },
                Field { required: true, ..field("name", Kind::Line) },
            ],
            ..Form::default()
        };
        let pairs = |list: &[(&str, &str)]| Fields {
            pairs: list.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
            faults: Vec::new(),
        };
        let errors = form.read(&pairs(&[("email", "nobody"), ("name", " ")])).expect_err("two mistakes");
        let named: Vec<_> = errors.iter().map(|error| (error.field.as_str(), error.code.name())).collect();
        assert_eq!(named, [("email", "email"), ("name", "required")]);

        let posted = pairs(&[("b", "1"), ("a", "2"), ("b", "3"), ("email", "a@b.org"), ("name", "A")]);
        assert_eq!(form.read(&posted).map(|filled| filled.values), Ok(posted.pairs.clone()));
        assert!(Form::default().read(&pairs(&[("x", "")])).is_err());
    }
}
