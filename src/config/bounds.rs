//! What settings may be: values with which Kith would start and be of no use are refused.

use super::{AdmissionConfig, Config, HttpConfig, Limits, LogConfig, ScriptConfig};
use crate::model::{JSON_DEPTH_READABLE, Masking, check_origin, is_of_pages};

/// What a connection reads at one time, in bytes: a smaller head would be no bound.
const HEAD_BYTES_MIN: usize = 8192;
/// What `log.level` may be, and `off`.
const LEVELS: [&str; 6] = ["error", "warn", "info", "debug", "trace", "off"];
/// A hundred years: a longer one is no bound, and no time of the calendar follows from it.
const TOKEN_HOURS_MAX: u64 = 876_000;

/// A setting that is a number.
type Number = (&'static str, fn(&Config) -> u64);

/// Numbers of which 0 would mean that nothing works.
pub(super) const AT_LEAST_ONE: [Number; 29] = [
    ("limits.body_bytes_max", |all| all.limits.body_bytes_max as u64),
    ("limits.body_decoded_bytes_max", |all| all.limits.body_decoded_bytes_max as u64),
    ("limits.events_per_payload_max", |all| all.limits.events_per_payload_max as u64),
    ("limits.events_bytes_max", |all| all.limits.events_bytes_max as u64),
    ("limits.json_depth_max", |all| all.limits.json_depth_max as u64),
    ("limits.requests_in_flight_max", |all| all.limits.requests_in_flight_max as u64),
    ("limits.request_seconds_max", |all| all.limits.request_seconds_max),
    ("limits.head_seconds_max", |all| all.limits.head_seconds_max),
    ("limits.body_seconds_max", |all| all.limits.body_seconds_max),
    ("limits.idle_seconds_max", |all| all.limits.idle_seconds_max),
    ("limits.stall_seconds_max", |all| all.limits.stall_seconds_max),
    ("limits.connections_max", |all| all.limits.connections_max as u64),
    ("committer.queue_payloads_max", |all| all.committer.queue_payloads_max as u64),
    ("committer.queue_bytes_max", |all| all.committer.queue_bytes_max as u64),
    ("committer.round_payloads_max", |all| all.committer.round_payloads_max as u64),
    ("committer.round_bytes_max", |all| all.committer.round_bytes_max as u64),
    ("committer.cache_entries_max", |all| all.committer.cache_entries_max as u64),
    ("committer.cache_bytes_max", |all| all.committer.cache_bytes_max as u64),
    ("committer.held_back_rows_per_round_max", |all| {
        all.committer.held_back_rows_per_round_max as u64
    }),
    ("admission.payloads_burst_max", |all| u64::from(all.admission.payloads_burst_max)),
    ("accounts.token_hours_max", |all| all.accounts.token_hours_max),
    ("accounts.login_attempts_per_minute_max", |all| {
        u64::from(all.accounts.login_attempts_per_minute_max)
    }),
    ("storage.connect_seconds_max", |all| all.storage.connect_seconds_max),
    ("storage.statement_seconds_max", |all| all.storage.statement_seconds_max),
    ("events.memory_bytes_max", |all| all.events.memory_bytes_max),
    ("query.seconds_max", |all| all.query.seconds_max),
    ("query.running_max", |all| all.query.running_max as u64),
    ("query.sql_running_max", |all| all.query.sql_running_max as u64),
    ("query.rows_max", |all| all.query.rows_max as u64),
];

/// Why these settings are of no use, with the key.
pub(super) fn bounds(config: &Config) -> Result<(), String> {
    if let Some((key, _)) = AT_LEAST_ONE.iter().find(|(_, number)| number(config) == 0) {
        return Err(format!("`{key}` must be at least 1"));
    }
    if let Err(why) = Masking::parse(&config.masking.fields) {
        return Err(format!("`masking.fields`: {why}"));
    }
    limits(&config.limits)?;
    script(&config.script)?;
    origins(&config.http)?;
    header(&config.admission)?;
    level(&config.log)?;
    config.telemetry.traces.check()?;
    if config.accounts.token_hours_max > TOKEN_HOURS_MAX {
        return Err(format!("`accounts.token_hours_max` must be at most {TOKEN_HOURS_MAX}"));
    }
    if config.tls.certificate.is_empty() != config.tls.key.is_empty() {
        return Err("`tls.certificate` and `tls.key` go together".to_owned());
    }
    Ok(())
}

/// Those of what is sent.
fn limits(limits: &Limits) -> Result<(), String> {
    if limits.json_depth_max > JSON_DEPTH_READABLE {
        return Err(format!("`limits.json_depth_max` must be at most {JSON_DEPTH_READABLE}"));
    }
    if limits.head_bytes_max < HEAD_BYTES_MIN {
        return Err(format!("`limits.head_bytes_max` must be at least {HEAD_BYTES_MIN}"));
    }
    if limits.bodies_bytes_max < limits.body_bytes_max.max(limits.body_decoded_bytes_max) {
        return Err("`limits.bodies_bytes_max` has no room for a body of the largest size".into());
    }
    Ok(())
}

/// An address that a request can have.
fn script(script: &ScriptConfig) -> Result<(), String> {
    let is_name = |name: &str| {
        !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    let mut folders = script.path.split('/');
    if folders.next() != Some("") || !folders.all(is_name) {
        let text =
            "`script.path` must be empty or begin with a slash and not end with one, as \"/shop\"";
        return Err(text.to_owned());
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
    let is_filter = |part: &str| part.contains(['=', '[']) || part.contains("::");
    let is_level = |part: &str| LEVELS.iter().any(|level| level.eq_ignore_ascii_case(part));
    let mut parts = log.level.split(',').map(str::trim);
    match parts.find(|part| !is_filter(part) && !is_level(part)) {
        Some(part) => {
            let text = "is none of error, warn, info, debug and trace, and no filter";
            Err(format!("`log.level`: `{part}` {text}"))
        }
        None => Ok(()),
    }
}
