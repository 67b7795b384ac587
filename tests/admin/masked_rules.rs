//! Rules and audiences as those read them who may not see every field.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use kith::config::Config;
use kith::model::Bridge;
use serde_json::{Value, json};

use super::access::add_user;
use crate::support::app::TOKEN;
use crate::support::{Reply, Setup, TestApp};

const SECRET: &str = "ann@shop.example";

fn app() -> TestApp {
    let configure = |config: &mut Config| {
        config
            .masking
            .fields
            .push_str(" data.contact.email.main properties.email context.page.url");
    };
    let app = TestApp::with(Setup { configure, ..Setup::default() });
    app.add_source("links", |source| source.bridges = vec![Bridge::Redirect]);
    for role in ["marketer", "developer"] {
        add_user(&app, role, &[role], Duration::from_secs(86_400));
    }
    app
}

fn ask(app: &TestApp, who: &str, (method, address): (&str, &str), body: &Value) -> Reply {
    let request = Request::builder().method(method).uri(address);
    let request = request.header("authorization", format!("Bearer {who}"));
    let request = request.header("content-type", "application/json");
    let body = if body.is_null() { String::new() } else { body.to_string() };
    app.send(request.body(Body::from(body)).unwrap())
}

/// Of each kind one that tells the secret, and where it is read.
fn rules() -> Vec<(&'static str, Value, Vec<&'static str>)> {
    let of_person = format!("profile@data.contact.email.main = \"{SECRET}\"");
    let of_event = format!("event@properties.email.main = \"{SECRET}\"");
    let literal = json!({"value": SECRET, "ref": false});
    let maps = |event: &Value, to: &str, when: &str| {
        json!({"id": "m", "name": "m", "event_type": "order", "config": {"condition": when},
            "event_to_profile": [{"event": event, "op": "set", "profile": {"value": to}}]})
    };
    vec![
        (
            "/api/audiences",
            json!({"id": "vip", "name": "VIP", "condition": of_person}),
            vec!["/api/audiences", "/api/audiences/vip", "/api/versions/audience/vip"],
        ),
        (
            "/segment",
            json!({"name": "seg", "condition": of_person}),
            vec!["/segments", "/segment/seg", "/api/audiences/seg"],
        ),
        (
            "/api/computed-traits",
            json!({"id": "ct", "function": "count", "event_type": "order", "where": of_event}),
            vec![
                "/api/computed-traits",
                "/api/computed-traits/ct",
                "/api/versions/computed_trait/ct",
            ],
        ),
        (
            "/event-to-profile",
            maps(&literal, "profile@data.contact.email.main", &of_event),
            vec![
                "/events-to-profiles",
                "/event-to-profiles/type/order",
                "/event-to-profile/m",
                "/api/versions/event_to_profile/m",
            ],
        ),
        (
            "/event-validator",
            json!({"id": "v", "name": "v", "event_type": "order", "validation": {"json_schema":
                {"event@context": {"properties": {"page": {"properties": {"url": {"const": SECRET}}}}}}}}),
            vec!["/event-validator/v", "/api/versions/validator/v"],
        ),
        (
            "/event-reshape-schema",
            json!({"id": "r", "name": "r", "event_type": "order",
                "reshaping": {"condition": of_event, "reshape_schema": {"properties": {"x": 1}}}}),
            vec!["/event-reshape-schema/r", "/api/versions/reshaping/r"],
        ),
        (
            "/event-redirect",
            json!({"id": "to", "name": "to", "url": "https://a.example", "source": {"id": "links"},
                "event_type": "order", "props": {"email": {"main": SECRET}}}),
            vec!["/event-redirect", "/event-redirect/to"],
        ),
        (
            "/api/functions",
            json!({"id": "f", "name": "f", "event_type": "order", "code": format!(
                "function transform(event) {{ return event.hit.url == '{SECRET}' ? null : event; }}")}),
            vec!["/api/functions", "/api/functions/f", "/api/versions/function/f"],
        ),
    ]
}

