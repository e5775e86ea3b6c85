//! What a chat or a telephone is told about a submission: a title, what was filled in, why it is doubtful, and where to
//! decide. Visitors' words are shortened here and made harmless by each chat in its own way.

use crate::config::Site;
use crate::config::channels::Link;
use crate::delivery::email;
use crate::delivery::more::More;
use crate::delivery::notifier::Notifier;
use crate::form::turns;
use crate::submission::Submission;
use deskbell_filter::Decision;

/// A submission as a person reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    /// One line.
    pub(super) title: String,
    /// What was filled in and, if it is doubtful, why: lines.
    pub(super) body: String,
    /// Where it leads, and in words to what.
    pub(super) link: Option<(String, String)>,
}

impl Message {
    /// What is told about a submission.
    pub(super) fn of(notifier: &Notifier, site: &Site, submission: &Submission, link: Link) -> Self {
        let words = site.words();
        let lines = submission.lines();
        let mut body: Vec<String> = lines.iter().map(|(name, value)| line(&words.label(name), &plain(value))).collect();
        if submission.verdict.decision != Decision::Ham {
            body.extend(submission.verdict.reasons.iter().map(|reason| format!("– {}", words.reason(reason))));
        }
        let label = if link == Link::Inbox { words.inbox.title } else { words.chat_decide };
        let link = address(notifier, submission, link).map(|address| (address, label.to_owned()));
        let title = format!("{}: {}", site.name, email::subject(site, submission, words));
        Self { title: plain(&title).replace('\n', " "), body: body.join("\n"), link }
    }

    /// How much more came in than is told of one by one.
    pub(super) fn more(notifier: &Notifier, site: &Site, more: &More, link: Link) -> Self {
        let words = site.words();
        let subject = email::more_subject(&site.name, more.count, words);
        let body: Vec<String> = more.listed.iter().map(|(who, text)| line(who, &plain(text))).collect();
        let link = inbox(notifier, site, link).map(|address| (address, words.inbox.title.to_owned()));
        Self { title: plain(&subject).replace('\n', " "), body: body.join("\n"), link }
    }
}

/// Where a message about several leads: to the inbox, if it is to lead anywhere.
pub(super) fn inbox(notifier: &Notifier, site: &Site, link: Link) -> Option<String> {
    (link != Link::None).then(|| notifier.inbox(site))
}

/// What was filled in. Several lines are quoted, so that none of them can pass for one of the message's own.
fn line(label: &str, value: &str) -> String {
    let label = plain(label).replace('\n', " ");
    if value.contains('\n') {
        return value.lines().fold(format!("{label}:"), |quoted, line| format!("{quoted}\n> {line}"));
    }
    format!("{label}: {value}")
}

/// Where a message about a submission leads.
pub(super) fn address(notifier: &Notifier, submission: &Submission, link: Link) -> Option<String> {
    let links = notifier.links(submission);
    match link {
        Link::Decide => Some(links.more),
        Link::Inbox => Some(links.inbox),
        Link::None => None,
    }
}

/// Text without control characters other than the end of a line, and without those that turn the direction of what
/// follows, by which one thing can be made to look like another.
pub(super) fn plain(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace(['\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'], "\n");
    text.chars().filter(|c| *c == '\n' || !(c.is_control() || turns(*c))).collect()
}

/// As much of a text as fits into `max` UTF-16 units (which is how chats count) when each character is written as
/// `write` does; with an ellipsis if that is not all.
pub(super) fn fit(text: &str, max: usize, write: impl Fn(char, &mut String)) -> String {
    let (mut written, mut used, mut whole) = (String::new(), 0, 0);
    for character in text.chars() {
        let before = written.len();
        write(character, &mut written);
        used += written[before..].encode_utf16().count();
        if used < max {
            // An ellipsis still fits behind this.
            whole = written.len();
        }
        if used > max {
            written.truncate(whole);
            written.push('…');
            break;
        }
    }
    written
}

/// A character as it is.
pub(super) fn as_is(character: char, written: &mut String) {
    written.push(character);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_cut_between_characters() {
        let double = |character, written: &mut String| {
            written.push('\\');
            written.push(character);
        };
        let cases = [
            (fit("abc", 3, as_is), "abc"),
            (fit("abcd", 3, as_is), "ab…"),
            (fit("", 3, as_is), ""),
            // Two UTF-16 units each.
            (fit("😀😀😀", 5, as_is), "😀😀…"),
            (fit("😀😀😀", 6, as_is), "😀😀😀"),
            (fit("abc", 5, double), "\\a\\b…"),
            (fit("abc", 6, double), "\\a\\b\\c"),
        ];
        for (cut, expected) in cases {
            assert_eq!(cut, expected);
        }
    }

    #[test]
    fn several_lines_are_quoted() {
        assert_eq!(line("Name", "Ann"), "Name: Ann");
        assert_eq!(
            line("Message", "a\n\nDecide: https://evil.example"),
            "Message:\n> a\n> \n> Decide: https://evil.example"
        );
    }

    #[test]
    fn nothing_turns_the_text_around() {
        assert_eq!(plain("a\u{61c}b\u{200f}c"), "abc");
        assert_eq!(plain("a\r\nb\u{202e}c\u{0}d\u{2067}e\u{7f}\u{2028}f\rg"), "a\nbcde\nf\ng");
    }
}
