//! Which addresses on the internet we may connect to: public unicast ones and nothing else.
//! The resolver hands the connector only addresses that passed, so a name cannot be rebound after the check.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::Policy;

/// A public unicast address. Every range of the IANA special-purpose registries is refused, and so is every IPv6 form
/// that carries an IPv4 address inside: v4-mapped, v4-compatible, 6to4, NAT64, Teredo.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = matches!(
        (a, b, c),
        (0 | 10 | 127, _, _)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 0, 0 | 2)
            | (192, 31, 196)
            | (192, 52, 193)
            | (192, 88, 99)
            | (192, 168, _)
            | (192, 175, 48)
            | (198, 18 | 19, _)
            | (198, 51, 100)
            | (203, 0, 113)
            | (224..=255, _, _)
    );
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    // Global unicast is 2000::/3; mapped, NAT64, ULA, link-local and multicast all lie outside it.
    let global_unicast = a & 0xe000 == 0x2000;
    let teredo_and_protocols = a == 0x2001 && b < 0x0200;
    let documentation = (a == 0x2001 && b == 0x0db8) || (a == 0x3fff && b < 0x1000);
    let six_to_four = a == 0x2002;
    let as112 = (a == 0x2620 && b == 0x004f) || (a == 0x2001 && b == 0x0004);
    global_unicast && !(teredo_and_protocols || documentation || six_to_four || as112)
}

/// The name was resolved, and nothing it points at may be talked to.
#[derive(Debug, thiserror::Error)]
#[error("the host resolves to no address that may be talked to")]
pub struct Refused;

/// Of the addresses found for `host`, those the policy lets through.
pub fn permitted(
    policy: &Policy,
    host: &str,
    found: impl Iterator<Item = SocketAddr>,
) -> Result<Vec<SocketAddr>, Refused> {
    let permitted: Vec<_> = found.filter(|address| policy.permits_address(host, address.ip())).collect();
    if permitted.is_empty() {
        return Err(Refused);
    }
    Ok(permitted)
}

/// The system's resolver with the check behind it.
#[derive(Debug, Clone)]
pub(super) struct CheckedResolver {
    pub policy: Arc<Policy>,
}

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let policy = self.policy.clone();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let permitted = permitted(&policy, name.as_str(), found)?;
            Ok(Box::new(permitted.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_purpose_addresses_are_not_public() {
        for text in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.8.9.10",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.7",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:0:4136:e378:8000:63bf:3fff:fdd2",
            "2001:db8::1",
            "2002:7f00:1::1",
            "3fff::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            let address = text.parse().expect("an address");
            assert!(!is_public(address), "{text} passed");
        }
    }

    #[test]
    fn ordinary_addresses_are_public() {
        for text in [
            "8.8.8.8",
            "1.1.1.1",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "142.250.185.106",
            "2607:f8b0:4004:c07::5f",
            "2a00:1450:4001:82a::200a",
            "2001:4860:4860::8888",
        ] {
            let address = text.parse().expect("an address");
            assert!(is_public(address), "{text} was refused");
        }
    }

    #[test]
    fn a_name_with_mixed_answers_keeps_only_the_public_ones() {
        let policy = Policy::default();
        let found: Vec<SocketAddr> =
            ["127.0.0.1:0", "8.8.8.8:0", "[fd00::1]:0"].iter().map(|text| text.parse().expect("an address")).collect();
        let kept = permitted(&policy, "evil.example", found.clone().into_iter()).expect("one");
        assert_eq!(kept, vec!["8.8.8.8:0".parse().expect("an address")]);
        assert!(permitted(&policy, "evil.example", found.into_iter().take(1)).is_err());
    }

    #[test]
    fn loopback_passes_only_under_its_own_name_and_only_when_allowed() {
        let dev = Policy { allow_loopback_http: true, ..Policy::default() };
        let loopback: Vec<SocketAddr> = vec!["127.0.0.1:0".parse().expect("an address")];
        assert!(permitted(&dev, "localhost", loopback.clone().into_iter()).is_ok());
        assert!(permitted(&dev, "dl.sandbox.localhost", loopback.clone().into_iter()).is_ok());
        assert!(permitted(&dev, "rebound.example", loopback.clone().into_iter()).is_err());
        assert!(permitted(&Policy::default(), "localhost", loopback.into_iter()).is_err());
    }
}
