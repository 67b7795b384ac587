//! What mappings may write: values that change something, and amounts that add up whoever tells of them.

use serde_json::{Value, json};

use crate::support::TestApp;

#[test]
fn no_rule_holds_a_value_that_never_changes_anything() {
    let app = TestApp::new();
    let stored = |to: &str, op: &str, value: Value| {
        let from = json!({"value": value, "ref": false});
        let change = json!({"event": from, "op": op, "profile": {"value": to}});
        let rule = json!({"name": "a", "event_type": "order", "event_to_profile": [change]});
        let reply = app.post("/event-to-profile", &rule);
        if reply.status == 200 { String::new() } else { reply.body["message"].to_string() }
    };
    for (to, op, value, said) in [
        ("traits.x", "set", json!(null), "null or blank"),
        ("traits.x", "set", json!(" "), "null or blank"),
        ("traits.x", "increment", json!("many"), "it takes numbers"),
        ("traits.x", "min", json!("least"), "numbers, or times"),
        ("interests.x", "set", json!("much"), "an interest is a number"),
        ("data.contact.email.main", "set", json!({"a": 1}), "of another type"),
    ] {
        let told = stored(to, op, value);
        assert!(told.contains("event_to_profile.0.event.value") && told.contains(said), "{told}");
    }
    for (to, op, value) in [
        ("traits.x", "remove", json!({"a": 1})),
        ("traits.x", "max", json!("2026-01-05")),
        ("data.loyalty.card.points", "increment", json!("5")),
        ("data.preferences.colors", "append", json!("red")),
    ] {
        assert_eq!(stored(to, op, value), "", "{to}");
    }
}

#[test]
fn amounts_of_those_who_become_one_add_up_with_all_their_digits() {
    let app = TestApp::new();
    let changes = ["traits.spent", "interests.shoes"].map(|to| {
        json!({"event": {"value": "properties.value"}, "op": "increment", "profile": {"value": to}})
    });
    let rule = json!({"name": "a", "event_type": "order", "enabled": true,
        "event_to_profile": changes.as_slice()});
    app.post("/event-to-profile", &rule).ok();
    let send = |session: &str, kind: &str, properties: &Value| {
        let event = json!({"type": kind, "properties": properties});
        let reply = app.track(json!({"session": {"id": session}, "events": [event]})).ok();
        app.get(&format!("/profile/{}", reply.profile())).ok().body
    };
    for (session, value) in [("one", 0.1), ("two", -3.0), ("two", 2.2)] {
        app.advance(1);
        send(session, "order", &json!({"value": value}));
    }
    let sign_in = json!({"email": {"main": "ann@shop.example"}});
    send("one", "sign-in", &sign_in);
    let whole = send("two", "sign-in", &sign_in);
    assert_eq!(
        (&whole["traits"]["spent"], &whole["interests"]["shoes"]),
        (&json!(-0.7), &json!(-0.7))
    );
    let id = whole["id"].as_str().unwrap();
    let merges = app.get(&format!("/api/profiles/{id}/identity")).ok().body;
    let merge = merges["merges"][0]["id"].as_str().unwrap().to_owned();
    app.post(&format!("/api/merges/{merge}/undo"), &json!({})).ok();
    let of = |session: &str| send(session, "page-view", &json!({}))["traits"]["spent"].clone();
    assert_eq!((of("one"), of("two")), (json!(0.1), json!(-0.8)));
}
