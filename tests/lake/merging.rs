//! Portions of the tail, and small files that become large ones: in order, and whole.

use kith::config::Config;
use kith::events::Rows;
use kith::lake::Eagerness;
use kith::storage::{Changes, DataFile, Through};
use serde_json::json;

use super::support::{lake, number};
use crate::support::{Setup, TestApp};

const TIME: &str = "2026-01-05T10:00:00Z";

/// Commits a round of `many` events as the tail keeps them; `event` makes one of its number.
pub(super) fn round(app: &TestApp, seq: u64, many: u64, event: impl Fn(u64) -> serde_json::Value) {
    let storage = &app.app().storage;
    storage.claim("many", app.clock.now()).unwrap();
    let mut rows = Rows::of(Vec::new(), many);
    for number in 0..many {
        serde_json::to_writer(&mut rows.lines, &event(number)).unwrap();
        rows.lines.push(b'\n');
    }
    let at = Through { stream: "many".into(), seq };
    storage.commit(&Changes { at, rows, ..Default::default() }).unwrap();
}

#[test]
fn a_portion_has_a_bound_in_events_and_in_bytes() {
    let app = TestApp::new();
    for seq in 1..=3 {
        round(&app, seq, 40_000, |number| json!({"id": format!("{seq}-{number}"), "time": TIME}));
    }
    let first = lake(&app).flush_some().unwrap();
    assert_eq!((first.events, first.more), (80_000, true), "the bound is passed by one round");
    let second = lake(&app).flush_some().unwrap();
    assert_eq!((second.events, second.more), (40_000, false));
    let long = "x".repeat(1 << 20);
    for seq in 4..=7 {
        let event = |number| json!({"id": format!("{seq}-{number}"), "time": TIME, "properties": {"x": long}});
        round(&app, seq, 10, event);
    }
    let third = lake(&app).flush_some().unwrap();
    assert_eq!((third.events, third.more), (30, true));
    assert_eq!(lake(&app).flush().unwrap().events, 10);
    assert_eq!(number(&app, "SELECT count(DISTINCT id) FROM events"), 120_040);
}

/// Whose event it is: many people, one of whom did half of it, and nobody.
fn person(number: u64) -> Option<String> {
    match number % 10 {
        0 => None,
        1..5 => Some(format!("{:05}", number.wrapping_mul(7919) % 20_011)),
        _ => Some("10000".to_owned()),
    }
}

#[test]
fn merged_files_are_sorted_by_person_and_time() {
    let app = TestApp::new();
    for seq in 1..=3 {
        round(&app, seq, 50_000, |number| {
            let time = format!("2026-01-05T{:02}:{:02}:00Z", number % 24, seq);
            json!({"id": format!("{seq}-{number}"), "time": time, "profile_id": person(number + seq)})
        });
        lake(&app).flush().unwrap();
    }
    let compacted = lake(&app).compact(Eagerness::Everything).unwrap();
    assert_eq!((compacted.replaced, compacted.files), (3, 1));
    assert_eq!(number(&app, "SELECT count(DISTINCT id) FROM events"), 150_000);
    assert_eq!(misplaced(&app), [0]);
}

/// As the committer writes lines, and with lines whose parts stand in another order.
#[test]
fn flushed_files_are_sorted_by_person_and_time() {
    let app = TestApp::new();
    for number in 0..40 {
        let event = |kind: &str| json!({"type": kind, "id": format!("{kind}{}", number * 7 % 40)});
        let session = json!({"id": format!("s{}", number % 3)});
        app.track(json!({"session": session, "events": [event("b"), event("a")]})).ok();
        app.advance(number % 2);
    }
    lake(&app).flush().unwrap();
    round(&app, 1, 50_000, |number| {
        let time = format!("2026-01-03T{:02}:{:02}:00Z", number % 24, number % 7);
        let (id, person) = (format!("\"{number}"), person(number));
        json!({"id": id, "time": time, "received_at": TIME, "profile_id": person})
    });
    lake(&app).flush().unwrap();
    assert_eq!(misplaced(&app), [0, 0]);
    assert!(number(&app, "SELECT count(*) FROM events") >= 50_080);
}

/// How many rows of each file do not stand where they belong.
fn misplaced(app: &TestApp) -> Vec<i64> {
    let wrong = |file: &DataFile| {
        let sql = format!(
            "SELECT count(*) FROM (SELECT profile_id AS p, time AS t, received_at AS r, position AS o, id AS i, \
             lag(row(profile_id, time, received_at, coalesce(position, -1000000), id)) \
             OVER (ORDER BY file_row_number) AS b FROM read_parquet('{}', file_row_number = true)) \
             WHERE row(p, t, r, coalesce(o, -1000000), i) < b OR (b[1] IS NULL AND b[5] IS NOT NULL AND p IS NOT NULL)",
            app.folder().join("events").join(&file.path).display()
        );
        number(app, &sql)
    };
    app.app().storage.files().unwrap().iter().map(wrong).collect()
}

