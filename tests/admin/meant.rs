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

/// Every rule that has a condition.
fn with_condition(text: &str) -> [(&'static str, Value); 4] {
    let change = json!({"event": {"value": "properties.a"}, "op": "set",
        "profile": {"value": "traits.a"}});
    let validation = json!({"json_schema": {"event@properties": true}, "condition": text});
    let shape = json!({"condition": text, "reshape_schema": {"properties": {"a": 1}}});
    let code = "function transform(event) { return event; }";
    [
        ("/event-to-profile", json!({"config": {"condition": text}, "event_to_profile": [change]})),
        ("/event-validator", json!({"validation": validation})),
        ("/event-reshape-schema", json!({"reshaping": shape})),
        ("/api/functions", json!({"condition": text, "code": code})),
    ]
    .map(|(door, more)| (door, about(&more)))
}

/// Nobody would ever be in it, or everybody; and printed again, a star stands in brackets, as if it were meant.
#[test]
fn a_condition_about_people_with_such_a_place_is_refused_in_either_form() {
    let app = TestApp::new();
    let did = "DID \"order\" WHERE (event@properties.a.* EXISTS)";
    for condition in [
        json!("profile@traits.a.* EXISTS"),
        json!(did),
        json!({"all": ["profile@traits.a.* = 5"]}),
        json!({"did": "order", "where": "event@properties.a.* EXISTS"}),
    ] {
        for (door, posted) in [
            ("/api/audiences", json!({"id": "a", "name": "A", "condition": condition})),
            ("/api/audiences/preview", json!({"condition": condition})),
        ] {
            let told = app.post(door, &posted);
            assert_eq!((told.status.as_u16(), told.code()), (422, "audience_invalid"), "{posted}");
            assert!(told.text.contains("itself means all that is in it"), "{}", told.text);
        }
    }
    let fine = json!("profile@traits[\"*\"] EXISTS");
    app.post("/api/audiences", &json!({"id": "a", "name": "A", "condition": fine})).ok();
    let shown = app.get("/api/audiences/a").ok().body["condition"].clone();
    app.post("/api/audiences", &json!({"id": "a", "name": "A", "condition": shown})).ok();
    let formula = json!({"id": "f", "function": "formula", "formula": "profile@traits.a.*"});
    assert_eq!(app.post("/api/computed-traits", &formula).code(), "audience_invalid");
}

#[test]
fn a_question_about_such_a_place_is_refused() {
    let app = TestApp::new();
    for address in [
        "/api/events?where=properties.a.*%20EXISTS",
        "/api/events/top?field=properties.a.*",
        "/api/profiles?path=traits.a.*&value=1",
    ] {
        let told = app.get(address);
        assert_eq!((told.status.as_u16(), told.code()), (422, "question_invalid"), "{address}");
        assert!(told.text.contains("itself means all that is in it"), "{address}: {}", told.text);
    }
    // A value may have a star, which stands for anything.
    app.get("/api/events?where=type%20%3D%20order.*").ok();
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
    for (door, rule) in with_condition("event@properties.a.* EXISTS") {
        let told = app.post(door, &rule);
        assert_eq!((told.status.as_u16(), told.code()), (422, "rule_invalid"), "{door}");
        assert!(told.text.contains("properties.a itself means all"), "{door}: {}", told.text);
    }
    for (door, rule) in with_condition("event@properties[\"*\"].a EXISTS") {
        app.post(door, &rule).ok();
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

/// Validators, templates and functions are asked before anything is made of an event: what is made of it is not there.
#[test]
fn what_is_made_of_an_event_only_later_may_not_be_asked_for_before() {
    let app = TestApp::new();
    for place in ["traits.a", "data.ec.order.id", "hit.url", "journey.state", "metadata.valid"] {
        let text = format!("event@{place} != 1");
        for (door, rule) in &with_condition(&text)[1..] {
            let reply = app.post(door, rule);
            assert_eq!(reply.status.as_u16(), 422, "{door} {text}");
            assert!(reply.text.contains("is not there yet"), "{}", reply.text);
        }
        let (door, rule) = &with_condition(&text)[0];
        app.post(door, rule).ok();
        let template = json!({"reshape_schema": {"properties": {"a": format!("event@{place}")}}});
        let rule = about(&json!({"reshaping": template}));
        assert_eq!(app.post("/event-reshape-schema", &rule).code(), "rule_invalid", "{place}");
    }
    let misspelt = json!({"reshape_schema": {"properties": {"a": "event@propertis.b"}}});
    let reply = app.post("/event-reshape-schema", &about(&json!({"reshaping": misspelt})));
    assert!(reply.text.contains("did you mean event@properties.b?"), "{}", reply.text);
    let nothing = about(&json!({"reshaping": {"mapping": {"event_type": " "}}}));
    assert_eq!(app.post("/event-reshape-schema", &nothing).code(), "rule_invalid");
}
