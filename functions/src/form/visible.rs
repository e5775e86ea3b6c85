//! Characters that nobody sees. They are taken out of what is typed where they mean nothing: who pastes them does not
//! know of them, and who means them hides something. Where they shape letters or pictures they stay.

use std::borrow::Cow;

/// A text without what nobody sees; empty, if there is nothing to see at all.
pub(super) fn text(typed: &str) -> Cow<'_, str> {
    let kept = if typed.chars().any(is_invisible) { Cow::Owned(meant(typed)) } else { Cow::Borrowed(typed) };
    if kept.chars().all(|c| c.is_whitespace() || c.is_control() || turns(c) || is_blank(c)) { "".into() } else { kept }
}

/// A text without any of them, whatever they would mean: an address has none.
pub(super) fn bare(typed: &str) -> Cow<'_, str> {
    let unseen = |c: char| is_invisible(c) || turns(c);
    if typed.chars().any(unseen) { typed.chars().filter(|c| !unseen(*c)).collect() } else { typed.into() }
}

/// Whether a character shows by itself: white space and control characters do not, either.
pub(super) fn is_seen(c: char) -> bool {
    !(c.is_whitespace() || c.is_control() || is_invisible(c) || turns(c) || is_blank(c))
}

/// The characters that turn the direction of writing.
pub(crate) fn turns(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// What Unicode calls ignorable by default, and what is as empty, but for marks of direction.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffc}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// A sign that is an empty place: in Braille it stands between words.
fn is_blank(c: char) -> bool {
    c == '\u{2800}'
}

/// The text with those invisible characters that mean something.
fn meant(typed: &str) -> String {
    let mut kept = String::with_capacity(typed.len());
    let mut rest = typed.chars();
    while let Some(c) = rest.next() {
        let (before, after) = (kept.chars().next_back().unwrap_or(' '), rest.clone().next().unwrap_or(' '));
        if c == '\u{1f3f4}' {
            kept.push(c);
            let tags = region(rest.as_str());
            kept.push_str(tags);
            rest = rest.as_str()[tags.len()..].chars();
        } else if !is_invisible(c) || shapes(c, before, after) {
            kept.push(c);
        }
    }
    kept
}

/// Whether an invisible character does something to those around it.
fn shapes(c: char, before: char, after: char) -> bool {
    match c {
        // A joiner of pictures; at the end of a word it may still shape the letter before.
        '\u{200d}' if is_picture(before) || before == '\u{fe0f}' => is_picture(after),
        '\u{200d}' => is_written(before) && (is_written(after) || is_joined(before)),
        '\u{200c}' => is_written(before) && is_written(after),
        // Where words end in scripts without spaces.
        '\u{200b}' => is_unspaced(before) && is_unspaced(after),
        '\u{115f}' => is_jamo(after),
        '\u{1160}' => is_jamo(before),
        '\u{180b}'..='\u{180f}' => matches!(before, '\u{1820}'..='\u{18aa}'),
        '\u{fe00}'..='\u{fe0d}' => is_written(before) || is_picture(before),
        '\u{fe0e}' | '\u{fe0f}' => is_picture(before) || matches!(before, '0'..='9' | '#' | '*' | '©' | '®'),
        '\u{e0100}'..='\u{e01ef}' => {
            matches!(before, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
        }
        _ => false,
    }
}

/// The letters behind a black flag that make it that of a region, if they are whole.
fn region(text: &str) -> &str {
    // No code of a region is longer.
    const LETTERS: usize = 8;
    let tag = |c: char| matches!(c, '\u{e0030}'..='\u{e0039}' | '\u{e0061}'..='\u{e007a}');
    let end = text.char_indices().take(LETTERS).find(|(_, c)| !tag(*c));
    match end {
        Some((at, '\u{e007f}')) if at > 0 => &text[..at + '\u{e007f}'.len_utf8()],
        _ => "",
    }
}

/// Letters, digits, and the marks that are written with them.
fn is_written(c: char) -> bool {
    let mark = matches!(c, '\u{300}'..='\u{34e}' | '\u{350}'..='\u{36f}' | '\u{591}'..='\u{5c7}' | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}'
        | '\u{6d6}'..='\u{6ed}' | '\u{900}'..='\u{109f}' | '\u{1780}'..='\u{17b3}' | '\u{17b6}'..='\u{17ff}' | '\u{1b00}'..='\u{1bff}'
        | '\u{a800}'..='\u{abff}' | '\u{11000}'..='\u{11fff}');
    (c.is_alphanumeric() || mark) && !is_invisible(c)
}

/// Letters of Arabic, and signs that take the vowel from a letter, whose shape a joiner changes also where a word ends.
fn is_joined(c: char) -> bool {
    matches!(c, '\u{620}'..='\u{6ff}') || (matches!(c, '\u{900}'..='\u{dff}') && !c.is_alphanumeric())
}

fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17b3}' | '\u{17b6}'..='\u{17ff}')
}

