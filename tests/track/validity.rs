//! Validators and tracking plans at `/track`: what is kept, what is kept apart, what is told.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use crate::support::{Reply, TestApp};

/// Orders must have an id and a value that is a number.
fn validate(app: &TestApp, on_misfit: &str) {
    let schema =
        json!({"type": "object", "required": ["id"], "properties": {"value": {"type": "number"}}});
    app.post("/event-validator", &json!({
        "id": "orders", "name": "Orders", "event_type": "order", "enabled": true, "on_misfit": on_misfit,
        "validation": {"json_schema": {"event@properties": schema}},
    })).ok();
    app.post("/event-to-profile", &json!({
        "id": "spent", "name": "Spent", "event_type": "order", "enabled": true, "event_to_profile": [
            {"event": {"value": "properties.id"}, "op": "append", "profile": {"value": "traits.orders"}}],
    })).ok();
}

fn send(app: &TestApp, events: &[Value]) -> Reply {
    let options = json!({"debugger": true});
    app.track(json!({"session": {"id": "s"}, "events": events, "options": options}))
}

fn order(id: &str, properties: &Value) -> Value {
    json!({"type": "order", "id": id, "properties": properties})
}

fn good() -> Value {
    order("good", &json!({"id": "o-1", "value": 5}))
}

/// It holds words that no answer may repeat.
fn bad() -> Value {
    order("bad", &json!({"value": "a secret"}))
}

fn event(app: &TestApp, id: &str) -> Value {
    app.get(&format!("/event/{id}")).body["event"].clone()
}

fn orders(app: &TestApp, reply: &Reply) -> Value {
    app.get(&format!("/profile/{}", reply.profile())).ok().body["traits"]["orders"].clone()
}

#[test]
fn what_is_flagged_is_kept_and_changes_nothing() {
    let app = TestApp::new();
    validate(&app, "flag");
    let bad = order("bad", &json!({"id": "o-2", "value": "a secret"}));
    let reply = send(&app, &[good(), bad]).ok();
    assert_eq!(reply.warnings(), ["event_invalid"]);
    let told = reply.body["warnings"][0]["message"].as_str().unwrap();
    let wanted =
        "the event is not as it must be, and changes no profile: properties.value must be number";
    assert_eq!(told, wanted);
    let metadata = event(&app, "bad")["metadata"].clone();
    assert_eq!((&metadata["valid"], &metadata["error"]), (&json!(false), &json!(true)));
    assert_eq!(metadata["warnings"], json!(["event_invalid"]));
    assert_eq!(event(&app, "good")["metadata"]["valid"], true);
    assert_eq!(orders(&app, &reply), json!(["o-1"]));
    let found = app.post("/event/select", &json!({"where": "metadata.valid = false"})).ok();
    assert_eq!(found.body["total"], 1);
}

#[test]
fn what_is_not_as_it_must_be_names_nobody_also_when_history_is_folded_again() {
    let app = TestApp::new();
    let schema = json!({"properties": {"pk": {"type": "string"}}});
    app.post(
        "/event-validator",
        &json!({"name": "Who", "event_type": "sign-in", "enabled": true,
        "validation": {"json_schema": {"event@properties": schema}}}),
    )
    .ok();
    let sign_in = |session: &str, pk: Value| {
        let event = json!({"type": "sign-in", "properties": {"pk": pk}});
        app.track(json!({"session": {"id": session}, "events": [event]})).ok().profile()
    };
    assert_eq!(sign_in("a", json!("1")), sign_in("b", json!("1")));
    assert_ne!(sign_in("c", json!(1)), sign_in("b", json!("1")), "a number is no such key");
    let preview = app.post("/api/identity/preview", &json!({"rules": {}})).ok().body;
    assert_eq!(preview["people"]["difference"]["mergers_new"], 0, "{preview}");
}

#[test]
fn what_is_refused_is_left_out_and_only_a_payload_of_which_nothing_is_left_is_refused() {
    let app = TestApp::new();
    validate(&app, "refuse");
    let reply = send(&app, &[bad(), good()]).ok();
    assert_eq!(reply.warnings(), ["event_refused"]);
    assert_eq!((event(&app, "bad"), &event(&app, "good")["id"]), (Value::Null, &json!("good")));
    let alone = send(&app, &[bad()]);
    assert_eq!((alone.status.as_u16(), alone.code()), (422, "payload_invalid"));
    assert_eq!(
        alone.body["detail"],
        json!([
            {"type": "value_error", "loc": ["body", "events", 0, "properties", "id"],
             "msg": "Value error, must be there"},
            {"type": "value_error", "loc": ["body", "events", 0, "properties", "value"],
             "msg": "Value error, must be number"},
        ])
    );
    assert!(!alone.text.contains("secret"));
}

