//! A lake of before its columns grew: read, written to, merged, thinned and erased by this Kith.

use std::sync::Barrier;

use kith::events::COLUMNS;
use kith::lake::Eagerness;
use kith::model::Map;
use kith::storage::StorageError;
use serde_json::{Value, json};

use super::erasing::erase_all;
use super::old_lake::{IN_FILES, IN_TAIL, copy, left, opened};
use super::referee::{agrees, referee};
use super::support::{lake, number, rows};
use crate::support::s3::S3;
use crate::support::server::said;
use crate::support::{Setup, TestApp, engine, files_with};

/// What Ann alone has said.
const ADDRESS: &str = "ann@example.com";

/// All of history in the old columns, which nothing that happens to files may change.
fn old_columns(app: &TestApp) -> Vec<Map> {
    rows(app, "SELECT * EXCLUDE (position) FROM events ORDER BY id")
}

/// Positions by the ids of events that have one.
fn positions(app: &TestApp) -> Vec<(String, u64)> {
    let sql = "SELECT id, position FROM events WHERE position IS NOT NULL AND length(id) < 9 \
               ORDER BY id";
    let told = rows(app, sql).into_iter();
    told.map(|row| (row["id"].as_str().unwrap().to_owned(), row["position"].as_u64().unwrap()))
        .collect()
}

/// Three new events of one payload of Bob's, whose times are the old ones' days.
fn more(app: &TestApp) {
    let event = |id: &str, day: u64| {
        let time = json!({"insert": format!("2026-01-0{day}T23:00:00Z")});
        json!({"id": id, "type": "new", "time": time, "properties": {"price": 1.0}})
    };
    let events = [event("n1", 5), event("n2", 6), event("n3", 7)];
    app.track(json!({"session": {"id": "bob-1"}, "events": events})).ok();
}

fn is_whole(app: &TestApp) -> Vec<bool> {
    app.app().storage.files().unwrap().iter().map(|file| file.is_whole).collect()
}

fn catalogue(app: &TestApp, sql: &str) -> Vec<Vec<String>> {
    engine::rows(app.folder(), sql)
}

#[test]
fn the_catalogue_gets_the_column_as_ducklake_adds_one() {
    let folder = copy();
    let sql = "SELECT column_id, column_name FROM ducklake_column WHERE column_name <> 'element' \
               ORDER BY column_id";
    let before = engine::rows(folder.path(), sql);
    let ours = COLUMNS.iter().map(|column| vec![column.field_id.to_string(), column.name.into()]);
    let ours: Vec<Vec<String>> = ours.collect();
    assert_eq!(before, ours[..40], "numbers are what they were");
    let app = opened(folder);
    assert_eq!(catalogue(&app, sql), ours);
    let added = "SELECT begin_snapshot, column_order, column_type, parent_column, nulls_allowed, \
                 initial_default, default_value FROM ducklake_column WHERE column_id = 43";
    assert_eq!(catalogue(&app, added), [["5", "43", "int64", "null", "1", "null", "NULL"]]);
    let last = "SELECT s.snapshot_id, schema_version, next_catalog_id, next_file_id, changes_made \
                FROM ducklake_snapshot s JOIN ducklake_snapshot_changes c \
                ON c.snapshot_id = s.snapshot_id ORDER BY s.snapshot_id DESC LIMIT 1";
    assert_eq!(catalogue(&app, last), [["5", "2", "3", "3", "altered_table:1"]]);
    let versions = "SELECT begin_snapshot, schema_version, table_id FROM ducklake_schema_versions \
                    ORDER BY 1";
    assert_eq!(catalogue(&app, versions), [["1", "1", "1"], ["5", "2", "1"]]);
    assert_eq!(referee(&app)["widths"], json!({"1": [40], "2": [45]}), "each has its columns");
}

#[test]
fn it_grows_once_however_often_and_by_how_many_it_is_opened() {
    let app = opened(copy());
    let snapshots = || catalogue(&app, "SELECT max(snapshot_id) FROM ducklake_snapshot");
    let before = snapshots();
    let storage = &app.app().storage;
    storage.locate("elsewhere/", left()).unwrap();
    assert_eq!(snapshots(), before, "nothing is missing");
    let forget = [
        "DELETE FROM ducklake_column WHERE column_id = 47",
        "DELETE FROM ducklake_schema_versions WHERE schema_version > 1",
    ];
    for round in 1..=10 {
        forget.iter().for_each(|sql| engine::change(app.folder(), sql));
        let together = Barrier::new(8);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    together.wait();
                    storage.locate("events/", left()).unwrap();
                });
            }
        });
        assert_eq!(snapshots(), [[(5 + round).to_string()]]);
        assert_eq!(catalogue(&app, "SELECT count(*) FROM ducklake_column"), [["47"]]);
    }
}

