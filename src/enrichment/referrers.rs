//! What led to a page: by the marks of its address, the campaign, and a list of hosts.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use crate::model::{Hit, Referrer, ReferrerKind};

/// The hosts, by kind and name.
const TABLE: &str = include_str!("referrers.toml");
/// Labels at the end of a host that are looked at: no host of the list has more.
const LABELS_MAX: usize = 6;
/// Longest host that is looked up, in bytes: longer ones are none.
const HOST_BYTES_MAX: usize = 253;

static HOSTS: LazyLock<Hosts> = LazyLock::new(|| {
    // A unit test reads the file, so that a broken one cannot be shipped.
    read(TABLE).unwrap_or_default()
});

/// Whom hosts belong to.
#[derive(Debug, Default)]
struct Hosts {
    /// Those that are written out, and everything below them.
    exact: HashMap<String, Known>,
    /// Names that stand before the domains of many countries: `google.*`.
    anywhere: HashMap<String, Known>,
}

#[derive(Clone, Debug)]
struct Known {
    kind: ReferrerKind,
    name: String,
}

/// How links are marked, as far as it says what led to a page.
#[derive(Clone, Copy, Debug, Default)]
pub struct Marked<'a> {
    /// `utm_source`.
    pub source: Option<&'a str>,
    /// `utm_medium`.
    pub medium: Option<&'a str>,
}

/// What led to the page; none where the event happened on none. What was paid for is never taken for
/// what it came through, and a link that was marked is what it says.
#[must_use]
pub fn referrer(page: &Hit, marked: Marked<'_>) -> Option<Referrer> {
    let host = page.referrer_host.as_deref().map(str::trim).filter(|host| !host.is_empty());
    if page.url.is_none() && host.is_none() {
        return None;
    }
    let url = page.url.as_deref().unwrap_or_default();
    let found = paid(url).or_else(|| by_marks(marked, host)).or_else(|| Some(by_host(host?, url)));
    Some(found.unwrap_or(Referrer { kind: ReferrerKind::Direct, name: None }))
}

/// Marks that advertisers put behind their links, and whose they are.
const CLICK_IDS: [(&str, &str); 11] = [
    ("gclid", "Google Ads"),
    ("gbraid", "Google Ads"),
    ("wbraid", "Google Ads"),
    ("dclid", "Google Display"),
    ("msclkid", "Microsoft Advertising"),
    ("ttclid", "TikTok Ads"),
    ("twclid", "X Ads"),
    ("li_fat_id", "LinkedIn Ads"),
    ("rdt_cid", "Reddit Ads"),
    ("ScCid", "Snapchat Ads"),
    ("epik", "Pinterest Ads"),
];

fn paid(url: &str) -> Option<Referrer> {
    let page = url.split_once('#').map_or(url, |(page, _)| page);
    let (_, query) = page.split_once('?')?;
    let names = query.split('&').filter_map(|pair| pair.split_once('='));
    let mut names = names.filter(|(_, value)| !value.is_empty()).map(|(name, _)| name);
    let (_, owner) = names.find_map(|name| CLICK_IDS.iter().find(|(mark, _)| *mark == name))?;
    Some(Referrer { kind: ReferrerKind::Ads, name: Some(Cow::Borrowed(owner)) })
}

/// Words for what is paid, in the medium of a campaign.
const PAID: [&str; 9] =
    ["cpc", "ppc", "cpm", "cpv", "cpa", "paid", "display", "banner", "retargeting"];

fn by_marks(marked: Marked<'_>, host: Option<&str>) -> Option<Referrer> {
    let medium = marked.medium.unwrap_or_default().trim().to_ascii_lowercase();
    if medium.is_empty() && marked.source.is_none_or(|source| source.trim().is_empty()) {
        return None;
    }
    let mut words = medium.split(|letter: char| !letter.is_ascii_alphanumeric());
    let kind = match medium.as_str() {
        _ if words.any(|word| PAID.contains(&word)) => ReferrerKind::Ads,
        "email" | "e-mail" | "mail" | "newsletter" => ReferrerKind::Mail,
        "social" | "social-media" | "social-network" | "sm" => ReferrerKind::Social,
        "organic" => ReferrerKind::Search,
        _ => ReferrerKind::Campaign,
    };
    // The name of what it came through, where that is of the same sort.
    let known = host.and_then(known).filter(|known| known.kind == kind);
    Some(Referrer { kind, name: known.map(|known| Cow::Borrowed(known.name.as_str())) })
}

