//! A person is erased to the last byte, and nobody else is.

use std::path::PathBuf;

use kith::lake::Erasure;
use serde_json::json;

use super::referee::agrees;
use super::support::{ids, lake, rows, view};
use crate::committer::recovery::{as_killed, reopened};
use crate::support::app::start;
use crate::support::{TestApp, engine, files_with};

/// Stands in nothing but this person's data.
pub(super) const SECRET: &str = "zanzibar-4711";

pub(crate) fn tell(app: &TestApp, id: &str, session: &str) -> String {
    let properties = json!({"email": {"main": format!("{SECRET}@example.com")}, "note": SECRET});
    let event = json!({"id": id, "type": "sign-in", "properties": properties});
    let context = json!({"page": {"title": SECRET}});
    let payload = json!({"session": {"id": session}, "context": context, "events": [event]});
    app.track(payload).ok().profile()
}

/// What the lake's own thread does when it is due.
pub(crate) fn erase_all(app: &TestApp) {
    let kith = app.app();
    for row in kith.storage.erasures().unwrap() {
        lake(app).erase(&Erasure::from(row), &kith.committer, &kith.hashing).unwrap();
    }
}

#[test]
fn nothing_of_the_person_is_left_and_everything_of_others_is() {
    let app = TestApp::new();
    app.track(view("other", "other")).ok();
    let person = tell(&app, "first", "one");
    lake(&app).flush().unwrap();
    app.advance(5);
    assert_eq!(tell(&app, "second", "two"), person);
    app.advance(5);
    tell(&app, "third", "two");
    assert!(!files_with(app.folder(), SECRET).is_empty(), "the test would see it");
    let others = rows(&app, "SELECT * FROM events WHERE session_id = 'other' ORDER BY id");

    let reply = app.delete(&format!("/api/profiles/{person}"));
    assert_eq!(reply.status, 202, "{}", reply.text);
    let address = format!("/api/erasures/{}", reply.body["erasure"].as_str().unwrap());
    assert_eq!(app.get(&address).ok().body["status"], "running");
    assert!(
        !ids(&app).contains_key("first") && !ids(&app).contains_key("third"),
        "invisible at once"
    );
    assert_eq!(app.get(&format!("/profile/{person}")).status, 404);

    erase_all(&app);
    let told = app.get(&address).ok().body;
    assert_eq!(told["status"], "done");
    assert_eq!(told["report"]["sessions"], 2, "{told}");
    assert!(told["report"]["events_in_files"].as_u64().unwrap() >= 1, "{told}");
    assert_eq!(rows(&app, "SELECT * FROM events WHERE session_id = 'other' ORDER BY id"), others);
    assert_eq!(app.get("/session/two").status, 404);
    for text in [SECRET, &person] {
        assert_eq!(files_with(app.folder(), text), Vec::<PathBuf>::new(), "{text}");
    }
    let again = reopened(as_killed(app.folder()), &app.clock, 2);
    assert_eq!(
        ids(&again).keys().filter(|id| ["first", "second", "third"].contains(&id.as_str())).count(),
        0
    );
    assert_eq!(again.app().storage.check().unwrap(), Vec::<String>::new());
}

/// It cannot be said to be done, but what can be is.
#[test]
fn whoever_is_in_a_file_that_cannot_be_read_is_erased_from_all_others() {
    let app = TestApp::new();
    for (id, session) in [("first", "one"), ("second", "two"), ("third", "three")] {
        tell(&app, id, session);
        lake(&app).flush().unwrap();
        app.advance(5);
    }
    let person = tell(&app, "fourth", "four");
    let files = app.app().storage.files().unwrap();
    let place = |at: usize| app.folder().join("events").join(&files[at].path);
    let good = std::fs::read(place(0)).unwrap();
    std::fs::write(place(0), vec![0; good.len()]).unwrap();
    app.delete(&format!("/api/profiles/{person}"));
    let kith = app.app();
    let erase = || {
        let asked = kith.storage.erasures().unwrap().remove(0);
        lake(&app).erase(&Erasure::from(asked), &kith.committer, &kith.hashing)
    };
    let refused = erase().unwrap_err().to_string();
    assert!(refused.contains(&files[0].path), "{refused}");
    assert_eq!(app.app().storage.erasures().unwrap().len(), 1, "it is tried again");
    let left: Vec<i64> = kith.storage.files().unwrap().iter().map(|file| file.id).collect();
    assert_eq!(left, [files[0].id], "nobody else is in them");
    std::fs::write(place(0), good).unwrap();
    erase().unwrap();
    assert_eq!(files_with(app.folder(), SECRET), Vec::<PathBuf>::new());
}

