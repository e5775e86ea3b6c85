//! What SES refuses: headers and addresses that are not ASCII, addresses that are none, headers that stand there twice,
//! lines that are too long (<https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_RawMessage.html>).

use mail_parser::{HeaderValue, MessageParser};

/// The longest line of a message, in bytes, without its end (RFC 5322, 2.1.1).
const MAX_LINE: usize = 998;

/// The longest local part of an address, and the longest address.
const MAX_LOCAL: usize = 64;
const MAX_ADDRESS: usize = 320;

/// The most recipients of an email.
const MAX_RECIPIENTS: usize = 50;

/// The headers that hold addresses.
const ADDRESSES: [&str; 6] = ["From", "To", "Cc", "Bcc", "Sender", "Reply-To"];

/// Headers that may stand in an email once.
const ONCE: [&str; 9] =
    ["From", "To", "Reply-To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "References"];

/// Why SES does not take a message to these recipients; none if it does.
pub(super) fn refusal(raw: &[u8], from: Option<&str>, to: &[String]) -> Option<String> {
    let mut all = to.iter().map(String::as_str).chain(from);
    if let Some(wrong) = all.find_map(wrong_address) {
        return Some(wrong.into());
    }
    if !(1..=MAX_RECIPIENTS).contains(&to.len()) {
        return Some("The number of recipients is not between 1 and 50.".into());
    }
    if raw.split(|byte| *byte == b'\n').any(|line| line.len() > MAX_LINE + 1) {
        return Some("A line of the message is longer than 998 characters.".into());
    }
    let end = raw.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap_or(raw.len());
    let Some(head) = std::str::from_utf8(&raw[..end]).ok().filter(|head| head.is_ascii()) else {
        return Some("Headers must be ASCII.".into());
    };
    twice(head).map(|name| format!("Duplicate header '{name}'.")).or_else(|| wrong_header(raw))
}

/// A header that stands there twice and may not.
fn twice(head: &str) -> Option<&'static str> {
    let names: Vec<&str> = head
        .lines()
        .filter(|line| !line.starts_with([' ', '\t']))
        .filter_map(|line| Some(line.split_once(':')?.0))
        .collect();
    let often = |name: &&&str| names.iter().filter(|there| there.eq_ignore_ascii_case(name)).count() > 1;
    ONCE.iter().find(often).copied()
}

/// What is wrong with an address in a header.
fn wrong_header(raw: &[u8]) -> Option<String> {
    let message = MessageParser::default().parse(raw)?;
    for header in message.headers().iter().filter(|header| ADDRESSES.iter().any(|name| header.name() == *name)) {
        let HeaderValue::Address(addresses) = header.value() else {
            return Some(format!("Illegal address in '{}'.", header.name()));
        };
        let written = raw.get(header.offset_start as usize..header.offset_end as usize).unwrap_or_default();
        let written = String::from_utf8_lossy(written);
        for one in addresses.iter() {
            let address = one.address().unwrap_or_default();
            // The parser takes what stands in quotes before the @ for a name.
            let quoted = one.name().map(|name| format!("\"{name}\"{address}"));
            let quoted = quoted.filter(|quoted| address.starts_with('@') && written.contains(quoted));
            if let Some(wrong) = wrong_address(quoted.as_deref().unwrap_or(address)) {
                return Some(wrong.into());
            }
        }
    }
    None
}

/// What is wrong with an address.
fn wrong_address(address: &str) -> Option<&'static str> {
    let Some((local, host)) = address.rsplit_once('@') else { return Some("Missing final '@domain'.") };
    if !address.is_ascii() {
        return Some("Addresses must be ASCII.");
    }
    if local.is_empty() || local.len() > MAX_LOCAL || address.len() > MAX_ADDRESS {
        return Some("Illegal address.");
    }
    let quoted = local.len() > 1 && local.starts_with('"') && local.ends_with('"');
    let atext = |c: u8| c.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&c);
    let atoms = local.split('.').all(|atom| !atom.is_empty() && atom.bytes().all(atext)) && !local.contains("=?");
    if !quoted && !atoms {
        return Some("Local address contains illegal characters or dots.");
    }
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    (!host.contains('.') || !host.split('.').all(label)).then_some("Domain contains illegal characters or dots.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(headers: &str) -> Vec<u8> {
        format!("From: S <s@example.org>\r\nTo: a@example.org\r\nSubject: x\r\n{headers}\r\nText\r\n").into_bytes()
    }

    fn refused(headers: &str) -> bool {
        refusal(&message(headers), Some("s@example.org"), &["a@example.org".into()]).is_some()
    }

    #[test]
    fn what_ses_refuses_is_refused() {
        let long = "x".repeat(999);
        for headers in [
            "Reply-To: ann@m\u{fc}nchen.example\r\n",
            "Reply-To: <aa..bb@docomo.ne.jp>\r\n",
            "Reply-To: nobody\r\n",
            "Reply-To: =?utf-8?q?=C3=A4?=@example.org\r\n",
            "Reply-To: a@example.org\r\nReply-To: b@example.org\r\n",
            "X-Name: \u{e4}\r\n",
            &format!("X-Long: {long}\r\n"),
        ] {
            assert!(refused(headers), "{headers}");
        }
        for headers in [
            "",
            "Reply-To: \"aa..bb\"@docomo.ne.jp\r\n",
            "Reply-To: =?utf-8?q?J=C3=B6rg?= <ann@xn--mnchen-3ya.example>\r\n",
        ] {
            assert!(!refused(headers), "{headers}");
        }
        let to = |to: &str| refusal(&message(""), None, &[to.to_owned()]).is_some();
        for address in ["ann@m\u{fc}nchen.example", "\u{e4}nn@example.org", "ann", "ann@example", "a b@example.org", ""]
        {
            assert!(to(address), "{address}");
        }
        assert!(!to("ann@example.org") && refusal(&message(""), None, &[]).is_some());
    }
}
