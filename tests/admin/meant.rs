//! Places in rules that can be read and are hardly meant.

use serde_json::{Value, json};

use crate::support::TestApp;

fn about(more: &Value) -> Value {
    let mut rule = json!({"id": "r", "name": "R"});
    if more.get("amounts").is_none() {
        rule["event_type"] = json!("order");
    }
    more.as_object().unwrap().iter().for_each(|(key, value)| rule[key] = value.clone());
    rule
}

/// Every rule that takes a place of an event, with this one below its properties.
fn with_place(below: &str) -> [(&'static str, Value); 9] {
    let (place, bare) = (format!("event@properties.{below}"), format!("properties.{below}"));
    let map = |from: &str, to: &str| {
        let change = json!({"event": {"value": from}, "op": "set", "profile": {"value": to}});
        json!({"event_to_profile": [change]})
    };
    let field = json!({"action": "remove", "field": {"value": place}, "consents": ["ads"]});
    let reshape = |what: Value| json!({"reshaping": what});
    let amount = json!({"amount": bare, "currency": "properties.c", "into": "traits.v"});
    let rename = json!({"from": place, "to": "event@properties.b"});
    [
        ("/consent/compliance/field", json!({"settings": [field]})),
        ("/event-to-profile", map(&place, "traits.a")),
        ("/event-to-profile", map("properties.a", &format!("traits.{below}"))),
        ("/event-type/mapping", json!({"index_schema": {"traits.a": bare}})),
        ("/event-validator", json!({"validation": {"json_schema": {place.as_str(): true}}})),
        ("/event-reshape-schema", reshape(json!({"rename": [rename]}))),
        ("/event-reshape-schema", reshape(json!({"split": {"by": place}}))),
        ("/event-reshape-schema", reshape(json!({"reshape_schema": {"properties": {"a": place}}}))),
        ("/api/currency-tables", json!({"base": "EUR", "rates": {}, "amounts": [amount]})),
    ]
    .map(|(door, more)| (door, about(&more)))
}

/// It would lead nowhere, and nobody would notice: what it is to protect would be kept.
#[test]
fn a_place_that_is_hardly_meant_is_refused_with_the_one_that_is() {
    let app = TestApp::new();
    for (wrong, meant) in [
        ("a.*", ".a itself means all that is in it"),
        ("a*", "a star stands for nothing"),
        ("l.*.x", "a star stands for nothing"),
        ("\"a\"", "did you mean a?"),
        ("a .b", "did you mean a?"),
    ] {
        for (door, rule) in with_place(wrong) {
            let told = app.post(door, &rule);
            assert_eq!(
                (told.status.as_u16(), told.code()),
                (422, "rule_invalid"),
                "{door} {wrong}"
            );
            assert!(told.text.contains(meant), "{door} {wrong}: {}", told.text);
        }
    }
    for (door, rule) in with_place("a ").into_iter().take(3) {
        app.post(door, &rule).ok();
    }
    let field =
        json!({"action": "mask", "field": {"value": "properties[\"a*\"]"}, "consents": ["ads"]});
    app.post("/consent/compliance/field", &about(&json!({"settings": [field]}))).ok();
    let stored = app.get("/consent/compliance/field/r").ok().body;
    assert_eq!(stored["settings"][0]["field"]["value"], "event@properties[\"a*\"]");
}
