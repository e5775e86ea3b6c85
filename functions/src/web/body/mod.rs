//! What was posted, whichever of the four ways forms and scripts send it. A body is read once, from its beginning, and
//! what is kept of it is counted meanwhile: what was typed is bounded, however it was encoded, and nothing else takes
//! memory.

mod encoding;
mod json;
mod multipart;
mod parameter;
mod plain;
mod typed;
mod urlencoded;

use self::encoding::Charset;
use self::parameter::parameter;
use self::typed::{LONGEST_ESCAPE, Typed};
use super::error::Error;
use crate::form::Fields;

/// What a body may hold beside what was typed: names, blank fields, white space.
const BESIDE: usize = 64 * 1024;

/// Reads a body of the given `Content-Type`. `most` is how much may have been typed, in bytes of UTF-8.
pub(super) fn fields(content_type: &str, body: &[u8], most: usize) -> Result<Fields, Error> {
    let kind = media_type(content_type);
    let charset = parameter(content_type.as_bytes(), "charset").and_then(|label| Charset::named(&label));
    let mut typed = Typed::new(most);
    match kind.as_str() {
        "multipart/form-data" => multipart::read(content_type, body, charset, &mut typed)?,
        // Files are skipped; anything else that is so long is no form.
        _ if body.len() > LONGEST_ESCAPE * most + BESIDE => return Err(Error::TooLarge),
        kind if is_json(kind) => json::read(body, charset, &mut typed)?,
        // `curl -d` and scripts that name no type, or a wrong one.
        "application/x-www-form-urlencoded" | "text/plain" | "" if looks_like_json(body) => {
            return Err(Error::UnnamedJson);
        }
        // A script that posts a form without naming its type; empty bodies have none either.
        "application/x-www-form-urlencoded" | "" => urlencoded::read(body, charset, &mut typed)?,
        "text/plain" => plain::read(body, charset, &mut typed)?,
        _ => return Err(Error::MediaType),
    }
    Ok(typed.fields)
}

/// Whether a body of the given `Content-Type` is read as JSON.
pub(super) fn is_json(content_type: &str) -> bool {
    let kind = media_type(content_type);
    kind == "application/json" || kind == "text/json" || kind.ends_with("+json")
}

