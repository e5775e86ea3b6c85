//! Origins as browsers send them: those in the settings, and those on the machine of who reads a page, where generators
//! serve a site that is being written.

use http::Uri;
use serde::{Deserialize, Deserializer};
use url::{Host, Url};

/// All origins on this machine as a Content-Security-Policy writes them, which has no notation for IPv6.
pub(super) const LOCAL_SOURCES: [&str; 4] =
    ["http://localhost:*", "http://127.0.0.1:*", "https://localhost:*", "https://127.0.0.1:*"];

/// Whether an origin, as browsers send it, is on this machine, at whatever port.
pub(super) fn is_local(origin: &str) -> bool {
    let Ok(url) = Url::parse(origin) else { return false };
    let local = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    local && matches!(url.scheme(), "http" | "https") && url.origin().ascii_serialization() == origin
}

/// The authority (`host:port`) of an origin, for comparing it with the host that a request came to.
pub(crate) fn authority(origin: &str) -> Option<String> {
    Some(origin.parse::<Uri>().ok()?.authority()?.to_string())
}

/// Origins as browsers send them. What is none stays, and is noted by the check.
pub(super) fn origins<'de, D: Deserializer<'de>>(value: D) -> Result<Vec<String>, D::Error> {
    let written = Vec::<String>::deserialize(value)?;
    Ok(written.into_iter().map(|origin| ascii_origin(&origin).unwrap_or(origin)).collect())
}

/// What a browser sends for an origin, however people write it; none if it is more than an origin.
fn ascii_origin(written: &str) -> Option<String> {
    let url = Url::parse(written.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let more = url.path() != "/" || url.query().is_some() || url.fragment().is_some();
    let user = !url.username().is_empty() || url.password().is_some();
    (!more && !user).then(|| url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use crate::config::tests::{error, site};

    #[test]
    fn pages_on_this_machine_may_send_only_where_that_was_allowed() {
        let local = ["http://localhost:1313", "http://127.0.0.1:8080", "http://[::1]:4321", "https://localhost:3000"];
        let others = [
            "http://localhost.evil.example:1313",
            "http://localhost@evil.example",
            "http://127.0.0.1.evil.example",
            "http://192.168.0.1:1313",
            "http://localhost:1313/",
            "ftp://localhost:1313",
            "localhost:1313",
            "http://[::2]:1313",
            "null",
            "",
        ];
        let (strict, mut open) = (site(""), site(""));
        open.local_pages = true;
        for origin in local {
            assert!(open.has_origin(origin) && !open.lists_origin(origin) && !strict.has_origin(origin), "{origin}");
        }
        for origin in others {
            assert!(!open.has_origin(origin) && !strict.has_origin(origin), "{origin}");
        }
        assert!(open.has_origin("https://www.example.org"));
        assert_eq!(strict.sources(), "https://www.example.org");
        assert!(open.sources().starts_with("https://www.example.org http://localhost:* "));
        assert!(open.own_url("http://localhost:1313/thanks/").is_some());
        assert!(strict.own_url("http://localhost:1313/thanks/").is_none());
    }

    #[test]
    fn no_setting_opens_a_site_to_them() {
        assert!(error("local_pages = true").contains("unknown field `local_pages`"));
    }
}
