//! Where a message may go whose address somebody wrote into a form or a file: to public addresses, and never to a
//! machine that only this one can reach. A host's name is looked up once for a connection, and the connection goes to
//! an address that was looked at; so it does not help to give another answer the second time.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns, ResolveDnsError, SharedDnsResolver};
use url::{Host, Url};

/// Which addresses a connection may go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Allowed {
    /// Public ones.
    Public,
    /// Public ones and this machine.
    PublicAndLoopback,
    /// This machine alone: what is sent without TLS goes no further.
    Loopback,
}

impl Allowed {
    /// Whether a connection may go there.
    pub(super) fn allows(self, address: IpAddr) -> bool {
        match self {
            Self::Public => is_public(address),
            Self::PublicAndLoopback => is_public(address) || address.is_loopback(),
            Self::Loopback => address.is_loopback(),
        }
    }

    /// Whether a connection may go to `url`, as far as that is known before its host is looked up.
    pub(super) fn allows_host_of(self, url: &Url) -> bool {
        match url.host() {
            Some(Host::Domain(_)) => true,
            Some(Host::Ipv4(address)) => self.allows(address.into()),
            Some(Host::Ipv6(address)) => self.allows(address.into()),
            None => false,
        }
    }
}

/// Looks up hosts and gives only the addresses that are allowed.
#[derive(Debug, Clone)]
pub(super) struct Guard {
    pub(super) allowed: Allowed,
    pub(super) names: SharedDnsResolver,
}

/// None of a host's addresses is allowed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Forbidden;

impl fmt::Display for Forbidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no public address")
    }
}

impl std::error::Error for Forbidden {}

impl ResolveDns for Guard {
    fn resolve_dns<'a>(&'a self, name: &'a str) -> DnsFuture<'a> {
        DnsFuture::new(async move {
            let mut found = self.names.resolve_dns(name).await?;
            if found.is_empty() {
                return Err(ResolveDnsError::new(io::Error::from(io::ErrorKind::NotFound)));
            }
            found.retain(|address| self.allowed.allows(*address));
            if found.is_empty() { Err(ResolveDnsError::new(Forbidden)) } else { Ok(found) }
        })
    }
}

/// The system's own look-up.
#[derive(Debug, Clone, Copy)]
pub(super) struct System;

impl ResolveDns for System {
    fn resolve_dns<'a>(&'a self, name: &'a str) -> DnsFuture<'a> {
        DnsFuture::new(async move {
            let found = tokio::net::lookup_host((name, 0)).await.map_err(ResolveDnsError::new)?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// Blocks of IPv4 that are nobody's public address: first address and length of the prefix. From IANA's registry of
/// special-purpose addresses (<https://www.iana.org/assignments/iana-ipv4-special-registry>), and what cloud providers
/// put their machines' own data at.
const PRIVATE_4: [([u8; 4], u32); 16] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    // Behind carriers' translation; Alibaba's metadata.
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    // Link-local; the metadata of most.
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    // Oracle's metadata, too.
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    // Relays to 6to4.
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    // Azure's machines' own data.
    ([168, 63, 129, 16], 32),
    // Multicast; reserved and broadcast.
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
];

/// Blocks within IPv6's global unicast addresses that are not public, or hold somebody's IPv4 address: from
/// <https://www.iana.org/assignments/iana-ipv6-special-registry>.
const PRIVATE_6: [([u16; 2], u32); 4] = [
    // Teredo, benchmarks, identifiers.
    ([0x2001, 0], 23),
    // Documentation.
    ([0x2001, 0xdb8], 32),
    // 6to4.
    ([0x2002, 0], 16),
    // Documentation.
    ([0x3fff, 0], 20),
];

/// Whether an address is public, so that who gave it could have reached it without this machine. Addresses with an
/// IPv4 address in them (mapped, NAT64, 6to4, Teredo) are not, whichever it is.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !PRIVATE_4.iter().any(|(first, bits)| {
            let differing = Ipv4Addr::from(*first).to_bits() ^ address.to_bits();
            differing.leading_zeros() >= *bits
        }),
        IpAddr::V6(address) => {
            is_global_unicast(address)
                && !PRIVATE_6.iter().any(|(first, bits)| {
                    let [a, b, ..] = address.segments();
                    let differing = (u32::from(first[0] ^ a) << 16) | u32::from(first[1] ^ b);
                    differing.leading_zeros() >= *bits
                })
        }
    }
}

/// `2000::/3`: everything else is mapped, translated, local, multicast, or not given to anybody.
fn is_global_unicast(address: Ipv6Addr) -> bool {
    address.segments()[0] >> 13 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_public() {
        let public = [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "223.255.255.255",
            "168.63.129.17",
            "2606:4700:4700::1111",
            "2a00:1450::1",
            "2001:200::1",
            "2003::1",
            "3ffe:ffff::1",
        ];
        for address in public {
            assert!(is_public(address.parse().expect(address)), "{address}");
        }
        let private = [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.100.100.200",
            "100.127.255.255",
            "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "169.254.170.2",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.7",
            "168.63.129.16",
            "224.0.0.1",
            "239.255.255.250",
            "240.0.0.1",
            "255.255.255.255",
            // Unspecified, loopback, mapped, compatible, NAT64, discard, unique local, AWS' metadata, link-local,
            // site-local, multicast.
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::127.0.0.1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b::808:808",
            "64:ff9b:1::1",
            "100::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            // Teredo, ORCHID, documentation, 6to4 of 127.0.0.1 and of a public address.
            "2001::1",
            "2001:20::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:808:808::1",
            "3fff::1",
            "4000::1",
            "5f00::1",
        ];
        for address in private {
            assert!(!is_public(address.parse().expect(address)), "{address}");
        }
    }

    #[test]
    fn this_machine_is_reached_only_where_that_is_allowed() {
        let url = |text: &str| Url::parse(text).expect(text);
        // The parser writes every spelling of an IPv4 address the same way.
        for text in
            ["https://127.0.0.1/", "https://127.1/", "https://0x7f000001/", "https://2130706433/", "https://[::1]/"]
        {
            assert!(!Allowed::Public.allows_host_of(&url(text)), "{text}");
            assert!(Allowed::PublicAndLoopback.allows_host_of(&url(text)), "{text}");
            assert!(Allowed::Loopback.allows_host_of(&url(text)), "{text}");
        }
        for text in
            ["https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/", "https://169.254.169.254/", "https://10.0.0.1/"]
        {
            for allowed in [Allowed::Public, Allowed::PublicAndLoopback, Allowed::Loopback] {
                assert!(!allowed.allows_host_of(&url(text)), "{text}");
            }
        }
        assert!(Allowed::Public.allows_host_of(&url("https://1.1.1.1/")));
        assert!(!Allowed::Loopback.allows_host_of(&url("http://1.1.1.1/")));
    }
}
