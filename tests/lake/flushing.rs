//! From the tail into files: nothing is lost, nothing doubled, wherever it stops.

use std::sync::atomic::Ordering;

use kith::lake::{Eagerness, S3Access, check};
use serde_json::json;

use super::support::{DAY, ids, lake, number, rows, view};
use crate::committer::failures::planned;
use crate::committer::recovery::{as_killed, reopened};
use crate::support::s3::S3Place;
use crate::support::{Setup, TestApp};

fn files(app: &TestApp) -> usize {
    app.app().storage.files().unwrap().len()
}

#[test]
fn what_is_flushed_is_told_as_before() {
    let app = TestApp::new();
    for number in 0..5 {
        app.track(view(&format!("e{number}"), "s")).ok();
        app.advance(DAY / 2);
    }
    let before = rows(&app, "SELECT * FROM events ORDER BY time, id");
    assert!(before.len() >= 8, "system events are events too");
    let flushed = lake(&app).flush().unwrap();
    assert_eq!((flushed.events, flushed.files), (before.len() as u64, 3), "a file for each day");
    assert_eq!(files(&app), 3);
    assert_eq!(number(&app, "SELECT count(*) FROM kith.tail"), 0);
    assert_eq!(rows(&app, "SELECT * FROM events ORDER BY time, id"), before);
    app.track(view("late", "s")).ok();
    assert_eq!(ids(&app)["late"], 1, "found by the next request");
    assert_eq!(app.get("/event/count").ok().body["count"], json!(before.len() + 1));
    assert_eq!(lake(&app).flush().unwrap().events, 1);
    assert_eq!(lake(&app).flush().unwrap().events, 0, "nothing is left to do");
}

#[test]
fn values_are_kept_as_they_were_sent() {
    let app = TestApp::new();
    let strange = json!({
        "long": "x".repeat(3000), "unicode": "žluťoučký 🐎", "quote": "it's \"so\"", "": {"a.b": [null, true]},
        "big": 18_446_744_073_709_551_615_u64, "small": -9.25e-7, "empty": {}, "none": [],
    });
    let event = json!({"id": "odd", "type": "odd", "properties": strange, "tags": ["a", "ž"]});
    app.track(json!({"session": {"id": "s"}, "events": [event]})).ok();
    let before = app.get("/event/odd").ok().body;
    assert_eq!(before["event"]["properties"], strange);
    lake(&app).flush().unwrap();
    assert_eq!(app.get("/event/odd").ok().body, before);
}

#[test]
fn a_failure_at_either_side_of_the_commit_neither_loses_nor_doubles() {
    for is_written in [false, true] {
        let (app, plan) = planned(|_| {});
        app.track(view("a", "s")).ok();
        let before = ids(&app);
        let plan_at = if is_written { &plan.lake_after } else { &plan.lake_before };
        plan_at.store(1, Ordering::SeqCst);
        lake(&app).flush().unwrap_err();
        assert_eq!(ids(&app), before, "written: {is_written}");
        app.track(view("b", "s")).ok();
        lake(&app).flush().unwrap();
        let after = ids(&app);
        assert_eq!((after.len(), after["a"], after["b"]), (before.len() + 1, 1, 1));
        let again = reopened(as_killed(app.folder()), &app.clock, 2);
        assert_eq!(ids(&again), after);
    }
}

#[test]
fn an_event_removed_during_a_flush_does_not_come_back() {
    let app = TestApp::new();
    app.track(view("stays", "s")).ok();
    app.track(view("goes", "s")).ok();
    ids(&app);
    app.delete("/event/goes").ok();
    lake(&app).flush().unwrap();
    assert!(!ids(&app).contains_key("goes"));
    app.delete("/event/stays").ok();
    assert!(!ids(&app).contains_key("stays"), "out of the file as well");
    assert_eq!(app.get("/event/stays").status, 404);
    app.track(view("stays", "s")).ok();
    assert_eq!(ids(&app)["stays"], 1, "a removed event may come again");
}

