//! Functions and reshapings: their life, and what is refused.

use serde_json::{Value, json};

use crate::support::TestApp;

fn function() -> Value {
    json!({
        "id": "doubles", "name": "Doubles", "description": "Twice the value", "enabled": true, "order": 3, "tags": ["General"],
        "event_type": {"id": "Order placed"}, "event_source": {"id": "Shop"}, "condition": "event@properties.value > 1",
        "code": "function transform(event) {\n  event.properties.value *= 2;\n  return event;\n}",
        "tests": [
            {"name": "twice", "event": {"properties": {"value": 2}}, "expected": {"type": "order-placed", "properties": {"value": 4}}},
        ],
    })
}

/// The function with another value at a place of JSON.
fn but(place: &str, value: Value) -> Value {
    let mut other = function();
    *other.pointer_mut(place).unwrap() = value;
    other
}

#[test]
fn the_life_of_a_function() {
    let app = TestApp::new();
    let saved = app.post("/api/functions", &function()).ok().body;
    assert_eq!(saved, json!({"saved": 1, "errors": [], "ids": ["doubles"]}));
    let shown = app.get("/api/functions/doubles").ok().body;
    assert_json_snapshot!("function document", shown);
    app.post("/api/functions", &shown).ok();
    assert_eq!(app.get("/api/functions").ok().body["total"], 1);
    assert_eq!(app.delete("/event-source/shop").code(), "in_use");
    app.delete("/api/functions/doubles").ok();
    assert_eq!(app.get("/api/functions/doubles").status, 404);
}

#[test]
fn what_is_no_function_is_not_stored() {
    let app = TestApp::new();
    for (posted, code) in [
        (but("/code", json!("function transform( {")), "rule_invalid"),
        (but("/code", json!("const x = 1")), "rule_invalid"),
        (but("/code", json!("async function transform(event) { return event }")), "rule_invalid"),
        (but("/code", json!("function* transform(event) { yield event }")), "rule_invalid"),
        (but("/code", json!(" ")), "rule_invalid"),
        (but("/condition", json!("profile@id EXISTS")), "rule_invalid"),
        (but("/event_source/id", json!("nobody")), "rule_invalid"),
        (but("/id", json!("a b")), "rule_invalid"),
        (but("/tests", json!([{"name": "t", "events": {}}])), "rule_invalid"),
        (but("/code", json!("function transform() { while (true) {} }")), "function_tests_failed"),
        (
            but(
                "/code",
                json!(
                    "function transform() { const a = []; while (true) a.push('x'.repeat(9999) + a.length) }"
                ),
            ),
            "function_tests_failed",
        ),
    ] {
        let reply = app.post("/api/functions", &posted);
        assert_eq!((reply.status.as_u16(), reply.code()), (422, code), "{posted}");
    }
    let said = app.post("/api/functions", &but("/code", json!("function f() {\n  return ("))).body
        ["message"]
        .clone();
    assert!(said.as_str().unwrap().contains("SyntaxError in line 2"), "{said}");
    assert_eq!(app.get("/api/functions").ok().body["total"], 0);
}

#[test]
fn tests_that_fail_say_where_and_refuse_the_function() {
    let app = TestApp::new();
    let refused = |tests: Value| {
        let reply = app.post("/api/functions", &but("/tests", tests));
        assert_eq!((reply.status.as_u16(), reply.code()), (422, "function_tests_failed"));
        let problems = reply.body["detail"].as_array().unwrap().clone();
        problems
            .into_iter()
            .map(|one| (one["loc"].clone(), one["msg"].as_str().unwrap().to_owned()))
            .collect::<Vec<_>>()
    };
    let given = json!({"properties": {"value": 2, "list": [1, 2]}});
    let expected = json!({"type": "order", "properties": {"value": 5, "list": [1, 3]}});
    let found = refused(
        json!([{"name": "good", "event": {"properties": {"value": 1}}, "expected": {"properties": {"value": 2.0}}},
        {"name": "bad", "event": given, "expected": expected}]),
    );
    let at = |rest: &[&str]| {
        let place: Vec<Value> = rest.iter().map(|key| json!(key)).collect();
        Value::Array([vec![json!("body"), json!("tests"), json!(1), json!("0")], place].concat())
    };
    assert_eq!(
        found,
        [
            (at(&["properties", "list", "1"]), "bad: expected 3, was 2".to_owned()),
            (at(&["properties", "value"]), "bad: expected 5, was 4".to_owned()),
            (at(&["type"]), "bad: expected \"order\", was \"order-placed\"".to_owned()),
        ]
    );
    let dropped = refused(json!([{"name": "none", "event": {}, "expected": null}]));
    assert_eq!(dropped[0].1, "none: expected 0 events, was 1");
    let thrown = refused(json!([{"name": "t", "event": {"properties": null}, "expected": null}]));
    assert!(thrown[0].1.starts_with("t: TypeError in line 2: "), "{thrown:?}");
}

#[test]
fn only_those_who_develop_write_functions() {
    let app = TestApp::new();
    let document = app.document();
    let post = &document["paths"]["/api/functions"]["post"];
    let event_type = &document["paths"]["/event-type/mapping"]["post"];
    assert_eq!(post["security"], event_type["security"], "as other rules");
    let reply = app.send(
        axum::http::Request::post("/api/functions").body(axum::body::Body::from("{}")).unwrap(),
    );
    assert_eq!(reply.status, 401);
}

#[test]
fn the_life_of_a_reshaping() {
    let app = TestApp::new();
    let rule = json!({
        "id": "orders", "name": "Orders", "description": "d", "event_type": {"id": "Order placed"}, "event_source": "shop", "enabled": true,
        "order": 2, "tags": ["General"], "reshaping": {
            "condition": "event@properties.x = 1",
            "rename": [{"from": "event@properties.a", "to": "event@properties.b"}],
            "reshape_schema": {"properties": {"total": "event@properties.total"}, "context": {}, "session": {"a?": "event@properties.a"}},
            "mapping": {"event_type": "order", "session": "event@properties.s", "profile": "event@properties.p"},
            "split": {"by": "event@properties.items", "event_type": "item", "properties": {"sku": "item@sku"}}},
    });
    app.post("/event-reshape-schema", &rule).ok();
    let shown = app.get("/event-reshape-schema/orders").ok().body;
    assert_json_snapshot!("reshaping document", shown);
    app.post("/event-reshape-schema", &shown).ok();
    assert_eq!(app.get("/event-reshape-schemas").ok().body["total"], 1);
    app.delete("/event-reshape-schema/orders").ok();
    assert_eq!(app.get("/event-reshape-schema/orders").status, 404);
    let with =
        |reshaping: Value| json!({"name": "R", "event_type": "order", "reshaping": reshaping});
    for posted in [
        with(json!({})),
        with(json!({"reshape_schema": {"property": {}}})),
        with(json!({"reshape_schema": {"properties": {"x": "profile@traits.x"}}})),
        with(json!({"rename": [{"from": "type", "to": "properties.x"}]})),
        with(json!({"split": {"by": "profile@x"}})),
        with(json!({"split": {"by": "properties.items"}, "condition": "session@id EXISTS"})),
        json!({"name": "R", "event_type": "order", "reshaping": {"split": {"by": "properties.x"}}, "event_source": "nobody"}),
    ] {
        let reply = app.post("/event-reshape-schema", &posted);
        assert_eq!((reply.status.as_u16(), reply.code()), (422, "rule_invalid"), "{posted}");
    }
}
