//! The built-in pages that several functions show: a form given back, a plain message, an error.

use askama::Template;
use axum::response::Response;
use http::StatusCode;

use super::answer::html;
use super::context::Context;
use super::error::{Error, Unknown};
use super::problem_json::{problem_json, with_error_headers};
use crate::config::Site;
use crate::form::built_in::BuiltIn;
use crate::form::{Consent, Field, FieldError, FieldKind, Fields, Form, dialects};
use crate::platform::render::render;
use crate::routes;
use crate::words::Words;

/// A field's name and value.
type Pair<'a> = (&'a str, &'a str);

/// A form as a page: empty, or given back with everything that was typed and what was wrong with it.
pub struct FormPage<'a> {
    /// The heading.
    pub title: String,
    /// Where the form goes, by [`Context::route`].
    pub action: String,
    /// The fields that the form has.
    pub form: &'a Form,
    /// What was typed.
    pub typed: &'a Fields,
    /// Fields that travel along unseen.
    pub hidden: Vec<(&'static str, String)>,
    /// Words of explanation beside fields, by field name.
    pub hints: Vec<(&'static str, &'a str)>,
    /// HTML shown above the form: the comment that is replied to.
    pub quote: Option<String>,
}

/// A message as a page.
#[derive(Default)]
pub struct MessagePage<'a> {
    /// The heading.
    pub title: &'a str,
    /// The paragraphs.
    pub paragraphs: Vec<&'a str>,
    /// HTML shown as a quotation.
    pub quote: Option<String>,
    /// Where to go on: address and text.
    pub link: Option<(String, &'a str)>,
    /// Where else one may go.
    pub more: Vec<(String, &'a str)>,
}

#[derive(Template)]
#[template(path = "form.html")]
struct FormTemplate<'a> {
    words: &'a Words,
    site: Option<&'a Site>,
    title: &'a str,
    notice: Option<String>,
    mistakes: Vec<Mistake>,
    quote: Option<&'a str>,
    /// The form as HTML.
    fields: String,
}

#[derive(Template)]
#[template(path = "form_fields.html")]
struct FieldsTemplate<'a> {
    words: &'a Words,
    /// What stands above it, on a page of the site's own.
    heading: Option<&'a str>,
    action: &'a str,
    hidden: Vec<(&'a str, &'a str)>,
    fields: Vec<FieldView>,
    privacy: Option<String>,
    /// Whether it may be sent.
    open: bool,
}

#[derive(Template)]
#[template(path = "message.html")]
struct MessageTemplate<'a> {
    words: &'a Words,
    site: Option<&'a Site>,
    title: &'a str,
    paragraphs: &'a [&'a str],
    quote: Option<&'a str>,
    links: Vec<&'a (String, &'a str)>,
}

/// A refused field in the summary above the form.
struct Mistake {
    id: Option<String>,
    label: String,
    message: String,
}

/// A field as it is shown.
struct FieldView {
    id: String,
    name: String,
    label: String,
    input: &'static str,
    autocomplete: Option<&'static str>,
    value: String,
    required: bool,
    max: usize,
    hint: Option<String>,
    choices: Vec<String>,
    error: Option<String>,
}

impl FieldView {
    fn new(id: usize, field: &Field, value: &str, words: &Words) -> Self {
        let input = match field.kind() {
            FieldKind::Text => "textarea",
            FieldKind::Choice => "select",
            FieldKind::Email => "email",
            FieldKind::Tel => "tel",
            FieldKind::Url => "url",
            FieldKind::Consent => "checkbox",
            // Browsers throw away what does not fit these types, and it must not be lost.
            FieldKind::Line | FieldKind::Number | FieldKind::Date => "text",
        };
        Self {
            id: format!("field-{id}"),
            name: field.name.clone(),
            label: field.label.clone().unwrap_or_else(|| words.label(&field.name)),
            input,
            autocomplete: BuiltIn::named(&field.name).and_then(|field| field.autocomplete),
            value: value.replace('\0', ""),
            required: field.required,
            max: field.max(),
            hint: None,
            choices: field.choices.clone(),
            error: None,
        }
    }

    /// Whether a box was ticked.
    fn checked(&self) -> bool {
        Consent::is_ticked(&self.value)
    }

    /// The longest value, unless what was typed is longer already, which the browser would not take back.
    fn maxlength(&self) -> Option<usize> {
        (!["select", "checkbox"].contains(&self.input) && self.value.chars().count() <= self.max).then_some(self.max)
    }

    /// The ids of the texts that belong to the field.
    fn described_by(&self) -> Option<String> {
        let hint = self.hint.as_ref().map(|_| format!("{}-hint", self.id));
        let error = self.error.as_ref().map(|_| format!("{}-error", self.id));
        let ids: Vec<String> = hint.into_iter().chain(error).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }
}

