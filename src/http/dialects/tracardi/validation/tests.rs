//! Every row of docs/wire.md §1.6, and every rule beside it.

use serde_json::{Value, json};

use super::*;

const BOUNDS: Bounds = Bounds { events_max: 2, id_bytes_max: 8, event_type_bytes_max: 8 };

/// `(type, loc)` of every problem found.
#[track_caller]
fn check(body: &Value, expected: &[(&str, Value)]) {
    let found = explain(body, &BOUNDS);
    let found: Vec<_> = found.iter().map(|p| (p.kind, json!(p.loc))).collect();
    let expected: Vec<_> = expected.iter().map(|(kind, loc)| (*kind, loc.clone())).collect();
    assert_eq!(found, expected, "{body}");
}

/// A payload with one key more.
fn with(key: &str, value: Value) -> Value {
    let mut body = json!({"source": {"id": "s"}});
    body[key] = value;
    body
}

#[test]
fn references_need_a_text_id() {
    check(&json!({}), &[("missing", json!(["body", "source"]))]);
    check(&json!({"source": null}), &[("model_attributes_type", json!(["body", "source"]))]);
    check(&json!({"source": {}}), &[("missing", json!(["body", "source", "id"]))]);
    check(&json!({"source": {"id": " "}}), &[("value_error", json!(["body", "source", "id"]))]);
    check(&with("session", json!({})), &[("missing", json!(["body", "session", "id"]))]);
    check(&with("session", json!({"id": " "})), &[]);
    check(
        &with("profile", json!({"id": null})),
        &[("string_type", json!(["body", "profile", "id"]))],
    );
    let long = with("profile", json!({"id": "123456789"}));
    check(&long, &[("string_too_long", json!(["body", "profile", "id"]))]);
}

#[test]
fn null_is_absent_where_an_object_may_stand() {
    for key in ["session", "profile", "context", "properties", "request", "options"] {
        check(&with(key, Value::Null), &[]);
        let kind = if matches!(key, "session" | "profile") {
            "model_attributes_type"
        } else {
            "dict_type"
        };
        check(&with(key, json!([])), &[(kind, json!(["body", key]))]);
    }
}

#[test]
fn events_are_a_bounded_list_of_objects() {
    let list = json!(["body", "events"]);
    check(&with("events", Value::Null), &[("list_type", list.clone())]);
    check(&with("events", json!({})), &[("list_type", list.clone())]);
    check(&with("events", json!([1, 2, 3])), &[("too_long", list)]);
    check(&with("events", json!([5])), &[("model_attributes_type", json!(["body", "events", 0]))]);
}

#[test]
fn an_event_says_where_it_is_wrong() {
    let at = |key: &str| json!(["body", "events", 0, key]);
    let event = |event: Value| with("events", json!([event]));
    check(&event(json!({})), &[("missing", at("type"))]);
    check(&event(json!({"type": "  "})), &[("value_error", at("type"))]);
    check(
        &event(json!({"type": 5, "id": 5})),
        &[("string_type", at("type")), ("string_type", at("id"))],
    );
    check(&event(json!({"type": "x", "id": "a\0"})), &[("value_error", at("id"))]);
    check(&event(json!({"type": "x", "properties": "p"})), &[("dict_type", at("properties"))]);
    check(&event(json!({"type": "x", "tags": "p"})), &[("list_type", at("tags"))]);
    let tag = json!(["body", "events", 0, "tags", 1]);
    check(&event(json!({"type": "x", "tags": ["a", 1]})), &[("string_type", tag)]);
    let time = json!(["body", "events", 0, "time", "insert"]);
    check(&event(json!({"type": "x", "time": {"insert": "soon"}})), &[("datetime_parsing", time)]);
    check(&event(json!({"type": "x", "time": null, "context": null, "options": null})), &[]);
}

#[test]
fn broken_text_is_located() {
    let at = |body: &[u8]| {
        let error = serde_json::from_slice::<Value>(body).unwrap_err();
        broken_json(body, &error)
    };
    assert_eq!(at(b"{\n \"a\": x}").loc, vec![json!("body"), json!(8)]);
    assert_eq!((at(b"").kind, at(b"").loc), ("missing", vec![json!("body")]));
    check(&json!([]), &[("model_attributes_type", json!(["body"]))]);
}
