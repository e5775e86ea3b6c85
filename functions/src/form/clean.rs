//! Typed text as it is kept.

use crate::form::visible::{self, turns};

/// Text of several lines as it is kept: line ends as `\n`, no control characters, nothing invisible without a meaning,
/// no blank lines around it.
pub(crate) fn clean_text(typed: &str) -> String {
    let unix = typed.replace("\r\n", "\n").replace('\r', "\n");
    let kept: String = unix.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    visible::text(&kept).trim().into()
}

/// One line as it is kept: line ends and runs of white space become a space, and nothing is invisible without a
/// meaning. Characters that turn the direction of writing are left out, for a name could use them to disguise the text
/// around it.
pub(crate) fn clean_line(typed: &str) -> String {
    let kept = typed.chars().filter(|c| !turns(*c)).map(|c| if c.is_control() { ' ' } else { c });
    visible::text(&kept.collect::<String>()).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_was_cleaned_once_stays(typed in any::<String>()) {
            for clean in [clean_line, clean_text] {
                let cleaned = clean(&typed);
                prop_assert_eq!(clean(&cleaned), cleaned);
            }
            prop_assert!(!clean_line(&typed).chars().any(|c| c.is_control() || turns(c)));
        }
    }
}