#[test]
fn a_catalogue_of_a_newer_one_is_refused() {
    let app = opened(copy());
    let newer = "INSERT INTO ducklake_column SELECT 48, begin_snapshot, NULL, table_id, 48, 'mood', \
                 column_type, NULL, default_value, 1, NULL, 'literal', 'duckdb' \
                 FROM ducklake_column WHERE column_id = 43";
    engine::change(app.folder(), newer);
    let refused = app.app().storage.locate("events/", left()).unwrap_err();
    assert!(matches!(&refused, StorageError::UnknownColumn(name) if name == "mood"), "{refused}");
    let said = refused.to_string();
    assert!(said.contains("the column mood, which a newer Kith has added"), "{said}");
    engine::change(app.folder(), "DELETE FROM ducklake_column WHERE column_id = 48");
    engine::change(
        app.folder(),
        "UPDATE ducklake_column SET end_snapshot = 9 WHERE column_id = 43",
    );
    let refused = app.app().storage.must_have_columns().unwrap_err().to_string();
    let (name, is) = (COLUMNS.iter().find(|one| one.field_id == 43).unwrap().name, "no column");
    assert!(
        refused.contains(&format!("{is} {name} yet")) && !refused.contains("format"),
        "{refused}"
    );
    engine::change(
        app.folder(),
        "UPDATE ducklake_column SET end_snapshot = NULL WHERE column_id = 43",
    );
    let renamed = "UPDATE ducklake_column SET column_name = 'place' WHERE column_id = 43";
    engine::change(app.folder(), renamed);
    let refused = app.app().storage.locate("events/", left()).unwrap_err();
    assert!(refused.to_string().contains("43 of the catalogue is place"), "{refused}");
}

#[test]
fn an_old_lake_is_read_and_goes_on() {
    let app = opened(copy());
    assert_eq!(number(&app, "SELECT count(*) FROM events"), (IN_FILES + IN_TAIL) as i64);
    assert_eq!(number(&app, "SELECT count(position) FROM events"), 0);
    assert_eq!(referee(&app)["without_position"], json!(IN_FILES));
    assert_eq!(referee(&app)["positions"], json!(vec![Value::Null; IN_FILES]));
    let session = app.get("/session/ann-1").ok().body["profile"]["id"].clone();
    let person = app.events(session.as_str().unwrap());
    assert_eq!(person.len(), 15, "of both of Ann's devices: {person:?}");
    let one = rows(&app, "SELECT * FROM events WHERE id = 'a3'").remove(0);
    assert_eq!(one["properties"]["text"], "žluťoučký 🐎");
    assert_eq!(one["tags"], json!(["old", "ž"]));

    more(&app);
    let new: Vec<(String, u64)> = (0..3).map(|at| (format!("n{}", at + 1), at)).collect();
    assert_eq!(positions(&app), new, "in the tail, beside old lines");
    let before: Vec<Map> = old_columns(&app);
    lake(&app).flush().unwrap();
    assert_eq!(is_whole(&app).iter().filter(|whole| !**whole).count(), 3);
    assert_eq!((old_columns(&app), positions(&app)), (before.clone(), new.clone()));
    agrees(&app, "after a flush");

    // A day with files of both kinds has old and new events.
    let merged = lake(&app).compact(Eagerness::Everything).unwrap();
    assert!(merged.files >= 2, "{merged:?}");
    assert!(is_whole(&app).iter().all(|whole| *whole), "{:?}", is_whole(&app));
    assert_eq!((old_columns(&app), positions(&app)), (before, new));
    agrees(&app, "after compaction");
    let again = opened(crate::committer::recovery::as_killed(app.folder()));
    assert_eq!(number(&again, "SELECT count(*) FROM events"), (IN_FILES + IN_TAIL) as i64 + 3);
}

