//! Which characters make words, and which nobody sees.

/// Whether a character belongs into a word. What most texts are made of is told without a look into the tables of all
/// characters.
pub(super) fn is_letter(c: char) -> bool {
    matches!(c, '0'..='9' | 'A'..='Z' | 'a'..='z' | 'А'..='я') || (!c.is_ascii() && c.is_alphanumeric())
}

/// Characters without width, which people do not see.
pub(super) fn is_invisible(c: char) -> bool {
    !c.is_ascii()
        && matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{180e}' | '\u{34f}')
}
