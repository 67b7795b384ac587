//! Origins of pages, as a list of them is written (docs/wire.md §2.2).

use url::Url;

/// Stands for any origin, and for none.
const ANY: &str = "*";
/// What browsers send for pages that have no origin.
const NO_ORIGIN: &str = "null";
/// Before a host: any name below it.
const BELOW: &str = "*.";

/// Whether `listed` names `origin`, which is none where a request has none. Compared without regard
/// to case, as hosts are, and to a final slash, as people write them.
#[must_use]
pub fn names_origin(listed: &str, origin: Option<&str>) -> bool {
    let listed = plain(listed);
    if listed == ANY {
        return true;
    }
    let Some(origin) = origin.map(plain) else { return false };
    let Some((scheme, host)) = listed.split_once("://") else { return listed == origin };
    let Some(above) = host.strip_prefix('*').filter(|_| host.starts_with(BELOW)) else {
        return listed == origin;
    };
    let below = origin.strip_prefix(scheme).and_then(|rest| rest.strip_prefix("://"));
    below.and_then(|host| host.strip_suffix(above)).is_some_and(is_labels)
}

/// Labels of a host, and nothing else that could stand before one.
fn is_labels(text: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    text.split('.').all(is_label)
}

fn plain(text: &str) -> String {
    text.trim().trim_end_matches('/').to_ascii_lowercase()
}

/// Whether `listed` names pages rather than anybody.
#[must_use]
pub fn is_of_pages(listed: &str) -> bool {
    plain(listed) != ANY
}

/// What is wrong with an origin that no browser ever sends, and what to write instead.
///
/// # Errors
/// A sentence.
pub fn check_origin(listed: &str) -> Result<(), String> {
    let listed = plain(listed);
    if listed == ANY || listed == NO_ORIGIN {
        return Ok(());
    }
    let never = |instead: String| Err(format!("must be written as browsers send it: {instead}"));
    if listed.is_empty() || listed.ends_with(':') {
        return never("https://shop.example".into());
    }
    if let Some((first, _)) = listed.split_once([',', ' ', ';']) {
        return never(format!("each of several by itself, as {}", first.trim()));
    }
    if ["any", "all"].contains(&&*listed) {
        return never("* for any page".into());
    }
    let Some((scheme, host)) = listed.split_once("://") else {
        let scheme = if is_of_this_machine(&listed) { "http" } else { "https" };
        let bare = listed.trim_start_matches("https").trim_start_matches("http");
        let bare = if bare.starts_with([':', '/']) { bare } else { &listed };
        let with_scheme = format!("{scheme}://{}", bare.trim_start_matches([':', '/']));
        return match check_origin(&with_scheme) {
            Ok(()) => never(with_scheme),
            Err(instead) => Err(instead),
        };
    };
    let (star, host) = host.strip_prefix(BELOW).map_or(("", host), |host| (BELOW, host));
    if host.contains('*') {
        return never("a star stands for whole names, as in https://*.shop.example".into());
    }
    if ["ws", "wss"].contains(&scheme) {
        return never(format!("{}://{star}{host}", scheme.replacen("ws", "http", 1)));
    }
    let of_scheme = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    if !scheme.starts_with(|c: char| c.is_ascii_alphabetic()) || !scheme.chars().all(of_scheme) {
        return never(format!("https://{star}{host}"));
    }
    if !["http", "https"].contains(&scheme) {
        // Of apps and extensions, whose hosts are names of their own.
        return Ok(());
    }
    let read = Url::parse(&format!("{scheme}://{host}"));
    let Some(sent) = read.ok().map(|url| url.origin().ascii_serialization()) else {
        return never("https://shop.example".into());
    };
    let sent = sent.replacen("://", &format!("://{star}"), 1);
    if sent == listed { Ok(()) } else { never(sent) }
}

/// What developers have on their own machine, without a certificate.
fn is_of_this_machine(host: &str) -> bool {
    let name = host.split([':', '/']).next().unwrap_or_default();
    name == "localhost"
        || name.ends_with(".localhost")
        || name.starts_with("127.")
        || host.starts_with("[::1]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_whole_names_before_a_host() {
        for (listed, origin, is) in [
            ("*", Some("https://a.example"), true),
            ("*", None, true),
            ("null", Some("null"), true),
            ("https://Shop.example/", Some("https://shop.example"), true),
            ("https://shop.example", Some("https://shop.example.evil"), false),
            ("https://shop.example", None, false),
            ("https://*.shop.example", Some("https://www.shop.example"), true),
            ("https://*.shop.example", Some("https://a.b.shop.example"), true),
            ("https://*.shop.example", Some("https://shop.example"), false),
            ("https://*.shop.example", Some("https://evilshop.example"), false),
            ("https://*.shop.example", Some("https://.shop.example"), false),
            ("https://*.shop.example", Some("https://evil.example/.shop.example"), false),
            ("https://*.shop.example", Some("http://www.shop.example"), false),
            ("https://*.shop.example:8443", Some("https://www.shop.example:8443"), true),
            ("https://*.shop.example", Some("https://www.shop.example:8443"), false),
        ] {
            assert_eq!(names_origin(listed, origin), is, "{listed} {origin:?}");
        }
    }

    #[test]
    fn what_no_browser_sends_is_refused_with_what_was_meant() {
        for fine in [
            "*",
            "null",
            "https://shop.example",
            "HTTPS://Shop.example/",
            "https://*.shop.example",
            "http://localhost:5173",
            "http://[::1]:8081",
            "chrome-extension://abc",
        ] {
            assert_eq!(check_origin(fine), Ok(()), "{fine}");
        }
        for (wrong, instead) in [
            ("shop.example", "https://shop.example"),
            ("https://shop.example:443", ": https://shop.example"),
            ("https://shop.example/page?x=1", ": https://shop.example"),
            ("https://bücher.example", ": https://xn--bcher-kva.example"),
            ("https://*.bücher.example", ": https://*.xn--bcher-kva.example"),
            ("https://shop*.example", "whole names"),
            ("https://", ": https://shop.example"),
            ("localhost:3000", ": http://localhost:3000"),
            ("https:/shop.example", ": https://shop.example"),
            ("https//shop.example", ": https://shop.example"),
            ("http(s)://shop.example", ": https://shop.example"),
            ("wss://shop.example", ": https://shop.example"),
            (
                "https://a.example,https://b.example",
                "each of several by itself, as https://a.example",
            ),
            ("all", ": * for any page"),
            ("", "https://"),
        ] {
            let said = check_origin(wrong).unwrap_err();
            assert!(said.contains(instead), "{wrong}: {said}");
        }
    }
}
