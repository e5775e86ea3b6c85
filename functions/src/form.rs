//! What may be typed into a form: the fields, their limits, and the one place where typed text is checked.
//! Both contact requests and comments pass through [`Form::read`]; nothing behind it validates again.

use std::fmt;

use serde::{Deserialize, Serialize};
use validator::ValidateEmail;

/// What was posted: names and values in the order in which they came, repeated names kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields {
    /// Names and values as typed.
    pub pairs: Vec<(String, String)>,
    /// What was wrong with single fields before anybody looked at their meaning (a file, a nested value).
    pub faults: Vec<FieldError>,
}

impl Fields {
    /// Removes every field with one of these names; gives the first value that is not blank.
    pub fn take(&mut self, names: &[&str]) -> Option<String> {
        self.take_if(|name| names.contains(&name))
    }

    /// Removes every field whose name is matched; gives the first value that is not blank.
    pub fn take_if(&mut self, matches: impl Fn(&str) -> bool) -> Option<String> {
        let (taken, kept) = std::mem::take(&mut self.pairs).into_iter().partition(|(name, _)| matches(name));
        self.pairs = kept;
        let taken: Vec<(String, String)> = taken;
        taken.into_iter().map(|(_, value)| value).find(|value| !value.trim().is_empty())
    }

    /// Gives the first field named by one of `aliases` the name `name`, unless that one was posted itself.
    pub fn rename(&mut self, aliases: &[&str], name: &str) {
        if self.pairs.iter().any(|(posted, value)| posted == name && !value.trim().is_empty()) {
            return;
        }
        let alias = |posted: &str| aliases.contains(&posted);
        if let Some(pair) = self.pairs.iter_mut().find(|(posted, value)| alias(posted) && !value.trim().is_empty()) {
            pair.0 = name.into();
        }
    }

    /// The first value of a field.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(posted, _)| posted == name).map(|(_, value)| value.as_str())
    }
}

/// What a form carries beside its content, under the names that the known form services use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hidden {
    /// Where to go afterwards; not checked yet.
    pub next: Option<String>,
    /// Whether a field that people cannot see was filled in.
    pub honeypot: bool,
}

const NEXT: [&str; 6] = ["_next", "_redirect", "redirect", "redirectTo", "redirect_to", "options[redirect]"];
const HONEYPOTS: [&str; 4] = ["_gotcha", "_honey", "bot-field", "botcheck"];

/// Settings of other services that arrive as fields. Some of them would make an open relay of the form
/// (`_cc`, `_autoresponse`, `_webhook`), the rest means nothing here; none of them is content.
const IGNORED: [&str; 32] = [
    "_cc",
    "_bcc",
    "ccemail",
    "_webhook",
    "webhook",
    "_autoresponse",
    "_template",
    "_blacklist",
    "_captcha",
    "_format",
    "_language",
    "_host_nonce",
    "_url",
    "from_name",
    "access_key",
    "apikey",
    "apiKey",
    "form-name",
    "attachment",
    "g-recaptcha-response",
    "h-captcha-response",
    "cf-turnstile-response",
    "recaptcha_response",
    "recaptchaToken",
    "altcha",
    "altchaToken",
    "submit",
    "options[redirectError]",
    "options[reCaptcha][siteKey]",
    "options[reCaptcha][secret]",
    "options[subscribe]",
    "wp-comment-cookies-consent",
];

impl Hidden {
    /// Takes out of `fields` whatever is not content.
    pub fn take(fields: &mut Fields, honeypot: Option<&str>) -> Self {
        let trap = |name: &str| {
            HONEYPOTS.contains(&name) || honeypot == Some(name) || name.to_ascii_lowercase().contains("honeypot")
        };
        let next = fields.take(&NEXT);
        let caught = fields.take_if(trap).is_some_and(|value| value.trim() != "false");
        fields.take_if(|name| IGNORED.contains(&name) || name.starts_with("_wpcf7"));
        Self { next, honeypot: caught }
    }
}

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
}

/// Why a field was refused. The `code` of an answer; people read the sentence that [`crate::words`] has for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Code {
    /// Nothing was typed.
    Required,
    /// More characters than the number given.
    TooLong(usize),
    /// Not an e-mail address.
    Email,
    /// Not an address on the web.
    Url,
    /// Not a telephone number.
    Tel,
    /// Not a number.
    Number,
    /// Not a date.
    Date,
    /// None of the choices.
    Choice,
    /// A file where text was expected.
    File,
    /// Not text: an object, or a list of lists.
    Type,
    /// Bytes that are not UTF-8.
    Encoding,
    /// A page that is not on the site.
    Page,
    /// More of it than the number given.
    TooMany(usize),
}

