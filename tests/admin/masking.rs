//! Fields that only some may see.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use kith::config::Config;
use serde_json::json;

use super::access::add_user;
use crate::support::{Setup, TestApp};

const PASSPORT: &str = "XX1234567";
const CARD: &str = "4111-1111";

fn app() -> TestApp {
    let configure = |config: &mut Config| config.masking.fields.push_str(" context.secret");
    let app = TestApp::with(Setup { configure, ..Setup::default() });
    let day = Duration::from_secs(86_400);
    for role in ["marketer", "developer", "maintainer", "admin"] {
        add_user(&app, role, &[role], day);
    }
    app
}

fn told(app: &TestApp, who: &str, method: &str, address: &str) -> String {
    let request = Request::builder().method(method).uri(address);
    let request = request.header("authorization", format!("Bearer {who}"));
    let request = request.header("content-type", "application/json");
    let body = if method == "POST" { "{}" } else { "" };
    app.send(request.body(Body::from(body)).unwrap()).ok().text
}

#[test]
fn the_people_behind_a_number_are_shown_as_everywhere() {
    let configure = |config: &mut Config| config.masking.fields.push_str(" data.contact.email");
    let app = TestApp::with(Setup { configure, ..Setup::default() });
    for role in ["marketer", "developer", "maintainer", "admin"] {
        add_user(&app, role, &[role], Duration::from_secs(86_400));
    }
    let properties = json!({"email": {"main": "ann@example.com"}});
    app.track(json!({"events": [{"type": "identification", "properties": properties}]})).ok();
    let of = json!({"of": {"stickiness": {"question": {}, "intervals": 1}}}).to_string();
    for who in ["marketer", "developer", "maintainer", "admin"] {
        let request = Request::post("/api/people/behind");
        let request = request.header("authorization", format!("Bearer {who}"));
        let told = app.send(request.body(Body::from(of.clone())).unwrap()).ok().text;
        let may = ["maintainer", "admin"].contains(&who);
        assert_eq!(told.contains("ann@example.com"), may, "{who}: {told}");
        assert!(told.contains("\"visits\":1"), "{who}: {told}");
    }
}

#[test]
fn fields_are_shown_to_those_who_may_and_to_nobody_else() {
    let app = app();
    let properties = json!({"passport": PASSPORT, "credit_card": CARD, "firstname": "Ann"});
    let event = json!({"id": "first", "type": "identification", "properties": properties});
    let context = json!({"secret": {"deep": "S-E-C"}, "page": {"title": "Open"}});
    let payload = json!({"session": {"id": "one"}, "context": context, "events": [event]});
    let person = app.track(payload).ok().profile();
    for (method, address, is_of_session) in [
        ("GET", format!("/profile/{person}"), false),
        ("GET", "/event/first".to_owned(), false),
        ("GET", format!("/events/profile/{person}"), false),
        ("GET", format!("/events/session/one/profile/{person}"), false),
        ("GET", "/api/events".to_owned(), false),
        ("POST", "/event/select".to_owned(), false),
        ("POST", "/event/select/range".to_owned(), false),
        ("GET", "/session/one".to_owned(), true),
    ] {
        for who in ["marketer", "developer", "maintainer", "admin"] {
            let told = told(&app, who, method, &address);
            let may = ["maintainer", "admin"].contains(&who);
            let secrets = if is_of_session { vec!["S-E-C"] } else { vec![PASSPORT, CARD] };
            for secret in secrets {
                assert_eq!(told.contains(secret), may, "{who} {address}: {told}");
            }
            assert_eq!(told.contains("\"***\""), !may, "{who} {address}: {told}");
            assert!(told.contains(if is_of_session { "Open" } else { "Ann" }), "{address}");
        }
    }
    let archive = told(&app, "maintainer", "GET", &format!("/api/profiles/{person}/export"));
    assert!(archive.contains(PASSPORT) && !archive.contains("\"***\""));
}