fn is_jamo(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{115e}' | '\u{1161}'..='\u{11ff}' | '\u{a960}'..='\u{a97c}' | '\u{d7b0}'..='\u{d7fb}')
}

/// Emoji, and signs that may be drawn as one.
fn is_picture(c: char) -> bool {
    matches!(c, '\u{203c}' | '\u{2049}' | '\u{2122}' | '\u{2139}' | '\u{2190}'..='\u{2bff}' | '\u{3030}' | '\u{303d}' | '\u{3297}'
        | '\u{3299}' | '\u{1f000}'..='\u{1faff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_means_something_stays() {
        let kept = [
            "می\u{200c}خواهم",
            "क्\u{200d}ष",
            "ශ්\u{200d}රී",
            "ന്\u{200d} word",
            "۱۴۴۵ه\u{200d}",
            "👩\u{200d}👩\u{200d}👧\u{200d}👦 🙏🏽",
            "🏳\u{fe0f}\u{200d}🌈 ❤\u{fe0f}\u{200d}🔥 🧑🏽\u{200d}🚀",
            "1\u{fe0f}\u{20e3} ☎\u{fe0e}",
            "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f} 🇸🇪",
            "葛\u{e0100}城",
            "ភាសា\u{200b}ខ្មែរ",
            "\u{1820}\u{180b}",
            "مرحبا\u{200f}!",
            "⠓⠊\u{2800}⠽⠕⠥",
            "naïve cafe\u{301} Z͑ͫ̓",
        ];
        for typed in kept {
            assert_eq!(text(typed), typed, "{typed:?}");
        }
    }

    #[test]
    fn what_means_nothing_goes() {
        let cases = [
            ("Ann\u{200b}", "Ann"),
            ("\u{feff}A\u{ad}nn\u{2060}", "Ann"),
            ("a \u{200d} b\u{200c}", "a  b"),
            ("a\u{200d}\u{200d}b", "a\u{200d}b"),
            ("👩\u{200d}", "👩"),
            ("x\u{fe0f}", "x"),
            ("🏴\u{e0067}\u{e0062}", "🏴"),
            ("Hi\u{e0041}\u{e0042}", "Hi"),
            ("\u{fe0f}\u{200d}🌈", "🌈"),
            ("한\u{3164}글", "한글"),
        ];
        for (typed, expected) in cases {
            assert_eq!(text(typed), expected, "{typed:?}");
        }
        for typed in [
            "\u{2060}",
            "\u{3164}",
            "\u{2800}\u{2800}",
            " \u{200b}\n\u{feff}\u{200e}",
            "\u{115f}\u{1160}",
            "\u{e0020}\u{180e}",
            "\u{200d}\u{ffa0}\u{34f}",
        ] {
            assert_eq!(text(typed), "", "{typed:?}");
        }
        assert_eq!(bare("an\u{200d}n\u{202a}@\u{200b}example.org\u{feff}"), "ann@example.org");
    }

    /// Characters that are often between those that are seen.
    const SOUP: &str = "[a\\u{e9}1\\u{d55c}\\u{ac00}\\u{1100}\\u{1161}\\u{e01}\\u{1798}\\u{645}\\u{94d}\\u{915} \\u{1f469}\\u{1f3fd}\\u{2764}\\u{1f3f4}\\u{1f308}\\u{845b}\\n\\u{ad}\\u{34f}\\u{115f}\\u{1160}\\u{180b}\\u{200b}-\\u{200f}\\u{202e}\\u{2060}\\u{3164}\\u{fe0f}\\u{feff}\\u{e0067}\\u{e007f}\\u{e0100}]{0,12}";

    proptest! {
        #[test]
        fn nothing_that_is_seen_goes_and_what_stays_stays(typed in SOUP) {
            let seen = |text: &str| text.chars().filter(|c| !is_invisible(*c)).collect::<String>();
            let kept = text(&typed);
            let blank = seen(&typed).chars().all(|c| c.is_whitespace() || turns(c));
            prop_assert_eq!(seen(&kept), if blank { String::new() } else { seen(&typed) });
            prop_assert_eq!(text(&kept).into_owned(), kept.as_ref());
            prop_assert!(blank || bare(&kept) == bare(&typed));
        }
    }
}
