//! E-mail addresses.

use std::borrow::Cow;
use std::fmt;

use icu_normalizer::ComposingNormalizerBorrowed;
use serde::{Deserialize, Deserializer, Serialize, de};
use url::Host;

use crate::form::visible;

/// An e-mail address: whatever `<input type=email>` lets through, and beside that letters of any script. At most 254
/// bytes. The host is kept in the form that every mail server knows (`xn--…`), so that two spellings of an address are
/// one, and is shown as people write it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email {
    address: String,
    /// The same as people write it, where that differs.
    shown: Option<String>,
}

impl Email {
    /// The longest address, in bytes (RFC 5321 section 4.5.3.1.3, without the brackets).
    const MAX: usize = 254;

    /// The longest part before the `@` that mail servers take, in bytes (RFC 5321 section 4.5.3.1.1).
    const MAX_LOCAL: usize = 64;

    /// The address, if it is one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        // Other letters take more bytes than what they are kept as, but never that many.
        if text.len() > 4 * Self::MAX {
            return None;
        }
        // Nobody means an invisible character in an address: those of a copied one would make it another's.
        let narrow: String = visible::bare(text).chars().map(narrow).collect();
        let (local, host) = narrow.rsplit_once('@')?;
        let local = ComposingNormalizerBorrowed::new_nfc().normalize(local);
        let host = ascii_host(host)?;
        let address = format!("{local}@{host}");
        if !is_local(&local) || address.len() > Self::MAX {
            return None;
        }
        let readable = host.contains("xn--").then(|| idna::domain_to_unicode(&host));
        let shown = readable.filter(|(host, valid)| valid.is_ok() && !host.is_ascii());
        Some(Self { shown: shown.map(|(host, _)| format!("{local}@{host}")), address })
    }

    /// The one address in what address books and links copy, as it stands there: `Ann <ann@example.org>`,
    /// `mailto:ann@example.org?subject=Hi`.
    #[must_use]
    pub fn within(text: &str) -> Option<&str> {
        let bare = text.strip_suffix('>').and_then(|text| text.split_once('<')).map_or(text, |(name, address)| {
            // Another address beside it may be the one that was meant.
            if name.contains(['@', '>']) && !address.ends_with(name.trim()) { text } else { address.trim() }
        });
        let address = match bare.split_at_checked(LINK.len()) {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case(LINK) => {
                let address = rest.split_once('?').map_or(rest, |(address, _)| address);
                // What links write differently is left to the one who typed it.
                if address.contains('%') { bare } else { address }
            }
            _ => bare,
        };
        Self::parse(address).map(|_| address)
    }

    /// The address as mail servers and programs know it, and as it is stored: its host in ASCII.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.address
    }

    /// The address as people write it.
    #[must_use]
    pub fn shown(&self) -> &str {
        self.shown.as_deref().unwrap_or(&self.address)
    }

    /// The host, in ASCII.
    #[must_use]
    pub fn host(&self) -> &str {
        self.parts().1
    }

    /// The address as the header of an email can hold it (RFC 5322 section 3.4.1): quoted where the part before the
    /// `@` has dots that it may not have otherwise. None if SES or the mail servers behind it would not take that.
    #[must_use]
    pub fn in_header(&self) -> Option<Cow<'_, str>> {
        let (local, host) = self.parts();
        // Neither a machine's number nor what no name server would know.
        let domain = host.contains('.') && matches!(Host::parse(host), Ok(Host::Domain(_)));
        let dots = local.starts_with('.') || local.ends_with('.') || local.contains("..");
        let quotes = if dots { 2 } else { 0 };
        let fits = local.len() + quotes <= Self::MAX_LOCAL && self.address.len() + quotes <= Self::MAX;
        if !local.is_ascii() || !domain || !fits {
            return None;
        }
        Some(if dots { format!("\"{local}\"@{host}").into() } else { (&self.address).into() })
    }

    /// What an address that was typed, or that another program names, is filed and compared under: all its spellings
    /// have the same.
    #[must_use]
    pub fn fold(text: &str) -> String {
        let text = text.trim();
        Self::parse(text).map_or_else(|| text.to_lowercase(), |email| email.address.to_lowercase())
    }

    /// Whether a text is a spelling of this address.
    #[must_use]
    pub fn is(&self, text: &str) -> bool {
        self.address.to_lowercase() == Self::fold(text)
    }

    fn parts(&self) -> (&str, &str) {
        self.address.rsplit_once('@').unwrap_or((&self.address, ""))
    }
}

