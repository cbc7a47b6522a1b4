//! How far in an address lies, so that a redirect leads nowhere that the address asked for does not.
//!
//! Whoever writes `sources` may name any host, also one of their own network. A server may not choose one
//! for them: a redirect never leads further in, from the internet to a private network, from there to this
//! machine, nor to link-local addresses, where machines of a cloud find their credentials.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Mutex;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// How far in an address lies; the order is outwards in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    Internet,
    /// RFC 1918, RFC 6598 (shared by carriers), RFC 4193.
    PrivateNetwork,
    ThisMachine,
    LinkLocal,
}

impl Reach {
    fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(v4) => Self::of_v4(v4),
            IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or_else(|| Self::of_v6(v6), Self::of_v4),
        }
    }

    fn of_v4(address: Ipv4Addr) -> Self {
        let [a, b, ..] = address.octets();
        match (a, b) {
            (0 | 127, _) => Self::ThisMachine,
            (169, 254) => Self::LinkLocal,
            (100, 64..=127) => Self::PrivateNetwork,
            _ if address.is_private() => Self::PrivateNetwork,
            _ => Self::Internet,
        }
    }

    fn of_v6(address: Ipv6Addr) -> Self {
        if address.is_loopback() || address.is_unspecified() {
            Self::ThisMachine
        } else if address.is_unicast_link_local() {
            Self::LinkLocal
        } else if address.is_unique_local() {
            Self::PrivateNetwork
        } else {
            Self::Internet
        }
    }
}

impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Internet => "the internet",
            Self::PrivateNetwork => "a private network",
            Self::ThisMachine => "this machine",
            Self::LinkLocal => "a link-local address",
        })
    }
}

/// A host that lies further in than the one before it.
#[derive(Debug)]
pub(crate) struct FurtherIn(pub(crate) Reach);

impl fmt::Display for FurtherIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "redirects to {}, further in than where it lies itself", self.0)
    }
}

impl std::error::Error for FurtherIn {}

/// Finds the addresses of hosts: the very addresses that are connected to are the ones judged.
#[derive(Debug, Default)]
pub(crate) struct Guard {
    inner: DefaultResolver,
    before: Mutex<Option<Reach>>,
}

impl Guard {
    /// Where the hosts `found` lie, unless that is further in than the host before.
    fn judge(&self, found: impl Iterator<Item = IpAddr>) -> Result<(), FurtherIn> {
        let Some(reach) = found.map(Reach::of).max() else { return Ok(()) };
        let mut before = self.before.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match before.replace(reach) {
            Some(before) if reach > before => Err(FurtherIn(reach)),
            _ => Ok(()),
        }
    }
}

impl Resolver for Guard {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.inner.resolve(uri, config, timeout)?;
        // A proxy is chosen by whoever runs this, and reaches for them what it is meant to reach.
        if config.proxy().is_none_or(|proxy| proxy.uri().authority() != uri.authority()) {
            self.judge(found.iter().map(std::net::SocketAddr::ip))
                .map_err(|e| ureq::Error::Other(e.into()))?;
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_leads_outwards_or_stays() {
        let names = ["93.184.215.14", "10.1.2.3", "127.0.0.1", "169.254.169.254"];
        for (i, from) in names.iter().enumerate() {
            for (j, to) in names.iter().enumerate() {
                let guard = Guard::default();
                let judge = |ip: &str| guard.judge(std::iter::once(ip.parse().unwrap()));
                judge(from).unwrap();
                assert_eq!(judge(to).is_ok(), j <= i, "{from} to {to}");
            }
        }
    }

    #[test]
    fn every_range_is_known_in_both_forms() {
        for (ip, reach) in [
            ("172.16.0.1", Reach::PrivateNetwork),
            ("172.32.0.1", Reach::Internet),
            ("192.168.0.1", Reach::PrivateNetwork),
            ("100.64.0.1", Reach::PrivateNetwork),
            ("100.128.0.1", Reach::Internet),
            ("0.0.0.0", Reach::ThisMachine),
            ("::", Reach::ThisMachine),
            ("::1", Reach::ThisMachine),
            ("::ffff:127.0.0.1", Reach::ThisMachine),
            ("::ffff:10.0.0.1", Reach::PrivateNetwork),
            ("fd00::1", Reach::PrivateNetwork),
            ("fe80::1", Reach::LinkLocal),
            ("2606:4700::1", Reach::Internet),
        ] {
            assert_eq!(Reach::of(ip.parse().unwrap()), reach, "{ip}");
        }
    }
}