#[test]
fn repetitions_are_known_after_a_flush() {
    let app = TestApp::new();
    app.track(view("a", "s")).ok();
    lake(&app).flush().unwrap();
    assert_eq!(app.track(view("a", "s")).ok().warnings(), ["event_repeated"]);
    assert_eq!(ids(&app)["a"], 1);
}

#[test]
fn small_files_become_one_and_replaced_ones_leave_after_their_grace() {
    let app = TestApp::new();
    for number in 0..6 {
        app.track(view(&format!("e{number}"), &format!("s{number}"))).ok();
        lake(&app).flush().unwrap();
    }
    let before = rows(&app, "SELECT * FROM events ORDER BY time, id");
    let compacted = lake(&app).compact(Eagerness::WhenWorthIt).unwrap();
    assert_eq!(compacted.replaced, 0, "six files of a day that goes on are fine");
    let compacted = lake(&app).compact(Eagerness::Everything).unwrap();
    assert_eq!((compacted.replaced, compacted.files, files(&app)), (6, 1, 1));
    assert_eq!(rows(&app, "SELECT * FROM events ORDER BY time, id"), before);
    assert_eq!(lake(&app).sweep().unwrap(), 0);
    app.advance(601);
    assert_eq!(lake(&app).sweep().unwrap(), 0, "scheduled now");
    app.advance(601);
    assert_eq!(lake(&app).sweep().unwrap(), 6);
    assert_eq!(rows(&app, "SELECT * FROM events ORDER BY time, id"), before);
}

#[test]
fn merged_people_are_one_in_all_of_history() {
    let app = TestApp::new();
    let sign_in = |session: &str| {
        let properties = json!({"email": {"main": "ann@example.com"}});
        json!({"session": {"id": session}, "events": [{"type": "sign-in", "properties": properties}]})
    };
    let first = app.track(view("a", "one")).ok().profile();
    app.advance(1);
    let second = app.track(view("b", "two")).ok().profile();
    lake(&app).flush().unwrap();
    app.track(sign_in("one")).ok();
    let people = "SELECT count(DISTINCT profile_id) FROM events";
    assert_eq!(number(&app, people), 2);
    app.track(sign_in("two")).ok();
    assert_eq!(number(&app, people), 1);
    assert_eq!(app.events(&second).len(), app.events(&first).len());
    let again = reopened(as_killed(app.folder()), &app.clock, 2);
    assert_eq!(number(&again, people), 1);
}

