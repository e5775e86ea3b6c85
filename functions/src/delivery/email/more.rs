//! The email about what was not sent one by one.

use super::template::{Block, Button, EmailTemplate, Weight};
use crate::config::Site;
use crate::delivery::mail::EmailMessage;
use crate::delivery::more::More;
use crate::words::{Words, format};

/// What a message about how much more came in to a site of this name is called.
pub(crate) fn more_subject(site: &str, count: usize, words: &Words) -> String {
    format(&format(words.mail_more_subject, "site", site), "count", count.to_string())
}

/// The owner's email about how much more came in.
pub(crate) fn more<'a>(site: &'a Site, more: &More, inbox: String) -> EmailMessage<'a> {
    let words = site.words();
    let subject = more_subject(&site.name, more.count, words);
    let email = EmailTemplate {
        words,
        subject: &subject,
        heading: format(words.mail_more_intro, "count", more.count.to_string()),
        preview: words.mail_more_text,
        blocks: vec![
            Block::Text(words.mail_more_text.to_owned()),
            Block::Facts(more.listed.clone()),
            Block::Buttons(vec![Button { text: words.to_inbox.to_owned(), href: inbox, weight: Weight::Main }]),
            Block::Note(format(words.mail_more_why, "cap", site.emails_per_hour.to_string())),
        ],
    };
    let (text, html) = (email.text(), email.html());
    let to = (&*site.owner.name, &site.owner.email);
    EmailMessage { site, to, subject, reply_to: None, id: more.id, text, html, answers: false }
}
