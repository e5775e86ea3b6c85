//! The spam filter: a verdict on a submission as a pure function of what was sent and of signals that were gathered
//! before.
//!
//! Every finding adds a weight in log-odds; the sum, squeezed into 0..1, is the score. What the text itself looks like
//! is one finding among them, made by the [trained model](model). The findings stay with the submission, so that the
//! owner can read why, and so that a verdict can be revised when more is known.
//!
//! ```text
//! let verdict = judge(&content, &signals, &site_model, &judging);
//! verdict.decision    // Ham, Unsure or Spam
//! ```

mod content;
pub mod disposable;
pub mod features;
mod judge;
mod judging;
mod label;
pub mod language;
pub mod model;
mod names;
mod reason;
mod rules;
pub mod script;
mod signals;
pub mod signs;
mod site_model;
mod tokenizer;
pub mod tokens;
mod verdict;

pub use self::content::Content;
pub use self::judge::{CAMPAIGN, SUREST_REAL, judge, weight_of};
pub use self::judging::{BlockedAs, Judging};
pub use self::label::Label;
pub use self::names::NAMES;
pub use self::reason::Reason;
pub use self::rules::PROOF_SOLVED;
pub use self::signals::{Akismet, Blocked, FormToken, Proof, SecondChance, Signals};
pub use self::site_model::{Adjustment, SiteModel, Unreadable};
pub use self::verdict::{Decision, Verdict};
