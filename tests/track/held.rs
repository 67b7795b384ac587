//! Events kept apart: let in, they are whose they were, and do what their sender asked for.

use serde_json::{Value, json};

use crate::support::{Reply, TestApp};

fn app() -> TestApp {
    let app = TestApp::new();
    let schema = json!({"type": "object", "required": ["id"]});
    app.post(
        "/event-validator",
        &json!({"id": "orders", "name": "Orders", "event_type": "order", "enabled": true,
            "on_misfit": "quarantine", "validation": {"json_schema": {"event@properties": schema}}}),
    )
    .ok();
    app
}

fn bad(id: &str) -> Value {
    json!({"type": "order", "id": id, "properties": {}})
}

fn sign_in(pk: &str) -> Value {
    json!({"type": "sign-in", "properties": {"pk": pk}})
}

fn send(app: &TestApp, events: &[Value]) -> Reply {
    app.track(json!({"session": {"id": "s"}, "events": events})).ok()
}

fn total(app: &TestApp) -> Value {
    app.get("/api/held-events").ok().body["total"].clone()
}

fn release(app: &TestApp) -> Reply {
    let held = app.get("/api/held-events").ok().body["result"][0]["key"].clone();
    let address = format!("/api/held-events/{}/release", held.as_str().unwrap());
    app.post(&address, &json!({"properties": {"id": "o-1"}}))
}

fn event(app: &TestApp, id: &str) -> Value {
    app.get(&format!("/event/{id}")).ok().body["event"].clone()
}

fn people(app: &TestApp) -> Value {
    app.get("/profile/count").ok().body
}

#[test]
fn what_is_let_in_is_whose_it_was_whoever_is_there_now() {
    let app = app();
    let ann = send(&app, &[sign_in("ann"), bad("of-ann")]).profile();
    let bob = send(&app, &[sign_in("bob")]).profile();
    assert_ne!(ann, bob);
    assert_eq!(release(&app).ok().body["released"], true);
    assert_eq!(event(&app, "of-ann")["profile"]["id"], json!(ann));
    assert_eq!(send(&app, &[json!({"type": "page-view"})]).profile(), bob, "the visit stays his");
}

#[test]
fn what_is_let_in_does_what_its_sender_asked_for() {
    let app = app();
    let track = |id: &str, more: Value| {
        let mut payload = json!({"session": {"id": id}, "events": [bad(id)]});
        payload["options"] = more;
        app.track(payload).ok();
        assert_eq!(release(&app).ok().body["released"], true);
    };
    track("a", json!({"saveProfile": false}));
    assert_eq!(event(&app, "a")["profile"], Value::Null);
    track("b", json!({"saveSession": false}));
    assert_eq!(event(&app, "b")["session"], Value::Null);
    let before = people(&app);
    let mut own = bad("c");
    own["options"] = json!({"saveSession": false});
    app.track(json!({"session": {"id": "c"}, "events": [own]})).ok();
    release(&app).ok();
    assert_eq!(event(&app, "c")["session"], Value::Null);
    assert_ne!(people(&app), before, "somebody was there");
}

#[test]
fn what_was_not_to_be_kept_is_not_kept_apart() {
    let app = app();
    let mut own = bad("a");
    own["options"] = json!({"save": false});
    let view = json!({"type": "page-view"});
    assert_eq!(send(&app, &[own.clone(), view]).warnings(), ["event_refused"]);
    let alone = app.track(json!({"session": {"id": "s"}, "events": [own]}));
    assert_eq!(alone.code(), "payload_invalid");
    let none =
        json!({"session": {"id": "s"}, "events": [bad("b")], "options": {"saveEvents": false}});
    assert_eq!(app.track(none).code(), "payload_invalid");
    assert_eq!(total(&app), 0);
}

#[test]
fn who_is_removed_leaves_what_is_kept_apart_as_all_history_and_it_becomes_nobodys() {
    let app = app();
    let ann = send(&app, &[sign_in("ann"), bad("of-ann")]).profile();
    app.delete(&format!("/profile/{ann}")).ok();
    assert_eq!(total(&app), 1);
    send(&app, &[sign_in("bob")]);
    let before = people(&app);
    assert_eq!(release(&app).ok().body["released"], true);
    assert_eq!(event(&app, "of-ann")["profile"], Value::Null);
    assert_eq!(people(&app), before);
}

