//! What settings may be: values with which Kith would start and be of no use are refused.

use super::{AdmissionConfig, Config, HttpConfig, Limits, LogConfig, ScriptConfig, ranges};
use crate::model::{Masking, check_origin, is_of_pages};

/// What addresses of Kith's own begin with.
pub(crate) const OWN_ADDRESSES: [&str; 39] = [
    "api",
    "collect",
    "consent",
    "consents",
    "console",
    "customer",
    "demo",
    "docs",
    "event",
    "event-redirect",
    "event-reshape-schema",
    "event-reshape-schemas",
    "event-source",
    "event-sources",
    "event-to-profile",
    "event-to-profiles",
    "event-type",
    "event-types",
    "event-validator",
    "event-validators",
    "events",
    "events-to-profiles",
    "health",
    "healthcheck",
    "info",
    "metrics",
    "openapi.json",
    "profile",
    "redirect",
    "segment",
    "segments",
    "session",
    "sql",
    "track",
    "track.gif",
    "tracker",
    "user",
    "user-account",
    "users",
];
/// What `log.level` may be, and `off`.
const LEVELS: [&str; 6] = ["error", "warn", "info", "debug", "trace", "off"];

/// Why these settings are of no use, with the key.
pub(super) fn bounds(config: &Config) -> Result<(), String> {
    ranges::check(config)?;
    if let Err(why) = Masking::parse(&config.masking.fields) {
        return Err(format!("`masking.fields`: {why}"));
    }
    if config.data_dir.as_os_str().is_empty() {
        return Err("`data_dir` must name a folder".to_owned());
    }
    room(config)?;
    script(&config.script)?;
    origins(&config.http)?;
    header(&config.admission)?;
    level(&config.log)?;
    config.telemetry.traces.check()?;
    if config.tls.certificate.is_empty() != config.tls.key.is_empty() {
        return Err("`tls.certificate` and `tls.key` go together".to_owned());
    }
    Ok(())
}

/// What holds many must hold one of the largest size.
fn room(config: &Config) -> Result<(), String> {
    let Limits { bodies_bytes_max, body_bytes_max, body_decoded_bytes_max, .. } = config.limits;
    if bodies_bytes_max < body_bytes_max.max(body_decoded_bytes_max) {
        return Err("`limits.bodies_bytes_max` has no room for a body of the largest size".into());
    }
    if config.committer.queue_bytes_max < config.limits.events_bytes_max {
        return Err(
            "`committer.queue_bytes_max` has no room for a payload of the largest size".into()
        );
    }
    Ok(())
}

/// An address that a request can have.
fn script(script: &ScriptConfig) -> Result<(), String> {
    let is_name = |name: &str| {
        // Browsers take one or two points for a way back.
        !name.trim_matches('.').is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    let mut folders = script.path.split('/');
    if folders.next() != Some("") || !folders.all(is_name) {
        let text =
            "`script.path` must be empty or begin with a slash and not end with one, as \"/shop\"";
        return Err(text.to_owned());
    }
    let first = script.path.split('/').nth(1).unwrap_or_default();
    // Where the script and its payloads are anyway.
    let is_its_own = ["track", "tracker"].contains(&first);
    if OWN_ADDRESSES.contains(&first) && !is_its_own {
        return Err(format!(
            "`script.path` must not begin with /{first}, an address of Kith's own"
        ));
    }
    if !is_name(&script.file) || !script.file.ends_with(".js") {
        return Err("`script.file` must be a name that ends with .js".to_owned());
    }
    Ok(())
}

/// Origins as browsers send them. What asks for a token is for pages that are named one by one.
fn origins(http: &HttpConfig) -> Result<(), String> {
    for origin in http.console_origins() {
        if !is_of_pages(origin) || origin.contains("*.") {
            let text = "must be the origin of one site, as https://console.example";
            return Err(format!("`http.console_origins`: {origin} {text}"));
        }
        check_origin(origin).map_err(|why| format!("`http.console_origins`: {origin} {why}"))?;
    }
    Ok(())
}

/// A name that a header can have: with another one, no address would ever be known.
fn header(admission: &AdmissionConfig) -> Result<(), String> {
    let name = admission.trusted_forwarded_header.as_str();
    if name.is_empty() || axum::http::HeaderName::try_from(name).is_ok() {
        return Ok(());
    }
    Err(format!("`admission.trusted_forwarded_header`: no header has the name {name}"))
}

/// A level, or a filter. A word alone that is no level would be read as a part of the program, of which
/// everything is said, and nothing of all others.
fn level(log: &LogConfig) -> Result<(), String> {
    let is_level = |part: &str| LEVELS.iter().any(|level| level.eq_ignore_ascii_case(part));
    let is_number = |part: &str| matches!(part.as_bytes(), [b'0'..=b'5']);
    let is_path = |part: &str| {
        part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_:-".contains(&byte))
    };
    let is_filter = |part: &str| match part.split_once('=') {
        // What is told of within a span has a language of its own.
        _ if part.contains('[') => true,
        Some((path, level)) => {
            !path.is_empty() && is_path(path) && (is_level(level) || is_number(level))
        }
        None => part.contains("::") && is_path(part),
    };
    let mut parts = log.level.split(',').map(str::trim);
    match parts.find(|part| !is_filter(part) && !is_level(part)) {
        Some(part) => {
            let text = "is none of error, warn, info, debug and trace, and no filter";
            Err(format!("`log.level`: `{part}` {text}"))
        }
        None => Ok(()),
    }
}