#[test]
fn whoever_comes_back_is_somebody_new() {
    let app = TestApp::new();
    let person = tell(&app, "first", "one");
    app.delete(&format!("/api/profiles/{person}"));
    erase_all(&app);
    let payload = json!({
        "session": {"id": "one"}, "profile": {"id": person},
        "events": [{"id": "first", "type": "page-view"}],
    });
    let reply = app.track(payload).ok();
    assert_ne!(reply.profile(), person);
    assert_eq!(reply.warnings(), Vec::<&str>::new(), "its event ids are forgotten as well");
    assert_eq!(ids(&app)["first"], 1);
    assert_eq!(app.delete("/api/profiles/nobody").status, 404);
    assert_eq!(app.get("/api/erasures/none").status, 404);
}

#[test]
fn history_that_a_removed_profile_left_can_be_erased() {
    let app = TestApp::new();
    let person = tell(&app, "first", "one");
    lake(&app).flush().unwrap();
    app.delete(&format!("/profile/{person}")).ok();
    assert_eq!(ids(&app)["first"], 1);
    assert_eq!(app.delete(&format!("/api/profiles/{person}")).status, 202);
    erase_all(&app);
    assert!(!ids(&app).contains_key("first"));
}

/// A person of two ids, with events under both of them in a file and in the tail: the id that lives,
/// and the other one.
fn merged(app: &TestApp) -> [String; 2] {
    let first = tell(app, "first", "one");
    app.advance(5);
    let seen = json!({"id": "second", "type": "page-view", "properties": {"note": SECRET}});
    let other = app.track(json!({"session": {"id": "two"}, "events": [seen]})).ok().profile();
    assert_ne!(first, other);
    lake(app).flush().unwrap();
    app.advance(5);
    assert_eq!(tell(app, "third", "two"), first, "one person from now on");
    [first, other]
}

#[test]
fn a_removed_person_is_erased_under_every_id_they_had() {
    for (named, is_restarted) in [(0, false), (1, false), (0, true), (1, true)] {
        let mut app = TestApp::new();
        app.track(view("other", "other")).ok();
        let people = merged(&app);
        app.delete(&format!("/profile/{}", people[0])).ok();
        if is_restarted {
            app = reopened(app.stop(), &start_clock(), 2);
        }
        let reply = app.delete(&format!("/api/profiles/{}", people[named]));
        assert_eq!(reply.status, 202, "{}", reply.text);
        assert_eq!(Vec::from_iter(ids(&app).into_keys().filter(|id| theirs(id))), [""; 0]);
        erase_all(&app);
        assert_eq!(ids(&app)["other"], 1);
        assert_eq!(app.get("/session/two").status, 404);
        for text in [SECRET, &people[0], &people[1]] {
            assert_eq!(files_with(app.folder(), text), Vec::<PathBuf>::new(), "{text}");
        }
        assert_eq!(app.delete(&format!("/api/profiles/{}", people[named])).status, 404);
    }
}

fn theirs(id: &str) -> bool {
    ["first", "second", "third"].contains(&id)
}

fn start_clock() -> kith::clock::Clock {
    kith::clock::Clock::set_to(start().plus(std::time::Duration::from_secs(60)))
}

#[test]
fn whoever_comes_again_with_an_id_of_a_removed_person_is_erased_with_them() {
    let app = TestApp::new();
    app.add_source("crm", |source| source.static_profile_id = true);
    let visit = |id: &str, profile: &str| {
        let event = json!({"id": id, "type": "page-view"});
        let (source, profile) = (json!({"id": "crm"}), json!({"id": profile}));
        let session = json!({"id": id});
        json!({"source": source, "session": session, "profile": profile, "events": [event]})
    };
    app.track(visit("first", "customer")).ok();
    app.delete("/profile/customer").ok();
    app.track(visit("second", "customer")).ok();
    app.track(visit("other", "somebody")).ok();
    assert_eq!(app.delete("/api/profiles/customer").status, 202);
    assert_eq!(app.get("/profile/customer").status, 404);
    erase_all(&app);
    assert_eq!(Vec::from_iter(ids(&app).into_keys().filter(|id| theirs(id))), [""; 0]);
    assert_eq!(app.get("/profile/somebody").status, 200);
    assert_eq!(app.delete("/api/profiles/customer").status, 404);
}