#[test]
fn a_condition_is_hidden_at_every_door_from_whoever_may_not_see_what_it_names() {
    let app = app();
    for (address, rule, doors) in rules() {
        ask(&app, TOKEN, ("POST", address), &rule).ok();
        for door in doors {
            let whole = ask(&app, TOKEN, ("GET", door), &Value::Null).ok();
            assert!(whole.text.contains(SECRET), "{door}: {}", whole.text);
            let shown = ask(&app, "developer", ("GET", door), &Value::Null).ok();
            assert!(!shown.text.contains(SECRET), "{door}: {}", shown.text);
            assert!(shown.text.contains("***"), "{door}: {}", shown.text);
            assert_eq!(shown.headers.get("etag"), whole.headers.get("etag"), "{door}");
            let head = ask(&app, "developer", ("HEAD", door), &Value::Null).ok();
            let length = head.header("content-length");
            assert_ne!(length, whole.text.len().to_string(), "{door}: how long it is tells, too");
        }
    }
    for door in ["/api/audiences", "/api/audiences/vip", "/api/computed-traits/ct"] {
        let shown = ask(&app, "marketer", ("GET", door), &Value::Null).ok();
        assert!(!shown.text.contains(SECRET) && shown.text.contains("***"), "{}", shown.text);
    }
}

#[test]
fn what_tells_nothing_is_shown_as_it_was_written() {
    let app = app();
    let audience = |id: &str, condition: &str| {
        let body = json!({"id": id, "name": "of data.contact.email.main", "condition": condition});
        ask(&app, TOKEN, ("POST", "/api/audiences"), &body).ok();
        ask(&app, "developer", ("GET", &format!("/api/audiences/{id}")), &Value::Null).ok().body
    };
    let condition = "profile@traits.plan = \"gold\"";
    let shown = audience("gold", condition);
    assert_eq!(shown["condition"], condition);
    assert_eq!(shown["name"], "of data.contact.email.main");
    let values =
        json!({"id": "v", "function": "last", "event_type": "order", "of": "properties.email"});
    ask(&app, TOKEN, ("POST", "/api/computed-traits"), &values).ok();
    let shown = ask(&app, "developer", ("GET", "/api/computed-traits/v"), &Value::Null).ok().body;
    assert_eq!(shown["of"], "properties.email", "which field it is of is no secret");
    let shown = audience("last", "profile@computed.v = \"x\"");
    assert_eq!(shown["condition"], "***", "it is worked out of what is hidden");
}

#[test]
fn what_stands_for_something_hidden_is_never_stored() {
    let app = app();
    for (address, rule, doors) in rules() {
        ask(&app, TOKEN, ("POST", address), &rule).ok();
        let id = rule.get("id").unwrap_or(&rule["name"]).as_str().unwrap();
        let one = *doors.iter().find(|door| door.ends_with(&format!("/{id}"))).unwrap();
        let before = |who| ask(&app, who, ("GET", one), &Value::Null);
        let whole = before(TOKEN).ok().text;
        let form = before("developer").ok().body;
        let reply = ask(&app, "developer", ("POST", address), &form);
        assert_eq!(reply.status.as_u16(), 422, "{one}: {}", reply.text);
        assert_eq!(before(TOKEN).ok().text, whole, "{one}");
    }
    for who in ["developer", TOKEN] {
        for (address, body) in [
            ("/api/audiences", json!({"id": "x", "name": "x", "condition": "***"})),
            ("/segment", json!({"name": "x", "condition": "***"})),
            (
                "/api/computed-traits",
                json!({"id": "x", "function": "count", "event_type": "order", "where": "***"}),
            ),
        ] {
            let reply = ask(&app, who, ("POST", address), &body);
            assert_eq!(reply.status.as_u16(), 422, "{who} {address}: {}", reply.text);
        }
    }
    let shape = json!({"id": "x", "name": "x", "event_type": "order",
        "reshaping": {"reshape_schema": {"properties": {"x": "***"}}}});
    let reply = ask(&app, "developer", ("POST", "/event-reshape-schema"), &shape);
    assert_eq!((reply.status.as_u16(), reply.code()), (422, "rule_invalid"), "{}", reply.text);
    assert!(reply.text.contains("*** stands where something is hidden from you"), "{}", reply.text);
    ask(&app, TOKEN, ("POST", "/event-reshape-schema"), &shape).ok();
}

