//! The page that comments stand on, as a path on its site. Two spellings of one address are one page.

use std::borrow::Cow;
use std::fmt;

use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use url::{Url, form_urlencoded};

use crate::form::clean::clean_line;

/// A page: its path, beginning with `/`, without the parts of an address that do not tell one page from another
/// (origin, `index.html`, fragment, tracking parameters). WordPress' short addresses `/?p=7` keep their number, and a
/// site may name parameters that tell its pages apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Page {
    path: Box<str>,
    /// What it is filed under, where that is not how the path begins.
    filed: Option<Box<str>>,
    /// What earlier releases, which knew fewer spellings, may have filed it under.
    older: Box<[String]>,
}

/// The files that stand for their folder.
const INDEX: [&str; 3] = ["index.html", "index.htm", "index.php"];

/// What is written out in a path: everything but what RFC 3986 calls `pchar`.
pub(crate) const PATH: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@');

impl Page {
    /// The longest path, in bytes.
    const MAX: usize = 1_024;

    /// The page at an address, whichever site it is on; `query` names the parameters that tell pages apart.
    #[must_use]
    pub fn of(url: &Url, query: &[String]) -> Option<Self> {
        let path = path(url, query);
        if path.len() > Self::MAX {
            return None;
        }
        let page = Self::from(path);
        let (own, mut known) = (page.key().to_owned(), Vec::new());
        for older in [before_spellings(url), decomposed(&own), own.replace('~', "%7E"), lower_escapes(&own)] {
            let key = key(&older).into_owned();
            if key != own && key.len() <= Self::MAX && !known.contains(&key) {
                known.push(key);
            }
        }
        Some(Self { older: known.into(), ..page })
    }

    /// The path, as links have it.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The path as people read it: decoded, without anything that cannot be seen or turns the direction of writing.
    /// What has a meaning in an address stays as it is.
    #[must_use]
    pub fn shown(&self) -> String {
        shown(&self.path)
    }

    /// What the page is filed under: with and without a slash at the end of its path it is one page.
    #[must_use]
    pub fn key(&self) -> &str {
        self.filed.as_deref().unwrap_or_else(|| without_slash(&self.path))
    }

    /// All that the page may be filed under, what is written under first.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.key()).chain(self.older.iter().map(String::as_str))
    }

    /// Whether it is the same page, whichever release has stored the one or the other.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.key() == other.key() || key(&of_folder(self.key())) == key(&of_folder(other.key()))
    }
}

/// What tells a page from others in its address.
pub(crate) fn path(url: &Url, query: &[String]) -> String {
    let mut path = of_folder(url.path());
    let named = query.iter().filter(|name| !SHORT.contains(&name.as_str())).filter_map(|name| {
        let value = url.query_pairs().find(|(given, value)| given == name && !value.is_empty())?.1;
        let composed = ComposingNormalizerBorrowed::new_nfc().normalize(&value).into_owned();
        Some((name.as_str().into(), composed.into()))
    });
    for (place, (name, value)) in short(url).into_iter().chain(named).enumerate() {
        path.push(if place == 0 { '?' } else { '&' });
        path.extend(form_urlencoded::byte_serialize(name.as_bytes()));
        path.push('=');
        path.extend(form_urlencoded::byte_serialize(value.as_bytes()));
    }
    path
}

/// WordPress' names for a page's number.
pub(crate) const SHORT: [&str; 2] = ["p", "page_id"];

fn short(url: &Url) -> Option<(Cow<'_, str>, Cow<'_, str>)> {
    let number = url.query_pairs().find(|(name, _)| SHORT.contains(&&**name));
    number.filter(|(_, number)| number.parse::<u32>().is_ok())
}

/// What a path is filed under. Before a number of WordPress the slash stays: earlier releases filed it so.
fn key(path: &str) -> Cow<'_, str> {
    let is_named = |query: &str| form_urlencoded::parse(query.as_bytes()).any(|(name, _)| !SHORT.contains(&&*name));
    match path.split_once("/?") {
        Some((folder, query)) if is_named(query) => format!("{folder}?{query}").into(),
        _ => without_slash(path).into(),
    }
}

