//! From where to where each number of the settings goes: beyond it is what could never work, or would bound nothing.

use super::Config;
use crate::model::JSON_DEPTH_READABLE;

/// A hundred years: longer is no bound, and no time of the calendar follows from it.
const CENTURY_DAYS: u64 = 36_500;
const CENTURY_HOURS: u64 = CENTURY_DAYS * 24;
const CENTURY_SECONDS: u64 = CENTURY_HOURS * 3600;
/// The longest that PostgreSQL and sockets can be told, in milliseconds of 31 bits.
const TOLD_SECONDS_MAX: u64 = 2_147_483;
/// Less than this holds no payload, in bytes.
const BODY_BYTES_MIN: u64 = 1024;
/// What a connection reads at one time, in bytes: a smaller head would be no bound.
const HEAD_BYTES_MIN: u64 = 8192;
const DEPTH_MAX: u64 = JSON_DEPTH_READABLE as u64;
/// Places that are made before anybody comes, or that a process can have.
const PLACES_MAX: u64 = 1_000_000;
/// Two for rounds, and one for everything else.
const DATABASE_CONNECTIONS_MIN: u64 = 3;
const DATABASE_CONNECTIONS_MAX: u64 = 10_000;
/// Processes that answer questions, and threads of each.
const PROCESSES_MAX: u64 = 1000;
const THREADS_MAX: u64 = 1024;
/// With less, in bytes, the tables are not even made.
const DATABASE_BYTES_MIN: u64 = 1 << 20;
/// With less, in bytes, DuckDB answers nothing and writes no file.
const MEMORY_BYTES_MIN: u64 = 32 << 20;
/// Nobody sets a longer password.
const PASSWORD_CHARACTERS_MAX: u64 = 1000;
const ANY: u64 = u64::MAX;

