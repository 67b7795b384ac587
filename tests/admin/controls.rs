//! Characters that nobody sees: null, which not every database keeps, and those that are no part of a line.

use serde_json::{Value, json};

use crate::support::TestApp;

/// What is set up, and where in it a text stands that may be any other.
fn bodies() -> Vec<(&'static str, Value, &'static [&'static str])> {
    let redirect = json!({"id": "r", "name": "R", "url": "https://a.example",
        "source": {"id": "shop"}, "event_type": "click", "description": "", "props": {"a": ["b"]}});
    let validator = json!({"name": "V", "event_type": {"id": "order"}, "description": "",
        "validation": {"json_schema": {"event@properties": {"pattern": "x"}}}});
    let shape = json!({"name": "R", "event_type": "order", "tags": ["t"],
        "reshaping": {"reshape_schema": {"properties": {"a": "b"}}}});
    let field = json!({"name": "F", "settings": [
        {"action": "mask", "field": {"value": "event@properties.a"}, "consents": [{"id": "c"}]}]});
    let function = json!({"id": "f", "name": "F", "event_type": "order",
        "code": "function transform(event) { return event }"});
    vec![
        (
            "/event-source",
            json!({"id": "s", "name": "S", "type": ["rest"], "channel": "c", "tags": ["t"]}),
            &["/id", "/name", "/channel", "/tags/0"],
        ),
        (
            "/event-redirect",
            redirect,
            &["/id", "/name", "/event_type", "/description", "/props/a/0"],
        ),
        (
            "/event-validator",
            validator,
            &["/name", "/validation/json_schema/event@properties/pattern"],
        ),
        ("/event-reshape-schema", shape, &["/tags/0", "/reshaping/reshape_schema/properties/a"]),
        ("/consent/type", json!({"name": "m", "description": ""}), &["/name", "/description"]),
        ("/consent/compliance/field", field, &["/name", "/settings/0/consents/0/id"]),
        (
            "/api/audiences",
            json!({"id": "a", "name": "A", "description": "", "condition": "DID \"order\""}),
            &["/id", "/name", "/description", "/condition"],
        ),
        ("/api/functions", function, &["/name", "/code"]),
        (
            "/api/lists",
            json!({"name": "L", "note": "", "profiles": ["x"]}),
            &["/name", "/note", "/profiles/0"],
        ),
        (
            "/user",
            json!({"email": "u@a.example", "name": "U", "roles": ["marketer"]}),
            &["/email", "/name"],
        ),
        ("/api/keys", json!({"name": "K", "scopes": ["sql"]}), &["/name"]),
    ]
}

#[test]
fn no_text_that_is_set_up_holds_a_null_character() {
    let app = TestApp::new();
    app.add_source("shop", |source| source.bridges = vec![kith::model::Bridge::Redirect]);
    for (address, body, places) in bodies() {
        for place in places {
            let mut wrong = body.clone();
            *wrong.pointer_mut(place).unwrap() = json!("a\0b");
            let said = app.post(address, &wrong);
            assert_eq!(said.status, 422, "{address} {place}: {}", said.text);
            let name = place.split('/').rfind(|part| part.parse::<u32>().is_err()).unwrap();
            let sentence = said.body["message"].as_str().unwrap();
            assert!(sentence.contains("null character (\\u0000)"), "{address} {sentence}");
            assert!(sentence.contains(name), "{address} {place}: {sentence}");
        }
    }
    assert_eq!(app.get("/event-source/s").status, 404, "nothing was stored");
}

#[test]
fn an_id_and_a_name_are_one_line() {
    let app = TestApp::new();
    app.add_source("shop", |source| source.bridges = vec![kith::model::Bridge::Redirect]);
    let is_of_line = |place: &&&str| ["/id", "/name", "/event_type"].contains(place);
    for (address, body, places) in bodies() {
        for place in places.iter().filter(is_of_line) {
            let mut wrong = body.clone();
            *wrong.pointer_mut(place).unwrap() = json!("a\u{1b}b");
            let said = app.post(address, &wrong);
            assert_eq!(said.status, 422, "{address} {place}: {}", said.text);
        }
    }
    let note = json!({"name": "L", "note": "two\nlines\tand more"});
    app.post("/api/lists", &note).ok();
}