#[test]
fn consents_whose_names_are_masked_are_left_out_of_the_proof() {
    let configure = |config: &mut Config| config.masking.fields.push_str(" consents.clinic");
    let app = TestApp::with(Setup { configure, ..Setup::default() });
    for role in ["marketer", "maintainer"] {
        add_user(&app, role, &[role], Duration::from_secs(86_400));
    }
    let properties = json!({"consents": {"clinic": {"version": "S-E-C"}, "mail": true}});
    let event = json!({"type": "consent-update", "properties": properties});
    let person = app.track(json!({"session": {"id": "one"}, "events": [event]})).ok().profile();
    let address = format!("/api/profiles/{person}/consents");
    let others = told(&app, "marketer", "GET", &address);
    assert!(!others.contains("clinic") && !others.contains("S-E-C"), "{others}");
    assert!(others.contains("mail") && others.contains("\"hidden\":2"), "{others}");
    assert!(told(&app, "maintainer", "GET", &address).contains("S-E-C"));
}

#[test]
fn sql_and_filters_see_what_whoever_asks_may_see() {
    let configure = |config: &mut Config| {
        config.masking.fields.push_str(" data.contact.email.main context.secret");
    };
    let app = TestApp::with(Setup { configure, ..Setup::default() });
    let day = Duration::from_secs(86_400);
    for role in ["marketer", "maintainer"] {
        add_user(&app, role, &[role], day);
    }
    let properties = json!({"passport": PASSPORT, "email": {"main": "ann@example.com"}});
    let event = json!({"id": "first", "type": "identification", "properties": properties});
    let context = json!({"secret": "S-E-C"});
    app.track(json!({"session": {"id": "one"}, "context": context, "events": [event]})).ok();
    let asked = |who: &str, sql: &str| {
        let request = Request::post("/sql").header("authorization", format!("Bearer {who}"));
        app.send(request.body(Body::from(sql.to_owned())).unwrap()).ok().text
    };
    let questions = [
        ("SELECT properties->>'passport' AS x FROM events WHERE type = 'identification'", PASSPORT),
        ("SELECT email AS x FROM profiles", "ann@example.com"),
        ("SELECT data AS x FROM profiles", "ann@example.com"),
        ("SELECT context AS x FROM sessions", "S-E-C"),
    ];
    for (sql, secret) in questions {
        let (seen, hidden) = (asked("maintainer", sql), asked("marketer", sql));
        assert!(seen.contains(secret) && !seen.contains("***"), "{sql}: {seen}");
        assert!(!hidden.contains(secret) && hidden.contains("***"), "{sql}: {hidden}");
    }
    let guess =
        format!("SELECT count(*) AS n FROM events WHERE (properties->>'passport') = '{PASSPORT}'");
    assert!(asked("maintainer", &guess).contains("\"n\":1"));
    assert!(asked("marketer", &guess).contains("\"n\":0"), "nor can it be guessed");
}

#[test]
fn whoever_sends_is_a_stranger() {
    let app = app();
    app.add_source("site", |source| source.returns_profile = true);
    let properties = json!({"passport": PASSPORT, "firstname": "Ann"});
    let event = json!({"type": "identification", "properties": properties});
    let asks = json!({"profile": true});
    let payload = json!({
        "source": {"id": "site"}, "session": {"id": "one"}, "options": asks,
        "events": [event, {"type": "x", "options": asks}],
    });
    let answer = app.track(payload).ok();
    assert!(answer.text.contains("Ann"), "{}", answer.text);
    assert!(!answer.text.contains(PASSPORT), "{}", answer.text);
}

#[test]
fn whoever_may_not_see_a_field_does_not_see_it_behind_a_number_either() {
    let configure =
        |config: &mut Config| config.masking.fields.push_str(" data.contact.email.main");
    let app = TestApp::with(Setup { configure, ..Setup::default() });
    add_user(&app, "marketer", &["marketer"], Duration::from_secs(86_400));
    let event = json!({"type": "sign-in", "properties": {"email": {"main": "ann@example.com"}}});
    app.track(json!({"session": {"id": "one"}, "events": [event]})).ok();
    let asked = |who: &str, address: &str, question: &serde_json::Value| {
        let request = Request::post(address).header("authorization", format!("Bearer {who}"));
        app.send(request.body(Body::from(question.to_string())).unwrap()).ok().body
    };
    let of =
        json!({"of": {"stickiness": {"question": {"scope": {"type": "sign-in"}}, "intervals": 1}}});
    for (who, email) in [(crate::support::app::TOKEN, "ann@example.com"), ("marketer", "***")] {
        let told = asked(who, "/api/people/behind", &of);
        assert_eq!((told["total"].as_u64(), &told["result"][0]["email"]), (Some(1), &json!(email)));
    }
    let by = json!({"field": "data.contact.email.main", "now": true});
    let question = json!({"series": [{"where": "type = sign-in"}], "by": by, "interval": "all"});
    let told = asked("marketer", "/api/questions/trends", &question);
    assert_eq!(told["result"][0]["group"], "***", "{told}");
}

