//! HTML as it is written: everything that was typed goes through here.

use super::link::Address;

/// The page so far.
pub(super) struct Html(String);

impl Html {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self(String::with_capacity(bytes))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn finish(self) -> String {
        self.0
    }

    /// Markup of our own.
    pub(super) fn tag(&mut self, tag: &str) {
        self.0.push_str(tag);
    }

    /// What was typed, as text.
    pub(super) fn text(&mut self, typed: &str) {
        for c in typed.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                c => self.0.push(c),
            }
        }
    }

    /// The beginning of a link to what was typed.
    pub(super) fn open_link(&mut self, address: &Address<'_>) {
        self.0.push_str("<a href=\"");
        self.0.push_str(address.scheme);
        for c in address.typed.chars() {
            match c {
                '"' => self.0.push_str("&quot;"),
                c => self.text(c.encode_utf8(&mut [0; 4])),
            }
        }
        self.0.push_str("\" rel=\"nofollow ugc noopener\">");
    }
}

/// Everything as typed: paragraphs, and lines that end where they ended. Never more than four times as long as what was
/// typed, so an ampersand is only written out where it could begin an entity.
pub(super) fn plain(lines: &[&str]) -> String {
    let mut html = Html::with_capacity(lines.iter().map(|line| line.len() + "<br>".len()).sum());
    for paragraph in lines.split(|line| line.trim().is_empty()).filter(|paragraph| !paragraph.is_empty()) {
        html.tag("<p>");
        for (index, line) in paragraph.iter().enumerate() {
            html.tag(if index == 0 { "" } else { "<br>" });
            let mut rest = line.trim().chars().peekable();
            while let Some(c) = rest.next() {
                let ambiguous = c == '&' && rest.peek().is_some_and(|next| *next == '#' || next.is_alphanumeric());
                match c {
                    '&' if !ambiguous => html.tag("&"),
                    c => html.text(c.encode_utf8(&mut [0; 4])),
                }
            }
        }
        html.tag("</p>\n");
    }
    html.finish()
}
