//! What visitors typed, as HTML in an email: escaped, and nothing in it is a link, nor made one by mail programs, which
//! look for addresses in a run of text. Copied out of the email, it is what was typed.

use std::fmt::Write as _;

use super::template::excerpt;
use crate::submission::markdown;

/// How many bytes of HTML an email has for what visitors typed.
const ROOM: usize = 60_000;

/// How many characters of a text are shown beside the subject.
const PREVIEW: usize = 120;

/// The room that is left in an email.
pub(super) struct Room {
    left: usize,
    full: bool,
}

impl Room {
    pub(super) fn new() -> Self {
        Self { left: ROOM, full: false }
    }

    /// Whether something was cut.
    pub(super) fn is_full(&self) -> bool {
        self.full
    }

    /// The text as HTML, cut where there is no room for more.
    pub(super) fn html(&mut self, text: &str) -> String {
        let mut html = String::new();
        for (at, c) in text.char_indices() {
            let piece = piece(text, at, c);
            if html.len() + piece.len() > self.left {
                self.full = true;
                html.push('…');
                break;
            }
            html.push_str(&piece);
        }
        self.left = self.left.saturating_sub(html.len());
        html
    }

    /// A comment as it will be published, without its links; as it was typed, where there is no room for that.
    pub(super) fn markdown(&mut self, text: &str) -> String {
        let html = without_links(&markdown::render(text));
        if html.len() > self.left {
            return self.html(text);
        }
        self.left -= html.len();
        html
    }
}

/// HTML of a comment with its links as text, each with its address behind it, and nothing that a mail program would
/// make a link of.
fn without_links(html: &str) -> String {
    let (mut made, mut rest, mut address) = (String::with_capacity(html.len()), html, None);
    while let Some((text, tag, after)) = next_tag(rest) {
        made.push_str(&broken(text));
        rest = after;
        match tag.strip_prefix("<a ") {
            Some(attributes) => {
                address = attributes.split_once("href=\"").and_then(|(_, value)| value.split_once('"'));
            }
            None if tag == "</a>" => {
                let (href, _) = address.take().unwrap_or_default();
                if !text.ends_with(href) {
                    let _ = write!(made, " ({})", broken(href));
                }
            }
            None => made.push_str(tag),
        }
    }
    made + &broken(rest)
}

/// The text before the next tag, that tag, and what comes after it.
fn next_tag(html: &str) -> Option<(&str, &str, &str)> {
    let begins = html.find('<')?;
    let ends = begins + html[begins..].find('>')? + 1;
    Some((&html[..begins], &html[begins..ends], &html[ends..]))
}

/// Escaped text in which no mail program finds an address.
fn broken(escaped: &str) -> String {
    let piece = |(at, c)| match c {
        '.' | '@' | ':' => piece(escaped, at, c),
        c => c.to_string(),
    };
    escaped.char_indices().map(piece).collect()
}

/// The beginning of a text as HTML on one line.
pub(super) fn preview(text: &str) -> String {
    Room::new().html(&excerpt(text, PREVIEW))
}

/// A character as HTML. Those that make an address of the text around them stand in an element of their own.
fn piece(text: &str, at: usize, c: char) -> String {
    let next = || text[at + c.len_utf8()..].chars().next();
    match c {
        '&' => "&amp;".into(),
        '<' => "&lt;".into(),
        '>' => "&gt;".into(),
        '"' => "&quot;".into(),
        '\'' => "&#39;".into(),
        '\n' | '\u{2028}' | '\u{2029}' => "<br>".into(),
        '.' | '@' if next().is_some_and(char::is_alphanumeric) => format!("<span>{c}</span>"),
        ':' if next() == Some('/') => format!("<span>{c}</span>"),
        c => c.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_escaped_and_no_link() {
        let cases = [
            ("a <b> & \"c\" 'd'", "a &lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;"),
            ("one\n\ntwo", "one<br><br>two"),
            ("at https://evil.example/x.", "at https<span>:</span>//evil<span>.</span>example/x."),
            ("www.evil.example", "www<span>.</span>evil<span>.</span>example"),
            ("ann@example.org", "ann<span>@</span>example<span>.</span>org"),
            ("Well. At 9: yes...", "Well. At 9: yes..."),
        ];
        for (typed, html) in cases {
            assert_eq!(Room::new().html(typed), html, "{typed}");
        }
    }

    #[test]
    fn a_comment_looks_as_it_will_and_its_links_are_text() {
        let cases = [
            ("**Yes**, do", "<p><strong>Yes</strong>, do</p>\n"),
            ("> 1\n\nso", "<blockquote>\n<p>1</p>\n</blockquote>\n<p>so</p>\n"),
            (
                "[here](https://evil.example/?a=1&b=2)",
                "<p>here (https<span>:</span>//evil<span>.</span>example/?a=1&amp;b=2)</p>\n",
            ),
            ("https://evil.example/x", "<p>https<span>:</span>//evil<span>.</span>example/x</p>\n"),
            ("a@b.org <b>", "<p>a<span>@</span>b<span>.</span>org &lt;b&gt;</p>\n"),
        ];
        for (typed, html) in cases {
            assert_eq!(Room::new().markdown(typed), html, "{typed}");
        }
        let long = "**a** ".repeat(9_000);
        let mut room = Room::new();
        assert!(room.markdown(&long).starts_with("**a** **a**") && !room.is_full());
    }

    #[test]
    fn an_email_has_room_for_so_much() {
        let mut room = Room::new();
        assert_eq!(room.html(&"x".repeat(ROOM - 10)).len(), ROOM - 10);
        assert!(!room.is_full());
        assert_eq!(room.html("<<<<"), "&lt;&lt;…");
        assert!(room.is_full());
        assert_eq!(room.html("more"), "…");
    }

    #[test]
    fn the_preview_is_the_beginning_on_one_line() {
        assert_eq!(preview(" a\n\n <b> "), "a &lt;b&gt;");
        assert_eq!(preview(&"é".repeat(200)), format!("{}…", "é".repeat(120)));
    }
}
