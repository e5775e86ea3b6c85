//! Backslashes: one that keeps something from being markup is left out; every other one was meant.

/// The backslashes of a paragraph.
pub(super) struct Escapes<'a> {
    text: &'a str,
    /// Where the word ends that was last looked at, and whether backslashes are themselves there.
    word: (usize, bool),
}

/// What a backslash does.
pub(super) struct Escape {
    /// Whether it is left out.
    pub(super) left_out: bool,
    /// Whether the sign behind it is none of markup.
    pub(super) taken: bool,
}

impl<'a> Escapes<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self { text, word: (0, false) }
    }

    /// What the backslash there does.
    pub(super) fn at(&mut self, at: usize) -> Escape {
        let before = self.text[..at].chars().next_back().unwrap_or(' ');
        let mut behind = self.text[at + 1..].chars();
        let (Some(sign), after) = (behind.next(), behind.next().unwrap_or(' ')) else {
            return Escape { left_out: false, taken: false };
        };
        let edge = |c: char, signs: &str| c.is_whitespace() || signs.contains(c);
        let needed = match sign {
            '*' | '_' | '[' | ']' | '`' => edge(before, "*_[(\"'") || edge(after, "*_])\"'.,;:!?\\"),
            '#' | '-' | '+' | '>' => at == 0 || before == '\n',
            _ => false,
        };
        let left_out = needed && !self.is_in_a_path(at);
        Escape { left_out, taken: matches!(sign, '*' | '_' | '[' | ']' | '\\') || (sign == '`' && left_out) }
    }

    /// Whether this is in a word in which backslashes are themselves: a path on Windows, or a formula.
    fn is_in_a_path(&mut self, at: usize) -> bool {
        if at >= self.word.0 {
            let before = self.text[..at].rsplit(char::is_whitespace).next().unwrap_or_default();
            let behind = self.text[at..].split(char::is_whitespace).next().unwrap_or_default();
            let end = at + behind.len();
            let word = &self.text[at - before.len()..end];
            let before_a_letter = word.split('\\').skip(1).any(|part| part.starts_with(char::is_alphanumeric));
            self.word = (end, word.starts_with("\\\\") || word.contains(":\\") || before_a_letter);
        }
        self.word.1
    }
}