#[test]
fn what_is_kept_apart_is_mended_and_let_in_once() {
    let app = TestApp::new();
    validate(&app, "quarantine");
    let first = send(&app, &[good(), bad()]).ok();
    assert_eq!(first.warnings(), ["event_quarantined"]);
    assert_eq!(send(&app, &[bad()]).ok().warnings(), ["event_quarantined"], "the same again");
    let held = app.get("/api/held-events?type=order").ok().body;
    assert_eq!((&held["total"], &held["result"][0]["id"]), (&json!(1), &json!("bad")));
    assert_eq!(held["result"][0]["profile"], json!(first.profile()));
    assert_eq!(
        held["result"][0]["faults"][0],
        json!({"place": "properties.id", "wanted": "must be there"})
    );
    assert_eq!(held["result"][0]["properties"], json!({"value": "a secret"}));
    let address = format!("/api/held-events/{}", held["result"][0]["key"].as_str().unwrap());
    app.advance(3600);
    // Not mended enough.
    let release = |properties: Value| {
        app.post(&format!("{address}/release"), &json!({"properties": properties})).ok().body
    };
    let still = release(json!({"id": "o-2", "value": "much"}));
    assert_eq!(
        (&still["released"], &still["warnings"][0]["code"]),
        (&json!(false), &json!("event_quarantined"))
    );
    assert_eq!(app.get(&address).ok().body["properties"]["id"], "o-2", "it stays as it was mended");
    assert_eq!(release(json!({"id": "o-2", "value": 7}))["released"], true);
    assert_eq!(app.get(&address).status, 404);
    assert_eq!(orders(&app, &first), json!(["o-1", "o-2"]));
    let time = event(&app, "bad")["metadata"]["time"].clone();
    assert!(
        time["insert"].as_str().unwrap() < "2026-01-05T10:30:00Z",
        "it happened when it did: {time}"
    );
    // Sent again, it is known.
    let again = order("bad", &json!({"id": "o-2", "value": 7}));
    assert_eq!(send(&app, &[again]).ok().warnings(), ["event_repeated"]);
    send(&app, &[order("third", &json!({}))]).ok();
    let third =
        app.get("/api/held-events").ok().body["result"][0]["key"].as_str().unwrap().to_owned();
    app.delete(&format!("/api/held-events/{third}")).ok();
    assert_eq!(app.delete(&format!("/api/held-events/{third}")).status, 404);
}

fn held(app: &TestApp) -> Value {
    app.get("/api/held-events?type=order").ok().body
}

#[test]
fn what_is_kept_already_is_a_repetition_whatever_the_rules_say_now() {
    let app = TestApp::new();
    send(&app, &[bad()]).ok();
    for rule in ["refuse", "quarantine", "flag"] {
        validate(&app, rule);
        let again = send(&app, &[bad()]).ok();
        assert_eq!(again.warnings(), ["event_repeated"], "{rule}");
        assert_eq!(again.body["warnings"][0]["event_id"], "bad");
        assert_eq!(again.body["session"]["id"], "s");
        let beside = send(&app, &[good(), bad(), order("new", &json!({}))]).ok();
        let repeated = beside.warnings().iter().filter(|code| **code == "event_repeated").count();
        assert_eq!(repeated, 1 + usize::from(rule != "refuse"), "{rule}: {}", beside.text);
        assert_eq!(held(&app)["total"], u8::from(rule != "refuse"), "{rule}");
    }
    assert_eq!(event(&app, "bad")["properties"], json!({"value": "a secret"}), "as it was kept");
    validate(&app, "refuse");
    assert_eq!(send(&app, &[order("never", &json!({}))]).code(), "payload_invalid");
    let without_id = json!({"type": "order", "properties": {}});
    assert_eq!(send(&app, &[without_id]).code(), "payload_invalid");
}