#[test]
fn nothing_is_found_of_a_hidden_field_by_asking_whom_a_condition_holds_of() {
    let configure = |config: &mut Config| {
        config.masking.fields.push_str(
            " data.contact.email.main properties.card properties.email properties.lines.price \
             properties[\"card/no.\"] consents.illness",
        );
    };
    let app = TestApp::with(Setup { configure, ..Setup::default() });
    for role in ["developer", "maintainer"] {
        add_user(&app, role, &[role], Duration::from_secs(86_400));
    }
    let post = |who: &str, address: &str, body: &serde_json::Value| {
        let request = Request::post(address).header("authorization", format!("Bearer {who}"));
        let request = request.header("content-type", "application/json");
        app.send(request.body(Body::from(body.to_string())).unwrap())
    };
    let counts = |id: &str, condition: &str| json!({"id": id, "function": "count", "event_type": "order", "where": condition});
    let card = "event@properties.card STARTS WITH \"4\"";
    app.post("/api/computed-traits", &counts("cards", card)).ok();
    let of = |function: serde_json::Value| {
        let mut all = json!({"id": "x", "event_type": "order"});
        all.as_object_mut().unwrap().extend(function.as_object().unwrap().clone());
        all
    };
    let asked = [
        ("/api/computed-traits", counts("x", card)),
        ("/api/computed-traits", of(json!({"function": "sum", "of": "properties.card"}))),
        (
            "/api/computed-traits",
            of(json!({"function": "values", "of": "properties.lines.0.price"})),
        ),
        (
            "/api/computed-traits",
            json!({"id": "x", "function": "formula", "formula": "computed.cards + 0"}),
        ),
        (
            "/api/computed-traits",
            of(json!({"function": "rfm", "where": card,
            "marks": {"recency": ["1d"], "frequency": [1]}})),
        ),
    ];
    let conditions = [
        "profile@data.contact.email.main STARTS WITH \"a\"".to_owned(),
        format!("DID \"order\" WHERE ({card})"),
        format!("DID \"view\" THEN \"order\" WHERE ({card})"),
        format!("DID LAST \"order\" WITH ({card})"),
        "NOT profile@computed.cards >= 1".to_owned(),
        "DID \"order\" WHERE (event@properties.lines.0.price = 5)".to_owned(),
        "DID \"order\" WHERE (event@properties[\"card/no.\"] = 5)".to_owned(),
    ];
    let of_people = conditions.iter().flat_map(|condition| {
        [
            ("/api/audiences/preview", json!({"condition": condition})),
            ("/api/audiences", json!({"id": "x", "name": "x", "condition": condition})),
            ("/segment", json!({"name": "x", "condition": condition})),
        ]
    });
    let sets = json!({"event": {"value": "x", "ref": false}, "op": "set", "profile": {"value": "profile@traits.x"}});
    let tried = json!({"payload": {"source": {"id": "shop"}, "events": []}, "rules": {"event_to_profile": [
        {"id": "x", "name": "x", "event_type": "x", "config": {"condition": conditions[0]}, "event_to_profile": [sets]}]}});
    let mut rules = rules_that_name_what_is_hidden();
    rules.extend(rules_that_tell_of_what_is_hidden());
    let all = asked.into_iter().chain(of_people).chain([("/api/rules/try", tried)]).chain(rules);
    for (address, body) in all {
        let reply = post("developer", address, &body);
        assert_eq!(reply.status.as_u16(), 422, "{address} {body}: {}", reply.text);
        assert!(reply.text.contains("hidden from you"), "{address} {body}: {}", reply.text);
        let reply = post("maintainer", address, &body);
        assert!(!reply.text.contains("hidden from you"), "{address} {body}: {}", reply.text);
    }
}

