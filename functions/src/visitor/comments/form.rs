//! The form for a comment.

use super::thread::CommentsQuery;
use crate::form::{Fields, Form};
use crate::routes::COMMENTS;
use crate::submission::comment::PARENT;
use crate::web::{Context, FormPage};

/// The form for a comment on a page, to be put into it.
pub(super) fn empty_form(context: &Context, asked: &CommentsQuery) -> String {
    let mut hidden = vec![("page", asked.page.to_string()), (PARENT, String::new())];
    hidden.extend(asked.published.map(|published| ("published", published.to_string())));
    let (form, typed) = (context.site().comments.form(), Fields::default());
    let title = context.words().comment_title.to_owned();
    let page = form_page(context, title, &form, &typed, hidden, None);
    FormPage { action: context.link(COMMENTS.path), ..page }.fragment(context)
}

/// A form as a page.
pub(super) fn form_page<'a>(
    context: &Context,
    title: String,
    form: &'a Form,
    typed: &'a Fields,
    hidden: Vec<(&'static str, String)>,
    quote: Option<String>,
) -> FormPage<'a> {
    let words = context.words();
    let hints = vec![("email", words.email_hint), ("comment", words.comment_hint)];
    FormPage { title, action: context.route(COMMENTS.path), form, typed, hidden, hints, quote }
}
