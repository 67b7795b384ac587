//! Ids of visits and of people that are nobody's count as missing, wherever they are sent.

use axum::body::Body;
use axum::http::Request;
use kith::model::{Bridge, Trust};
use serde_json::{Value, json};

use crate::support::app::post;
use crate::support::{Reply, TestApp};

/// What programs send that have no id.
const WORDS: [&str; 12] = [
    "[object Object]",
    "undefined",
    " NULL ",
    "NaN",
    "0",
    "-1",
    "-",
    "none",
    "{{session}}",
    "\"undefined\"",
    // Steps of an address, which lead elsewhere than to somebody of that id.
    ".",
    "..",
];

fn app() -> TestApp {
    let app = TestApp::new();
    app.add_source("crm", |source| source.static_profile_id = true);
    app.add_source("page", |source| source.trust = Trust::Public);
    app.add_source("hook", |source| {
        source.bridges = vec![Bridge::Webhook];
        source.webhook.replace_profile_id = Some("customer.id".to_owned());
    });
    app.add_source("link", |source| source.bridges = vec![Bridge::Redirect]);
    app
}

fn signs_in(source: &str, email: &str) -> Value {
    let event = json!({"type": "sign-in", "properties": {"email": {"main": email}}});
    json!({"source": {"id": source}, "events": [event]})
}

fn hook(app: &TestApp, address: &str, body: &Value) -> Reply {
    app.send(post(address, body)).ok()
}

#[test]
fn a_visit_of_everybody_is_a_visit_of_ones_own() {
    let app = app();
    for (number, word) in WORDS.into_iter().enumerate() {
        let mut payload = signs_in("page", &format!("ann{number}@example.com"));
        payload["session"] = json!({"id": word});
        let ann = app.track(payload).ok();
        let stranger = json!({"source": {"id": "page"}, "session": {"id": word},
            "events": [{"type": "page-view"}]});
        let stranger = app.track(stranger).ok();
        assert_ne!(ann.profile(), stranger.profile(), "{word}");
        assert_ne!(ann.session(), stranger.session(), "{word}");
        assert_eq!(stranger.warnings(), ["identifier_meaningless"], "{word}");
    }
    let tried = json!({"session": {"id": "Test"}, "events": [{"type": "page-view"}]});
    assert_eq!(app.track(tried).ok().session(), "Test", "somebody tries something");
    let reply = app.track(json!({"session": {"id": "null"}, "events": [{"type": "page-view"}]}));
    let text = "what session.id says identifies nobody; it counts as missing";
    assert_eq!(reply.ok().body["warnings"][0]["message"], text);
}

#[test]
fn an_id_of_ones_own_that_is_nobodys_is_refused_as_one_that_is_missing() {
    let app = app();
    for word in WORDS {
        let mut payload = signs_in("crm", "ann@example.com");
        payload["profile"] = json!({"id": word});
        let reply = app.track(payload);
        assert_eq!((reply.status.as_u16(), reply.code()), (422, "profile_id_required"), "{word}");
    }
    let mut payload = signs_in("page", "ann@example.com");
    payload["profile"] = json!({"id": "null"});
    assert_eq!(app.track(payload).ok().warnings(), ["identifier_meaningless"]);
}

#[test]
fn short_ids_and_long_ones_are_somebodys() {
    let app = app();
    for id in ["1", "s1", "a", "x-0", "11111111-1111-1111-1111-111111111111"] {
        let payload = json!({"source": {"id": "crm"}, "session": {"id": id}, "profile": {"id": id},
            "events": [{"type": "page-view"}]});
        let reply = app.track(payload).ok();
        assert_eq!((reply.session(), reply.profile()), (id.to_owned(), id.to_owned()));
        assert!(reply.warnings().is_empty(), "{id}");
    }
}

