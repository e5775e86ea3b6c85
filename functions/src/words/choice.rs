//! Which of a site's languages a request is answered in.

use super::Words;

/// The language that `name` means among those of a site: `de-AT` means `de`.
#[must_use]
pub fn named(languages: &[&'static Words], name: &str) -> Option<&'static Words> {
    let main = name.trim().split(['-', '_']).next()?;
    languages.iter().find(|words| words.lang.eq_ignore_ascii_case(main)).copied()
}

/// The language that a browser wants most, by its `Accept-Language` (RFC 9110, section 12.5.4), among those of a site.
#[must_use]
pub fn accepted(languages: &[&'static Words], header: &str) -> Option<&'static Words> {
    let wanted = header.split(',').filter_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let words = named(languages, parts.next()?)?;
        let weight =
            parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1.0), |q| q.trim().parse::<f32>().ok())?;
        (weight > 0.0).then_some((words, weight))
    });
    // Of those that are wanted as much, the first.
    let best = wanted.reduce(|best, next| if next.1 > best.1 { next } else { best });
    best.map(|(words, _)| words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{english, words};
    use proptest::prelude::*;

    fn site() -> [&'static Words; 3] {
        [words("de").expect("German"), english(), words("fr").expect("French")]
    }

    #[test]
    fn what_is_wanted_most_and_there_is_chosen() {
        let cases = [
            ("fr", Some("fr")),
            ("de-AT,de;q=0.9,en;q=0.8", Some("de")),
            ("fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", Some("fr")),
            ("pl, en;q=0.4, de;q=0.6", Some("de")),
            ("en;q=0.5,fr;q=0.5", Some("en")),
            ("de;q=0, EN-us ; q=0.1", Some("en")),
            ("ja, zh-Hant;q=0.8", None),
            ("*", None),
            ("fr;q=x, en;q=NaN", None),
            ("", None),
        ];
        for (header, expected) in cases {
            assert_eq!(accepted(&site(), header).map(|words| words.lang), expected, "{header}");
        }
        for (name, expected) in [("de", Some("de")), ("de_AT", Some("de")), (" FR-ca ", Some("fr")), ("es", None)] {
            assert_eq!(named(&site(), name).map(|words| words.lang), expected, "{name}");
        }
    }

    proptest! {
        #[test]
        fn no_header_makes_it_stumble(header in "[a-z*;=q0-9., -]{0,40}|[\\PC]{0,20}") {
            let _ = accepted(&site(), &header);
        }
    }
}
