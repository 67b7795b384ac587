//! A lake of before its columns grew, kept as a fixture: how it was made, and a copy of it.

use std::path::Path;

use serde_json::{Value, json};

use super::support::{DAY, lake};
use crate::committer::recovery::copy_folder;
use crate::support::TestApp;

/// An event of somebody's, sent as one of several.
fn event(id: &str, kind: &str, more: &Value) -> Value {
    let mut event = json!({"id": id, "type": kind, "properties": more, "tags": ["old", "ž"]});
    if kind == "sign-in" {
        event["properties"]["email"] = json!({"main": "ann@example.com"});
    }
    event
}

/// A payload of these events, none of which says when it happened.
fn payload(session: &str, events: &[(&str, &str)]) -> Value {
    let said = json!({"price": 9.5, "text": "žluťoučký 🐎", "nothing": null, "list": [1, "a"]});
    let events: Vec<Value> = events.iter().map(|(id, kind)| event(id, kind, &said)).collect();
    json!({"session": {"id": session}, "events": events, "context": {"page": {"title": "Shop"}}})
}

/// Three days of Ann, who comes from two devices and signs in on both, and of Bob. Two files of the
/// first day, one of the second, and the third in the tail, the merger with it.
fn live(app: &TestApp) {
    app.track(payload("ann-1", &[("a1", "page-view"), ("a2", "basket")])).ok();
    app.advance(60);
    app.track(payload("bob-1", &[("b1", "page-view"), ("b2", "basket"), ("b3", "paid")])).ok();
    lake(app).flush().unwrap();
    app.advance(3600);
    app.track(payload("ann-1", &[("a3", "checkout"), ("a4", "sign-in")])).ok();
    lake(app).flush().unwrap();
    app.advance(DAY);
    app.track(payload("ann-2", &[("a5", "page-view"), ("a6", "basket"), ("a7", "paid")])).ok();
    app.track(payload("bob-1", &[("b4", "page-view")])).ok();
    lake(app).flush().unwrap();
    app.advance(DAY);
    app.track(payload("ann-2", &[("a8", "sign-in"), ("a9", "page-view")])).ok();
    app.track(payload("bob-1", &[("b5", "page-view"), ("b6", "basket")])).ok();
}

/// Makes the fixture in the folder that `KITH_FIXTURE` names. See `tests/fixtures/README.md`.
#[test]
#[ignore = "the fixture is made once, by the Kith that it is to be of"]
fn the_fixture_is_made() {
    embedded_only!("a fixture is a folder");
    let to = std::env::var("KITH_FIXTURE").unwrap();
    let app = TestApp::new();
    live(&app);
    let folder = app.stop();
    keep(folder.path(), Path::new(&to));
}

/// The files, and the database as one small file that names no folder of this machine.
fn keep(from: &Path, to: &Path) {
    let database = rusqlite::Connection::open(from.join("kith.db")).unwrap();
    let smaller = "UPDATE ducklake_metadata SET value = 'events/' WHERE key = 'data_path'; \
                   PRAGMA journal_mode = DELETE; PRAGMA page_size = 1024; VACUUM;";
    database.execute_batch(smaller).unwrap();
    drop(database);
    std::fs::create_dir_all(to.join("events")).unwrap();
    copy_folder(&from.join("events"), &to.join("events"));
    std::fs::copy(from.join("kith.db"), to.join("kith.db")).unwrap();
}
