//! What the outgoing client permits: schemes, ports, hosts, addresses, times and sizes.

use std::net::IpAddr;
use std::time::Duration;

use url::{Host, Url};

use super::address::is_public;
use crate::{Error, ErrorKind, Result};

#[derive(Debug, Clone)]
pub struct Policy {
    /// Lets plain http and loopback addresses through, and nothing else private: for the sandbox cloud.
    pub allow_loopback_http: bool,
    /// `host` or `host:port` the administrator vouches for: private addresses and other ports are fine there, over https.
    pub extra_hosts: Vec<String>,
    pub connect_timeout: Duration,
    /// The longest silence between two reads.
    pub idle_timeout: Duration,
    /// The whole of a call that answers JSON, redirects included.
    pub json_timeout: Duration,
    /// Bytes of a JSON answer, counted after decompression.
    pub max_json: u64,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            allow_loopback_http: false,
            extra_hosts: Vec::new(),
            connect_timeout: Duration::from_secs(5),
            idle_timeout: Duration::from_secs(30),
            json_timeout: Duration::from_secs(30),
            max_json: 16 * 1024 * 1024,
        }
    }
}

impl Policy {
    /// Refuses an address before any name is resolved. `AddressRefused` says why without repeating path or query.
    pub fn check(&self, url: &Url) -> Result<()> {
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refused("an address with a user name in it"));
        }
        let Some(host) = url.host() else {
            return Err(refused("an address without a host"));
        };
        let loopback = self.allow_loopback_http && is_loopback(&host);
        match url.scheme() {
            "https" => {}
            "http" if loopback => {}
            "http" => return Err(refused("plain http")),
            other => return Err(refused(&format!("the scheme {other}"))),
        }
        let name = host.to_string();
        let port = url.port_or_known_default().unwrap_or(0);
        if !loopback && port != 443 && !self.is_extra(&format!("{name}:{port}")) {
            return Err(refused(&format!("port {port}")));
        }
        match host {
            Host::Ipv4(ip) if !self.permits_address(&name, ip.into()) => Err(refused("a private address")),
            Host::Ipv6(ip) if !self.permits_address(&name, ip.into()) => Err(refused("a private address")),
            Host::Domain(domain) if is_local_name(domain) && !loopback => Err(refused("a local name")),
            _ => Ok(()),
        }
    }

    /// Whether `host` may be talked to at `address`.
    pub(super) fn permits_address(&self, host: &str, address: IpAddr) -> bool {
        if is_public(address) {
            return true;
        }
        let literal = host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
        let loopback = address.is_loopback() && (literal || is_local_name(host));
        (self.allow_loopback_http && loopback) || self.is_extra_name(host)
    }

    fn is_extra(&self, host_and_port: &str) -> bool {
        self.extra_hosts.iter().any(|extra| extra.eq_ignore_ascii_case(host_and_port))
    }

    fn is_extra_name(&self, host: &str) -> bool {
        self.extra_hosts.iter().any(|extra| {
            let name = match extra.rsplit_once(':') {
                Some((name, port)) if port.parse::<u16>().is_ok() => name,
                _ => extra,
            };
            name.eq_ignore_ascii_case(host)
        })
    }
}

/// `localhost` and everything below it (RFC 6761 section 6.3).
fn is_local_name(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

pub(super) fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
        Host::Domain(name) => is_local_name(name),
    }
}

fn refused(what: &str) -> Error {
    Error::new(ErrorKind::AddressRefused, format!("{what} is not allowed for outgoing calls"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(policy: &Policy, text: &str) -> bool {
        Url::parse(text).is_ok_and(|url| policy.check(&url).is_ok())
    }

    #[test]
    fn addresses_that_lead_inside_are_refused_in_every_spelling() {
        let policy = Policy::default();
        for text in [
            "http://www.googleapis.com/",
            "ftp://www.googleapis.com/",
            "file:///etc/passwd",
            "gopher://www.googleapis.com/",
            "data:text/plain,x",
            "https://user@www.googleapis.com/",
            "https://user:secret@www.googleapis.com/",
            "https://www.googleapis.com:8443/",
            "https://www.googleapis.com:80/",
            "https://127.0.0.1/",
            "https://127.1/",
            "https://2130706433/",
            "https://0x7f000001/",
            "https://0x7f.1/",
            "https://0177.0.0.1/",
            "https://0/",
            "https://0.0.0.0/",
            "https://10.1.2.3/",
            "https://100.64.0.1/",
            "https://169.254.169.254/latest/meta-data/",
            "https://172.20.0.1/",
            "https://192.168.0.1/",
            "https://192.0.0.8/",
            "https://198.18.0.1/",
            "https://224.0.0.1/",
            "https://255.255.255.255/",
            "https://[::1]/",
            "https://[::]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::ffff:a9fe:a9fe]/",
            "https://[::ffff:8.8.8.8]/",
            "https://[64:ff9b::7f00:1]/",
            "https://[2002:7f00:1::]/",
            "https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
            "https://[fd00::1]/",
            "https://[fe80::1]/",
            "https://[ff02::1]/",
            "https://localhost/",
            "https://LOCALHOST./",
            "https://api.localhost/",
            "https://①②⑦.⓪.⓪.①/",
            "http://127.0.0.1:9000/google/",
            "http://localhost:9000/google/",
        ] {
            assert!(!verdict(&policy, text), "{text} passed");
        }
    }

    #[test]
    fn public_https_passes() {
        let policy = Policy::default();
        for text in [
            "https://www.googleapis.com/drive/v3/about",
            "https://www.googleapis.com:443/drive/v3/about",
            "https://8.8.8.8/",
            "https://[2607:f8b0:4004:c07::5f]/",
        ] {
            assert!(verdict(&policy, text), "{text} was refused");
        }
    }

    #[test]
    fn the_sandbox_flag_opens_loopback_and_nothing_else() {
        let policy = Policy { allow_loopback_http: true, ..Policy::default() };
        assert!(verdict(&policy, "http://127.0.0.1:9000/google/"));
        assert!(verdict(&policy, "http://localhost:9000/google/"));
        assert!(verdict(&policy, "http://[::1]:9000/google/"));
        assert!(!verdict(&policy, "http://www.googleapis.com/"));
        assert!(!verdict(&policy, "http://10.0.0.1:9000/"));
        assert!(!verdict(&policy, "https://169.254.169.254/"));
        assert!(!verdict(&policy, "http://user@127.0.0.1:9000/"));
    }

    #[test]
    fn a_host_the_administrator_vouches_for_may_be_private_but_not_plain() {
        let policy = Policy { extra_hosts: vec!["cloud.corp:8443".into(), "10.1.2.3".into()], ..Policy::default() };
        assert!(verdict(&policy, "https://cloud.corp:8443/"));
        assert!(verdict(&policy, "https://10.1.2.3/"));
        assert!(policy.permits_address("cloud.corp", "10.0.0.9".parse().expect("an address")));
        assert!(!verdict(&policy, "https://cloud.corp:9443/"));
        assert!(!verdict(&policy, "http://cloud.corp:8443/"));
        assert!(!verdict(&policy, "https://10.1.2.4/"));
    }
}