fn without_slash(path: &str) -> &str {
    path.strip_suffix('/').unwrap_or(path)
}

/// A path as it is spelt, without the file that stands for its folder. A query behind it stays as it is.
fn of_folder(path: &str) -> String {
    let spelt = spelt(path);
    let (path, query) = spelt.split_at(spelt.find('?').unwrap_or(spelt.len()));
    let folder = INDEX.iter().find_map(|index| path.strip_suffix(index).filter(|folder| folder.ends_with('/')));
    format!("{}{query}", folder.unwrap_or(path))
}

/// A path as RFC 3986 spells it in section 6.2.2, with composed letters, and one slash where several stand. A query
/// behind it stays as it is.
pub(crate) fn spelt(path: &str) -> String {
    let (path, query) = path.split_at(path.find('?').unwrap_or(path.len()));
    let mut spelt = String::with_capacity(path.len() + query.len());
    for segment in path.split('/').skip(1).filter(|segment| !segment.is_empty()) {
        spelt.push('/');
        match percent_decode_str(segment).decode_utf8() {
            Ok(decoded) => {
                let composed = ComposingNormalizerBorrowed::new_nfc().normalize(&decoded);
                spelt.extend(utf8_percent_encode(&composed, &PATH));
            }
            // In some other encoding, which nobody knows.
            Err(_) => spelt.push_str(&upper_escapes(segment)),
        }
    }
    if path.ends_with('/') || spelt.is_empty() {
        spelt.push('/');
    }
    spelt + query
}

/// Whether a path is that of the home page or below it, however the one or the other is spelt.
pub(crate) fn is_below(path: &str, home: &str) -> bool {
    let spelt = |segment: &str| spelt(&format!("/{segment}"));
    let mut segments = path.split('/').map(spelt);
    home.trim_end_matches('/').split('/').map(spelt).all(|own| segments.next() == Some(own))
}

/// A path as releases before this spelt it.
fn before_spellings(url: &Url) -> String {
    let path = url.path().strip_suffix("index.html").unwrap_or(url.path());
    match short(url) {
        Some((name, number)) => format!("{path}?{name}={number}"),
        None => path.to_owned(),
    }
}

/// A path whose letters are as file systems of Apple's wrote them.
fn decomposed(path: &str) -> String {
    match percent_decode_str(path).decode_utf8() {
        Ok(decoded) if !decoded.is_ascii() => {
            let decomposed = DecomposingNormalizerBorrowed::new_nfd().normalize(&decoded);
            let spelt: Vec<_> =
                decomposed.split('/').map(|part| utf8_percent_encode(part, &PATH).to_string()).collect();
            spelt.join("/")
        }
        _ => path.to_owned(),
    }
}

fn upper_escapes(path: &str) -> String {
    escapes(path, str::to_ascii_uppercase)
}

fn lower_escapes(path: &str) -> String {
    escapes(path, str::to_ascii_lowercase)
}

/// A path with its escapes (`%C3`) written another way.
fn escapes(path: &str, write: impl Fn(&str) -> String) -> String {
    let mut parts = path.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |written, part| {
        let (escape, rest) = part.split_at(part.floor_char_boundary(2));
        written + "%" + &write(escape) + rest
    })
}

/// A path as people read it.
fn shown(path: &str) -> String {
    let mut parts = path.split('%').enumerate();
    // What has a meaning in an address is shown as it was, so that nobody is led to believe in another page.
    let kept = |byte: u8| b"%/?#&=+".contains(&byte);
    let mut encoded = String::with_capacity(path.len());
    encoded.push_str(parts.next().map_or("", |(_, part)| part));
    for (_, part) in parts {
        let byte = part.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        encoded.push_str(if byte.is_some_and(|byte| !kept(byte)) { "%" } else { "%25" });
        encoded.push_str(part);
    }
    let decoded = percent_decode_str(&encoded).decode_utf8().map_or_else(|_| path.into(), Cow::into_owned);
    clean_line(&decoded)
}

