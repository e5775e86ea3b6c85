//! The mail and the text messages that would have been sent: a server that speaks SES v2's `SendEmail` and SNS'
//! `Publish`, and the page that shows what it caught.

mod caught;
mod page;
mod server;

pub use self::caught::{CaughtEmail, Mailbox, Text};
pub(super) use self::page::{page, texts};
