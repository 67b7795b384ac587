//! Who visits: read from the headers and the context (docs/wire.md §4.1, §9.4).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use axum::http::{HeaderMap, header};
use serde_json::Value;

use crate::agent::{Agent, Agents, ClientHints, DeviceKind};
use crate::model::{App, Client, Device, Geo, Map, NoZone, Number, Os, Utm, Visitor, Zone, dotted};
use crate::processing::text_at;

/// Most languages kept of an `Accept-Language`.
const LANGUAGES_MAX: usize = 10;
/// Longest tag of a language, in bytes.
const LANGUAGE_BYTES_MAX: usize = 35;
/// Where the language stands that the application is set to.
const LANGUAGE: &str = "browser.local.browser.language";
/// Longest text that describes a visitor, in bytes. A longer one is no name of a city or a campaign;
/// it stays in the event's context and goes nowhere else.
pub const TEXT_BYTES_MAX: usize = 256;
/// No screen has as many pixels on a side, nor as many bits for one of them.
const PIXELS_END: f64 = 1e6;

/// What is read of a context, here and for the page; all else in it is only passed on.
pub(super) const PATHS: [&str; 28] = [
    "browser.local.browser.userAgent",
    "browser.local.browser.language",
    "screen.local.width",
    "screen.local.height",
    "screen.local.colorDepth",
    "screen.local.orientation",
    "utm.source",
    "utm.medium",
    "utm.campaign",
    "utm.term",
    "utm.content",
    "location.country.name",
    "location.country.code",
    "location.city",
    "location.county",
    "location.postal",
    "location.latitude",
    "location.longitude",
    "time.tz",
    "time.local",
    "page.url",
    "page.path",
    "page.title",
    "page.referer.host",
    "tracardi.pass.profile",
    "tracardi.pass.source",
    "tracardi.pass.signature",
    super::signed::TOKEN,
];

/// An address without what tells one house from the next: its /24, or its /48. What is no address is
/// not kept.
pub(super) fn cut(address: &str) -> Option<String> {
    match address.parse::<IpAddr>().ok()? {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            Some(Ipv4Addr::new(a, b, c, 0).to_string())
        }
        // One of IPv4 that is written as one of IPv6.
        IpAddr::V6(v6) if v6.to_ipv4_mapped().is_some() => cut(&v6.to_ipv4_mapped()?.to_string()),
        IpAddr::V6(v6) => {
            let [a, b, c, ..] = v6.segments();
            Some(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0).to_string())
        }
    }
}

/// The visitor, but for the address, which only some sources keep.
pub(super) fn read(
    context: &Map,
    zone: Option<&Zone>,
    headers: &HeaderMap,
    agent: &Agent,
) -> Visitor {
    Visitor {
        client: Arc::new(client(agent, context, headers)),
        utm: utm(context),
        geo: geo(context),
        languages: languages(context, headers),
        timezone: zone.map(|zone| zone.name().to_owned()),
        ip: None,
        ..Visitor::default()
    }
}

/// The time zone that the context names; an error when what it names is none.
pub(super) fn zone(context: &Map) -> Result<Option<Zone>, NoZone> {
    match dotted::get(context, "time.tz") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(name)) if name.trim().is_empty() => Ok(None),
        Some(Value::String(name)) => name.parse().map(Some),
        Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => Err(NoZone),
    }
}

/// What the user agent says. The context's wins over the header, since a backend may send for a
/// browser; the header is read whatever else the context holds (the reference stops at
/// `context.device`).
pub(super) fn agent(context: &Map, headers: &HeaderMap, agents: &Agents) -> Arc<Agent> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let in_context = text_at(context, "browser.local.browser.userAgent");
    let text = in_context.as_deref().or_else(|| header("user-agent")).unwrap_or("");
    agents.read(text, ClientHints::read(header).as_ref())
}

/// A crawler: by its name, or by Google's own header (docs/wire.md §2.5).
pub(super) fn is_bot(agent: &Agent, headers: &HeaderMap) -> bool {
    let from = headers.get(header::FROM).and_then(|value| value.to_str().ok());
    agent.bot || from == Some("googlebot(at)googlebot.com")
}

