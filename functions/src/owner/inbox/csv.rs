//! Comma-separated values as RFC 4180 has them, for programs that calculate: in UTF-8 with a mark at the beginning, by
//! which they know it, and without anything that they would take for a formula.

use std::borrow::Cow;

use csv::{QuoteStyle, Terminator, WriterBuilder};

/// The byte order mark.
const MARK: char = '\u{feff}';

/// What a formula begins with, in one width or the other, and what such programs leave out before they look for one.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// A table, with the names of its columns.
pub(super) fn table<'a>(rows: impl IntoIterator<Item = Vec<&'a str>>) -> String {
    let mut writer =
        WriterBuilder::new().quote_style(QuoteStyle::Always).terminator(Terminator::CRLF).from_writer(vec![]);
    for row in rows {
        // Writing into memory does not fail, and every row has as many cells as there are columns.
        let _ = writer.write_record(row.into_iter().map(guarded).map(Cow::into_owned));
    }
    let table = writer.into_inner().unwrap_or_default();
    format!("{MARK}{}", String::from_utf8_lossy(&table))
}

/// What programs take for the end of a cell whose separator is not the comma: to them the quotes mean something else,
/// and a cell begins in the middle of a value.
const ENDS: [char; 5] = [';', '\t', '|', '\n', '\r'];

/// A value that no program takes for a formula, nor any part of it that it could take for a cell: what could be one
/// gets an apostrophe before it, which makes it text.
fn guarded(value: &str) -> Cow<'_, str> {
    let mut guarded = String::with_capacity(value.len() + 8);
    for (place, cell) in value.split_inclusive(ENDS).enumerate() {
        let begins = begins(cell);
        // Blanks at the beginning of a value hide it from some programs, and from others they do not.
        if begins.is_some_and(|c| FORMULA.contains(&c) && (place == 0 || !ENDS.contains(&c))) {
            guarded.push('\'');
        }
        guarded.push_str(cell);
    }
    if guarded.len() == value.len() { value.into() } else { guarded.into() }
}

/// What a cell begins with, blanks and quotes left out.
fn begins(cell: &str) -> Option<char> {
    let blank = |c: char| (c.is_whitespace() && !ENDS.contains(&c)) || matches!(c, '"' | '\u{200b}' | '\u{feff}');
    cell.trim_start_matches(blank).chars().next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use csv::ReaderBuilder;
    use proptest::prelude::*;

    #[test]
    fn values_are_quoted_and_no_formula_is_left() {
        let cases = [
            ("plain", "\"plain\""),
            ("", "\"\""),
            ("two\nlines, \"quoted\"", "\"two\nlines, \"\"quoted\"\"\""),
            ("=HYPERLINK(\"http://a.example\")", "\"'=HYPERLINK(\"\"http://a.example\"\")\""),
            ("+46 8 555 010", "\"'+46 8 555 010\""),
            ("-1+cmd|' /C calc'!A0", "\"'-1+cmd|' /C calc'!A0\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("  =1", "\"'  =1\""),
            ("\t=1", "\"'\t'=1\""),
            ("＝1", "\"'＝1\""),
            ("a=b", "\"a=b\""),
            ("a;=1", "\"a;'=1\""),
            ("a; =1;+2;b", "\"a;' =1;'+2;b\""),
            ("a;\"=1", "\"a;'\"\"=1\""),
            ("a\t@x", "\"a\t'@x\""),
            ("one\n-two\r\n=three", "\"one\n'-two\r\n'=three\""),
            ("a|=1", "\"a|'=1\""),
            ("\u{a0}=1", "\"'\u{a0}=1\""),
            ("", "\"\""),
            ("a-b; c", "\"a-b; c\""),
        ];
        for (value, expected) in cases {
            assert_eq!(table([vec![value]]), format!("\u{feff}{expected}\r\n"), "{value:?}");
        }
    }

    proptest! {
        #[test]
        fn no_cell_of_any_separator_begins_a_formula(value in "[=+@\\-a1;,|\t\n\r \"'\u{a0}＝]{0,14}", separator in "[;,|\t]") {
            let table = table([vec![&*value, "b"]]);
            // A program that knows quotes as the standard has them, and one to which they are nothing.
            for quoting in [true, false] {
                let separator = separator.as_bytes()[0];
                let mut reader = ReaderBuilder::new();
                reader.delimiter(separator).quoting(quoting).flexible(true).has_headers(false);
                for row in reader.from_reader(table.trim_start_matches(MARK).as_bytes()).records() {
                    for cell in &row.expect("a row") {
                        let cell = if separator == b',' && !quoting { "" } else { cell };
                        let begins = cell.trim_start_matches([' ', '"', '\u{a0}']).chars().next();
                        prop_assert!(!begins.is_some_and(|first| "=+-@＝".contains(first)), "{:?} in {:?}", cell, table);
                    }
                }
            }
            // Nothing but apostrophes is added.
            let plain = |text: &str| text.replace('\'', "");
            prop_assert_eq!(plain(&guarded(&value)), plain(&value));
        }
    }

    #[test]
    fn rows_end_as_the_standard_says() {
        assert_eq!(table([vec!["a", "b"], vec!["1", "ü"]]), "\u{feff}\"a\",\"b\"\r\n\"1\",\"ü\"\r\n");
    }
}
