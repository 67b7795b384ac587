//! The table of options in `docs/api.md`, line by line.

use serde_json::{Value, json};

use crate::support::{Reply, TestApp};

/// A first visit with these payload options and event options.
fn first_visit(app: &TestApp, options: &Value, event: &Value) -> Reply {
    app.track(json!({
        "session": {"id": "s"},
        "events": [{"id": "e", "type": "increase-interest", "options": event,
                    "properties": {"interest": "sport", "value": 1}}],
        "options": options,
    }))
    .ok()
}

fn count(app: &TestApp, what: &str) -> u64 {
    app.get(&format!("/{what}/count")).ok().body["count"].as_u64().unwrap()
}

/// Profiles, sessions and events kept.
fn kept(app: &TestApp) -> [u64; 3] {
    ["profile", "session", "event"].map(|what| count(app, what))
}

#[test]
fn everything_is_kept_by_default_and_only_booleans_count() {
    for options in [json!({}), json!(null), json!({"saveEvents": "false", "saveSession": 0})] {
        let app = TestApp::new();
        first_visit(&app, &options, &options);
        assert_eq!(kept(&app), [1, 1, 4]);
    }
}

#[test]
fn without_the_session() {
    let app = TestApp::new();
    let reply = first_visit(&app, &json!({"saveSession": false}), &json!({}));
    assert!(reply.body["session"]["id"].is_null());
    assert_eq!(kept(&app), [1, 0, 2], "the event and profile-created");
    assert_eq!(app.get("/event/e").ok().body["event"]["session"], json!(null));
}

#[test]
fn without_the_events() {
    let app = TestApp::new();
    let reply = first_visit(&app, &json!({"saveEvents": false}), &json!({}));
    assert_eq!(kept(&app), [1, 1, 0]);
    let profile = app.get(&format!("/profile/{}", reply.profile())).ok().body;
    assert_eq!(profile["interests"], json!({"sport": 1}), "processed all the same");
}

#[test]
fn without_the_profile() {
    let app = TestApp::new();
    let reply = first_visit(&app, &json!({"saveProfile": false}), &json!({}));
    assert!(reply.body["profile"]["id"].is_null());
    assert_eq!(kept(&app)[0], 0);
    assert_eq!(app.get("/session/s").ok().body["profile"], json!(null));
    assert_eq!(app.get("/event/e").ok().body["event"]["profile"], json!(null));
    let later = app.track(json!({"session": {"id": "s"}, "events": [{"type": "x"}]})).ok();
    assert_eq!(app.get(&format!("/profile/{}", later.profile())).ok().status, 200);
}

#[test]
fn an_event_that_is_not_kept_is_processed() {
    for option in ["save", "saveEvent"] {
        let app = TestApp::new();
        let reply = first_visit(&app, &json!({}), &json!({option: false}));
        assert_eq!(kept(&app), [1, 1, 3], "the system's events");
        assert_eq!(app.get("/event/e").status, 404);
        let profile = app.get(&format!("/profile/{}", reply.profile())).ok().body;
        assert_eq!(profile["interests"], json!({"sport": 1}));
    }
}

#[test]
fn an_event_without_the_session() {
    let app = TestApp::new();
    let events = json!([
        {"id": "with", "type": "x"},
        {"id": "without", "type": "x", "options": {"saveSession": false}},
    ]);
    app.track(json!({"session": {"id": "s"}, "events": events})).ok();
    assert_eq!(app.get("/event/with").ok().body["event"]["session"]["id"], "s");
    assert_eq!(app.get("/event/without").ok().body["event"]["session"], json!(null));
    assert_eq!(count(&app, "session"), 1);
}

#[test]
fn no_event_with_the_session_is_as_the_payloads_option() {
    let app = TestApp::new();
    let reply = first_visit(&app, &json!({}), &json!({"saveSession": false}));
    assert!(reply.body["session"]["id"].is_null());
    assert_eq!(count(&app, "session"), 0);
}

#[test]
fn the_profiles_body_is_returned_only_where_the_source_allows_it() {
    let app = TestApp::new();
    let reply = first_visit(&app, &json!({}), &json!({"profile": true}));
    let pass = &reply.body["profile"]["pass"];
    assert_eq!(reply.body["profile"], json!({"id": reply.profile(), "pass": pass}));
    app.add_source("own", |source| source.returns_profile = true);
    let payload = |profile: bool| {
        let event = json!({"type": "x", "options": {"profile": profile}});
        json!({"source": {"id": "own"}, "session": {"id": "s"}, "events": [event]})
    };
    let with = app.track(payload(true)).ok();
    assert_eq!(with.body["profile"]["interests"], json!({"sport": 1}));
    let without = app.track(payload(false)).ok();
    assert_eq!(
        (without.profile(), without.body["profile"]["data"].is_null()),
        (with.profile(), true)
    );
    let mut unsaved = payload(true);
    unsaved["options"] = json!({"saveProfile": false});
    assert_eq!(app.track(unsaved).ok().body["profile"], json!({"id": null}));
}

#[test]
fn an_event_may_ask_for_its_id() {
    let app = TestApp::new();
    let reply = first_visit(&app, &json!({}), &json!({"debugger": true}));
    assert_eq!(reply.body["events"], json!(["e"]));
}

#[test]
fn options_are_kept_with_the_event() {
    let app = TestApp::new();
    first_visit(&app, &json!({}), &json!({"logs": false, "fire": true}));
    let event = app.get("/event/e").ok().body;
    assert_eq!(event["event"]["config"], json!({"logs": false, "fire": true}));
}

#[test]
fn an_ephemeral_source_keeps_only_the_profile() {
    let app = TestApp::new();
    app.add_source("guest", |source| source.transitional = true);
    let event = json!({"type": "increase-interest", "properties": {"interest": "sport"}});
    let payload = json!({"source": {"id": "guest"}, "session": {"id": "s"}, "events": [event]});
    app.track(payload).ok();
    assert_eq!(kept(&app), [1, 0, 0]);
}