#[test]
fn a_webhooks_word_is_nobody() {
    let app = app();
    for word in ["undefined", "0", "-1", "{{customer.id}}"] {
        let body = json!({"customer": {"id": word}, "email": {"main": "ann@example.com"}});
        let reply = hook(&app, "/collect/sign-in/hook", &body);
        assert_eq!(reply.body["profile"]["id"], Value::Null, "{word}");
        assert_eq!(reply.warnings(), ["identifier_meaningless"], "{word}");
        let said = &reply.body["warnings"][0]["message"];
        assert_eq!(said, "what customer.id says identifies nobody; it counts as missing");
    }
    let reply = hook(&app, "/collect/sign-in/hook/undefined", &json!({"x": 1}));
    assert_eq!(reply.body["profile"]["id"], Value::Null);
    assert_eq!(reply.warnings(), ["identifier_meaningless"]);
    let reply = hook(&app, "/collect/sign-in/hook/undefined", &json!({"customer": {"id": 0e5}}));
    assert_eq!(reply.body["profile"]["id"], Value::Null);
    assert_eq!(reply.warnings().len(), 2);
}

/// They were taken before; a stranger who says the same is not asked for.
#[test]
fn what_is_kept_under_such_an_id_is_nobodys_any_more() {
    let app = app();
    let namespace = "/api/identity/namespaces";
    app.post(namespace, &json!({"id": "id", "meaningless": []})).ok();
    let mut payload = signs_in("crm", "ann@example.com");
    (payload["profile"], payload["session"]) = (json!({"id": "null"}), json!({"id": "null"}));
    assert_eq!(app.track(payload).ok().profile(), "null");
    app.delete(&format!("{namespace}/id")).ok();
    let link = json!({"id": "go", "name": "go", "source": {"id": "link", "name": "link"},
        "url": "https://shop.example/", "event_type": "clicked"});
    app.post("/event-redirect", &link).ok();
    for address in ["/track.gif?source=shop&session=null&profile=null", "/redirect/go/null"] {
        app.send(Request::get(address).body(Body::empty()).unwrap());
    }
    let said = |id: &str| json!({"id": id});
    let posted = json!({"source": said("shop"), "session": said("null"), "profile": said("null"),
        "consents": {"ads": true}});
    let denied = app.send(post("/customer/consent", &posted));
    assert_eq!((denied.status.as_u16(), denied.code()), (403, "consent_denied"));
    app.advance(1);
    let hers = app.events("null");
    assert!(!hers.iter().any(|kind| ["message-opened", "clicked"].contains(&kind.as_str())));
    let pass = json!({"profile": "null", "source": "shop"});
    app.post("/api/identity/settings", &json!({"links": "any"})).ok();
    let handed = json!({"session": said("there"), "context": {"tracardi": {"pass": pass}},
        "events": [{"type": "page-view"}]});
    let reply = app.track(handed).ok();
    assert_ne!(reply.profile(), "null");
    assert_eq!(reply.warnings(), ["identifier_meaningless"]);
}

#[test]
fn a_reshaping_points_to_nobody() {
    let app = app();
    let mapping = json!({"session": "event@properties.visit", "profile": "event@properties.who"});
    let reshaping = json!({"name": "r", "event_type": "order", "enabled": true,
        "reshaping": {"reshape_schema": {}, "mapping": mapping}});
    app.post("/event-reshape-schema", &reshaping).ok();
    let event = json!({"type": "order", "properties": {"visit": "undefined", "who": -1.0}});
    let payload = json!({"session": {"id": "mine"}, "events": [event]});
    let reply = app.track(payload).ok();
    assert_eq!(reply.session(), "mine");
    assert_eq!(reply.warnings(), ["reshape_failed", "reshape_failed"]);
}

#[test]
fn the_words_are_those_of_the_namespace_of_ids() {
    let app = app();
    let words = json!({"id": "id", "meaningless": ["till-*"]});
    app.post("/api/identity/namespaces", &words).ok();
    let mut payload = signs_in("page", "ann@example.com");
    payload["session"] = json!({"id": "Till-7"});
    assert_eq!(app.track(payload).ok().warnings(), ["identifier_meaningless"]);
    let payload = json!({"session": {"id": "guest"}, "events": [{"type": "page-view"}]});
    assert_eq!(app.track(payload).ok().session(), "guest");
}
