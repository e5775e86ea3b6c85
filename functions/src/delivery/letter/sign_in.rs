//! The letter with the link for signing in.

use super::sheet::{Block, Button, Sheet, Weight};
use crate::delivery::mail::Letter;
use crate::delivery::sign_in::Due;
use crate::words::{english, fill, words};

/// The letter about a link, whose whole address is `link`.
pub(crate) fn letter<'a>(due: &'a Due<'a>, link: &str) -> Letter<'a> {
    let words = words(&due.site.lang).unwrap_or_else(english);
    let subject = fill(words.mail_sign_in_subject, "site", &due.site.name);
    let button = Button { text: words.sign_in_title.to_owned(), href: link.into(), weight: Weight::Main };
    let sheet = Sheet {
        words,
        subject: &subject,
        heading: fill(words.mail_sign_in_intro, "site", &due.site.name),
        preview: words.mail_sign_in_hint,
        blocks: vec![
            Block::Buttons(vec![button]),
            Block::Note(words.mail_sign_in_hint.to_owned()),
            Block::Note(words.mail_sign_in_not_you.to_owned()),
        ],
    };
    let (text, html) = (sheet.text(), sheet.html());
    let to = (&*due.person.name, &due.person.email);
    Letter { site: due.site, to, subject, reply_to: None, id: due.sign_in.id, text, html, answers: false }
}