/// Reads an address of the settings: one that email is sent to, or comes from.
pub(crate) fn mailable<'de, D: Deserializer<'de>>(value: D) -> Result<Email, D::Error> {
    let email = Email::deserialize(value)?;
    if email.in_header().is_some() { Ok(email) } else { Err(de::Error::custom(NOT_ONE)) }
}

/// Reads such an address where there may be none.
pub(crate) fn mailable_if_given<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Email>, D::Error> {
    mailable(value).map(Some)
}

/// What links to an address begin with.
const LINK: &str = "mailto:";

const NOT_ONE: &str = "not an email address, such as name@example.org";

/// Letters as wide as those beside them, as East Asian keyboards write them.
fn narrow(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        c => c,
    }
}

/// HTML's grammar (<https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address>), and beside it whatever is
/// seen in other scripts. Crates read RFC 5322, which refuses addresses that people have and browsers take.
fn is_local(local: &str) -> bool {
    let ascii = |c: char| c.is_ascii_alphanumeric() || ".!#$%&'*+/=?^_`{|}~-".contains(c);
    let other = |c: char| !c.is_ascii() && visible::is_seen(c) && !matches!(c, '\u{fffd}'..='\u{ffff}');
    !local.is_empty() && local.chars().all(|c| ascii(c) || other(c))
}

/// A host in ASCII and lower case. A browser lets through what begins with `xn--` and means nothing: that stays.
fn ascii_host(host: &str) -> Option<String> {
    let ascii = idna::domain_to_ascii(host).ok().filter(|host| is_host(host));
    ascii.or_else(|| Some(host.to_ascii_lowercase()).filter(|host| is_host(host)))
}

/// HTML's grammar again.
fn is_host(host: &str) -> bool {
    let inside = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    let label = |label: &str| {
        (1..=63).contains(&label.len()) && label.bytes().all(inside) && !label.starts_with('-') && !label.ends_with('-')
    };
    host.split('.').all(label)
}

impl PartialEq for Email {
    fn eq(&self, other: &Self) -> bool {
        self.address == other.address
    }
}

impl Eq for Email {}

impl TryFrom<String> for Email {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| NOT_ONE.into())
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.address
    }
}

