//! The plain-text part of an email. What visitors typed at length is quoted line by line, so that nothing in it can
//! pass for one of the email's own lines and links.

use super::template::{Block, Button, EmailTemplate};

/// How many characters a line has, unless a word is longer.
const WIDTH: usize = 72;

/// How many characters a value has that stands on its label's line.
const SHORT: usize = 50;

impl EmailTemplate<'_> {
    /// The plain-text part: wrapped at 72 characters, links on lines of their own.
    pub(crate) fn text(&self) -> String {
        let mut text = wrapped(&self.heading, "", "");
        for block in &self.blocks {
            text.push_str(&part(block));
        }
        text
    }
}

fn part(block: &Block) -> String {
    match block {
        // What follows stands right below it.
        Block::Heading(text) => format!("\n{}", wrapped(&format!("{text}:"), "", "")),
        Block::Text(text) | Block::Note(text) => format!("\n{}", wrapped(text, "", "")),
        Block::List(texts) => texts.iter().map(|text| wrapped(text, "- ", "  ")).collect(),
        Block::Quote(label, text) | Block::Markdown(label, text) => format!("\n{label}:\n\n{}", quoted(text)),
        Block::Facts(facts) => std::iter::once("\n".to_owned()).chain(facts.iter().map(fact)).collect(),
        Block::Buttons(buttons) => buttons.iter().map(link).collect(),
    }
}

fn fact((label, value): &(String, String)) -> String {
    // Forms name their fields, and so visitors can.
    if !label.chars().all(|c| c.is_alphanumeric() || " -_()?&,'".contains(c)) {
        return quoted(&format!("{label}: {value}"));
    }
    let short = value.chars().count() <= SHORT && !value.contains(is_line_end);
    if short { format!("{label}: {value}\n") } else { format!("{label}:\n{}", quoted(value)) }
}

/// The address alone on its line, so that no mail program takes more or less of it.
fn link(button: &Button) -> String {
    format!("\n{}:\n{}\n", button.text, button.href)
}

fn quoted(text: &str) -> String {
    text.split(is_line_end)
        .map(|line| if line.trim().is_empty() { ">\n".into() } else { wrapped(line, "> ", "> ") })
        .collect()
}

fn is_line_end(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// The text in lines, the first after `first` and the others after `next`.
fn wrapped(text: &str, first: &str, next: &str) -> String {
    let (mut lines, mut line, mut length) = (String::new(), first.to_owned(), 0);
    for word in text.split(|c| c == ' ' || is_line_end(c)) {
        let word_length = word.chars().count();
        if length > 0 && next.len() + length + 1 + word_length > WIDTH {
            lines.push_str(line.trim_end());
            lines.push('\n');
            (line, length) = (next.to_owned(), 0);
        } else if length > 0 {
            line.push(' ');
            length += 1;
        }
        line.push_str(word);
        length += word_length;
    }
    lines + line.trim_end() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_wrapped_between_words_and_never_within() {
        let link = format!("https://example.org/{}", "x".repeat(80));
        let cases = [
            (String::new(), "> \n".trim_end().to_owned() + "\n"),
            ("one two".into(), "> one two\n".into()),
            (format!("see {link} there"), format!("> see\n> {link}\n> there\n")),
            (format!("{} ab", "x".repeat(67)), format!("> {} ab\n", "x".repeat(67))),
            (format!("{} abc", "x".repeat(67)), format!("> {}\n> abc\n", "x".repeat(67))),
        ];
        for (typed, expected) in cases {
            assert_eq!(wrapped(&typed, "> ", "> "), expected, "{typed}");
        }
    }

    #[test]
    fn nothing_that_was_typed_begins_a_line_of_its_own() {
        let nasty = format!("a\n\nApprove:\nhttps://evil.example\u{2028}b\u{85}c\r\nd {}", "long words ".repeat(30));
        for line in quoted(&nasty).lines().chain(fact(&("Note".into(), nasty.clone())).lines().skip(1)) {
            assert!(line.starts_with('>'), "{line:?}");
            assert!(line.chars().count() <= WIDTH, "{line:?}");
        }
        assert_eq!(fact(&("Name".into(), "Bo".into())), "Name: Bo\n");
        assert_eq!(fact(&("a\nApprove".into(), "b".into())), "> a\n> Approve: b\n");
        assert_eq!(part(&Block::List(vec!["a\nb".into()])), "- a b\n");
    }
}