#[test]
fn what_is_kept_apart_is_of_whose_turn_it_was() {
    let app = app();
    let ann = send(&app, &[sign_in("ann")]).profile();
    for events in [vec![bad("of-ann"), sign_in("bob")], vec![sign_in("cyd"), bad("of-cyd")]] {
        let reply = send(&app, &events);
        assert!(reply.warnings().contains(&"person_changed"), "{}", reply.text);
        app.advance(1);
        assert_eq!(release(&app).ok().body["released"], true);
    }
    assert_eq!(event(&app, "of-ann")["profile"]["id"], json!(ann));
    let cyd = send(&app, &[json!({"type": "page-view"})]).profile();
    assert_eq!(event(&app, "of-cyd")["profile"]["id"], json!(cyd));
}

#[test]
fn whose_turn_it_was_is_told_by_the_order_and_not_by_the_time() {
    let app = app();
    let ann = send(&app, &[sign_in("ann")]).profile();
    let at = |mut event: Value, second: u64| {
        event["time"] = json!({"insert": format!("2026-01-01T10:00:{second:02}Z")});
        event
    };
    for (before, after) in [(7, 7), (9, 7), (7, 9)] {
        let (first, last) = (format!("first-{before}-{after}"), format!("last-{before}-{after}"));
        let events = [
            at(sign_in("ann"), before),
            at(bad(&first), before),
            at(sign_in("bob"), after),
            at(bad(&last), before),
            at(json!({"type": "page-view"}), after),
        ];
        let bob = send(&app, &events).profile();
        assert_ne!(ann, bob);
        for _ in 0..2 {
            assert_eq!(release(&app).ok().body["released"], true);
        }
        let whose = [&first, &last].map(|id| event(&app, id)["profile"]["id"].clone());
        assert_eq!(whose, [json!(ann), json!(bob)], "{before} {after}");
    }
}

#[test]
fn what_is_kept_apart_follows_whoever_is_taken_apart() {
    let app = app();
    let track = |session: &str, events: Value| {
        app.advance(60);
        app.track(json!({"session": {"id": session}, "events": events})).ok()
    };
    let named = json!([{"type": "profile-update", "properties": {"identifier": {"id": "K1"}}}]);
    let phone = track("phone", named.clone()).profile();
    let laptop = track("laptop", json!([{"type": "page-view"}])).profile();
    assert_eq!(track("laptop", named).profile(), phone);
    track("laptop", json!([bad("of-laptop")]));
    let identity = app.get(&format!("/api/profiles/{phone}/identity")).ok().body;
    let merge = identity["merges"][0]["id"].as_str().unwrap().to_owned();
    app.post(&format!("/api/merges/{merge}/undo"), &json!({})).ok();
    let held = |id: &str| {
        let archive = app.get(&format!("/api/profiles/{id}/export")).ok().body;
        archive["held_events"].as_array().unwrap().len()
    };
    assert_eq!((held(&phone), held(&laptop)), (0, 1));
    erase(&app, &phone);
    assert_eq!(total(&app), 1);
    assert_eq!(release(&app).ok().body["released"], true);
    assert_eq!(event(&app, "of-laptop")["profile"]["id"], json!(laptop));
}

#[test]
fn who_is_erased_takes_what_is_kept_apart_along_also_when_removed_before() {
    let app = app();
    let ann = send(&app, &[sign_in("ann"), bad("of-ann")]).profile();
    app.delete(&format!("/profile/{ann}")).ok();
    app.delete(&format!("/api/profiles/{ann}"));
    assert_eq!(total(&app), 0);
}

/// The job's work, until nothing is left of it.
fn erase(app: &TestApp, id: &str) {
    assert_eq!(app.delete(&format!("/api/profiles/{id}")).status, 202);
    crate::lake::erasing::erase_all(app);
}