fn by_host(host: &str, url: &str) -> Referrer {
    if is_of_one_site(host, host_of(url)) {
        return Referrer { kind: ReferrerKind::Internal, name: None };
    }
    match known(host) {
        Some(known) => {
            Referrer { kind: known.kind, name: Some(Cow::Borrowed(known.name.as_str())) }
        }
        None => Referrer { kind: ReferrerKind::Other, name: None },
    }
}

/// Whether one is the other, or below it.
fn is_of_one_site(one: &str, other: &str) -> bool {
    let bare = |host| {
        let host = without_port(host);
        let is_www = host.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("www."));
        if is_www { host.get(4..).unwrap_or_default() } else { host }
    };
    let (one, other) = (bare(one), bare(other));
    !one.is_empty() && !other.is_empty() && (is_below(one, other) || is_below(other, one))
}

fn is_below(below: &str, above: &str) -> bool {
    let Some(at) = below.len().checked_sub(above.len()) else { return false };
    let (start, end) = (below.get(..at), below.get(at..));
    end.is_some_and(|end| end.eq_ignore_ascii_case(above))
        && start.is_some_and(|start| start.is_empty() || start.ends_with('.'))
}

fn without_port(host: &str) -> &str {
    host.split_once(':').map_or(host, |(host, _)| host).trim_end_matches('.')
}

/// The host of an address, without who signs in there.
fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}

/// Whom the host belongs to, by the longest end of it that is in the list.
fn known(host: &str) -> Option<&'static Known> {
    let host = without_port(host);
    if host.len() > HOST_BYTES_MAX {
        return None;
    }
    let host = if host.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(host.to_ascii_lowercase())
    } else {
        Cow::Borrowed(host)
    };
    let first = host.rmatch_indices('.').nth(LABELS_MAX - 1).map_or(0, |(at, _)| at + 1);
    let mut end = host.get(first..)?;
    loop {
        if let Some(known) = HOSTS.exact.get(end).or_else(|| anywhere(end)) {
            return Some(known);
        }
        end = end.split_once('.')?.1;
    }
}

/// `google.de` and `google.co.uk`, but never `google.evil.example`.
fn anywhere(end: &str) -> Option<&'static Known> {
    let (label, rest) = end.split_once('.')?;
    let is_country = |label: &str| label.len() == 2;
    let is_domain = match rest.split_once('.') {
        None => (2..=3).contains(&rest.len()),
        Some((second, first)) => ["co", "com", "org", "net"].contains(&second) && is_country(first),
    };
    HOSTS.anywhere.get(label).filter(|_| is_domain)
}

/// Kinds, their names, and the hosts of each.
type Written = HashMap<String, HashMap<String, Vec<String>>>;

fn read(text: &str) -> Result<Hosts, String> {
    let kinds: Written = toml::from_str(text).map_err(|error| error.to_string())?;
    let mut hosts = Hosts::default();
    for (kind, names) in kinds {
        let kind = ReferrerKind::named(&kind).ok_or_else(|| format!("there is no kind {kind}"))?;
        for (name, written) in names {
            for host in written {
                let (into, host) = match host.strip_suffix(".*") {
                    Some(label) => (&mut hosts.anywhere, label.to_owned()),
                    None => (&mut hosts.exact, host),
                };
                let known = Known { kind, name: name.clone() };
                if into.insert(host.clone(), known).is_some() {
                    return Err(format!("{host} stands there twice"));
                }
            }
        }
    }
    Ok(hosts)
}

#[cfg(test)]
pub(super) fn listed() -> Result<(Vec<String>, Vec<String>), String> {
    let Hosts { exact, anywhere } = read(TABLE)?;
    Ok((exact.into_keys().collect(), anywhere.into_keys().collect()))
}