#[test]
fn what_a_removed_person_did_is_shown_alike_before_and_after_a_restart() {
    let app = TestApp::new();
    let people = merged(&app);
    let whose = |app: &TestApp| rows(app, "SELECT id, profile_id FROM events ORDER BY ALL");
    assert!(whose(&app).iter().all(|row| row["profile_id"] == *people[0]));
    app.delete(&format!("/profile/{}", people[0])).ok();
    let before = whose(&app);
    let again = reopened(app.stop(), &start_clock(), 2);
    assert_eq!(whose(&again), before);
}

#[test]
fn nobody_remembers_that_somebody_who_is_erased_was_another() {
    let app = TestApp::new();
    let known_by = |session: &str, key: &str| {
        let properties = json!({"identifier": {"id": key}});
        let event = json!({"type": "profile-update", "properties": properties});
        app.advance(60);
        app.track(json!({"session": {"id": session}, "events": [event]})).ok().profile()
    };
    let identity = |id: &str| app.get(&format!("/api/profiles/{id}/identity")).ok().body;
    let one = known_by("one", "K1");
    let other = known_by("two", "K2");
    assert_eq!(known_by("two", "K1"), one);
    let merge = identity(&one)["merges"][0]["id"].as_str().unwrap().to_owned();
    app.post(&format!("/api/merges/{merge}/undo"), &json!({})).ok();
    // The record of a later merger has them as they were.
    let third = known_by("three", "K3");
    assert_eq!(known_by("three", "K2"), other);
    assert_ne!(third, other);
    assert_eq!(identity(&other)["apart"], json!([one]));
    assert_eq!(app.delete(&format!("/api/profiles/{one}")).status, 202);
    erase_all(&app);
    assert_eq!(identity(&other)["apart"], json!([]));
    assert_eq!(files_with(app.folder(), &one), Vec::<PathBuf>::new());
    let merge = identity(&other)["merges"][0]["id"].as_str().unwrap().to_owned();
    app.post(&format!("/api/merges/{merge}/undo"), &json!({})).ok();
    assert_eq!(identity(&other)["apart"], json!([third]), "the others are two as before");
}

#[test]
fn a_removed_event_is_nowhere() {
    let app = TestApp::new();
    let person = tell(&app, "first", "one");
    app.advance(5);
    tell(&app, "second", "one");
    lake(&app).flush().unwrap();
    let old: Vec<_> =
        app.app().storage.files().unwrap().into_iter().map(|file| file.path).collect();
    app.delete("/event/first").ok();
    assert_eq!(app.get("/event/first").status, 404);
    for address in [
        format!("/events/profile/{person}"),
        format!("/events/session/one/profile/{person}"),
        "/api/events".to_owned(),
        format!("/api/profiles/{person}/export"),
    ] {
        let told = app.get(&address).ok().text;
        assert!(
            told.contains("\"id\":\"second\"") && !told.contains("\"id\":\"first\""),
            "{address}: {told}"
        );
    }
    assert_eq!(ids(&app).keys().filter(|id| theirs(id)).collect::<Vec<_>>(), ["second"]);
    // Whoever reads the files without Kith finds no moment at which it was there.
    let snapshots =
        engine::rows(app.folder(), "SELECT CAST(count(*) AS TEXT) FROM ducklake_snapshot");
    assert_eq!(snapshots, [["1"]]);
    for path in old {
        assert!(!app.folder().join("events").join(&path).exists(), "{path}");
    }
    agrees(&app, "after an event was removed");
}

#[test]
fn an_event_is_removed_from_the_source_that_it_is_shown_of() {
    let app = TestApp::new();
    app.add_source("other", |_| {});
    let send = |source: &str, kind: &str| {
        let event = json!({"id": "same", "type": kind});
        app.track(json!({"source": {"id": source}, "events": [event]})).ok()
    };
    let is_repeated = |source: &str| send(source, "again").warnings() == ["event_repeated"];
    for is_in_files in [false, true] {
        send("shop", "older");
        app.advance(5);
        send("other", "newer");
        if is_in_files {
            lake(&app).flush().unwrap();
        }
        assert_eq!(app.get("/event/same").ok().body["event"]["type"], "newer");
        app.delete("/event/same").ok();
        let left = app.get("/event/same").ok().body["event"].clone();
        assert_eq!((&left["type"], &left["source"]["id"]), (&json!("older"), &json!("shop")));
        assert!(is_repeated("shop"), "its mark stays");
        assert!(!is_repeated("other"), "its mark has gone");
        app.delete("/event/same").ok();
        app.delete("/event/same").ok();
        assert_eq!(app.delete("/event/same").status, 404);
        app.advance(5);
    }
}