#[test]
fn what_was_let_in_is_not_kept_apart_when_it_is_sent_again() {
    let app = TestApp::new();
    validate(&app, "quarantine");
    send(&app, &[bad()]).ok();
    let address =
        format!("/api/held-events/{}/release", held(&app)["result"][0]["key"].as_str().unwrap());
    let release = |id: &str| app.post(&address, &json!({"properties": {"id": id}}));
    assert_eq!(release("o-1").ok().body["released"], true);
    assert_eq!(send(&app, &[bad()]).ok().warnings(), ["event_repeated"]);
    assert_eq!(held(&app)["total"], 0);
    assert_eq!(release("o-2").status, 404);
}

#[test]
fn what_was_kept_meanwhile_is_not_let_in_again() {
    let app = TestApp::new();
    validate(&app, "quarantine");
    send(&app, &[bad()]).ok();
    validate(&app, "flag");
    send(&app, &[bad()]).ok();
    let address =
        format!("/api/held-events/{}/release", held(&app)["result"][0]["key"].as_str().unwrap());
    let told = app.post(&address, &json!({"properties": {"id": "o-2"}})).ok().body;
    assert_eq!(
        (&told["released"], &told["warnings"][0]["code"]),
        (&json!(false), &json!("event_repeated"))
    );
    assert_eq!(
        (held(&app)["total"].clone(), event(&app, "bad")["properties"]["id"].clone()),
        (json!(0), Value::Null)
    );
}

#[test]
fn what_is_kept_apart_is_let_in_as_it_is_by_a_request_without_a_body() {
    let app = TestApp::new();
    validate(&app, "quarantine");
    send(&app, &[good(), bad()]).ok();
    let key = app.get("/api/held-events").ok().body["result"][0]["key"].clone();
    let release = || {
        let address = format!("/api/held-events/{}/release", key.as_str().unwrap());
        app.send_signed_in(Request::post(address).body(Body::empty()).unwrap()).ok().body
    };
    assert_eq!(release()["released"], false, "it does not fit yet");
    validate(&app, "flag");
    assert_eq!(release()["released"], true);
}

#[test]
fn who_is_erased_leaves_with_what_is_kept_apart() {
    let app = TestApp::new();
    validate(&app, "quarantine");
    let reply = send(&app, &[good(), bad()]).ok();
    app.delete(&format!("/api/profiles/{}", reply.profile()));
    assert_eq!(app.get("/api/held-events").ok().body["total"], 0);
}

#[test]
fn a_tracking_plan_says_what_may_come_from_a_source() {
    let app = TestApp::new();
    app.post(
        "/api/tracking-plans",
        &json!({"id": "shop", "name": "Shop", "enabled": true,
        "event_types": ["Order"], "on_misfit": "refuse"}),
    )
    .ok();
    app.add_source("other", |_| {});
    let reply = send(&app, &[json!({"type": "page-view"}), good()]).ok();
    assert_eq!(reply.warnings(), ["event_refused"]);
    let alone = send(&app, &[json!({"type": "page-view"})]);
    assert_eq!(alone.body["detail"][0]["loc"], json!(["body", "events", 0, "type"]));
    let other = json!({"source": {"id": "other"}, "events": [{"type": "page-view"}]});
    assert_eq!(app.track(other).ok().warnings(), Vec::<&str>::new());
    // The plan stands on its source.
    assert_eq!(app.delete("/event-source/shop").code(), "in_use");
    app.delete("/api/tracking-plans/shop").ok();
    assert_eq!(send(&app, &[json!({"type": "page-view"})]).ok().warnings(), Vec::<&str>::new());
}

/// Whoever may write a schema, nobody who sends may make the server stand still by it.
#[test]
fn a_schema_that_would_take_for_ever_takes_nothing() {
    let app = TestApp::new();
    let twice = |level: usize| {
        let next = format!("#/$defs/l{}", level + 1);
        json!({"anyOf": [{"$ref": next}, {"$ref": next}]})
    };
    let mut defs: serde_json::Map<_, _> = (0..40).map(|at| (format!("l{at}"), twice(at))).collect();
    defs.insert("l40".into(), json!(false));
    let schema = json!({"$defs": defs, "$ref": "#/$defs/l0"});
    app.post(
        "/event-validator",
        &json!({"name": "Slow", "event_type": "order", "enabled": true,
        "validation": {"json_schema": {"event@properties": schema}}}),
    )
    .ok();
    assert_eq!(send(&app, &[good()]).ok().warnings(), ["event_invalid"]);
}