impl Code {
    /// The stable name that answers carry.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::TooLong(_) => "too_long",
            Self::Email => "email",
            Self::Url => "url",
            Self::Tel => "tel",
            Self::Number => "number",
            Self::Date => "date",
            Self::Choice => "choice",
            Self::File => "file",
            Self::Type => "type",
            Self::Encoding => "encoding",
            Self::Page => "page",
            Self::TooMany(_) => "too_many",
        }
    }
}

/// A field and why it was refused. Never holds what was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field's name.
    pub field: String,
    /// Why it was refused.
    pub code: Code,
}

impl FieldError {
    /// A refusal of `field`.
    pub fn new(field: impl Into<String>, code: Code) -> Self {
        Self { field: field.into(), code }
    }
}

impl Form {
    /// Checks everything that was posted and gives the filled-in fields, cleaned, in their order; or all that is wrong.
    pub fn read(&self, posted: &Fields) -> Result<Vec<(String, String)>, Vec<FieldError>> {
        let mut errors = posted.faults.clone();
        let mut values: Vec<(String, String)> = Vec::new();
        for (name, value) in &posted.pairs {
            match self.field(name).clean(value) {
                Ok(value) if value.is_empty() => {}
                Ok(value) => values.push((name.clone(), value)),
                Err(code) => errors.push(FieldError::new(name, code)),
            }
        }
        for field in self.fields.iter().filter(|field| field.required) {
            let named = values.iter().any(|(name, _)| *name == field.name)
                || errors.iter().any(|error| error.field == field.name);
            if !named {
                errors.push(FieldError::new(&field.name, Code::Required));
            }
        }
        if values.is_empty() && errors.is_empty() {
            errors.push(FieldError::new("message", Code::Required));
        }
        if errors.is_empty() { Ok(values) } else { Err(errors) }
    }

    /// The field of that name: as configured, or as its name suggests.
    #[must_use]
    pub fn field(&self, name: &str) -> Field {
        let named = self.fields.iter().find(|field| field.name == name);
        named.cloned().unwrap_or_else(|| Field { name: name.into(), ..Field::default() })
    }

    pub(crate) fn check(&self) -> Result<(), String> {
        for (index, field) in self.fields.iter().enumerate() {
            if self.fields[..index].iter().any(|earlier| earlier.name == field.name) {
                return Err(format!("the field {:?} is there twice", field.name));
            }
            if (field.kind() == Kind::Choice) == field.choices.is_empty() {
                return Err(format!("the field {:?} needs both type = \"choice\" and choices, or neither", field.name));
            }
        }
        Ok(())
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
            Kind::Tel | Kind::Number | Kind::Date => 40,
            Kind::Choice => 500,
            Kind::Text => 20_000,
        })
    }

    /// The value as it is kept, or why it is refused. Blank is fine here; whether it may be blank is the form's matter.
    fn clean(&self, typed: &str) -> Result<String, Code> {
        if typed.contains('\u{fffd}') {
            return Err(Code::Encoding);
        }
        let value = match self.kind() {
            Kind::Text => clean_text(typed),
            _ => clean_line(typed),
        };
        if value.chars().count() > self.max() {
            return Err(Code::TooLong(self.max()));
        }
        if value.is_empty() || self.fits(&value) { Ok(value) } else { Err(self.misfit()) }
    }

    fn fits(&self, value: &str) -> bool {
        match self.kind() {
            Kind::Line | Kind::Text => true,
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
            Kind::Line | Kind::Text | Kind::Choice => Code::Choice,
        }
    }
}

/// An e-mail address: what browsers accept, with a host name of at least two parts; at most 254 characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

impl Email {
    /// The address, if it is one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (local, host) = text.rsplit_once('@')?;
        let dotted = |part: &str| !part.starts_with('.') && !part.ends_with('.') && !part.contains("..");
        let plausible = text.len() <= 254
            && dotted(local)
            && dotted(host)
            && host.contains('.')
            && !host.starts_with('[')
            && text.validate_email();
        plausible.then(|| Self(text.into()))
    }

    /// The address as typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Email {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| "not an e-mail address".into())
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether the text is an address on the web; the `validator` crate would take `javascript:` too.
#[must_use]
pub fn is_web_address(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// Text of several lines as it is kept: line ends as `\n`, no control characters, no blank lines around it.
fn clean_text(typed: &str) -> String {
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
            (Kind::Url, "example.org", Err(Code::Url)),
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
    fn an_address_may_have_254_characters_and_no_more() {
        let address = |tail: usize| {
            let label = "b".repeat(63);
            format!("{}@{label}.{label}.{}.org", "a".repeat(64), "c".repeat(tail))
        };
        assert_eq!(address(57).len(), 254);
        assert!(Email::parse(&address(57)).is_some());
        assert!(Email::parse(&address(58)).is_none());
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
        assert_eq!(form.read(&posted).as_deref(), Ok(posted.pairs.as_slice()));
        assert!(Form::default().read(&pairs(&[("x", "")])).is_err());
    }
}