#[test]
fn who_is_erased_takes_what_came_before_anybody_knew_them_along() {
    let app = app();
    for (session, event) in [("s", "before"), ("t", "anothers")] {
        app.track(json!({"session": {"id": session}, "events": [bad(event)]})).ok();
    }
    let ann = send(&app, &[sign_in("ann")]).profile();
    app.track(json!({"session": {"id": "t"}, "events": [{"type": "page-view"}]})).ok();
    assert_eq!(total(&app), 2);
    // What history alone knows of the visit is enough.
    app.delete("/session/s").ok();
    erase(&app, &ann);
    let left = app.get("/api/held-events").ok().body["result"].clone();
    assert_eq!((&left[0]["id"], left.as_array().unwrap().len()), (&json!("anothers"), 1));
}

#[test]
fn who_is_erased_takes_nothing_along_that_came_after_it_was_asked_for() {
    let app = app();
    let ann = send(&app, &[json!({"type": "page-view"}), bad("of-ann")]).profile();
    assert_eq!(app.delete(&format!("/api/profiles/{ann}")).status, 202);
    app.advance(1);
    send(&app, &[bad("of-whoever-comes-next")]);
    crate::lake::erasing::erase_all(&app);
    let left = app.get("/api/held-events").ok().body["result"].clone();
    let left: Vec<&Value> = left.as_array().unwrap().iter().map(|one| &one["id"]).collect();
    assert_eq!(left, ["of-whoever-comes-next"]);
}

#[test]
fn whoever_lets_in_is_not_told_to_sign_in_where_the_source_is_gone() {
    let app = app();
    app.add_source("gone", |_| {});
    app.track(json!({"source": {"id": "gone"}, "session": {"id": "s"}, "events": [bad("a")]})).ok();
    app.delete("/event-source/gone").ok();
    let refused = release(&app);
    assert_eq!((refused.status.as_u16(), refused.code()), (422, "rule_invalid"));
    assert_eq!(total(&app), 1);
}

#[test]
fn a_list_is_no_body() {
    let app = app();
    send(&app, &[bad("a")]);
    let held = app.get("/api/held-events").ok().body["result"][0]["key"].clone();
    let address = format!("/api/held-events/{}/release", held.as_str().unwrap());
    assert_eq!(app.post(&address, &json!([])).code(), "rule_invalid");
    assert_eq!(app.post("/api/identity/settings", &json!(["ask"])).code(), "identity_invalid");
}

#[test]
fn what_is_let_in_has_all_of_the_context_that_it_was_sent_with() {
    let app = app();
    let zone = json!({"type": "object", "required": ["time"]});
    let rule = json!({"name": "Zones", "event_type": "order", "enabled": true,
        "on_misfit": "quarantine", "validation": {"json_schema": {"event@context": zone}}});
    app.post("/event-validator", &rule).ok();
    // A clock that is wrong is by now no clock at all.
    let time = json!({"tz": "Europe/Berlin", "local": "2026-01-05T20:00:00+01:00"});
    app.track(json!({"session": {"id": "s"}, "context": {"time": time}, "events": [bad("a")]}))
        .ok();
    app.advance(3600);
    let reply = release(&app).ok();
    assert_eq!((&reply.body["released"], &reply.body["warnings"]), (&json!(true), &json!([])));
    assert_eq!(event(&app, "a")["context"]["time"], time);
    assert!(event(&app, "a")["metadata"]["time"]["insert"].as_str().unwrap() < "2026-01-05T10:30");
}

#[test]
fn what_a_function_leaves_nothing_of_waits_on() {
    let app = app();
    send(&app, &[bad("a")]);
    let store = |code: &str| {
        let function = json!({"id": "f", "name": "F", "event_type": "order", "enabled": true,
            "code": format!("function transform(event) {{ return {code} }}")});
        app.post("/api/functions", &function).ok();
    };
    store("null");
    let reply = release(&app).ok();
    assert_eq!(reply.body["released"], false);
    assert_eq!(reply.body["warnings"][0]["code"], "event_dropped");
    assert_eq!((total(&app), app.get("/event/a").status.as_u16()), (json!(1), 404));
    store("event");
    assert_eq!(release(&app).ok().body["released"], true);
    assert_eq!((total(&app), event(&app, "a")["id"].clone()), (json!(0), json!("a")));
}
