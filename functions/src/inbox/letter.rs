//! The letter with the link for signing in.

use askama::Template;

use super::link::Due;
use crate::mail::Letter;
use crate::web::render;
use crate::words::{Words, english, fill, words};

/// What both parts of the letter say.
struct Content<'a> {
    words: &'a Words,
    subject: &'a str,
    intro: String,
    link: &'a str,
}

#[derive(Template)]
#[template(path = "inbox/letter.txt")]
struct TextTemplate<'a>(&'a Content<'a>);

#[derive(Template)]
#[template(path = "inbox/letter.html")]
struct HtmlTemplate<'a>(&'a Content<'a>);

/// The letter about a link, whose whole address is `link`.
pub(crate) fn letter<'a>(due: &'a Due<'a>, link: &str) -> Letter<'a> {
    let words = words(&due.site.lang).unwrap_or_else(english);
    let subject = fill(&words.mail_sign_in_subject, "site", &due.site.name);
    let intro = fill(&words.mail_sign_in_intro, "site", &due.site.name);
    let content = Content { words, subject: &subject, intro, link };
    let (text, html) = (render(&TextTemplate(&content)), render(&HtmlTemplate(&content)));
    let to = (&*due.person.name, &due.person.email);
    Letter { site: due.site, to, subject, reply_to: None, id: due.sign_in.id, text, html }
}