/// A `Content-Type` without its parameters, in lower case.
fn media_type(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Whether this is an object, as no browser would begin a form.
fn looks_like_json(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"{")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MOST: usize = 128 * 1024;
    const FORM: &str = "application/x-www-form-urlencoded";
    const BOUNDARY: &str = "multipart/form-data; boundary=\"x y\"";

    fn read(kind: &str, body: impl AsRef<[u8]>) -> Vec<(String, String)> {
        fields(kind, body.as_ref(), MOST).unwrap_or_else(|error| panic!("{kind}: {error:?}")).pairs
    }

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
    }

    fn multipart(pairs: &[(String, String)]) -> String {
        let part = |(name, value): &(String, String)| {
            let name = name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
            format!("--x y\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        format!("{}--x y--\r\n", pairs.iter().map(part).collect::<String>())
    }

    fn json(pairs: &[(String, String)], escaped: bool) -> String {
        let unit = |unit: u16| format!("\\u{unit:04x}");
        let text = |text: &str| {
            if escaped {
                format!("\"{}\"", text.encode_utf16().map(unit).collect::<Vec<_>>().concat())
            } else {
                serde_json::to_string(text).expect("text")
            }
        };
        let members = pairs.iter().map(|(name, value)| format!("{}:{}", text(name), text(value)));
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    }

    fn urlencoded(pairs: &[(String, String)]) -> String {
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
    }

    #[test]
    fn json_is_flattened_in_its_order_and_nothing_in_it_is_lost() {
        let body = r#"{"b":1.50,"a":"x","b":[true,"y",null,""],"o":{"p":{"q":1},"r":[2,{"s":3}]},"l":[[4],[]],
            "n":null,"fields":{"name":"Z"},"big":12345678901234567890123,"far":1e999,"_":{}}"#;
        let expected = [
            ("b", "1.50"),
            ("a", "x"),
            ("b", "true"),
            ("b", "y"),
            ("o[p][q]", "1"),
            ("o[r]", "2"),
            ("o[r][1][s]", "3"),
            ("l[0]", "4"),
            ("fields[name]", "Z"),
            ("big", "12345678901234567890123"),
            ("far", "1e999"),
        ];
        assert_eq!(read("application/json", body), pairs(&expected));
        let deep = format!("{{\"a\":{}\"x\"{}}}", "[".repeat(5_000), "]".repeat(5_000));
        let read = read("application/json; charset=utf-8", deep);
        assert!(read.len() == 1 && read[0].1.contains("[\"x\"]"), "{read:?}");
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for body in ["[]", "1", "{", "{\"a\":", "\"x\"", "{}{}", "{\"a\":01}", "{\"a\":[1,]}", "{\"a\":\"\\x\"}"] {
            assert!(matches!(fields("application/json", body.as_bytes(), MOST), Err(Error::Malformed)), "{body}");
        }
    }

    #[test]
    fn half_a_character_is_one_that_cannot_be_read() {
        let cases: [(&[u8], &str); 7] = [
            (br#"{"m":"free? \ud83d"}"#, "free? \u{fffd}"),
            (br#"{"m":"\ude00 \ud83d\ud83d\ude00\\ud83d"}"#, "\u{fffd} \u{fffd}😀\\ud83d"),
            (br#"{"m":"\uD83d\n\uD83D\u0041"}"#, "\u{fffd}\n\u{fffd}A"),
            (br#"{"m":"\ud83d\ude00"}"#, "😀"),
            (b"{\"m\":\"free? \xf0\x9f\"}", "free? \u{fffd}"),
            ("\u{feff}{\"m\":\"x\"}".as_bytes(), "x"),
            (b"{\"m\":\"caf\xe9\"}", "café"),
        ];
        for (body, text) in cases {
            assert_eq!(read("application/json", body), pairs(&[("m", text)]));
        }
        assert_eq!(read("application/json", br#"{"\ud83d":"x"}"#), pairs(&[("\u{fffd}", "x")]));
    }

    #[test]
    fn text_is_decoded_as_the_request_says() {
        let charset = |name: &str| format!("{FORM}; charset={name}");
        let cases: [(&str, &[u8], &str); 12] = [
            (FORM, b"m=caf%C3%A9", "café"),
            (FORM, b"m=caf%E9", "café"),
            (FORM, b"m=caf\xe9", "café"),
            (FORM, b"m=%80+5", "€ 5"),
            (FORM, b"m=%EF%BF%BD", "\u{fffd}"),
            (FORM, b"m=x%F0%9F", "x\u{fffd}"),
            (&charset("iso-8859-1"), b"m=caf%E9", "café"),
            (&charset("\"Shift_JIS\""), b"m=%82%A0", "あ"),
            (&charset("nonsense"), b"m=caf%C3%A9", "café"),
            (FORM, b"_charset_=windows-1251&m=%CF%F0%E8", "При"),
            (FORM, b"m=%CF%F0%E8&_charset_=windows-1251", "При"),
            (FORM, b"m=%26%23128512%3B+%82%A0&_charset_=shift_jis", "😀 あ"),
        ];
        for (kind, body, text) in cases {
            let read = read(kind, body);
            let value = read.iter().find(|(name, _)| name == "m").map(|(_, value)| value.as_str());
            assert_eq!(value, Some(text), "{kind} {body:?}");
        }
        let part = |header: &str, name: &str, value: &[u8]| {
            let head = format!("--x y\r\nContent-Disposition: form-data; name=\"{name}\"\r\n{header}\r\n");
            [head.as_bytes(), value, b"\r\n"].concat()
        };
        let own = part("Content-Type: text/plain; charset=koi8-r\r\n", "m", b"\xf0\xd2\xc9");
        let named = part("", "_charset_", b"gbk");
        let all = [own, part("", "n", b"\xc4\xe3"), named, b"--x y--".to_vec()].concat();
        assert_eq!(read(BOUNDARY, all), pairs(&[("m", "При"), ("n", "你"), ("_charset_", "gbk")]));
        let utf16 = "{\"m\":\"あ\"}".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
        assert_eq!(read("application/json; charset=utf-16le", utf16), pairs(&[("m", "あ")]));
    }

    #[test]
    fn files_are_skipped_and_named_and_the_rest_is_kept() {
        let file = |name: &str, file: &str, content: &str| {
            let kind = "Content-Type: image/jpeg";
            format!(
                "--x y\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\n{kind}\r\n\r\n\
                 {content}\r\n"
            )
        };
        let photo = "\u{1}\r\n--x".repeat(1_000_000);
        let text = "--x y\r\ncontent-disposition: form-data; NAME=message\r\n\r\nHello\r\n";
        let parts =
            [file("photo", "a;\\\"b.jpg", &photo), file("photo", "b.jpg", "x"), file("cv", "", ""), text.into()];
        let read = fields(BOUNDARY, (parts.concat() + "--x y--").as_bytes(), MOST).expect("parts");
        assert_eq!(read.pairs, pairs(&[("message", "Hello")]));
        let faults: Vec<_> = read.faults.iter().map(|fault| (fault.field.as_str(), fault.code.name())).collect();
        assert_eq!(faults, [("photo", "file")]);
    }

    #[test]
    fn what_was_typed_is_counted_and_not_what_is_blank() {
        let blank = (0..1_000).map(|number| format!("f{number}=&")).collect::<Vec<_>>().concat();
        assert_eq!(read(FORM, blank + "m=x"), pairs(&[("m", "x")]));
        let text = "я".repeat(20_000);
        for (kind, body) in [
            (FORM, urlencoded(&pairs(&[("m", &text)]))),
            ("application/json", json(&pairs(&[("m", &text)]), true)),
            (BOUNDARY, multipart(&pairs(&[("m", &text)]))),
        ] {
            assert_eq!(read(kind, body), pairs(&[("m", &text)]), "{kind}");
        }
        let text = "x".repeat(MOST);
        for (kind, body) in [
            (FORM, urlencoded(&pairs(&[("m", &text)]))),
            ("application/json", json(&pairs(&[("m", &text)]), false)),
            (BOUNDARY, multipart(&pairs(&[("m", &text)]))),
        ] {
            assert!(matches!(fields(kind, body.as_bytes(), MOST), Err(Error::TooLarge)), "{kind}");
        }
    }

    #[test]
    fn plain_text_is_read_line_by_line_and_nothing_in_it_is_lost() {
        let cases: [(&str, &[(&str, &str)]); 8] = [
            ("name=Ann\r\nmessage=One\r\n\r\nTwo a = b\r\n", &[("name", "Ann"), ("message", "One\n\nTwo a = b")]),
            ("message=See https://example.org/?a=b\r\n", &[("message", "See https://example.org/?a=b")]),
            ("message=100%\r\nx=5\r\n", &[("message", "100%"), ("x", "5")]),
            ("topics[]=Back\ntopics[]=Knee\n", &[("topics[]", "Back"), ("topics[]", "Knee")]),
            ("Hello there\nname=Ann\n", &[("field", "Hello there"), ("name", "Ann")]),
            ("message=Hi+there%21&name=Ann", &[("message", "Hi there!"), ("name", "Ann")]),
            ("name=\r\nmessage=x\r\n", &[("message", "x")]),
            ("\r\n", &[]),
        ];
        for (body, expected) in cases {
            assert_eq!(read("text/plain;charset=UTF-8", body), pairs(expected), "{body:?}");
        }
        assert_eq!(read("text/plain; charset=iso-8859-1", b"m=caf\xe9\r\n"), pairs(&[("m", "café")]));
    }

    #[test]
    fn json_without_its_type_is_refused_as_such() {
        for kind in ["", FORM, "text/plain;charset=UTF-8"] {
            assert!(matches!(fields(kind, b" {\"m\":\"x\"}", MOST), Err(Error::UnnamedJson)), "{kind}");
        }
    }

    /// Names as pages have them, and text as people type it: anything that is not blank.
    fn forms() -> impl Strategy<Value = Vec<(String, String)>> {
        let text =
            prop_oneof![any::<String>(), "\\PC{0,40}", "[\\x00-\\x7f]{0,40}", "[%&=+;\"'\\\\{}\\[\\]<>\r\n-]{0,40}"];
        let value = text.prop_filter("blank", |text| !text.trim().is_empty());
        // What is cleaned from names is seen to elsewhere.
        proptest::collection::vec(("[a-zé%\"&=\\[\\]\\\\;+-]{1,20}", value), 1..40)
    }

    proptest! {
        // However long it runs, some of what is made up is blank.
        #![proptest_config(ProptestConfig { max_local_rejects: u32::MAX, ..ProptestConfig::default() })]

        #[test]
        fn nothing_typed_is_lost_on_the_way(form in forms()) {
            for escaped in [false, true] {
                prop_assert_eq!(&read("application/json", json(&form, escaped)), &form);
            }
            prop_assert_eq!(&read(FORM, urlencoded(&form)), &form);
            // Nobody types the boundary, which browsers make at random.
            let form: Vec<_> = form.into_iter().filter(|(name, value)| !(name.clone() + value).contains("x y")
                // `%22` in a name is what browsers write for a quotation mark.
                && !name.contains("%22")).collect();
            prop_assert_eq!(&read(BOUNDARY, multipart(&form)), &form);
        }

        #[test]
        fn no_bytes_are_too_odd(
            body in proptest::collection::vec(any::<u8>(), 0..300),
            text in "[-\\[\\]{}\":,0-9eEu\\\\dD\r\nx y=&%;a-f]{0,200}",
        ) {
            for kind in [FORM, BOUNDARY, "application/json", "application/json; charset=shift_jis", "multipart/form-data", "text/plain", ""] {
                for body in [&body[..], text.as_bytes(), format!("{{\"a\":{text}}}").as_bytes(),
                    format!("--x y\r\nContent-Disposition: form-data; {text}\r\n\r\n{text}\r\n--x y--").as_bytes()] {
                    // Read or refused, but nothing worse.
                    if let Ok(fields) = fields(kind, body, MOST) {
                        prop_assert!(fields.pairs.iter().all(|(name, _)| name.chars().count() <= 100));
                    }
                }
            }
        }
    }
}