impl From<String> for Page {
    fn from(path: String) -> Self {
        let filed = Some(key(&path)).filter(|key| !path.starts_with(&**key)).map(|key| key.into_owned().into());
        Self { path: path.into(), filed, older: Box::default() }
    }
}

impl From<Page> for String {
    fn from(page: Page) -> Self {
        page.path.into()
    }
}

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn page(address: &str) -> Page {
        let site = Url::parse("https://www.example.org/").expect("an address");
        Page::of(&site.join(address).expect(address), &["id".into(), "lang".into()]).expect(address)
    }

    #[test]
    fn spellings_of_one_address_are_one_page() {
        let pages: [&[&str]; 9] = [
            &["/caf%C3%A9/", "/caf%c3%a9", "/café", "/cafe\u{301}/", "/cafe%CC%81/index.html", "/%63afé//"],
            &["/~ann/", "/%7Eann", "/%7eann/index.php", "//www.example.org/~ann"],
            &[
                "/a",
                "/a/",
                "/a//",
                "///a".trim_start_matches("//"),
                "/a/./",
                "/b/../a",
                "/%61",
                "/a/index.htm",
                "/a?utm=1#x",
            ],
            &["/", "/index.html", "//www.example.org//", "/?", "/index.php", "/x/.."],
            &["/a b", "/a%20b", "/a%20b/"],
            &["/x?id=5", "/x/index.php?lang=&id=5&utm=1", "/x/?b=2&id=5"],
            &["/x?lang=de&id=5", "/x?id=5&lang=de"],
            &["/?p=7", "/?utm=1&p=7", "/index.php?p=7"],
            &["/%E9", "/%e9"],
        ];
        for (at, spellings) in pages.iter().enumerate() {
            let own = page(spellings[0]);
            for spelling in *spellings {
                assert_eq!(page(spelling).key(), own.key(), "{spelling}");
            }
            let others = pages.iter().enumerate().filter(|(other, _)| *other != at).flat_map(|(_, others)| *others);
            for other in others {
                assert!(!page(other).is(&own), "{other} {}", spellings[0]);
            }
        }
        for (one, other) in
            [("/a%2Fb", "/a/b"), ("/A", "/a"), ("/myindex.html", "/my"), ("/a+b", "/a%20b"), ("/a%3Fb", "/a?b")]
        {
            assert!(!page(one).is(&page(other)), "{one} {other}");
        }
    }

    #[test]
    fn a_slash_before_a_parameter_tells_no_pages_apart_but_stays_where_it_was_filed() {
        let pages = [
            ("/x/?id=5", "/x?id=5", "/x/?id=5"),
            ("/?id=5", "?id=5", "/?id=5"),
            ("/x/?p=7&id=5", "/x?p=7&id=5", "/x/?p=7&id=5"),
            ("/x/?p=7", "/x/?p=7", "/x/?p=7"),
            ("/?page_id=7", "/?page_id=7", "/?page_id=7"),
        ];
        for (address, key, path) in pages {
            let page = page(address);
            assert_eq!((page.key(), page.path()), (key, path));
            let stored = Page::from(page.path().to_owned());
            assert_eq!((stored.key(), stored.is(&page)), (key, true), "{address}");
        }
        assert!(page("/x/?id=5").is(&page("/x?id=5")) && !page("/x/?id=5").is(&page("/x/?id=6")));
    }

    #[test]
    fn what_was_filed_before_is_found() {
        let cases = [
            ("/caf%c3%a9/", "/caf%c3%a9"),
            ("/café/", "/caf%c3%a9"),
            ("/café", "/cafe%CC%81"),
            ("/cafe\u{301}", "/cafe%CC%81"),
            ("/~ann/", "/%7Eann"),
            ("/%7eann/", "/%7eann"),
            ("/a//", "/a/"),
            ("/a/index.php", "/a/index.php"),
            ("/myindex.html", "/my"),
        ];
        for (address, filed) in cases {
            assert!(page(address).keys().any(|key| key == filed), "{address} {filed}");
        }
        for plain in ["/", "/blog/a/", "/blog/a/index.html", "/?p=7", "/caf%C3%A9s-and-bars"] {
            assert!(page(plain).keys().count() <= 3, "{plain}");
        }
        assert_eq!(page("/blog/a/").keys().collect::<Vec<_>>(), ["/blog/a"], "nothing more is read than before");
    }

    #[test]
    fn a_page_is_the_same_whichever_release_has_stored_it() {
        let stored = |path: &str| Page::from(path.to_owned());
        for (old, now) in [
            ("/caf%c3%a9", "/café/"),
            ("/cafe%CC%81", "/café"),
            ("/%7Eann", "/~ann/"),
            ("/b/index.php", "/b/"),
            ("/b/index.htm/", "/b/index.htm/"),
            ("/index.php?p=7", "/?p=7"),
            ("/a//", "/a"),
            ("/", "/index.php"),
        ] {
            assert!(stored(old).is(&page(now)) && page(now).is(&stored(old)), "{old} {now}");
        }
        for (old, now) in [("/my", "/myindex.html"), ("/index.php?p=7", "/?p=8"), ("/b/index.php", "/"), ("/A", "/a")] {
            assert!(!stored(old).is(&page(now)) && !page(now).is(&stored(old)), "{old} {now}");
        }
    }

    #[test]
    fn pages_are_shown_as_people_write_them() {
        let cases = [
            ("/日本語/", "/日本語/"),
            ("/%e6%97%a5", "/日"),
            ("/a%20b", "/a b"),
            ("/a%E2%80%AEfdp.exe", "/afdp.exe"),
            ("/a%0D%0ABcc:%20x", "/a Bcc: x"),
            ("/a%2Fb%3Fc%25d", "/a%2Fb%3Fc%25d"),
            ("/%E9", "/%E9"),
            ("/x?id=%C3%A9", "/x?id=é"),
        ];
        for (address, expected) in cases {
            assert_eq!(page(address).shown(), expected, "{address}");
        }
    }

    proptest! {
        // However long it runs, some of what is made up does not count.
        #![proptest_config(ProptestConfig { max_global_rejects: u32::MAX, ..ProptestConfig::default() })]

        #[test]
        fn however_a_path_is_escaped_it_is_one_page(path in "(/[a-zé~_.!日本e\\u{301} ]{1,5}){1,4}/?", lower in any::<bool>(), which in any::<u64>()) {
            prop_assume!(!path.split('/').any(|segment| [".", ".."].contains(&segment.trim())) && !path.ends_with(' '));
            let escaped: Vec<String> = path.char_indices().map(|(at, c)| {
                let escape = c != '/' && which >> (at % 64) & 1 == 1;
                let mut bytes = [0; 4];
                let bytes = c.encode_utf8(&mut bytes).bytes();
                match (escape, lower) {
                    (false, _) => c.to_string(),
                    (true, false) => bytes.map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat(),
                    (true, true) => bytes.map(|byte| format!("%{byte:02x}")).collect::<Vec<_>>().concat(),
                }
            }).collect();
            let escaped = escaped.concat();
            let decomposed: String = DecomposingNormalizerBorrowed::new_nfd().normalize(&path).into_owned();
            let own = page(&path);
            prop_assert!(page(&escaped).is(&own), "{} {}", escaped, own);
            prop_assert!(page(&decomposed).is(&own));
            // Its own spelling is the page again, and a link to it leads there.
            prop_assert_eq!(page(own.path()).key().to_owned(), own.key());
        }

        #[test]
        fn no_address_is_too_odd(address in "\\PC{0,60}") {
            let site = Url::parse("https://www.example.org/").expect("an address");
            let url = site.join(&address).ok().filter(|url| url.scheme() == "https");
            if let Some(page) = url.and_then(|url| Page::of(&url, &[])) {
                prop_assert!(page.path().starts_with('/') && page.path().is_ascii(), "{}", page);
                prop_assert!(!page.shown().chars().any(char::is_control));
                let again = site.join(page.path()).ok().and_then(|url| Page::of(&url, &[])).expect("a page");
                prop_assert_eq!(again.key(), page.key());
            }
        }
    }
}