fn client(agent: &Agent, context: &Map, headers: &HeaderMap) -> Client {
    let device = Device {
        name: short(agent.device.name.as_ref()),
        brand: short(agent.device.brand.as_ref()),
        model: short(agent.device.model.as_ref()),
        kind: agent.device.kind.map(DeviceKind::as_str),
        touch: agent.device.touch,
        resolution: size(context, "screen.local.width")
            .zip(size(context, "screen.local.height"))
            .map(|(w, h)| format!("{w}x{h}")),
        color_depth: size(context, "screen.local.colorDepth"),
        orientation: owned(context, "screen.local.orientation"),
    };
    let app = App {
        kind: short(agent.app.kind.as_ref()),
        name: short(agent.app.name.as_ref()),
        version: short(agent.app.version.as_ref()),
        language: owned(context, LANGUAGE).or_else(|| wanted_first(headers)),
        bot: agent.bot,
    };
    let os = Os { name: short(agent.os.name.as_ref()), version: short(agent.os.version.as_ref()) };
    Client { device, os, app }
}

fn utm(context: &Map) -> Utm {
    let part = |name: &str| owned(context, &format!("utm.{name}"));
    if !context.contains_key("utm") {
        return Utm::default();
    }
    Utm {
        source: part("source"),
        medium: part("medium"),
        campaign: part("campaign"),
        term: part("term"),
        content: part("content"),
    }
}

fn geo(context: &Map) -> Geo {
    let degrees = |path: &str, most: f64| number(context, path).filter(|it| it.abs() <= most);
    if !context.contains_key("location") {
        return Geo::default();
    }
    Geo {
        country_name: owned(context, "location.country.name"),
        country_code: owned(context, "location.country.code"),
        city: owned(context, "location.city"),
        county: owned(context, "location.county"),
        postal: owned(context, "location.postal"),
        latitude: degrees("location.latitude", 90.0),
        longitude: degrees("location.longitude", 180.0),
        is_of_address: false,
    }
}

/// A number of the screen: some platforms measure in parts of a pixel, and some write `390.0`.
#[expect(clippy::cast_possible_truncation, reason = "checked to be small")]
fn size(context: &Map, path: &str) -> Option<i64> {
    let size = number(context, path)?.round();
    (0.0..PIXELS_END).contains(&size).then_some(size as i64)
}

/// A number, also where a text writes it, as forms and other stores of settings do.
fn number(context: &Map, path: &str) -> Option<f64> {
    match dotted::get(context, path)? {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => Number::parse(text.trim()).map(Number::float),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// What browsers ask for, the most wanted first.
fn accepted(headers: &HeaderMap) -> &str {
    let header = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    header.unwrap_or("")
}

/// The language that is wanted most, as it was written: `de-AT`.
fn wanted_first(headers: &HeaderMap) -> Option<String> {
    let first = accepted(headers).split([',', ';']).next().map(str::trim)?;
    let is_one = (2..=LANGUAGE_BYTES_MAX).contains(&first.len())
        && first.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    is_one.then(|| first.to_owned())
}

/// Two-letter codes of `Accept-Language`, in its order, each once; where there is none, of the language
/// that the application is set to.
fn languages(context: &Map, headers: &HeaderMap) -> Vec<String> {
    let set = text_at(context, LANGUAGE);
    let said = Some(accepted(headers)).filter(|said| !said.is_empty());
    let mut languages: Vec<String> = Vec::new();
    for range in said.or(set.as_deref()).unwrap_or("").split(',') {
        let code = range.trim().split(['-', '_', ';']).next().unwrap_or("").to_ascii_lowercase();
        if code.len() == 2 && !languages.contains(&code) && languages.len() < LANGUAGES_MAX {
            languages.push(code);
        }
    }
    languages
}

/// What a user agent says of itself has no bound but its own, which is longer.
fn short(text: Option<&String>) -> Option<String> {
    text.filter(|text| text.len() <= TEXT_BYTES_MAX).cloned()
}

fn owned(map: &Map, path: &str) -> Option<String> {
    let text = text_at(map, path).filter(|text| text.len() <= TEXT_BYTES_MAX);
    text.map(std::borrow::Cow::into_owned)
}
