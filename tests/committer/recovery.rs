//! What the last life held in memory is folded again from the tail.

use std::path::Path;

use kith::clock::Clock;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Setup, TestApp};

fn visit(session: &str) -> Value {
    json!({"session": {"id": session}, "events": [{"type": "page-view"}]})
}

/// A copy of the folder as it is now: what a killed process leaves behind.
pub(crate) fn as_killed(folder: &Path) -> TempDir {
    let copy = TempDir::new().unwrap();
    copy_folder(folder, copy.path());
    copy
}

pub(crate) fn copy_folder(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            std::fs::create_dir_all(&to).unwrap();
            copy_folder(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

pub(crate) fn reopened(folder: TempDir, clock: &Clock, seed: u64) -> TestApp {
    TestApp::with(Setup { folder, seed, now: clock.now(), ..Setup::default() })
}

fn session(app: &TestApp, id: &str) -> (Value, Value) {
    let body = app.get(&format!("/session/{id}")).ok().body;
    (body["metadata"]["events"].clone(), body["metadata"]["time"]["duration"].clone())
}

#[test]
fn touches_in_memory_survive_a_crash() {
    let app = TestApp::new();
    for _ in 0..4 {
        app.track(visit("s")).ok();
        app.advance(5);
    }
    let told = session(&app, "s");
    assert_eq!(told, (json!(7), json!(15.0)));
    let again = reopened(as_killed(app.folder()), &app.clock, 2);
    assert_eq!(session(&again, "s"), told);
    again.track(visit("s")).ok();
    let once_more = reopened(as_killed(again.folder()), &again.clock, 3);
    assert_eq!(session(&once_more, "s"), (json!(8), json!(20.0)));
    assert_eq!(once_more.app().storage.check().unwrap(), Vec::<String>::new());
}

#[test]
fn touches_are_counted_once_when_some_were_written() {
    let configure = |config: &mut kith::config::Config| {
        config.committer.held_back_rows_per_round_max = 1;
        config.committer.held_back_seconds_max = 10;
    };
    let app = TestApp::with(Setup { configure, ..Setup::default() });
    for number in 0..40_u64 {
        app.track(visit(&format!("s{}", number % 4))).ok();
        app.advance(2);
        if number % 7 == 0 {
            let again = reopened(as_killed(app.folder()), &app.clock, 100 + number);
            let seen: u64 = (0..=number.min(3))
                .map(|which| session(&again, &format!("s{which}")).0.as_u64().unwrap())
                .sum();
            assert_eq!(seen, number + 1 + 3 * (number.min(3) + 1), "after {number}");
        }
    }
}

#[test]
fn a_graceful_end_writes_everything() {
    let app = TestApp::new();
    app.track(visit("s")).ok();
    app.advance(5);
    app.track(visit("s")).ok();
    let clock = app.clock.clone();
    let app = reopened(app.stop(), &clock, 2);
    assert_eq!(session(&app, "s"), (json!(5), json!(5.0)));
}

#[test]
fn a_damaged_end_of_the_log_is_left_out_and_the_rest_opens() {
    embedded_only!("the log is PostgreSQL's own");
    let app = TestApp::new();
    for number in 0..20 {
        app.track(visit(&format!("s{number}"))).ok();
    }
    for damage in [1, 100, 5_000] {
        let copy = as_killed(app.folder());
        let log = copy.path().join("kith.db-wal");
        let mut bytes = std::fs::read(&log).unwrap();
        let from = bytes.len() - damage;
        bytes[from..].iter_mut().for_each(|byte| *byte ^= 0xff);
        std::fs::write(&log, bytes).unwrap();
        let again = reopened(copy, &app.clock, 2);
        let count = again.get("/session/count").ok().body["count"].as_u64().unwrap();
        assert!((18..20).contains(&count), "{count} after {damage}");
        assert_eq!(again.app().storage.check().unwrap(), Vec::<String>::new());
        again.track(visit("new")).ok();
    }
}
