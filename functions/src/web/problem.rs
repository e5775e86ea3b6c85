//! An error as an answer: RFC 9457 JSON, or a page.

use axum::response::Response;

use super::answer::{html, see_other};
use super::error::Error;
use super::problem_json::{problem_json, with_error_headers};
use super::views::MessagePage;
use crate::config::Site;
use crate::words::Words;

/// An error without a form to give back: RFC 9457 JSON, or a page, or the way to the page where people sign in.
pub(super) fn problem(error: &Error, json: bool, site: Option<&Site>, words: &Words) -> Response {
    error.log(false);
    let response = match error {
        _ if json => problem_json(error, words),
        Error::SignIn(page) => see_other(page),
        _ => page(error, words, site),
    };
    with_error_headers(error, response)
}

/// For those who did not ask for JSON and have no form to get back.
fn page(error: &Error, words: &Words, site: Option<&Site>) -> Response {
    let page = MessagePage {
        title: &error.title(words),
        paragraphs: error.detail(words).into_iter().collect(),
        link: site.map(|site| (site.url.to_string(), words.back_home)),
        ..MessagePage::default()
    };
    html(error.status(), page.text(words, site))
}
