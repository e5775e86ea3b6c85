//! Spans of code: what stands between ticks.

use std::collections::HashMap;

use super::html::Html;

/// Runs of ticks, and where the next run of the same length is.
pub(super) struct CodeSpans(HashMap<usize, (usize, Option<usize>)>);

impl CodeSpans {
    pub(super) fn of(text: &str) -> Self {
        let mut all = HashMap::new();
        // Of each length, the run that comes next.
        let mut next: HashMap<usize, usize> = HashMap::new();
        let mut end = text.len();
        while let Some(last) = text[..end].rfind('`') {
            let start = text[..last]
                .rfind(|c| c != '`')
                .map_or(0, |before| before + text[before..].chars().next().map_or(1, char::len_utf8));
            let length = last + 1 - start;
            let closing =
                next.insert(length, start).filter(|closing| !text[start + length..*closing].trim().is_empty());
            all.insert(start, (length, closing));
            end = start;
        }
        Self(all)
    }

    /// How many ticks stand there, and where those are that end the code.
    pub(super) fn at(&self, at: usize) -> (usize, Option<usize>) {
        // A run that was cut by an escape is none.
        self.0.get(&at).copied().unwrap_or((1, None))
    }
}

/// A span of code on one line, without the one space that keeps its ticks apart.
pub(super) fn write(html: &mut Html, code: &str) {
    let code = code.replace('\n', " ");
    let padded = code.strip_prefix(' ').and_then(|code| code.strip_suffix(' '));
    html.tag("<code>");
    html.text(padded.filter(|code| !code.trim().is_empty()).unwrap_or(&code));
    html.tag("</code>");
}
