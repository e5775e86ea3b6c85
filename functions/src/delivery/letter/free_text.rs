//! A letter of somebody's own words: paragraphs and nothing else.

use askama::Template;
use uuid::Uuid;

use crate::config::Site;
use crate::delivery::mail::Letter;
use crate::form::Email;
use crate::platform::render::render;

#[derive(Template)]
#[template(path = "free_text.html")]
struct BareTemplate<'a> {
    lang: &'a str,
    subject: &'a str,
    paragraphs: Vec<Vec<&'a str>>,
}

/// A letter of a site to a name and an address; between paragraphs of the text stands an empty line.
pub(crate) fn bare<'a>(site: &'a Site, to: (&'a str, &'a Email), id: Uuid, subject: String, text: &str) -> Letter<'a> {
    let text = text.replace("\r\n", "\n").trim().to_owned();
    let paragraphs = text.split("\n\n").map(|paragraph| paragraph.trim().lines().collect()).collect();
    let html = render(&BareTemplate { lang: &site.lang, subject: &subject, paragraphs });
    Letter { site, to, subject, reply_to: None, id, text, html, answers: false }
}
