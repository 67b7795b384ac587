//! Where somebody tries to sign in from, as far as that can be told.

use std::net::{IpAddr, Ipv6Addr};

use axum::http::HeaderMap;

use super::forwarded::forwarded;

/// Headers by which a proxy tells that it is one, and the client's address as the last of several.
const TOLD_BY_PROXIES: [&str; 3] = ["x-forwarded-for", "x-real-ip", "forwarded"];
/// The longest of what they say that is looked at, in bytes.
const TOLD_BYTES_MAX: usize = 64;

/// The network of somebody who tries to sign in. Who has one IPv6 address has 2^64 of them, so there
/// the network counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    name: String,
    is_shared: bool,
}

impl Network {
    /// The network behind a request. `trusted` is the header that a proxy of ours writes, or empty.
    ///
    /// Three things may be known: an address that can be trusted; the address of a proxy, with a
    /// word of it that we were not told to trust; or only the address of what may well be a proxy.
    /// The word of the second tells its clients apart all the same: a proxy adds it, so those behind
    /// it cannot choose it. Those who come around the proxy can; they gain new names, and no trust.
    #[must_use]
    pub fn of(trusted: &str, headers: &HeaderMap, peer: Option<IpAddr>) -> Self {
        let peer_name = peer.map_or_else(|| "unknown".to_owned(), name);
        let said = |header: &str| headers.get_all(header).iter().next_back()?.to_str().ok();
        if !trusted.is_empty() {
            return match said(trusted).and_then(|said| forwarded(trusted, said)) {
                Some(address) => Self { name: name(address), is_shared: false },
                // The proxy has said nothing: whoever that is, they are not one.
                None => Self { name: peer_name, is_shared: true },
            };
        }
        let told = TOLD_BY_PROXIES.into_iter().find_map(|header| Some((header, said(header)?)));
        let claim = told.map(|(header, said)| match forwarded(header, said) {
            Some(address) => name(address),
            None => said.rsplit(',').next().unwrap_or_default().trim().to_owned(),
        });
        match claim.filter(|claim| claim.len() <= TOLD_BYTES_MAX) {
            Some(claim) => Self { name: format!("{claim} by {peer_name}"), is_shared: false },
            None => Self { name: peer_name, is_shared: peer.is_none_or(may_be_a_proxy) },
        }
    }

    /// Its name: an address, or the first half of one.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether anybody may be behind it, since it is a proxy's that names nobody.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.is_shared
    }
}

fn name(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

/// Whether the address is one that a proxy of the house has.
fn may_be_a_proxy(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            address.is_loopback() || address.is_private() || address.is_link_local()
        }
        IpAddr::V6(address) => {
            address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(trusted: &str, told: &[(&'static str, &str)], peer: &str, expected: (&str, bool)) {
        let mut headers = HeaderMap::new();
        for (name, text) in told {
            headers.append(*name, text.parse().unwrap());
        }
        let found = Network::of(trusted, &headers, Some(peer.parse().unwrap()));
        assert_eq!((found.name(), found.is_shared()), expected);
    }

    #[test]
    fn a_network_is_an_address_or_half_of_a_long_one() {
        check("", &[], "203.0.113.7", ("203.0.113.7", false));
        check("", &[], "::ffff:203.0.113.7", ("203.0.113.7", false));
        for address in ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9"] {
            check("", &[], address, ("2001:db8:1:2::/64", false));
        }
    }

    #[test]
    fn the_last_word_of_a_trusted_proxy_counts_and_its_silence_is_not_one_person() {
        let told = [("x-forwarded-for", "192.0.2.1, 203.0.113.7")];
        check("x-forwarded-for", &told, "10.0.0.1", ("203.0.113.7", false));
        let with_port = [("x-forwarded-for", "192.0.2.1, 203.0.113.7:51008")];
        check("x-forwarded-for", &with_port, "10.0.0.1", ("203.0.113.7", false));
        let of_its_own =
            [("forwarded", "for=192.0.2.1, for=\"[2001:db8:1:2::1]:443\";proto=https")];
        check("forwarded", &of_its_own, "10.0.0.1", ("2001:db8:1:2::/64", false));
        check("forwarded", &[("forwarded", "for=_hidden")], "10.0.0.1", ("10.0.0.1", true));
        check("x-forwarded-for", &[], "10.0.0.1", ("10.0.0.1", true));
        check(
            "x-forwarded-for",
            &[("x-forwarded-for", "x")],
            "198.51.100.1",
            ("198.51.100.1", true),
        );
    }

    #[test]
    fn those_behind_a_proxy_that_is_not_trusted_are_told_apart() {
        let told = [("x-forwarded-for", "192.0.2.1, 203.0.113.7")];
        check("", &told, "10.0.0.1", ("203.0.113.7 by 10.0.0.1", false));
        for port in ["1", "2"] {
            let told = [("forwarded", &*format!("for=203.0.113.7:{port}"))];
            check("", &told, "10.0.0.1", ("203.0.113.7 by 10.0.0.1", false));
        }
        let long = "x".repeat(TOLD_BYTES_MAX + 1);
        check("", &[("x-real-ip", &long)], "10.0.0.1", ("10.0.0.1", true));
        for peer in ["10.0.0.1", "127.0.0.1", "192.168.1.1", "fd00::1"] {
            let headers = HeaderMap::new();
            assert!(Network::of("", &headers, Some(peer.parse().unwrap())).is_shared(), "{peer}");
        }
    }
}
