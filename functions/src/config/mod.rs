//! The sites and their settings: `deskbell.toml`, read once at start and checked as a whole. A feature's settings stand
//! here, and the feature imports them.

pub mod channel_name;
mod channel_table;
pub mod channels;
mod check;
mod comments;
mod document;
mod forms;
mod judging;
mod mistake;
mod origin;
mod pages;
mod parse;
mod root;
pub mod secret;
mod site;
pub mod team;
#[cfg(test)]
pub(crate) mod tests;
mod validator;

pub use self::comments::{COMMENTS_FORM, Comments, Doubtful};
pub use self::document::Document;
pub use self::judging::{AkismetSettings, ChallengeSettings, ProofWanted};
pub use self::mistake::{ConfigError, Mistake};
pub(crate) use self::origin::authority;
pub use self::pages::{Closing, PageRule, Pattern, Policy, Rules};
pub use self::root::{Config, Mail};
pub use self::site::{Digest, Keep, Owner, Site, UNKNOWN_HOST};
