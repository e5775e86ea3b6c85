//! Delivers a submission to people, over each channel by itself: what became of one neither stops nor repeats
//! another. What became of it is kept with the submission, so that a delivery that was made is not made again; and what
//! failed stands beside it in the table, where it is found by one query.
//!
//! Only `notify` sends. Who else wants something sent changes the table, and the stream delivers.

mod attempt;
pub mod bounces;
mod bundle;
pub mod channels;
mod deliver;
pub mod digest;
mod due;
pub(crate) mod email;
pub(crate) mod header;
mod lanes;
pub(crate) mod limits;
mod lost;
pub mod mail;
mod more;
mod notice;
mod notifier;
mod retry;
pub(crate) mod sign_in;

pub(crate) use self::deliver::deliver_requested;
pub use self::deliver::{deliver, redrive};
pub use self::due::due_channels;
pub(crate) use self::due::requested_channels;
pub(crate) use self::lost::deliver_lost;
pub use self::notifier::Notifier;
pub(crate) use self::retry::retry_due;
