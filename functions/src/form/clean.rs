//! Typed text as it is kept.

/// Text of several lines as it is kept: line ends as `\n`, no control characters, no blank lines around it.
pub(crate) fn clean_text(typed: &str) -> String {
    let unix = typed.replace("\r\n", "\n").replace('\r', "\n");
    let kept: String = unix.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    kept.trim().into()
}

/// One line as it is kept: line ends and runs of white space become a space. Characters that turn the direction of
/// writing are left out, for a name could use them to disguise the text around it.
pub(crate) fn clean_line(typed: &str) -> String {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}');
    let kept: String = typed.chars().filter(|c| !turns(*c)).map(|c| if c.is_control() { ' ' } else { c }).collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}
