//! Parameters of header fields: `form-data; name="message"`.

/// The value of a parameter, as it stands there: its bytes may be in the page's encoding. Browsers write quotation
/// marks and line ends in names as `%22`, `%0D` and `%0A`, older programs `\"`.
pub(super) fn parameter(header: &[u8], name: &str) -> Option<Vec<u8>> {
    let mut rest = &header[header.iter().position(|byte| *byte == b';')? + 1..];
    while !rest.is_empty() {
        let equals = rest.iter().position(|byte| matches!(byte, b'=' | b';'))?;
        let key = rest[..equals].trim_ascii();
        if rest[equals] == b';' {
            rest = &rest[equals + 1..];
            continue;
        }
        let (value, after) = value(&rest[equals + 1..]);
        if key.eq_ignore_ascii_case(name.as_bytes()) {
            return Some(value);
        }
        rest = after;
    }
    None
}

/// A value, and what follows it behind the next semicolon.
fn value(text: &[u8]) -> (Vec<u8>, &[u8]) {
    let text = text.trim_ascii_start();
    let until_semicolon =
        |from: usize| text[from..].iter().position(|byte| *byte == b';').map_or(text.len(), |at| from + at);
    let after = |end: usize| text.get(end + 1..).unwrap_or_default();
    let Some(quoted) = text.strip_prefix(b"\"") else {
        let end = until_semicolon(0);
        return (text[..end].trim_ascii().to_vec(), after(end));
    };
    let (mut value, mut at) = (Vec::new(), 0);
    while let Some(byte) = quoted.get(at) {
        match (byte, quoted.get(at + 1), quoted.get(at + 2)) {
            (b'"', _, _) => break,
            // Unless this is the end: of browsers, none writes a backslash in another way.
            (b'\\', Some(b'"'), Some(next)) if *next != b';' => {
                value.push(b'"');
                at += 1;
            }
            _ => value.push(*byte),
        }
        at += 1;
    }
    (value, after(until_semicolon((at + 1).min(text.len()))))
}
