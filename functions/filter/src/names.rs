//! The names of all findings, for whoever has a text for each.

use crate::rules::RULES;
use crate::{judge, signs};

/// The name of every finding that a verdict can have. Known when the program is built, so that a missing text can stop
/// the build.
pub const NAMES: [&str; judge::NAMES.len() + signs::SIGNS + RULES.len()] = {
    let mut names = [""; judge::NAMES.len() + signs::SIGNS + RULES.len()];
    let mut at = 0;
    while at < names.len() {
        let (of_signs, of_rules) = (judge::NAMES.len(), judge::NAMES.len() + signs::SIGNS);
        names[at] = match at {
            at if at < of_signs => judge::NAMES[at],
            at if at < of_rules => signs::LIST[at - of_signs].name,
            at => RULES[at - of_rules].name,
        };
        at += 1;
    }
    names
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_findings_have_one_name() {
        for (at, name) in NAMES.iter().enumerate() {
            assert!(!NAMES[..at].contains(name), "{name}");
        }
    }
}