#[test]
fn what_tells_nothing_of_what_is_hidden_may_be_set_up_beside_it() {
    let configure = |config: &mut Config| {
        config.masking.fields.push_str(" properties.email consents.illness");
    };
    let app = TestApp::with(Setup { configure, ..Setup::default() });
    add_user(&app, "developer", &["developer"], Duration::from_secs(86_400));
    let field = json!({"action": "remove", "field": {"value": "event@properties.y"}, "consents": ["letter"]});
    for (address, body) in [
        ("/api/identity/namespaces", json!({"id": "email", "normalise": "email", "values_max": 5})),
        ("/api/identity/namespaces", json!({"id": "pk", "unique": true, "pattern": "[0-9]+"})),
        ("/consent/compliance/field", json!({"id": "x", "name": "x", "settings": [field]})),
    ] {
        let request = Request::post(address).header("authorization", "Bearer developer");
        let request = request.header("content-type", "application/json");
        app.send(request.body(Body::from(body.to_string())).unwrap()).ok();
    }
}

#[test]
fn who_renews_the_secret_of_a_source_says_nothing_of_what_is_hidden() {
    let configure = |config: &mut Config| config.masking.fields.push_str(" properties.card");
    let app = TestApp::with(Setup { configure, ..Setup::default() });
    add_user(&app, "developer", &["developer"], Duration::from_secs(86_400));
    let source = json!({"id": "hook", "name": "Hook", "type": ["webhook"], "config": {"replace_profile_id": "card"}});
    app.post("/event-source", &source).ok();
    let post = |address: &str, body: &serde_json::Value| {
        let request = Request::post(address).header("authorization", "Bearer developer");
        let request = request.header("content-type", "application/json");
        app.send(request.body(Body::from(body.to_string())).unwrap())
    };
    assert_eq!(post("/event-source", &source).code(), "source_invalid");
    post("/event-source/hook/secret", &json!({})).ok();
}

/// A mapping of what stands at a place of an order, or of a value.
fn maps(event: &serde_json::Value, target: &str) -> serde_json::Value {
    json!({"id": "x", "name": "x", "event_type": "order", "event_to_profile": [
        {"event": event, "op": "max", "profile": {"value": target}}]})
}

/// Those that tell of it by a place in a list, by a key in quotes, or by what is done where it stands there.
fn rules_that_tell_of_what_is_hidden() -> Vec<(&'static str, serde_json::Value)> {
    let place = |place: &str| maps(&json!({"value": place, "ref": true}), "profile@traits.x");
    let asks = |of: serde_json::Value| {
        let mut field = json!({"action": "remove", "field": {"value": "event@properties.y"}});
        field.as_object_mut().unwrap().extend(of.as_object().unwrap().clone());
        json!({"id": "x", "name": "x", "settings": [field]})
    };
    let chosen = json!({"id": "email", "normalise": "email", "pattern": "a.*"});
    let nobodys = json!({"id": "email", "normalise": "email", "meaningless": ["a*@shop.example"]});
    vec![
        ("/event-to-profile", place("event@properties.lines.0.price")),
        ("/event-to-profile", place("event@properties[\"card/no.\"]")),
        ("/consent/compliance/field", asks(json!({"consents": ["illness"]}))),
        ("/consent/compliance/field", asks(json!({"purposes": ["research"]}))),
        ("/api/identity/preview", json!({"rules": {"namespaces": [chosen]}})),
        ("/api/identity/preview", json!({"rules": {"namespaces": [nobodys]}})),
        ("/api/identity/namespaces", chosen),
    ]
}

