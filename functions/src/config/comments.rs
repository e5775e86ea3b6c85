//! `[sites.NAME.comments]`: how a site takes comments.

use serde::Deserialize;

use crate::config::pages::{Closing, PageRule, Policy, Rules, check_days};
use crate::config::validator::Validator;
use crate::form::built_in::{BuiltIn, COMMENT, CONSENT};
use crate::form::page::Page;
use crate::form::{Field, FieldKind, Form};

/// The name by which comments are asked for, as other forms are by theirs.
pub const COMMENTS_FORM: &str = "comments";

/// How comments are taken.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Comments {
    /// Whose comments appear without the owner's decision.
    pub policy: Policy,
    /// After how many days a page takes no more comments; never if absent. Counted from the page's first comment, or
    /// from its publication if its form says when that was.
    pub close_after_days: Option<u32>,
    /// What holds for some pages alone. The first that a page fits counts.
    pub pages: Vec<PageRule>,
    /// The names of parameters that tell pages apart, as `id` in `/article?id=5`. All others are left out of a page's
    /// address, but for WordPress' `p` and `page_id` if they are numbers.
    pub query: Vec<String>,
    /// Which of `author`, `email`, `url` must be given, beside the comment itself.
    pub required: Vec<String>,
    /// How the owner is notified of comments that look like spam and are not certainly so; see
    /// [`crate::config::Site::doubtful`].
    pub doubtful: Option<Doubtful>,
    /// The longest comment, in characters.
    pub max_length: usize,
    /// A field of the form that people cannot see; what fills it in is a bot.
    pub honeypot: Option<String>,
    /// The words beside a box without whose tick no comment is taken.
    pub consent: Option<String>,
}

impl Default for Comments {
    fn default() -> Self {
        Self {
            policy: Policy::First,
            close_after_days: None,
            pages: Vec::new(),
            query: Vec::new(),
            required: vec!["author".into(), "email".into()],
            doubtful: None,
            max_length: 20_000,
            honeypot: None,
            consent: None,
        }
    }
}

/// How the owner is notified of comments that look like spam and are not certainly so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Doubtful {
    /// By an email about each.
    Mail,
    /// By the weekly digest, unless their authors show to be persons.
    Digest,
}

impl Comments {
    /// What holds for a page: by the first pattern that it fits, and else by the rest of the settings.
    #[must_use]
    pub fn on(&self, page: &Page) -> Rules {
        match self.pages.iter().find(|rule| rule.pattern.matches(page)) {
            Some(rule) => self.by(rule),
            None => Rules { policy: self.policy, closing: Closing::of(None, self.close_after_days) },
        }
    }

    /// What holds for the pages of a rule.
    #[must_use]
    pub fn by(&self, rule: &PageRule) -> Rules {
        Rules {
            policy: rule.policy.unwrap_or(self.policy),
            closing: Closing::of(rule.closed, rule.close_after_days.or(self.close_after_days)),
        }
    }

    /// The form that comments are checked against, and given back with.
    #[must_use]
    pub fn form(&self) -> Form {
        let field = |name: &str| Field {
            name: name.into(),
            required: name == COMMENT || self.required.iter().any(|required| required == name),
            ..Field::default()
        };
        let mut fields: Vec<Field> = BuiltIn::of_authors().map(|author| field(author.name)).collect();
        fields.push(Field { max: Some(self.max_length), ..field(COMMENT) });
        fields.extend(self.consent.as_ref().map(|text| Field {
            name: CONSENT.into(),
            label: Some(text.clone()),
            kind: Some(FieldKind::Consent),
            required: true,
            ..Field::default()
        }));
        Form { fields, ..Form::default() }
    }

    /// Notes where nothing would be held, for no comment is ever unsure.
    pub(super) fn check_none(&self, validator: &mut Validator) {
        let none = |policy: Option<Policy>, validator: &mut Validator| {
            if policy == Some(Policy::None) {
                let help = "set `judging.unsure` below 1 to hold doubtful comments";
                let problem = "no comment would ever be held, because `judging.unsure` is 1";
                validator.advise("policy", problem, help);
            }
        };
        none(Some(self.policy), validator);
        validator.within("pages", |validator| {
            for (index, rule) in self.pages.iter().enumerate() {
                validator.within(index, |validator| none(rule.policy, validator));
            }
        });
    }

    pub(super) fn check(&self, validator: &mut Validator) {
        validator.within("required", |validator| {
            for (index, name) in self.required.iter().enumerate() {
                if !BuiltIn::of_authors().any(|author| author.name == name) {
                    let known: Vec<&str> = BuiltIn::of_authors().map(|author| author.name).collect();
                    let problem = "comments have no such field";
                    validator.advise(index, problem, format!("expected {}", known.join(", ")));
                }
            }
        });
        self.check_pages(validator);
        validator.within("query", |validator| {
            for (index, name) in self.query.iter().enumerate() {
                if name.trim().is_empty() || name.contains(['=', '&', '?', '#']) {
                    validator.advise(
                        index,
                        "no parameter of an address has such a name",
                        "write its name alone, such as \"id\"",
                    );
                }
            }
        });
        if self.max_length == 0 {
            validator.wrong("max_length", "0 would reject every comment");
        }
        if self.consent.as_ref().is_some_and(|text| text.trim().is_empty()) {
            validator.advise("consent", "`consent` is empty", "write the text shown next to the box");
        }
        let fields = self.form().fields;
        let known = |name: &str| fields.iter().any(|field| field.name == name) || ["page", "parent"].contains(&name);
        if self.honeypot.as_deref().is_some_and(known) {
            validator.wrong("honeypot", "people fill in this field, so they would be treated as bots");
        }
    }

    /// Notes what is wrong with when pages close, and rules that never come into play.
    fn check_pages(&self, validator: &mut Validator) {
        check_days(self.close_after_days, validator);
        validator.within("pages", |validator| {
            for (index, rule) in self.pages.iter().enumerate() {
                validator.within(index, |validator| rule.check(&self.pages[..index], validator));
            }
        });
    }
}