#[test]
fn files_of_both_shapes_are_thinned_and_erased() {
    let app = opened(copy());
    more(&app);
    lake(&app).flush().unwrap();
    let person = app.get("/session/ann-2").ok().body["profile"]["id"].as_str().unwrap().to_owned();
    let theirs = rows(&app, "SELECT * FROM events WHERE session_id = 'bob-1' ORDER BY id");
    assert!(!files_with(app.folder(), &person).is_empty(), "the test would see it");
    assert_eq!(app.delete(&format!("/api/profiles/{person}")).status, 202);
    erase_all(&app);
    assert_eq!(rows(&app, "SELECT * FROM events ORDER BY id"), theirs, "and nothing else");
    agrees(&app, "after an erasure");
    for text in [ADDRESS, &person] {
        assert_eq!(files_with(app.folder(), text), Vec::<std::path::PathBuf>::new(), "{text}");
    }

    app.add_source("shop", |source| source.retention_days = 1);
    let old = "SELECT count(*) FROM events WHERE time < TIMESTAMPTZ '2026-01-06'";
    let (gone, all) = (number(&app, old), number(&app, "SELECT count(*) FROM events"));
    assert!(gone > 3, "{gone}");
    assert_eq!(lake(&app).expire(&app.app().registry.now()).unwrap().events, gone.cast_unsigned());
    assert_eq!(number(&app, "SELECT count(*) FROM events"), all - gone);
    agrees(&app, "after retention");
}

#[test]
fn a_rewritten_old_file_is_whole() {
    let app = opened(copy());
    app.delete("/event/a3").ok();
    assert_eq!(is_whole(&app).iter().filter(|whole| **whole).count(), 1);
    assert_eq!(number(&app, "SELECT count(*) FROM events"), (IN_FILES + IN_TAIL) as i64 - 1);
    assert_eq!(referee(&app)["without_position"], json!(IN_FILES - 1));
}

#[test]
fn files_of_both_shapes_may_lie_on_s3() {
    let s3 = S3::new();
    let folder = copy();
    for path in engine::rows(folder.path(), "SELECT path FROM ducklake_data_file") {
        s3.put(&path[0], &std::fs::read(folder.path().join("events").join(&path[0])).unwrap());
    }
    std::fs::remove_dir_all(folder.path().join("events")).unwrap();
    let app = TestApp::with(Setup {
        folder,
        seed: 2,
        now: left(),
        s3: Some(s3.place()),
        ..Setup::default()
    });
    more(&app);
    lake(&app).flush().unwrap();
    let before = old_columns(&app);
    assert_eq!(before.len(), IN_FILES + IN_TAIL + 3);
    lake(&app).compact(Eagerness::Everything).unwrap();
    assert_eq!((old_columns(&app), positions(&app).len()), (before, 3));
}

#[test]
fn those_who_only_look_change_nothing_and_copies_grow_where_they_are_opened() {
    embedded_only!("backups are of the embedded engine");
    let folder = copy();
    // The newest tables, by a server of before the columns.
    let config = kith::config::Config::for_testing(folder.path().to_owned());
    drop(engine::open(&config, &kith::clock::Clock::set_to(left()), [7; 32]));
    let database = || std::fs::read(folder.path().join("kith.db")).unwrap();
    let columns = |folder: &std::path::Path| {
        engine::rows(folder, "SELECT count(*) FROM ducklake_column").remove(0).remove(0)
    };
    let place = tempfile::tempdir().unwrap();
    let backup = place.path().join("backup");
    let is = said(folder.path(), &["check"]);
    assert!(is.contains("The data is whole."), "{is}");
    said(folder.path(), &["backup", backup.to_str().unwrap()]);
    assert_eq!(columns(folder.path()), "42");
    let restored = place.path().join("restored");
    said(&restored, &["restore", backup.to_str().unwrap()]);
    assert_eq!((columns(&restored), database().is_empty()), ("42".to_owned(), false));
    let sql = "SELECT count(*) AS n, count(position) AS p FROM events";
    assert_eq!(said(&restored, &["sql", sql]), format!("n,p\n{},0\n", IN_FILES + IN_TAIL));
    assert_eq!(columns(&restored), "42", "whoever asks changes nothing either");
    said(&restored, &["events", "compact"]);
    assert_eq!(columns(&restored), "47");
    let file = place.path().join("all.jsonl");
    said(&restored, &["export", file.to_str().unwrap()]);
    assert_eq!(std::fs::read_to_string(file).unwrap().lines().count(), IN_FILES + IN_TAIL);
}
