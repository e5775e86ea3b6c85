//! What letters say and how they look. A letter is written block by block, and both its parts are made from the same
//! blocks, so that neither says less than the other. What a letter is about is known where it is written; how it
//! travels, in [`crate::delivery::mail`].
//!
//! The HTML part is what Gmail's and Outlook's programs show well: tables for the layout, every style inline, colours for
//! the dark where they are asked for, no images, nothing from elsewhere, and less than the 102 KB at which Gmail clips.

mod escape;
mod free_text;
mod plain;
pub(crate) mod sign_in;
mod submission;

use askama::Template;

use self::escape::Room;
pub(crate) use self::free_text::bare;
pub(crate) use self::submission::{Links, about, subject};
use crate::web::render;
use crate::words::{Words, fill};

/// What a letter says.
pub(crate) struct Sheet<'a> {
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

/// A part of what a letter says. Lists, quotations and facts, with their labels, may hold what visitors typed.
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

impl Sheet<'_> {
    /// The plain-text part: wrapped at 72 characters, links on lines of their own.
    pub(crate) fn text(&self) -> String {
        plain::text(self)
    }

    /// The HTML part.
    pub(crate) fn html(&self) -> String {
        let mut room = Room::new();
        let blocks = self.blocks.iter().map(|block| View::of(block, &mut room)).collect();
        let heading = room.html(&self.heading);
        render(&SheetTemplate { sheet: self, heading, preview: escape::preview(self.preview), blocks })
    }

    /// Where to read the rest, when there was no room for everything.
    fn cut(&self) -> String {
        fill(self.words.mail_cut, "more", self.words.more_actions)
    }
}

#[derive(Template)]
#[template(path = "email.html")]
struct SheetTemplate<'a> {
    sheet: &'a Sheet<'a>,
    heading: String,
    preview: String,
    blocks: Vec<View<'a>>,
}

/// A block as the template shows it; what was typed is HTML already, and maybe cut.
enum View<'a> {
    Heading(&'a str),
    Text(&'a str),
    Note(&'a str),
    List(Vec<String>),
    Quote(&'a str, String, bool),
    Facts(Vec<(String, String)>, bool),
    /// One row after another, of one or two.
    Buttons(Vec<&'a [Button]>),
}

impl<'a> View<'a> {
    fn of(block: &'a Block, room: &mut Room) -> Self {
        match block {
            Block::Heading(text) => Self::Heading(text),
            Block::Text(text) => Self::Text(text),
            Block::Note(text) => Self::Note(text),
            Block::List(texts) => Self::List(texts.iter().map(|text| room.html(text)).collect()),
            Block::Quote(label, text) => Self::Quote(label, room.html(text), room.is_full()),
            Block::Facts(facts) => {
                let facts = facts.iter().map(|(label, value)| (room.html(label), room.html(value))).collect();
                Self::Facts(facts, room.is_full())
            }
            Block::Buttons(buttons) => Self::Buttons(rows(buttons)),
        }
    }
}

/// Plain buttons and links stand in pairs, all others alone.
fn rows(buttons: &[Button]) -> Vec<&[Button]> {
    let pairs = |a: &Button, b: &Button| a.weight == b.weight && matches!(a.weight, Weight::Plain | Weight::Link);
    buttons.chunk_by(pairs).flat_map(|run| run.chunks(2)).collect()
}