/// Of each kind that says what is done with events for everybody.
fn rules_that_name_what_is_hidden() -> Vec<(&'static str, serde_json::Value)> {
    let literal = json!({"value": "2026-01-05T10:00:00Z", "ref": false});
    let guess = maps(&literal, "profile@data.contact.email.main");
    let copy = maps(&json!({"value": "event@properties.card", "ref": true}), "profile@traits.x");
    let escaped =
        maps(&json!({"value": "event@properties[\"c\\ard\"]", "ref": true}), "profile@traits.x");
    let mut when = maps(&json!({"value": 5, "ref": false}), "profile@traits.x");
    when["config"] = json!({"condition": "profile@computed.cards >= 1"});
    let tried = json!({"payload": {"source": {"id": "shop"}, "events": []}, "rules": {"event_to_profile": [guess]}});
    let table = json!({"id": "x", "name": "x", "base": "EUR", "rates": {}, "amounts": [
        {"amount": "properties.card", "currency": "properties.currency", "into": "traits.x"}]});
    let tried_table = json!({"payload": {"source": {"id": "shop"}, "events": []}, "rules": {"currency_tables": [table]}});
    let cards = json!({"id": "x", "pattern": "^4", "read_from": [{"event_type": "order", "property": "card"}]});
    let escaped = json!({"payload": {"source": {"id": "shop"}, "events": []}, "rules": {"event_to_profile": [escaped]}});
    vec![
        ("/api/rules/try", tried),
        (
            "/event-redirect",
            json!({"name": "x", "url": "https://a.example", "source": {"id": "shop"},
            "event_type": "x", "props": {"x": "session@properties.card"}}),
        ),
        ("/event-to-profile", guess),
        ("/event-to-profile", copy),
        ("/api/currency-tables", table),
        ("/api/rules/try", tried_table),
        (
            "/event-source",
            json!({"id": "x", "name": "x", "type": ["webhook"], "config": {"replace_profile_id": "card"}}),
        ),
        ("/api/identity/preview", json!({"rules": {"namespaces": [cards]}})),
        ("/api/identity/namespaces", cards),
        (
            "/event-validator",
            json!({"id": "x", "name": "x", "event_type": "order", "validation": {
            "json_schema": {"event@properties": {"patternProperties": {"^car.$": {"pattern": "^4"}}}}}}),
        ),
        ("/api/rules/try", escaped),
        ("/event-to-profile", when),
        (
            "/event-type/mapping",
            json!({"id": "order", "name": "x", "event_type": "order",
            "index_schema": {"traits.x": "properties.card"}}),
        ),
        (
            "/event-validator",
            json!({"id": "x", "name": "x", "event_type": "order", "validation": {
            "json_schema": {"event@properties": {"properties": {"card": {"pattern": "^4"}}}}}}),
        ),
        (
            "/event-reshape-schema",
            json!({"id": "x", "name": "x", "event_type": "order", "reshaping": {
            "reshape_schema": {"properties": {"x": "event@properties.card"}}}}),
        ),
        (
            "/api/functions",
            json!({"id": "x", "name": "x", "event_type": "order",
            "code": "function transform(event) { event.tags = [event.properties[\"card\"]]; return event; }"}),
        ),
    ]
}

#[test]
fn whoever_tries_a_payload_does_not_hear_whether_a_guess_is_right() {
    let configure = |config: &mut Config| config.masking.fields.push_str(" data.pii.firstname");
    let app = TestApp::with(Setup { configure, ..Setup::default() });
    add_user(&app, "developer", &["developer"], Duration::from_secs(86_400));
    let update = |name: &str| {
        json!({"source": {"id": "shop"}, "session": {"id": "ann"},
            "events": [{"type": "profile-update", "properties": {"pii": {"firstname": name}}}]})
    };
    app.track(update("Ann")).ok();
    app.advance(60);
    let changes = |name: &str| {
        let request = Request::post("/api/rules/try").header("authorization", "Bearer developer");
        let request = request.header("content-type", "application/json");
        let body = json!({"payload": update(name)}).to_string();
        app.send(request.body(Body::from(body)).unwrap()).ok().body["turns"][0]["changes"].clone()
    };
    assert_eq!(changes("Ann"), changes("Eve"));
    let told = app.post("/api/rules/try", &json!({"payload": update("Eve")})).ok();
    assert!(told.text.contains("Eve"), "whoever may see it does: {}", told.text);
}