impl FormPage<'_> {
    /// The form with nothing wrong.
    #[must_use]
    pub fn show(&self, context: &Context) -> Response {
        self.page(context, StatusCode::OK, None, &[], true)
    }

    /// The form alone, to be put into a page of the site's own. Its action is a whole address there.
    #[must_use]
    pub fn fragment(&self, context: &Context) -> String {
        let words = context.words();
        render(&FieldsTemplate {
            words,
            heading: Some(&self.title),
            action: &self.action,
            hidden: self.hidden.iter().map(|(name, value)| (*name, value.as_str())).collect(),
            fields: self.fields(Vec::new(), words),
            privacy: Some(
                context.site().privacy_url().map_or_else(|| context.link(routes::PRIVACY.path), String::from),
            ),
            open: true,
        })
    }

    /// The answer to a submission that was refused: JSON, or the form with everything that was typed in it.
    #[must_use]
    pub fn refuse(&self, context: &Context, error: &Error) -> Response {
        let words = context.words();
        error.log(true);
        if context.json {
            return with_error_headers(error, problem_json(error, words));
        }
        let (notice, mistakes) = match error {
            Error::Invalid(errors) => (words.please_correct.to_owned(), errors.as_slice()),
            Error::TooMany(seconds) => (words.too_many.format("seconds", *seconds), [].as_slice()),
            Error::Unavailable(_) => (words.not_stored.to_owned(), [].as_slice()),
            Error::Unknown(Unknown::Parent) => (words.parent_gone_form.to_owned(), [].as_slice()),
            Error::Closed => (words.closed_form.to_owned(), [].as_slice()),
            Error::Foreign => (words.opened_elsewhere.to_owned(), [].as_slice()),
            other => (other.title(words).into_owned(), [].as_slice()),
        };
        let open = !matches!(error, Error::Closed);
        with_error_headers(error, self.page(context, error.status(), Some(notice), mistakes, open))
    }

    /// The page; where nothing is taken, without a button that would only be refused again.
    fn page(
        &self,
        context: &Context,
        status: StatusCode,
        notice: Option<String>,
        errors: &[FieldError],
        open: bool,
    ) -> Response {
        let words = context.words();
        let (unseen, typed) = self.unseen(context, errors);
        let mut fields = self.fields(typed, words);
        let mistakes = errors.iter().map(|error| mark(&mut fields, error, words)).collect();
        let form = FieldsTemplate {
            words,
            heading: None,
            action: &self.action,
            hidden: self.hidden.iter().map(|(name, value)| (*name, value.as_str())).chain(unseen).collect(),
            fields,
            privacy: Some(privacy_href(context)),
            open,
        };
        let page = FormTemplate {
            words,
            site: Some(context.site()),
            title: &self.title,
            notice,
            mistakes,
            quote: self.quote.as_deref(),
            fields: render(&form),
        };
        html(status, render(&page))
    }

    /// What nobody saw on the page that it was sent from, by all that can be told from its name and value; and the
    /// rest. What has to be corrected is seen.
    fn unseen(&self, context: &Context, errors: &[FieldError]) -> (Vec<Pair<'_>>, Vec<Pair<'_>>) {
        let known =
            |name: &str| self.form.fields.iter().any(|field| field.name == name) || BuiltIn::named(name).is_some();
        let wrong = |name: &str| errors.iter().any(|error| error.field == name);
        let unseen = |(name, value): &Pair<'_>| {
            let own_page = || value.starts_with("http") && context.site().own_url(value).is_some();
            !known(name) && !wrong(name) && (dialects::is_unseen(name) || own_page())
        };
        self.typed.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).partition(unseen)
    }

    /// The form's own fields in their order, each with its first value; then whatever else was posted.
    fn fields(&self, mut posted: Vec<Pair<'_>>, words: &Words) -> Vec<FieldView> {
        let mut shown = Vec::new();
        for field in &self.form.fields {
            let at = posted.iter().position(|(name, _)| *name == field.name);
            let value = at.map(|at| posted.remove(at).1).unwrap_or_default();
            shown.push(FieldView::new(shown.len(), field, value, words));
        }
        for (name, value) in posted {
            shown.push(FieldView::new(shown.len(), &self.form.field(name), value, words));
        }
        for view in &mut shown {
            let hint = self.hints.iter().find(|(name, _)| *name == view.name);
            view.hint = hint.map(|(_, text)| (*text).to_owned());
        }
        shown
    }
}

/// The page that tells how data is processed: the site's own, or the one made from the configuration.
fn privacy_href(context: &Context) -> String {
    context.site().privacy_url().map_or_else(|| context.route(routes::PRIVACY.path), String::from)
}

/// Ties an error to its field; for a field that is not on the page it stands in the summary alone.
fn mark(fields: &mut [FieldView], error: &FieldError, words: &Words) -> Mistake {
    let message = words.error(&error.code);
    let field = fields.iter_mut().find(|field| field.name == error.field && field.error.is_none());
    let Some(field) = field else {
        return Mistake { id: None, label: words.label(&error.field), message };
    };
    field.error = Some(message.clone());
    // What is agreed to is too long to be a name.
    let label = if field.input == "checkbox" { words.label(&field.name) } else { field.label.clone() };
    Mistake { id: Some(field.id.clone()), label, message }
}

impl MessagePage<'_> {
    /// The page.
    #[must_use]
    pub fn show(&self, context: &Context, status: StatusCode) -> Response {
        html(status, self.text(context.words(), Some(context.site())))
    }

    /// The page as HTML.
    pub(super) fn text(&self, words: &Words, site: Option<&Site>) -> String {
        render(&MessageTemplate {
            words,
            site,
            title: self.title,
            paragraphs: &self.paragraphs,
            quote: self.quote.as_deref(),
            links: self.link.iter().chain(&self.more).collect(),
        })
    }
}
