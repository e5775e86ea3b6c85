//! Disposable email addresses: those that work for a few minutes.
//!
//! `model/disposable.hosts` holds a hash of each host that gives them, four bytes, little-endian, sorted;
//! `deskbell-training hosts` writes it from the list of the crate `mailchecker`, which grows every month.

static HASHES: &[u8] = include_bytes!("../model/disposable.hosts");

/// The hash of a host's name under which it stands in the list.
#[must_use]
pub fn hash(host: &str) -> u32 {
    // FNV-1a.
    host.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0193))
}

/// Whether an e-mail address is on such a host, or on a part of one.
pub(crate) fn is_disposable(email: &str) -> bool {
    let Some((_, host)) = email.rsplit_once('@') else { return false };
    let dots = host.match_indices('.').map(|(at, _)| &host[at + 1..]);
    // The last part alone is no host.
    std::iter::once(host).chain(dots).filter(|host| host.contains('.')).any(is_listed)
}

fn is_listed(host: &str) -> bool {
    let (hashes, _) = HASHES.as_chunks::<4>();
    hashes.binary_search_by_key(&hash(host), |bytes| u32::from_le_bytes(*bytes)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn throwaway_addresses_are_known_and_common_ones_are_not() {
        for email in ["a@mailinator.com", "a@MAILINATOR.com", "a@x.mailinator.com", "b@10minutemail.com"] {
            assert!(is_disposable(email), "{email}");
        }
        for email in ["a@gmail.com", "a@mail.example", "a@web.de", "a@mail.ru", "a@qq.com", "a@com", "a", ""] {
            assert!(!is_disposable(email), "{email}");
        }
    }
}
