//! The email with the link for signing in.

use super::template::{Block, Button, EmailTemplate, Weight};
use crate::delivery::mail::EmailMessage;
use crate::delivery::sign_in::Due;
use crate::words::format;

/// The email about a link, whose whole address is `link`.
pub(crate) fn compose<'a>(due: &'a Due<'a>, link: &str) -> EmailMessage<'a> {
    let words = due.site.words();
    let subject = format(words.mail_sign_in_subject, "site", &due.site.name);
    let button = Button { text: words.sign_in_title.to_owned(), href: link.into(), weight: Weight::Main };
    let email = EmailTemplate {
        words,
        subject: &subject,
        heading: format(words.mail_sign_in_intro, "site", &due.site.name),
        preview: words.mail_sign_in_hint,
        blocks: vec![
            Block::Buttons(vec![button]),
            Block::Note(words.mail_sign_in_hint.to_owned()),
            Block::Note(words.mail_sign_in_not_you.to_owned()),
        ],
    };
    let (text, html) = (email.text(), email.html());
    let to = (&*due.person.name, &due.person.email);
    EmailMessage { site: due.site, to, subject, reply_to: None, id: due.sign_in.id, text, html, answers: false }
}
