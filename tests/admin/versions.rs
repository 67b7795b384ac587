//! What each version of a rule, an audience or a computed trait was.

use serde_json::{Value, json};

use crate::support::TestApp;

/// A kind whose versions are told: what the log calls it, where it is posted and read, one of it, and a change.
type Told = (&'static str, [&'static str; 2], Value, Value);

fn about_people() -> [Told; 4] {
    let field =
        json!({"action": "hash", "field": {"value": "properties.mail"}, "consents": ["ads"]});
    [
        (
            "audience",
            ["/api/audiences", "/api/audiences/x"],
            json!({"id": "x", "name": "X", "condition": {"did": "order", "within": "30d"}}),
            json!({"condition": "DID \"cart\""}),
        ),
        (
            "computed_trait",
            ["/api/computed-traits", "/api/computed-traits/x"],
            json!({"id": "x", "function": "sum", "of": "properties.a", "event_type": "order", "within": "2d"}),
            json!({"within": "3d"}),
        ),
        (
            "compliance",
            ["/consent/compliance/field", "/consent/compliance/field/x"],
            json!({"id": "x", "name": "X", "event_type": "order", "settings": [field]}),
            json!({"description": "Mail"}),
        ),
        (
            "consent_type",
            ["/consent/type", "/consent/type/x"],
            json!({"id": "x", "name": "X", "auto_revoke": "1h30m"}),
            json!({"auto_revoke": "2d"}),
        ),
    ]
}

fn about_events() -> [Told; 7] {
    let maps = json!([{"event": {"value": "properties.a"}, "op": "set", "profile": {"value": "traits.a"}}]);
    let amount = json!({"amount": "properties.a", "currency": "properties.c", "into": "traits.v"});
    let code = "function transform(event) { return event; }";
    [
        (
            "event_type",
            ["/event-type/mapping", "/event-type/mapping/x"],
            json!({"event_type": "x", "name": "X", "index_schema": {"traits.a": "properties.a"}}),
            json!({"index_schema": {"traits.b": "b"}}),
        ),
        (
            "event_to_profile",
            ["/event-to-profile", "/event-to-profile/x"],
            json!({"id": "x", "name": "X", "event_type": "order", "event_to_profile": maps}),
            json!({"config": {"condition": "event@properties.a > 1"}}),
        ),
        (
            "validator",
            ["/event-validator", "/event-validator/x"],
            json!({"id": "x", "name": "X", "event_type": "order",
                "validation": {"json_schema": {"event@properties": {"required": ["a"]}}}}),
            json!({"on_misfit": "refuse"}),
        ),
        (
            "tracking_plan",
            ["/api/tracking-plans", "/api/tracking-plans/x"],
            json!({"id": "x", "name": "X", "event_types": ["order"]}),
            json!({"event_types": ["cart"]}),
        ),
        (
            "reshaping",
            ["/event-reshape-schema", "/event-reshape-schema/x"],
            json!({"id": "x", "name": "X", "event_type": "order",
                "reshaping": {"reshape_schema": {"properties": {"a": 1}}}}),
            json!({"order": 5}),
        ),
        (
            "function",
            ["/api/functions", "/api/functions/x"],
            json!({"id": "x", "name": "X", "event_type": "order", "code": code,
                "tests": [{"name": "t", "event": {"type": "order"}, "expected": {"type": "order"}}]}),
            json!({"tags": ["late"]}),
        ),
        (
            "currency_table",
            ["/api/currency-tables", "/api/currency-tables/x"],
            json!({"id": "x", "name": "X", "base": "EUR", "amounts": [amount],
                "rates": {"USD": [{"since": "2026-01-01", "rate": 0.9}]}}),
            json!({"base": "CHF"}),
        ),
    ]
}

/// What is only told beside what somebody has said.
fn said(mut shown: Value) -> Value {
    let told = ["owner", "version", "created", "changed", "state", "progress", "live", "members"];
    let shown = shown.as_object_mut().unwrap();
    shown.retain(|key, _| !told.contains(&key.as_str()));
    json!(shown)
}

#[test]
fn what_there_was_is_told_as_its_own_address_does_and_can_be_posted_again() {
    for (kind, [door, address], one, change) in about_people().into_iter().chain(about_events()) {
        let app = TestApp::new();
        app.post("/event-source", &json!({"id": "x", "name": "X", "type": "rest"})).ok();
        app.post(door, &one).ok();
        let first = said(app.get(address).ok().body);
        let mut other = one;
        other.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        app.post(door, &other).ok();
        let second = said(app.get(address).ok().body);
        assert_ne!(first, second, "{kind}");
        let versions = || app.get(&format!("/api/versions/{kind}/x")).ok().body["result"].clone();
        let told = versions();
        assert_eq!([&told[0]["before"], &told[0]["after"]], [&first, &second], "{kind}");
        assert_eq!([&told[1]["before"], &told[1]["after"]], [&Value::Null, &first], "{kind}");
        app.post(door, &told[0]["before"]).ok();
        assert_eq!(said(app.get(address).ok().body), first, "{kind}");
        app.delete(address).ok();
        assert_eq!(versions()[0]["after"], Value::Null, "{kind}");
    }
}