#[test]
fn rounds_leave_the_tail_when_nobody_needs_them() {
    let app = TestApp::new();
    app.track(view("a", "s")).ok();
    lake(&app).flush().unwrap();
    let storage = &app.app().storage;
    let was_some = [(); 2].map(|()| storage.tidy_up(app.clock.now()).unwrap());
    assert_eq!(was_some, [true, false]);
    let mut rounds = 0;
    storage
        .tail(&mut |_| {
            rounds += 1;
            std::ops::ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(rounds, 0);
    assert_eq!(ids(&app)["a"], 1);
}

#[test]
fn days_without_end_do_not_make_files_without_end() {
    let app = TestApp::new();
    for payload in 0..10 {
        let event = |number: u64| {
            let time = format!("20{:02}-03-{:02}T00:00:00Z", payload + 10, number + 1);
            json!({"type": "x", "time": {"insert": time}})
        };
        let events: Vec<_> = (0..20).map(event).collect();
        app.track(json!({"session": {"id": "s"}, "events": events})).ok();
    }
    let flushed = lake(&app).flush().unwrap();
    assert_eq!(flushed.files, 33);
    let days = "SELECT count(DISTINCT time) FROM events WHERE type = 'x'";
    assert_eq!(number(&app, days), 200);
}

/// More than DuckDB keeps in one row group, several times: it must not lose any.
#[test]
fn great_numbers_are_flushed_whole() {
    const EVENTS: u64 = 130_000;
    let app = TestApp::new();
    let storage = &app.app().storage;
    storage.claim("many", app.clock.now()).unwrap();
    for seq in 1..=3 {
        let mut rows = kith::events::Rows::default();
        for number in 0..EVENTS {
            let time = "\"time\":\"2026-01-05T10:00:00Z\"";
            let line = format!("{{\"id\":\"{seq}-{number}\",\"type\":\"x\",{time}}}\n");
            rows.lines.extend_from_slice(line.as_bytes());
        }
        rows.count = EVENTS;
        let at = kith::storage::Through { stream: "many".into(), seq };
        storage.commit(&kith::storage::Changes { at, rows, ..Default::default() }).unwrap();
        assert_eq!(number(&app, "SELECT count(*) FROM kith.tail"), EVENTS.cast_signed());
        assert_eq!(lake(&app).flush().unwrap().events, EVENTS);
        let all = number(&app, "SELECT count(DISTINCT id) FROM events");
        assert_eq!(all, (EVENTS * seq).cast_signed());
    }
}

#[test]
fn the_files_may_lie_in_another_folder() {
    let place = tempfile::TempDir::new().unwrap();
    let url = format!("file://{}", place.path().display());
    let s3 = Some(S3Place { url, access: S3Access::default() });
    let app = TestApp::with(Setup { s3, ..Setup::default() });
    app.track(view("a", "s")).ok();
    lake(&app).flush().unwrap();
    assert_eq!(ids(&app)["a"], 1);
    let file = &app.app().storage.files().unwrap()[0];
    assert!(place.path().join(&file.path).exists());
    assert!(!app.folder().join("events").exists());
}

/// Each removes files that its catalogue does not know.
#[test]
fn a_folder_that_is_named_belongs_to_the_installation_that_came_first() {
    let place = tempfile::TempDir::new().unwrap();
    let url = format!("file://{}", place.path().display());
    let open = |key: [u8; 32]| {
        let folder = tempfile::TempDir::new().unwrap();
        let mut config = kith::config::Config::for_testing(folder.path().to_owned());
        config.events_url.clone_from(&url);
        let clock = kith::clock::Clock::set_to(crate::support::app::start());
        let storage = kith::storage::Sqlite::open(folder.path(), &config.storage, clock.now(), key);
        let parts = kith::lake::Parts {
            storage: std::sync::Arc::new(storage.unwrap()),
            telemetry: std::sync::Arc::new(kith::telemetry::Telemetry::new()),
            ids: kith::ids::Ids::seeded(1),
            s3: S3Access::default(),
            program: "/nowhere".into(),
            who: kith::lake::Who::Server,
            clock,
        };
        kith::lake::Lake::open(&config, parts).map(drop).map_err(|error| error.to_string())
    };
    open([1; 32]).unwrap();
    open([1; 32]).unwrap();
    assert!(open([2; 32]).unwrap_err().ends_with("the files of another Kith lie there"));
    std::fs::write(place.path().join("kith.json"), "").unwrap();
    open([2; 32]).unwrap();
    assert!(open([1; 32]).is_err(), "a mark that was never written is nobody's");
}

#[test]
fn a_file_that_is_missing_or_cut_is_named() {
    let app = TestApp::new();
    app.track(view("a", "s")).ok();
    app.advance(DAY);
    app.track(view("b", "s")).ok();
    lake(&app).flush().unwrap();
    let check = || check(&app.app().config, app.app().storage.as_ref(), &S3Access::default());
    assert_eq!(check().unwrap(), Vec::<String>::new());
    let files = app.app().storage.files().unwrap();
    let path = |at: usize| app.folder().join("events").join(&files[at].path);
    std::fs::remove_file(path(0)).unwrap();
    std::fs::write(path(1), "cut").unwrap();
    let problems = check().unwrap();
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems[1].contains("has 3 bytes"), "{problems:?}");
    assert_eq!(
        app.post("/event/select", &json!({})).status,
        503,
        "and nobody is told less than all"
    );
}
