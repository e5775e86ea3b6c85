//! What an email header can hold: lines of a bounded length. An address that no header can hold
//! ([`Email::in_header`]) stands in an email's text.

use lettre::message::Mailbox;

use super::email::template::excerpt;
use crate::form::Email;

/// The most characters of a name before an address.
const MAX_NAME: usize = 100;

/// The most characters of a subject.
const MAX_SUBJECT: usize = 250;

/// Somebody as a header names them.
pub(crate) fn mailbox(name: Option<&str>, email: &Email) -> Option<Mailbox> {
    let name = name.map(|name| one_line(name, MAX_NAME)).filter(|name| !name.is_empty());
    Some(Mailbox::new(name, email.in_header()?.parse().ok()?))
}

/// A subject as a header holds it.
pub(super) fn subject(text: &str) -> String {
    one_line(text, MAX_SUBJECT)
}

/// Text on one line, without control characters, cut where it is too long.
fn one_line(text: &str, most: usize) -> String {
    excerpt(&text.replace(char::is_control, " "), most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_subjects_are_one_line_of_a_bounded_length() {
        let email = Email::parse("ann@example.org").expect("an address");
        let mailbox = mailbox(Some("Ann\r\nBcc: x\u{0}"), &email).expect("a mailbox");
        assert_eq!(mailbox.name.as_deref(), Some("Ann Bcc: x"));
        assert_eq!(subject(&"ä".repeat(3_000)).chars().count(), MAX_SUBJECT + 1);
        assert_eq!(subject(" a\tb "), "a b");
    }
}
