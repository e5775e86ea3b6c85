//! A stack in an AWS account: what CloudFormation made, and whether it works.

mod checks;
mod client;
mod described;

pub(super) use self::client::client;
pub(super) use self::described::{Stack, has_budgets, is_served};
