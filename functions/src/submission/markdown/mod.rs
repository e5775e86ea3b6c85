//! What a comment looks like: a small Markdown, and everything else as it was typed.
//!
//! Kept: paragraphs, line ends, emphasis, code, quotes, lists, links to the web. A heading, an image, HTML, a rule, a
//! table or an entity is shown as the characters that were typed, and so is whatever is not clearly markup: a star
//! between digits, a backslash in a path, a definition of a link. Every letter and digit typed is on the page. Nothing
//! of it gets there but as escaped text or as the escaped address of a link.
//!
//! No crate for Markdown draws that line: each takes definitions, entities and escapes out of the text, and none that
//! is small makes words bold in scripts that have no spaces.

mod block;
mod code;
mod emphasis;
mod escape;
mod html;
mod inline;
mod link;
mod list;

use self::html::Html;
use self::link::Definitions;

/// How deep quotes, lists and emphasis may be nested. What is deeper is shown as typed.
const DEPTH: usize = 8;

/// How many bytes of HTML may be made of one byte typed, and how many there may be besides.
const GROWTH: usize = 4;
const SPARE: usize = 1_024;

/// The HTML of a comment: at most four times as long as the comment, and a kilobyte. What would be longer is shown as
/// typed, line by line.
#[must_use]
pub fn render(text: &str) -> String {
    let unix = text.contains('\r').then(|| text.replace("\r\n", "\n").replace('\r', "\n"));
    let text = unix.as_deref().unwrap_or(text);
    let lines: Vec<&str> = text.split('\n').collect();
    let mut html = Html::with_capacity(text.len() * 2);
    block::Blocks { html: &mut html, definitions: &Definitions::of(&lines) }.render(&lines, 0, false);
    let most = text.len() * GROWTH + SPARE;
    if html.len() > most { html::plain(&lines) } else { html.finish() }
}

#[cfg(test)]
mod tests;
