//! What a request says about the media types that it sends and wants.

use std::borrow::Cow;

use http::{HeaderMap, header};

use super::body;

/// The type of what is sent.
pub(super) fn content_type(headers: &HeaderMap) -> Cow<'_, str> {
    headers.get(header::CONTENT_TYPE).map(|kind| String::from_utf8_lossy(kind.as_bytes())).unwrap_or_default()
}

/// JSON is wanted when JSON is sent, when it is preferred, and by scripts of the XMLHttpRequest kind.
pub(super) fn wants_json(headers: &HeaderMap) -> bool {
    let requested_with = headers.get("x-requested-with").and_then(|value| value.to_str().ok()).unwrap_or_default();
    body::is_json(&content_type(headers))
        || requested_with.to_ascii_lowercase().starts_with("xmlhttprequest")
        || accept(headers, "application/json", "application/problem+json") > accept(headers, "text/html", "")
}

/// How much a client wants a media type, by name: 0 to 1000, as RFC 9110 section 12.5.1 writes it.
pub(super) fn accept(headers: &HeaderMap, kind: &str, or: &str) -> u32 {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let ranges = accepted.flat_map(|value| value.split(','));
    let weights = ranges.filter_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next()?;
        let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1.0), |q| q.parse::<f32>().ok())?;
        let named = name.eq_ignore_ascii_case(kind) || name.eq_ignore_ascii_case(or);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..1000")]
        named.then_some((weight.clamp(0.0, 1.0) * 1000.0) as u32)
    });
    weights.max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_answered_to_those_who_want_it() {
        let cases = [
            (vec![], false),
            (vec![("accept", "*/*")], false),
            (vec![("accept", "text/html,application/xhtml+xml,*/*;q=0.8")], false),
            (vec![("accept", "application/json")], true),
            (vec![("accept", "text/html;q=0.5, application/json")], true),
            (vec![("accept", "application/json;q=0.1, text/html")], false),
            (vec![("accept", "application/problem+json")], true),
            (vec![("content-type", "application/json; charset=utf-8")], true),
            (vec![("content-type", "text/json")], true),
            (vec![("content-type", "Application/vnd.api+JSON ; charset=utf-8"), ("accept", "*/*")], true),
            (vec![("content-type", "application/jsonp")], false),
            (vec![("x-requested-with", "XMLHttpRequest"), ("accept", "text/html")], true),
            (vec![("accept", ";;;,q=,\u{7f}")], false),
        ];
        for (pairs, expected) in cases {
            let mut headers = HeaderMap::new();
            for (name, value) in &pairs {
                if let Ok(value) = value.parse() {
                    headers.append(*name, value);
                }
            }
            assert_eq!(wants_json(&headers), expected, "{pairs:?}");
        }
    }
}
