//! Visits are counted, sessions have a beginning and an end (docs/wire.md §4.4).

use serde_json::{Value, json};

use crate::support::TestApp;

fn visit(session: &str, profile: &str, kind: &str) -> Value {
    json!({
        "session": {"id": session}, "profile": {"id": profile},
        "events": [{"type": kind}],
    })
}

fn visits(app: &TestApp, id: &str) -> Value {
    app.get(&format!("/profile/{id}")).ok().body["metadata"]["time"]["visit"].clone()
}

#[test]
fn a_new_session_is_a_new_visit() {
    let app = TestApp::new();
    let id = app.track(visit("monday", "", "page-view")).ok().profile();
    app.advance(3600);
    app.track(visit("tuesday", &id, "page-view")).ok();
    app.track(visit("tuesday", &id, "page-view")).ok();
    assert_json_snapshot!("visits", visits(&app, &id));
}

#[test]
fn a_session_lasts_from_its_first_to_its_last_event() {
    let app = TestApp::new();
    let id = app.track(visit("s", "", "page-view")).ok().profile();
    for _ in 0..3 {
        app.advance(20);
        app.track(visit("s", &id, "page-view")).ok();
    }
    let session = app.get("/session/s").ok().body;
    assert_eq!(session["metadata"]["time"]["duration"], 60.0);
    assert_eq!(session["metadata"]["events"], 7);
}

#[test]
fn a_client_may_end_a_visit_and_the_next_event_begins_again() {
    let app = TestApp::new();
    let id = app.track(visit("s", "", "page-view")).ok().profile();
    app.advance(10);
    app.track(visit("s", &id, "visit-ended")).ok();
    assert_eq!(app.get("/session/s").ok().body["metadata"]["status"], "ended");
    app.advance(10);
    app.track(visit("s", &id, "page-view")).ok();
    assert_eq!(app.get("/session/s").ok().body["metadata"]["status"], "active");
    let started = app.events(&id).into_iter().filter(|kind| kind == "visit-started").count();
    assert_eq!(started, 2);
    assert_eq!(visits(&app, &id)["count"], 1, "the same visit goes on");
}

#[test]
fn the_client_may_start_a_visit_itself() {
    let app = TestApp::new();
    let id = app.track(visit("s", "", "visit-started")).ok().profile();
    let started = app.events(&id).into_iter().filter(|kind| kind == "visit-started").count();
    assert_eq!(started, 1);
}

#[test]
fn changed_ids_are_told_in_the_answer() {
    let app = TestApp::new();
    let reply = app.track(visit("", "forged", "page-view")).ok();
    assert!(!reply.session().is_empty());
    assert_ne!(reply.profile(), "forged");
}
