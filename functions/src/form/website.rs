//! Websites that people name: what is typed there, and what of it others may see.

use url::Url;

use super::email::Email;

/// Whether the text is an address on the web; `javascript:` and the like are none.
#[must_use]
pub fn is_web_address(text: &str) -> bool {
    web_url(text).is_some()
}

/// A website as it is kept: whole, for people leave out the `https://`, and without user names and passwords. An
/// e-mail address that somebody typed in its place stays as it is; [`public`] leaves it out. None if it is neither.
pub(super) fn clean(typed: &str) -> Option<String> {
    if as_email(typed).is_some() {
        return Some(typed.into());
    }
    Some(read(typed)?.1)
}

/// An address on the web without user names and passwords, and the same as it is kept.
fn read(typed: &str) -> Option<(Url, String)> {
    let (url, whole) = match web_url(typed) {
        Some(url) => (url, typed.to_owned()),
        None if typed.contains('.') && !typed.contains("://") => {
            let whole = format!("https://{typed}");
            (web_url(&whole)?, whole)
        }
        None => return None,
    };
    if url.username().is_empty() && url.password().is_none() {
        // As typed: browsers add a slash, people do not.
        return Some((url, whole));
    }
    let url = without_user(url);
    let kept = url.to_string();
    Some((url, kept))
}

/// What everybody may see of a website: no user name, no password, and no e-mail address, wherever in it that stands.
/// None if nothing is left.
#[must_use]
pub fn public(website: &str) -> Option<String> {
    if as_email(website).is_some() {
        return None;
    }
    let (mut url, _) = read(website)?;
    let private = |part: Option<&str>| part.is_some_and(holds_email);
    if private(url.fragment()) {
        url.set_fragment(None);
    }
    if private(url.query()) {
        url.set_query(None);
    }
    if holds_email(url.path()) {
        url.set_path("/");
    }
    let whole = url.as_str() == website || url.as_str().strip_suffix('/') == Some(website);
    Some(if whole { website.into() } else { url.into() })
}

fn web_url(text: &str) -> Option<Url> {
    Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

fn without_user(mut url: Url) -> Url {
    // An address on the web has a host, and so can be without them.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}

/// The e-mail address that a text is, perhaps as a link to it.
fn as_email(text: &str) -> Option<Email> {
    let text = text.trim();
    let link = text.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("mailto:"));
    let text = link.map_or(text, |link| &text[link.len()..]);
    Email::parse(text.split('?').next().unwrap_or(text))
}

/// Whether an e-mail address stands in a part of an address. The names of the Fediverse, which begin with an `@`, are
/// none.
fn holds_email(part: &str) -> bool {
    let decoded: Vec<(String, String)> = url::form_urlencoded::parse(part.as_bytes()).into_owned().collect();
    let texts = decoded.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]);
    let mut words = texts.flat_map(|text| text.split(|c: char| c.is_whitespace() || "/;,:?&=<>()\"".contains(c)));
    words.any(|word| !word.starts_with('@') && Email::parse(word).is_some_and(|email| is_public_host(email.host())))
}

/// Whether a host could be one of the Internet's; a package and its version (`name@1.2`) have none.
fn is_public_host(host: &str) -> bool {
    host.rsplit_once('.').is_some_and(|(_, top)| !top.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_private_is_not_public() {
        let cases = [
            ("https://example.net/ann", Some("https://example.net/ann")),
            ("https://example.net", Some("https://example.net")),
            ("example.net/ann", Some("https://example.net/ann")),
            ("https://user:pw@example.net/", Some("https://example.net/")),
            ("https://user@example.net/a?b=1#c", Some("https://example.net/a?b=1#c")),
            ("user:pw@example.net", Some("https://example.net/")),
            ("HTTPS://User:Pw@Example.net/", Some("https://example.net/")),
            ("ann.private@example.net", None),
            ("ann@münchen.example", None),
            ("mailto:ann@example.net", None),
            ("MailTo:ann@example.net?subject=x", None),
            ("paypal.com@evil.example", None),
            ("https://paypal.com@evil.example", Some("https://evil.example/")),
            ("https://example.net/?email=ann@example.net", Some("https://example.net/")),
            ("https://example.net/?email=ann%40example.net&x=1", Some("https://example.net/")),
            ("https://example.net/#ann@example.net", Some("https://example.net/")),
            ("https://example.net/u/ann@example.net/posts", Some("https://example.net/")),
            ("https://social.example/@ann", Some("https://social.example/@ann")),
            ("https://social.example/@ann@other.example", Some("https://social.example/@ann@other.example")),
            ("https://example.net/npm/name@1.2.3/x", Some("https://example.net/npm/name@1.2.3/x")),
            ("javascript:alert(1)", None),
            ("ftp://example.net", None),
        ];
        for (typed, expected) in cases {
            assert_eq!(public(typed).as_deref(), expected, "{typed}");
        }
    }

    proptest! {
        #[test]
        fn no_user_and_no_address_is_ever_public(
            user in "[a-z0-9._-]{1,8}", password in "(:[a-z0-9%._-]{0,8})?", scheme in "(https?://|HTTP://)?",
            host in "[a-z]{1,8}\\.(example|org)", rest in "(/[a-z@.:]{0,12})?(\\?[a-z=@.%]{0,12})?",
        ) {
            for typed in [
                format!("{scheme}{user}{password}@{host}{rest}"),
                format!("{scheme}{host}/{user}@{host}"),
                format!("{scheme}{host}/?a={user}%40{host}"),
            ] {
                let Some(shown) = public(&typed) else { continue };
                let url = Url::parse(&shown).expect("an address");
                prop_assert!(url.username().is_empty() && url.password().is_none(), "{}", shown);
                prop_assert!(!holds_email(url.path()) && !url.query().is_some_and(holds_email), "{}", shown);
                prop_assert_eq!(public(&shown), Some(shown));
            }
        }

        #[test]
        fn no_text_makes_it_stumble(text in any::<String>(), web in "(https?:|//|www\\.)[\\PC@:/?#.]{0,40}") {
            for text in [text, web] {
                let kept = clean(&text);
                prop_assert!(kept.is_none_or(|kept| is_web_address(&kept) || as_email(&kept).is_some()));
                prop_assert!(public(&text).is_none_or(|public| is_web_address(&public)));
            }
        }
    }
}
