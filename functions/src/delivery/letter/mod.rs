//! What letters say and how they look. A letter is written block by block, and both its parts are made from the same
//! blocks, so that neither says less than the other. What a letter is about is known where it is written; how it
//! travels, in [`crate::delivery::mail`].
//!
//! The HTML part is what Gmail's and Outlook's programs show well: tables for the layout, every style inline, colours for
//! the dark where they are asked for, no images, nothing from elsewhere, and less than the 102 KB at which Gmail clips.

mod escape;
mod free_text;
mod html;
mod plain;
mod sheet;
pub(crate) mod sign_in;
mod submission;

pub(crate) use self::free_text::bare;
pub(crate) use self::sheet::{Block, Button, Sheet, Weight};
pub(crate) use self::submission::{Links, about, subject};
