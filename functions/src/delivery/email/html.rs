//! The HTML part of an email.

use askama::Template;

use super::escape::{self, Room};
use super::template::{Block, Button, EmailTemplate, Weight};
use crate::platform::render::render;

impl EmailTemplate<'_> {
    /// The HTML part.
    pub(crate) fn html(&self) -> String {
        let mut room = Room::new();
        // First: what was typed may fill the room.
        let heading = room.html(&self.heading);
        let blocks = self.blocks.iter().map(|block| View::of(block, &mut room)).collect();
        render(&HtmlTemplate { email: self, heading, preview: escape::preview(self.preview), blocks })
    }
}

#[derive(Template)]
#[template(path = "email.html")]
struct HtmlTemplate<'a> {
    email: &'a EmailTemplate<'a>,
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
            Block::Markdown(label, text) => Self::Quote(label, room.markdown(text), room.is_full()),
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
