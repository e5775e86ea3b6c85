//! What an email says, block by block.

use crate::words::{Words, format};

/// The beginning of a text, at most so many characters, on one line.
pub(crate) fn excerpt(text: &str, most: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// What an email says.
pub(crate) struct EmailTemplate<'a> {
    /// The texts of its language.
    pub(crate) words: &'a Words,
    /// The subject.
    pub(crate) subject: &'a str,
    /// What it is about, in a line. May hold a name that a visitor typed, short enough not to be wrapped.
    pub(crate) heading: String,
    /// What mail programs show beside the subject in their lists. Visitors may have typed it; cut where it is long.
    pub(crate) preview: &'a str,
    /// Everything else, in its order.
    pub(crate) blocks: Vec<Block>,
}

/// A part of what an email says. Lists, quotations and facts, with their labels, may hold what visitors typed.
pub(crate) enum Block {
    /// A heading.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// A paragraph in small print.
    Note(String),
    /// Short texts, one below the other.
    List(Vec<String>),
    /// What a visitor wrote, and what it is: `Message`.
    Quote(String, String),
    /// The same in Markdown: as it will be published, but that nothing in it is a link.
    Markdown(String, String),
    /// What a visitor filled in: labels and values.
    Facts(Vec<(String, String)>),
    /// What to do about it.
    Buttons(Vec<Button>),
}

/// A link that looks like a button.
pub(crate) struct Button {
    /// What it leads to: an action, by its name.
    pub(crate) text: String,
    /// The whole address.
    pub(crate) href: String,
    /// How much it stands out.
    pub(crate) weight: Weight,
}

/// How much a button stands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    /// What is done most: filled, in a row of its own.
    Main,
    /// What is done often, too: an outline, in a row of its own.
    Wide,
    /// What is done else: an outline, two in a row.
    Plain,
    /// A link among the buttons, two in a row.
    Link,
}

impl EmailTemplate<'_> {
    /// Where to read the rest, when there was no room for everything.
    pub(super) fn cut(&self) -> String {
        format(self.words.mail_cut, "more", self.words.more_actions)
    }
}
