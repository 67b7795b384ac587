//! A lake of before its columns grew, kept as a fixture: how it was made, and a copy of it.

use std::path::Path;
use std::time::Duration;

use kith::model::Time;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::support::{DAY, lake};
use crate::committer::recovery::copy_folder;
use crate::support::app::start;
use crate::support::{Setup, TestApp, engine};

/// Where it is kept.
const FIXTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/lake-of-0.1");

/// Events in its files, and in its tail.
pub(super) const IN_FILES: usize = 20;
pub(super) const IN_TAIL: usize = 4;

/// When it was left.
pub(super) fn left() -> Time {
    start().plus(Duration::from_secs(60 + 3600 + 2 * DAY))
}

/// A copy of the fixture, on the engine under test.
pub(super) fn copy() -> TempDir {
    engine::moved_from(Path::new(FIXTURE))
}

/// The copy, opened by this Kith an hour after it was left.
pub(super) fn opened(folder: TempDir) -> TestApp {
    let now = left().plus(Duration::from_secs(3600));
    TestApp::with(Setup { folder, seed: 2, now, ..Setup::default() })
}

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

/// The files, and the database as one small file that names no folder of this machine. Not by
/// `VACUUM`: it leaves what was in a page before in the page's free space, where no erasure looks.
fn keep(from: &Path, to: &Path) {
    std::fs::create_dir_all(to.join("events")).unwrap();
    copy_folder(&from.join("events"), &to.join("events"));
    let small = rusqlite::Connection::open(to.join("kith.db")).unwrap();
    small.execute_batch("PRAGMA page_size = 1024; PRAGMA secure_delete = ON").unwrap();
    small.execute("ATTACH $1 AS old", [from.join("kith.db").to_str().unwrap()]).unwrap();
    let ask = "SELECT type, name, sql FROM old.sqlite_master \
               WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%' ORDER BY rowid";
    let mut made = small.prepare(ask).unwrap();
    let made = made.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    let made: Vec<(String, String, String)> = made.map(Result::unwrap).collect();
    for (kind, name, sql) in made {
        small.execute_batch(&sql).unwrap();
        if kind == "table" {
            let fill = format!("INSERT INTO main.\"{name}\" SELECT * FROM old.\"{name}\"");
            small.execute_batch(&fill).unwrap();
        }
    }
    let format: i64 = small.query_row("PRAGMA old.user_version", [], |row| row.get(0)).unwrap();
    let rest = "UPDATE ducklake_metadata SET value = 'events/' WHERE key = 'data_path'";
    small.execute_batch(&format!("PRAGMA user_version = {format}; {rest}")).unwrap();
}
