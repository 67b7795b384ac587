//! Whose request a proxy says that it is.

use std::net::{IpAddr, SocketAddr};

/// The header that says it in a way of its own (RFC 7239); all others are lists of addresses.
const FORWARDED: &str = "forwarded";

/// The last address that a header of this name says: a proxy has seen and written that one, those before it are what
/// the client says. None where it says nothing that can be read.
#[must_use]
pub fn forwarded(header: &str, said: &str) -> Option<IpAddr> {
    if header.eq_ignore_ascii_case(FORWARDED) {
        last_node(said)
    } else {
        read(said.rsplit(',').next()?)
    }
}

/// Of `for=192.0.2.43, for="[2001:db8::17]:4711";proto=https`, the last one's `for`.
fn last_node(said: &str) -> Option<IpAddr> {
    let mut rest = Some(last(said, b','));
    while let Some(pairs) = rest {
        let pair = last(pairs, b';');
        rest = pairs.strip_suffix(pair).and_then(|before| before.strip_suffix(';'));
        let Some((name, value)) = pair.split_once('=') else { continue };
        if name.trim().eq_ignore_ascii_case("for") {
            return read(value);
        }
    }
    None
}

/// What stands behind the last separator that is not within quotes. They are told apart from the end on: what the
/// proxy has written there is whole, and before it the client may have left a quote open.
fn last(said: &str, separator: u8) -> &str {
    let (bytes, mut is_quoted) = (said.as_bytes(), false);
    for (at, byte) in bytes.iter().enumerate().rev() {
        if *byte == b'"' {
            let before = bytes.iter().take(at).rev();
            let is_escaped = before.take_while(|byte| **byte == b'\\').count() % 2 == 1;
            is_quoted ^= !is_escaped;
        } else if *byte == separator && !is_quoted {
            return said.get(at + 1..).unwrap_or_default();
        }
    }
    said
}

/// An address as proxies write it: with a port or without, and of IPv6 in brackets or without.
fn read(said: &str) -> Option<IpAddr> {
    let said = said.trim().trim_matches('"');
    let bare = said.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(said);
    let address = bare.parse().ok();
    let address = address.or_else(|| said.parse().ok().map(|with: SocketAddr| with.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_proxies_write_them() {
        for (said, wanted) in [
            ("203.0.113.7", Some("203.0.113.7")),
            (" 203.0.113.7:51008", Some("203.0.113.7")),
            ("2001:db8::1", Some("2001:db8::1")),
            ("[2001:db8::1]", Some("2001:db8::1")),
            ("[2001:db8::1]:443", Some("2001:db8::1")),
            ("\"[2001:db8::1]:443\"", Some("2001:db8::1")),
            ("::ffff:203.0.113.7", Some("203.0.113.7")),
            ("unknown", None),
            ("", None),
            ("203.0.113.7:port", None),
        ] {
            let found = read(said).map(|address| address.to_string());
            assert_eq!(found.as_deref(), wanted, "{said:?}");
        }
    }

    #[test]
    fn what_the_proxy_has_seen_comes_last() {
        for (header, said, found) in [
            ("x-forwarded-for", "1.1.1.1, 203.0.113.7", Some("203.0.113.7")),
            ("x-forwarded-for", "203.0.113.7, unknown", None),
            ("forwarded", "for=1.1.1.1, for=203.0.113.7", Some("203.0.113.7")),
            ("Forwarded", "For=\"[2001:db8::1]:443\";proto=https;by=10.0.0.1", Some("2001:db8::1")),
            ("forwarded", "proto=https; for=203.0.113.7:51008", Some("203.0.113.7")),
            ("forwarded", "for=203.0.113.7;note=\"a, for=1.1.1.1; b\"", Some("203.0.113.7")),
            // What a client leaves open does not hide what the proxy adds.
            ("x-forwarded-for", "\", 203.0.113.7", Some("203.0.113.7")),
            ("forwarded", "for=1.1.1.1;x=\", for=203.0.113.7", Some("203.0.113.7")),
            ("forwarded", "for=1.1.1.1;x=\"\\, for=\"203.0.113.7:1\"", Some("203.0.113.7")),
            ("forwarded", r#"for=203.0.113.7;x="a\",for=1.1.1.1;b""#, Some("203.0.113.7")),
            ("forwarded", "for=1.1.1.1, for=_hidden", None),
            ("forwarded", "for=1.1.1.1, proto=https", None),
            ("forwarded", "203.0.113.7", None),
            ("forwarded", "", None),
        ] {
            let read = forwarded(header, said).map(|address| address.to_string());
            assert_eq!(read.as_deref(), found, "{header}: {said}");
        }
    }
}