/// A number, the least and the most that it may be.
type Range = (&'static str, fn(&Config) -> u64, u64, u64);

/// Every whole number of the settings.
const RANGES: [Range; 57] = [
    ("http.drain_seconds", |all| all.http.drain_seconds, 0, CENTURY_SECONDS),
    ("limits.body_bytes_max", |all| all.limits.body_bytes_max as u64, BODY_BYTES_MIN, ANY),
    (
        "limits.body_decoded_bytes_max",
        |all| all.limits.body_decoded_bytes_max as u64,
        BODY_BYTES_MIN,
        ANY,
    ),
    ("limits.events_per_payload_max", |all| all.limits.events_per_payload_max as u64, 1, ANY),
    ("limits.events_bytes_max", |all| all.limits.events_bytes_max as u64, BODY_BYTES_MIN, ANY),
    ("limits.json_depth_max", |all| all.limits.json_depth_max as u64, 1, DEPTH_MAX),
    (
        "limits.requests_in_flight_max",
        |all| all.limits.requests_in_flight_max as u64,
        1,
        PLACES_MAX,
    ),
    ("limits.request_seconds_max", |all| all.limits.request_seconds_max, 1, CENTURY_SECONDS),
    ("limits.bodies_bytes_max", |all| all.limits.bodies_bytes_max as u64, 1, ANY),
    ("limits.connections_max", |all| all.limits.connections_max as u64, 1, PLACES_MAX),
    (
        "limits.connections_per_address_max",
        |all| all.limits.connections_per_address_max as u64,
        0,
        ANY,
    ),
    ("limits.head_bytes_max", |all| all.limits.head_bytes_max as u64, HEAD_BYTES_MIN, ANY),
    ("limits.head_seconds_max", |all| all.limits.head_seconds_max, 1, CENTURY_SECONDS),
    ("limits.body_seconds_max", |all| all.limits.body_seconds_max, 1, CENTURY_SECONDS),
    ("limits.idle_seconds_max", |all| all.limits.idle_seconds_max, 1, CENTURY_SECONDS),
    ("limits.stall_seconds_max", |all| all.limits.stall_seconds_max, 1, CENTURY_SECONDS),
    ("committer.queue_payloads_max", |all| all.committer.queue_payloads_max as u64, 1, PLACES_MAX),
    ("committer.queue_bytes_max", |all| all.committer.queue_bytes_max as u64, 1, ANY),
    ("committer.round_payloads_max", |all| all.committer.round_payloads_max as u64, 1, ANY),
    ("committer.round_bytes_max", |all| all.committer.round_bytes_max as u64, 1, ANY),
    ("committer.cache_entries_max", |all| all.committer.cache_entries_max as u64, 1, ANY),
    ("committer.cache_bytes_max", |all| all.committer.cache_bytes_max as u64, 1, ANY),
    (
        "committer.held_back_seconds_max",
        |all| all.committer.held_back_seconds_max,
        0,
        CENTURY_SECONDS,
    ),
    (
        "committer.held_back_rows_per_round_max",
        |all| all.committer.held_back_rows_per_round_max as u64,
        1,
        ANY,
    ),
    ("committer.held_back_sessions_max", |all| all.committer.held_back_sessions_max as u64, 0, ANY),
    ("admission.future_seconds_max", |all| all.admission.future_seconds_max, 0, CENTURY_SECONDS),
    (
        "admission.clock_tolerance_seconds",
        |all| all.admission.clock_tolerance_seconds,
        0,
        CENTURY_SECONDS,
    ),
    (
        "admission.payloads_per_second_max",
        |all| u64::from(all.admission.payloads_per_second_max),
        0,
        ANY,
    ),
    ("admission.payloads_burst_max", |all| u64::from(all.admission.payloads_burst_max), 1, ANY),
    ("accounts.token_hours_max", |all| all.accounts.token_hours_max, 1, CENTURY_HOURS),
    (
        "accounts.login_attempts_per_minute_max",
        |all| u64::from(all.accounts.login_attempts_per_minute_max),
        1,
        ANY,
    ),
    (
        "accounts.password_characters_min",
        |all| all.accounts.password_characters_min as u64,
        0,
        PASSWORD_CHARACTERS_MAX,
    ),
    ("accounts.audit_days_max", |all| all.accounts.audit_days_max, 0, CENTURY_DAYS),
    ("storage.bytes_max", |all| all.storage.bytes_max, DATABASE_BYTES_MIN, ANY),
    ("storage.readers_max", |all| all.storage.readers_max as u64, 0, ANY),
    ("storage.checkpoint_bytes", |all| all.storage.checkpoint_bytes, 0, ANY),
    ("storage.duplicate_window_days", |all| all.storage.duplicate_window_days, 0, CENTURY_DAYS),
    (
        "storage.connections_max",
        |all| all.storage.connections_max as u64,
        DATABASE_CONNECTIONS_MIN,
        DATABASE_CONNECTIONS_MAX,
    ),
    ("storage.connect_seconds_max", |all| all.storage.connect_seconds_max, 1, TOLD_SECONDS_MAX),
    ("storage.statement_seconds_max", |all| all.storage.statement_seconds_max, 1, TOLD_SECONDS_MAX),
    ("events.flush_seconds", |all| all.events.flush_seconds, 0, CENTURY_SECONDS),
    ("events.flush_events", |all| all.events.flush_events, 0, ANY),
    ("events.flush_bytes", |all| all.events.flush_bytes, 0, ANY),
    ("events.file_bytes_min", |all| all.events.file_bytes_min, 0, ANY),
    ("events.file_bytes_max", |all| all.events.file_bytes_max, 0, ANY),
    ("events.files_per_day_max", |all| all.events.files_per_day_max as u64, 0, ANY),
    ("events.memory_bytes_max", |all| all.events.memory_bytes_max, MEMORY_BYTES_MIN, ANY),
    ("events.grace_seconds", |all| all.events.grace_seconds, 0, CENTURY_SECONDS),
    ("events.retention_days", |all| all.events.retention_days, 0, CENTURY_DAYS),
    ("events.cache_bytes_max", |all| all.events.cache_bytes_max, 0, ANY),
    ("query.memory_bytes_max", |all| all.query.memory_bytes_max, MEMORY_BYTES_MIN, ANY),
    ("query.scratch_bytes_max", |all| all.query.scratch_bytes_max, 0, ANY),
    ("query.threads_max", |all| all.query.threads_max as u64, 0, THREADS_MAX),
    ("query.seconds_max", |all| all.query.seconds_max, 1, CENTURY_SECONDS),
    ("query.running_max", |all| all.query.running_max as u64, 1, PROCESSES_MAX),
    ("query.sql_running_max", |all| all.query.sql_running_max as u64, 1, PROCESSES_MAX),
    ("query.rows_max", |all| all.query.rows_max as u64, 1, ANY),
];

/// Those that may also be 0, which is not a number then: no bound, or whatever is right here.
const OR_ZERO: [&str; 2] = ["storage.bytes_max", "query.memory_bytes_max"];

/// The first number that is out of its range, and where that ends.
pub(super) fn check(config: &Config) -> Result<(), String> {
    RANGES.iter().try_for_each(|(key, number, least, most)| {
        let number = number(config);
        if number == 0 && OR_ZERO.contains(key) {
            return Ok(());
        }
        if number < *least {
            return Err(format!("`{key}` must be {}at least {least}", or_zero(key)));
        }
        if number > *most {
            return Err(format!("`{key}` must be at most {most}"));
        }
        Ok(())
    })
}

fn or_zero(key: &str) -> &'static str {
    if OR_ZERO.contains(&key) { "0 or " } else { "" }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use serde::Deserialize as _;
    use toml::{Table, Value};

    use super::super::DEFAULT;
    use super::*;

    /// What is said of the settings where `key` is this number.
    fn said(key: &str, number: u64) -> Result<(), String> {
        let mut table: Table = toml::from_str(DEFAULT).unwrap();
        let (section, name) = key.split_once('.').unwrap();
        let section = table.get_mut(section).and_then(Value::as_table_mut).unwrap();
        section.insert(name.to_owned(), Value::Integer(number.try_into().unwrap()));
        check(&Config::deserialize(table).unwrap())
    }

    #[test]
    fn every_whole_number_of_the_settings_has_its_range() {
        let table: Table = toml::from_str(DEFAULT).unwrap();
        let sections = table.iter().filter_map(|(name, value)| Some((name, value.as_table()?)));
        let whole = sections.flat_map(|(name, section)| {
            let whole = section.iter().filter(|(_, value)| value.is_integer());
            whole.map(move |(key, _)| format!("{name}.{key}"))
        });
        let mut whole: Vec<String> = whole.collect();
        let mut ranges = RANGES.map(|(key, ..)| key.to_owned()).to_vec();
        whole.sort();
        ranges.sort();
        assert_eq!(whole, ranges);
        check(&Config::for_testing(PathBuf::new())).unwrap();
    }

    #[test]
    fn what_is_out_of_its_range_is_refused_with_the_end_of_it() {
        for (key, _, least, most) in RANGES {
            let zero = or_zero(key);
            if least > 0 {
                let refused = format!("`{key}` must be {zero}at least {least}");
                assert_eq!(said(key, least - 1), Err(refused));
                assert_eq!(said(key, least), Ok(()));
            }
            if most < ANY {
                assert_eq!(said(key, most + 1), Err(format!("`{key}` must be at most {most}")));
                assert_eq!(said(key, most), Ok(()));
            }
            assert_eq!(said(key, 0).is_ok(), least == 0 || !zero.is_empty(), "{key}");
        }
    }
}
