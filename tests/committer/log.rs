//! The log is copied into the database file beside the rounds, a step at a time.

use kith::config::Config;
use rusqlite::Connection;
use serde_json::json;

use super::recovery::as_killed;
use crate::support::engine::rows;
use crate::support::{Setup, TestApp};

/// More than a step of the log takes: a round changes four pages at the least.
const PAYLOADS: u64 = 96;

/// An app whose log has been copied, but for less than a step.
fn app(configure: fn(&mut Config)) -> TestApp {
    let app = TestApp::with(Setup { configure, ..Setup::default() });
    while copy(&app) {}
    app
}

fn copy(app: &TestApp) -> bool {
    app.app().storage.copy_log().unwrap()
}

fn send(app: &TestApp, payloads: u64) {
    for _ in 0..payloads {
        app.track(json!({"session": {"id": "s"}, "events": [{"type": "page-view"}]})).ok();
    }
}

/// Rounds in the database file, as they are there without the log.
fn copied_rounds(app: &TestApp) -> u64 {
    let folder = as_killed(app.folder());
    std::fs::remove_file(folder.path().join("kith.db-wal")).unwrap();
    let database = Connection::open(folder.path().join("kith.db")).unwrap();
    database.query_row("SELECT count(*) FROM tail", [], |row| row.get(0)).unwrap()
}

fn log_bytes(app: &TestApp) -> u64 {
    std::fs::metadata(app.folder().join("kith.db-wal")).unwrap().len()
}

#[test]
fn a_step_of_the_log_is_copied_when_it_is_full() {
    embedded_only!("the log is PostgreSQL's own");
    let app = app(|_| {});
    send(&app, 1);
    assert!(!copy(&app), "one round is not a step");
    let before = copied_rounds(&app);
    send(&app, PAYLOADS);
    assert!(copy(&app));
    assert_eq!(copied_rounds(&app), before + 1 + PAYLOADS);
    assert!(!copy(&app), "nothing is left");
}

#[test]
fn behind_a_long_reader_nothing_is_due() {
    embedded_only!("the log is PostgreSQL's own");
    let app = app(|_| {});
    send(&app, PAYLOADS);
    let reader = Connection::open(app.folder().join("kith.db")).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM tail").unwrap();
    send(&app, PAYLOADS);
    assert!(copy(&app), "as far as the reader has seen");
    send(&app, PAYLOADS);
    assert!(!copy(&app), "the reader is in the way");
    reader.execute_batch("COMMIT").unwrap();
    assert!(copy(&app));
    assert_eq!(copied_rounds(&app), 3 * PAYLOADS);
}

#[test]
fn the_log_stays_near_its_bound_under_load() {
    embedded_only!("the log is PostgreSQL's own");
    let app = app(|config| config.storage.checkpoint_bytes = 1 << 20);
    std::thread::scope(|scope| {
        let senders: Vec<_> = (0..4).map(|_| scope.spawn(|| send(&app, 4 * PAYLOADS))).collect();
        while senders.iter().any(|sender| !sender.is_finished()) {
            copy(&app);
        }
    });
    assert!(log_bytes(&app) < 2 << 20, "{}", log_bytes(&app));
    let events = rows(app.folder(), "SELECT sum(events) FROM tail");
    let opened = 3;
    assert_eq!(events, vec![vec![(4 * 4 * PAYLOADS + opened).to_string()]]);
}
