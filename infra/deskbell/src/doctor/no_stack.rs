//! A stack, for a program that was built without what looks at one: `cargo dev` has to build quickly.

use deskbell_functions::app::Aws;
use deskbell_functions::config::Config;

use super::finding::Finding;

/// None can be looked at.
pub(super) enum Stack {}

impl Stack {
    /// Says so.
    #[expect(clippy::unnecessary_wraps, reason = "as the one that looks")]
    pub(super) fn unseen() -> Option<Finding> {
        Some(Finding::problem(
            "stack",
            "This program was built without what looks at a stack.",
            "Build it with that: cargo doctor --stack NAME, or cargo doctor --before",
        ))
    }

    #[expect(clippy::unused_async, reason = "as the one that looks")]
    pub(super) async fn find(_: &str, _: &Aws, _: Option<String>, _: &mut Vec<Finding>) -> Option<Self> {
        None
    }

    pub(super) fn output(&self, _: &str) -> Option<String> {
        match *self {}
    }

    pub(super) fn agrees(&self, _: &Config) -> Finding {
        match *self {}
    }

    #[expect(clippy::unused_async, reason = "as the one that looks")]
    pub(super) async fn check(&self) -> Vec<Finding> {
        match *self {}
    }
}
