//! A person is erased to the last byte, and nobody else is.

use kith::lake::Erasure;
use serde_json::json;

use super::support::{ids, lake, rows, view};
use crate::committer::recovery::{as_killed, reopened};
use crate::support::{TestApp, files_with};

/// Stands in nothing but this person's data.
pub(super) const SECRET: &str = "zanzibar-4711";

pub(super) fn tell(app: &TestApp, id: &str, session: &str) -> String {
    let properties = json!({"email": {"main": format!("{SECRET}@example.com")}, "note": SECRET});
    let event = json!({"id": id, "type": "sign-in", "properties": properties});
    let context = json!({"page": {"title": SECRET}});
    let payload = json!({"session": {"id": session}, "context": context, "events": [event]});
    app.track(payload).ok().profile()
}

/// What the lake's own thread does when it is due.
pub(super) fn erase_all(app: &TestApp) {
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
        assert_eq!(files_with(app.folder(), text), Vec::<std::path::PathBuf>::new(), "{text}");
    }
    let again = reopened(as_killed(app.folder()), &app.clock, 2);
    assert_eq!(
        ids(&again).keys().filter(|id| ["first", "second", "third"].contains(&id.as_str())).count(),
        0
    );
    assert_eq!(again.app().storage.check().unwrap(), Vec::<String>::new());
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
