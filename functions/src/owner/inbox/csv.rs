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

/// A value that no program takes for a formula: what could be one gets an apostrophe before it, which makes it text.
fn guarded(value: &str) -> Cow<'_, str> {
    let first = value.trim_start_matches(' ').chars().next();
    if first.is_some_and(|first| FORMULA.contains(&first)) { format!("'{value}").into() } else { value.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            ("\t=1", "\"'\t=1\""),
            ("＝1", "\"'＝1\""),
            ("a=b", "\"a=b\""),
        ];
        for (value, expected) in cases {
            assert_eq!(table([vec![value]]), format!("\u{feff}{expected}\r\n"), "{value:?}");
        }
    }

    #[test]
    fn rows_end_as_the_standard_says() {
        assert_eq!(table([vec!["a", "b"], vec!["1", "ü"]]), "\u{feff}\"a\",\"b\"\r\n\"1\",\"ü\"\r\n");
    }
}
