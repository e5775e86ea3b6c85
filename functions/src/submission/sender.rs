//! Who has sent something, as far as judging needs to know. Nothing of it is stored but the keyed hash of the network.

use std::net::{IpAddr, Ipv6Addr};

use jiff::Timestamp;

/// The longest header value that is passed on, in characters.
const MAX_HEADER: usize = 500;

/// Who has sent something; made once from the request.
#[derive(Debug, Clone, Default)]
pub struct Sender {
    /// The address, as the platform says. It is not to be stored.
    pub address: Option<IpAddr>,
    /// The keyed hash of the network: /24 of IPv4, /48 of IPv6.
    pub network: Option<String>,
    /// What the browser calls itself; empty if it does not say. At most 500 characters.
    pub user_agent: String,
    /// The page that it came from; empty if the browser does not say. At most 500 characters.
    pub referrer: String,
}

impl Sender {
    /// A sender whose network has the hash `network`, with what the request's headers say, cut to a bearable length.
    #[must_use]
    pub fn new(address: Option<IpAddr>, network: Option<String>, user_agent: &str, referrer: &str) -> Self {
        let cut = |value: &str| value.chars().take(MAX_HEADER).collect();
        Self { address, network, user_agent: cut(user_agent), referrer: cut(referrer) }
    }
}

/// Too many submissions from one network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMany {
    /// The seconds to wait.
    pub seconds: u32,
}

impl TooMany {
    /// The rest of these minutes is to be waited for, in which what comes is counted together.
    #[must_use]
    pub fn until_next(minutes: i64, now: Timestamp) -> Self {
        let span = minutes * 60;
        Self { seconds: u32::try_from(span - now.as_second() % span).unwrap_or_default() }
    }
}

/// The network of an address: /24 of IPv4, /48 of IPv6.
#[must_use]
pub fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(v6) => {
            let [a, b, c, ..] = v6.segments();
            format!("{}/48", Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_cut_to_their_network() {
        let cases = [
            ("203.0.113.77", "203.0.113.0/24"),
            ("::ffff:203.0.113.77", "203.0.113.0/24"),
            ("2001:db8:1:2:3::4", "2001:db8:1::/48"),
        ];
        for (address, expected) in cases {
            assert_eq!(network(address.parse().expect("an address")), expected);
        }
    }
}
