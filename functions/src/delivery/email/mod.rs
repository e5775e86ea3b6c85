//! What emails say and how they look. An email is written block by block, and both its parts are made from the same
//! blocks, so that neither says less than the other. What an email is about is known where it is written; how it
//! travels, in [`crate::delivery::mail`].
//!
//! The HTML part is what Gmail's and Outlook's programs show well: tables for the layout, every style inline, colours
//! for the dark where they are asked for, no images, nothing from elsewhere, and less than the 102 KB at which Gmail
//! clips.

mod escape;
mod free_text;
mod html;
mod more;
mod plain;
pub(crate) mod sign_in;
mod submission;
pub(super) mod template;

pub(crate) use self::free_text::free_text;
pub(crate) use self::more::{more, more_subject};
pub(crate) use self::submission::{Links, about, subject};
pub(crate) use self::template::{Block, Button, EmailTemplate, Weight, excerpt};