#[test]
fn a_large_file_of_today_waits_until_the_small_ones_have_grown() {
    let configure = |config: &mut Config| config.events.files_per_day_max = 4;
    let app = TestApp::with(Setup { configure, ..Setup::default() });
    let now = app.clock.now().to_string();
    let flush = |seq: u64, many: u64| {
        round(&app, seq, many, |number| json!({"id": format!("{seq}-{number}"), "time": now}));
        lake(&app).flush().unwrap();
    };
    let merge = || lake(&app).compact(Eagerness::WhenWorthIt).unwrap().replaced;
    flush(1, 20_000);
    (2..=4).for_each(|seq| flush(seq, 100));
    assert_eq!(merge(), 3, "the small ones, into one");
    (5..=6).for_each(|seq| flush(seq, 100));
    assert_eq!(merge(), 3, "what they have become, with others of its size");
    flush(7, 19_000);
    flush(8, 19_000);
    assert_eq!(merge(), 4, "they are as much as it");
    assert_eq!(number(&app, "SELECT count(DISTINCT id) FROM events"), 58_500);
}

/// Two days that are over, of two small files each.
fn two_days(app: &TestApp) {
    for seq in 1..=4 {
        let day = if seq % 2 == 0 { TIME } else { "2026-01-04T10:00:00Z" };
        round(app, seq, 5, |number| json!({"id": format!("{seq}-{number}"), "time": day}));
        lake(app).flush().unwrap();
    }
    app.advance(30 * 86_400);
}

#[test]
fn a_server_that_ends_waits_for_one_merge_and_not_for_all() {
    let app = TestApp::new();
    two_days(&app);
    lake(&app).close();
    assert_eq!(lake(&app).compact(Eagerness::WhenWorthIt).unwrap().files, 1);
    assert_eq!(lake(&app).compact(Eagerness::WhenWorthIt).unwrap().files, 1);
    assert_eq!(lake(&app).compact(Eagerness::WhenWorthIt).unwrap().files, 0);
}

#[test]
fn merging_waits_for_a_flush_that_is_behind() {
    let configure = |config: &mut Config| config.events.flush_events = 10;
    let app = TestApp::with(Setup { configure, ..Setup::default() });
    two_days(&app);
    let merge = || lake(&app).compact(Eagerness::WhenWorthIt).unwrap().files;
    round(&app, 5, 39, |number| json!({"id": format!("5-{number}"), "time": TIME}));
    round(&app, 6, 1, |number| json!({"id": format!("6-{number}"), "time": TIME}));
    assert_eq!(merge(), 1, "of one of two days that are over");
    lake(&app).flush().unwrap();
    assert_eq!(merge(), 1, "of the other one, with what was flushed");
    assert_eq!(number(&app, "SELECT count(DISTINCT id) FROM events"), 60);
}

/// Letters that do not compress well, always the same for a seed.
pub(super) fn letters(seed: u64, many: usize) -> String {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let letter = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        char::from(b'a' + u8::try_from((state >> 33) % 26).unwrap())
    };
    std::iter::repeat_with(letter).take(many).collect()
}

#[test]
fn what_memory_does_not_hold_is_written_in_pieces() {
    let configure = |config: &mut Config| config.events.memory_bytes_max = 96 << 20;
    let app = TestApp::with(Setup { configure, ..Setup::default() });
    for seq in 1..=3 {
        round(&app, seq, 400, |number| {
            let (id, person) = (format!("{seq}-{number}"), format!("p{number}"));
            let properties = json!({"x": letters(number * 3 + seq, 50_000)});
            json!({"id": id, "time": TIME, "profile_id": person, "properties": properties})
        });
    }
    let flushed = lake(&app).flush().unwrap();
    assert_eq!(flushed.events, 1200);
    assert!(flushed.files > 2, "two portions, in pieces: {flushed:?}");
    let compacted = lake(&app).compact(Eagerness::Everything).unwrap();
    assert_eq!((compacted.replaced, compacted.files), (flushed.files, 1));
    assert_eq!(number(&app, "SELECT count(DISTINCT id) FROM events"), 1200);
}

/// A disk may change what is in a file, and not how long it is.
#[test]
fn a_file_that_cannot_be_read_keeps_no_other_from_being_merged_or_from_leaving() {
    let configure = |config: &mut Config| config.events.retention_days = 10;
    let app = TestApp::with(Setup { configure, ..Setup::default() });
    let mut seq = 0;
    let mut flush = |day: u64| {
        seq += 1;
        let time = format!("2026-01-0{day}T10:00:00Z");
        round(
            &app,
            seq,
            10,
            |number| json!({"id": format!("{seq}-{number}"), "time": time, "type": "x"}),
        );
        lake(&app).flush().unwrap();
    };
    for day in [1, 1, 1, 2, 2, 3] {
        flush(day);
    }
    let damaged = app.app().storage.files().unwrap().remove(0);
    let place = app.folder().join("events").join(&damaged.path);
    let good = std::fs::read(&place).unwrap();
    std::fs::write(&place, vec![0; good.len()]).unwrap();
    let merge = || lake(&app).compact(Eagerness::Everything).unwrap();
    let merged = merge();
    assert_eq!((merged.replaced, merged.files), (4, 2), "two of the first day, two of the second");
    let is_told = |many: usize| {
        let metrics = app.app().metrics();
        let told = app.get("/api/system").ok().body["lake"]["damaged"].clone();
        assert!(metrics.contains(&format!("kith_lake_damaged_files {many}\n")) && told == many);
    };
    is_told(1);
    assert_eq!(merge().replaced, 0);
    app.advance(7 * 86_400);
    let known = app.app().registry.now();
    let expired = lake(&app).expire(&known).unwrap();
    assert_eq!((expired.events, expired.files), (20, 1), "of the first day");
    std::fs::write(&place, good).unwrap();
    flush(1);
    assert_eq!(merge().replaced, 2, "tried again after an hour");
    is_told(0);
}
