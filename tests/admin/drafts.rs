//! What is said of rules that are only tried, where they cannot be read: what their own addresses say, and which.

use serde_json::{Value, json};

use crate::support::{Reply, TestApp};

fn with(more: &Value) -> Value {
    let mut body = json!({"payload": {"source": {"id": "shop"}, "events": [{"type": "order"}]}});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

#[track_caller]
fn check(body: &Value, said: &str) {
    let reply = TestApp::new().post("/api/rules/try", body);
    assert_eq!((reply.status.as_u16(), reply.code()), (422, "rule_invalid"), "{body}");
    let message = reply.body["message"].as_str().unwrap();
    // Where that is, in letters, is told as well.
    let message = message.split("; see line 1, column ").next().unwrap();
    assert_eq!(message, said, "{body}");
}

#[test]
fn what_is_wrong_around_rules_is_named() {
    let none = "The body is no payload with rules to try on it";
    check(&with(&json!({"rule": {}})), "There is no key rule; did you mean rules?");
    check(&with(&json!({"consent": {}})), "There is no key consent; did you mean consents?");
    check(&json!({"rules": {}}), &format!("{none}: it has no payload."));
    check(&json!([]), &format!("{none}: it is a list."));
    check(&with(&json!({"rules": []})), &format!("{none}: rules does not fit"));
    let of_one = json!({"rules": {"event_type": []}});
    check(&with(&of_one), "There is no key event_type; did you mean event_types?");
    let no_list = json!({"rules": {"event_types": {}}});
    check(&with(&no_list), &format!("{none}: rules.event_types does not fit"));
    let odd = json!({"consents": {"ads": "secret"}});
    check(&with(&odd), &format!("{none}: consents.ads does not fit"));
}

/// A rule that its own address refuses is refused, and in the same words, but that it is one of several.
#[test]
fn what_is_wrong_in_a_rule_is_named_as_its_own_address_does() {
    let schema = json!({"json_schema": {"event@properties": {}}});
    let fine = json!({"name": "V", "event_type": "order", "validation": schema});
    for (kind, door, wrong) in [
        ("validators", "/event-validator", json!({"nam": "V"})),
        ("validators", "/event-validator", json!({"name": "V"})),
        (
            "validators",
            "/event-validator",
            json!({"name": "V", "event_type": "a", "validation": {}}),
        ),
        ("validators", "/event-validator", json!({"name": "V\u{0}", "event_type": "a"})),
        ("validators", "/event-validator", json!([])),
        ("event_types", "/event-type/mapping", json!({"event_type": "a", "name": "A", "tag": []})),
        ("event_to_profile", "/event-to-profile", json!({"name": "M", "event_type": "a"})),
        ("tracking_plans", "/api/tracking-plans", json!({"id": "shop"})),
        ("compliance", "/consent/compliance/field", json!({"name": "P"})),
        ("consent_types", "/consent/type", json!({"description": "d"})),
        ("currency_tables", "/api/currency-tables", json!({"base": "EUR"})),
        ("reshapings", "/event-reshape-schema", json!({"event_type": "a"})),
        ("functions", "/api/functions", json!({"name": "F", "codes": ""})),
    ] {
        let app = TestApp::new();
        let own = app.post(door, &wrong).body["message"].as_str().unwrap().to_owned();
        let rules = if kind == "validators" { vec![fine.clone(), wrong] } else { vec![wrong] };
        let place = format!("rules.{kind}[{}]", rules.len() - 1);
        let own = match own.split_once("; ") {
            Some((key, meant)) if own.starts_with("There is") => {
                format!("{key} in {place}; {meant}")
            }
            _ => own.replace("The body", &place),
        };
        check(&with(&json!({"rules": {kind: rules}})), &own);
    }
    let said = "rules.functions[0] is no function.";
    check(&with(&json!({"rules": {"functions": [7]}})), said);
}

#[test]
fn so_it_is_with_rules_of_identity() {
    let app = TestApp::new();
    for (rules, said) in [
        (json!({"setting": {}}), "There is no key setting in rules; did you mean settings?"),
        (
            json!({"settings": {"public": ["secret"]}}),
            "rules is no change of the rules: settings.public does not fit.",
        ),
        (
            json!({"namespaces": [{"unique": true}]}),
            "rules is no change of the rules: it has no namespaces[0].id.",
        ),
    ] {
        let reply = app.post("/api/identity/preview", &json!({"rules": rules}));
        assert_eq!((reply.status.as_u16(), reply.code()), (422, "identity_invalid"), "{rules}");
        assert_eq!(reply.body["message"], said, "{rules}");
    }
}

/// What storing it asks besides: what it is called, and that what it refers to is there.
#[test]
fn what_is_not_stored_is_not_tried_either() {
    let schema = json!({"json_schema": {"event@properties": {}}});
    let validator = |more: &Value| {
        let mut one = json!({"id": "v", "name": "V", "event_type": "order", "validation": schema});
        one.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        one
    };
    let function = json!({"id": "..", "name": "F", "code": "function transform(event) { return event; }",
        "event_type": "order"});
    let of_nobody = json!({"event_source": {"id": "nowhere"}});
    for (kind, door, wrong) in [
        ("validators", "/event-validator", validator(&json!({"id": "."}))),
        ("validators", "/event-validator", validator(&json!({"id": "a\tb"}))),
        ("validators", "/event-validator", validator(&json!({"name": "a\tb"}))),
        ("validators", "/event-validator", validator(&of_nobody)),
        ("functions", "/api/functions", function),
    ] {
        let own = TestApp::new().post(door, &wrong);
        assert_eq!(own.status.as_u16(), 422, "{wrong}: {}", own.text);
        check(&with(&json!({"rules": {kind: [wrong]}})), own.body["message"].as_str().unwrap());
    }
    let namespace = json!({"id": "loyalty", "read_from": [{"event_type": "a", "property": "b"}]});
    for id in [".", "a\tb"] {
        let mut wrong = namespace.clone();
        wrong["id"] = json!(id);
        let app = TestApp::new();
        let own = app.post("/api/identity/namespaces", &wrong);
        let tried = app.post("/api/identity/preview", &json!({"rules": {"namespaces": [wrong]}}));
        let said = |reply: &Reply| (reply.status.as_u16(), reply.body["message"].clone());
        assert_eq!((said(&own).0, said(&own)), (422, said(&tried)), "{id}");
    }
}