#[test]
fn what_is_let_in_has_what_was_hidden_from_whoever_mended_it() {
    let app = app();
    let validator = json!({"id": "v", "name": "v", "event_type": "order", "enabled": true,
        "on_misfit": "quarantine", "validation": {"json_schema": {"event@properties": {"required": ["id"]}}}});
    ask(&app, TOKEN, ("POST", "/event-validator"), &validator).ok();
    let sent =
        json!({"email": {"main": SECRET}, "more": {"email": SECRET, "tests": "***"}, "sum": 1});
    let event = json!({"type": "order", "id": "a", "properties": sent});
    app.track(json!({"session": {"id": "s"}, "events": [event]})).ok();
    let held = || ask(&app, "developer", ("GET", "/api/held-events"), &Value::Null).ok().body;
    let (key, shown) =
        (held()["result"][0]["key"].clone(), held()["result"][0]["properties"].clone());
    let hidden = json!({"email": "***", "more": {"email": "***", "tests": "***"}, "sum": 1});
    assert_eq!(shown, hidden);
    let door = format!("/api/held-events/{}/release", key.as_str().unwrap());
    let release = |place: &str, value: Value| {
        let mut properties = shown.clone();
        properties["id"] = "o-1".into();
        *properties.pointer_mut(place).unwrap() = value;
        ask(&app, "developer", ("POST", &door), &json!({"properties": properties}))
    };
    for (place, value) in [
        ("/sum", json!("***")),
        ("/id", json!({"tests": "***"})),
        ("/more/tests", json!(["***"])),
        ("/email", json!({"main": "***"})),
    ] {
        let reply = release(place, value);
        assert_eq!((reply.status.as_u16(), reply.code()), (422, "rule_invalid"), "{}", reply.text);
        assert_eq!(held()["total"], 1, "{place}");
    }
    assert_eq!(release("/sum", json!(2)).ok().body["released"], true);
    let kept = ask(&app, TOKEN, ("GET", "/event/a"), &Value::Null).ok().body;
    let wanted = json!({"id": "o-1", "email": {"main": SECRET},
        "more": {"email": SECRET, "tests": "***"}, "sum": 2});
    assert_eq!(kept["event"]["properties"], wanted);
}

#[test]
fn a_function_is_stored_again_with_what_was_hidden_in_its_tests() {
    let app = app();
    let said = format!("profile@data.contact.email.main = \"{SECRET}\"");
    let test = |name: &str| {
        let event = json!({"email": {"main": SECRET}, "said": said, "sum": 1});
        json!({"name": name, "event": {"properties": event}, "expected": {"properties": event}})
    };
    let function = json!({"id": "f", "name": "f", "event_type": "order",
        "code": "function transform(event) { return event; }", "tests": [test("one"), test("two")]});
    ask(&app, TOKEN, ("POST", "/api/functions"), &function).ok();
    let read = |who| ask(&app, who, ("GET", "/api/functions/f"), &Value::Null).ok().body;
    let post = |form: &Value| ask(&app, "developer", ("POST", "/api/functions"), form);
    let (shown, kept) = (read("developer"), read(TOKEN)["tests"].clone());
    let hidden = json!({"email": "***", "said": "***", "sum": 1});
    assert_eq!(shown["tests"][0]["event"]["properties"], hidden);
    let changed = |place: &str, value: Value| {
        let mut form = shown.clone();
        *form.pointer_mut(place).unwrap() = value;
        form
    };
    post(&changed("/order", json!(7))).ok();
    assert_eq!(
        (read(TOKEN)["order"].clone(), read(TOKEN)["tests"].clone()),
        (json!(7), kept.clone())
    );
    post(&changed("/tests", json!([shown["tests"][1]]))).ok();
    assert_eq!(read(TOKEN)["tests"], json!([kept[1]]), "by its name");
    ask(&app, TOKEN, ("POST", "/api/functions"), &function).ok();
    for (place, value) in [
        ("/tests/0/event/properties/sum", json!("***")),
        ("/tests/0/event/properties/email", json!({"main": "***"})),
        ("/tests/0/expected", json!([{"properties": "***"}])),
        ("/tests/0/name", json!("three")),
        ("/tests/0/name", json!("two")),
        ("/code", json!("***")),
    ] {
        let reply = post(&changed(place, value));
        assert_eq!((reply.status.as_u16(), reply.code()), (422, "rule_invalid"), "{place}");
        assert_eq!(read(TOKEN)["tests"], kept, "{place}");
    }
    let reply = post(&changed("/tests/0/expected/properties/sum", json!(2)));
    assert_eq!(reply.code(), "function_tests_failed", "{}", reply.text);
    assert!(!reply.text.contains(SECRET), "{}", reply.text);
    assert!(reply.text.contains("what was there is hidden from you"), "{}", reply.text);
    let own = json!([{"name": "own", "event": {"properties": {"email": "me@shop.example"}},
        "expected": {"properties": {"email": "me@shop.example"}}}]);
    post(&changed("/tests", own.clone())).ok();
    assert_eq!(read(TOKEN)["tests"], own, "a sample of their own tells nothing");
    let tried = json!({"payload": {"source": {"id": "shop"}, "events": []}, "rules": {"functions": [shown]}});
    let reply = ask(&app, "developer", ("POST", "/api/rules/try"), &tried);
    assert_ne!(reply.code(), "rule_invalid", "tests are not run: {}", reply.text);
}