/// As people write it.
impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.shown())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_address_may_have_254_characters_and_no_more() {
        let address = |tail: usize| {
            let label = "b".repeat(63);
            format!("{}@{label}.{label}.{}.org", "a".repeat(64), "c".repeat(tail))
        };
        assert_eq!(address(57).len(), 254);
        assert!(Email::parse(&address(57)).is_some());
        assert!(Email::parse(&address(58)).is_none());
    }

    /// As typed; stored; shown; in a header.
    #[test]
    fn an_address_is_stored_in_ascii_and_shown_as_people_write_it() {
        let cases = [
            ("ann@münchen.example", "ann@xn--mnchen-3ya.example", "ann@münchen.example", true),
            ("ann@MÜNCHEN.example", "ann@xn--mnchen-3ya.example", "ann@münchen.example", true),
            ("ann@mu\u{308}nchen.example", "ann@xn--mnchen-3ya.example", "ann@münchen.example", true),
            ("ann@xn--mnchen-3ya.example", "ann@xn--mnchen-3ya.example", "ann@münchen.example", true),
            ("Ann@Example.ORG", "Ann@example.org", "Ann@example.org", true),
            ("ａｎｎ＠ｅｘａｍｐｌｅ．ｊｐ", "ann@example.jp", "ann@example.jp", true),
            ("ann@例え。テスト", "ann@xn--r8jz45g.xn--zckzah", "ann@例え.テスト", true),
            ("анна@пример.испытание", "анна@xn--e1afmkfd.xn--80akhbyknj4f", "анна@пример.испытание", false),
            ("mu\u{308}ller@example.org", "müller@example.org", "müller@example.org", false),
            ("ann@xn--a.example", "ann@xn--a.example", "ann@xn--a.example", false),
            ("ann@localhost", "ann@localhost", "ann@localhost", false),
            ("ann@127.0.0.1", "ann@127.0.0.1", "ann@127.0.0.1", false),
            ("Ann.O'Neil+tag@Example.ORG", "Ann.O'Neil+tag@example.org", "Ann.O'Neil+tag@example.org", true),
            ("\u{feff}a\u{200b}nn@exam\u{ad}ple.org\u{2060}", "ann@example.org", "ann@example.org", true),
            ("\u{202a}ann@example.org\u{202c}", "ann@example.org", "ann@example.org", true),
        ];
        for (typed, stored, shown, in_header) in cases {
            let email = Email::parse(typed).expect(typed);
            assert_eq!((email.as_str(), email.shown(), email.to_string()), (stored, shown, shown.to_owned()));
            assert_eq!(email.in_header().is_some(), in_header, "{typed}");
            assert!(email.is(typed) && email.is(stored) && email.is(&shown.to_uppercase()), "{typed}");
        }
        let long = |local: usize| Email::parse(&format!("{}@example.org", "a".repeat(local))).expect("one");
        assert!(long(64).in_header().is_some() && long(65).in_header().is_none());
        let dotted = |local: usize| Email::parse(&format!("{}.@example.org", "a".repeat(local))).expect("one");
        assert!(dotted(61).in_header().is_some() && dotted(62).in_header().is_none());
        assert_eq!(
            Email::parse("aa..bb@docomo.ne.jp").expect("one").in_header(),
            Some("\"aa..bb\"@docomo.ne.jp".into())
        );
        assert_eq!(
            Email::parse("aa.bb.@docomo.ne.jp").expect("one").in_header(),
            Some("\"aa.bb.\"@docomo.ne.jp".into())
        );
    }

    #[test]
    fn what_is_no_address_is_none() {
        for text in [
            "",
            "@",
            "ann",
            "ann@",
            "@example.org",
            "a b@example.org",
            "ann@exa mple.org",
            "ann@[127.0.0.1]",
            "ann@example..org",
            "ann@.example.org",
            "ann@example.org.",
            "ann@-example.org",
            "ann@example-.org",
            "a@b@example.org",
            "\"a b\"@example.org",
            "a@example.org, b@example.org",
            "Ann <a@example.org>",
            "ann@exa_mple.org",
            "ann@example.org\r\nBcc: b@example.org",
            "\u{3164}@example.org",
            "\u{2800}@example.org",
            "caf\u{fffd}@example.org",
        ] {
            assert_eq!(Email::parse(text), None, "{text:?}");
        }
    }

    /// HTML's grammar, as <https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address> has it.
    const BROWSERS: &str = "[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]{1,80}@[a-zA-Z0-9]([a-zA-Z0-9-]{0,20}[a-zA-Z0-9])?\
                            (\\.[a-zA-Z0-9]([a-zA-Z0-9-]{0,20}[a-zA-Z0-9])?){0,4}";

    proptest! {
        #[test]
        fn what_a_browsers_email_field_lets_through_is_an_address(typed in BROWSERS) {
            let email = Email::parse(&typed).expect("taken");
            prop_assert!(email.as_str().eq_ignore_ascii_case(&typed));
            if let Some(header) = email.in_header() {
                prop_assert!(header.parse::<lettre::Address>().is_ok(), "{}", header);
                prop_assert!(header.is_ascii() && header.len() <= Email::MAX);
                let (local, host) = header.rsplit_once('@').expect("an address");
                prop_assert!(local.len() <= Email::MAX_LOCAL && host.contains('.'));
            }
        }

        #[test]
        fn an_address_in_any_script_is_read_again_as_it_was_stored(
            local in "[\\p{L}\\p{N}._+-]{1,12}",
            host in "[\\p{L}\\p{N}]{1,8}(\\.[\\p{L}\\p{N}]{1,8}){1,2}",
        ) {
            if let Some(email) = Email::parse(&format!("{local}@{host}")) {
                prop_assert!(email.host().is_ascii());
                prop_assert_eq!(Email::parse(email.as_str()).map(|again| again.shown().to_owned()), Some(email.shown().to_owned()));
                prop_assert_eq!(Email::fold(email.shown()), Email::fold(email.as_str()));
                prop_assert!(email.in_header().is_none_or(|header| header.is_ascii()));
            }
        }

        #[test]
        fn no_text_makes_it_stumble(text in "\\PC{0,40}@?[\\PC.@]{0,40}", bytes in any::<String>()) {
            for text in [text, bytes] {
                prop_assert!(Email::parse(&text).is_none_or(|email| !email.as_str().contains(char::is_whitespace)));
                let once = Email::fold(&text);
                prop_assert_eq!(Email::fold(&once), once);
            }
        }
    }
}
