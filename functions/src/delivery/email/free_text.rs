//! An email of somebody's own words: paragraphs and nothing else.

use askama::Template;
use uuid::Uuid;

use crate::config::Site;
use crate::delivery::mail::EmailMessage;
use crate::form::Email;
use crate::platform::render::render;

#[derive(Template)]
#[template(path = "free_text.html")]
struct FreeTextTemplate<'a> {
    lang: &'a str,
    subject: &'a str,
    paragraphs: Vec<Vec<&'a str>>,
}

/// An email of a site, in a language, to a name and an address; between paragraphs of the text stands an empty line.
pub(crate) fn free_text<'a>(
    site: &'a Site,
    lang: &str,
    to: (&'a str, &'a Email),
    id: Uuid,
    subject: String,
    text: &str,
) -> EmailMessage<'a> {
    let text = text.replace("\r\n", "\n").trim().to_owned();
    let paragraphs = text.split("\n\n").map(|paragraph| paragraph.trim().lines().collect()).collect();
    let html = render(&FreeTextTemplate { lang, subject: &subject, paragraphs });
    EmailMessage { site, to, subject, reply_to: None, id, text, html, answers: false }
}
