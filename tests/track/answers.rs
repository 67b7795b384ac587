//! What comes back, and where it comes back to.

use axum::body::Body;
use axum::http::Request;
use serde_json::json;

use crate::support::TestApp;
use crate::support::app::post;

#[test]
fn a_plain_answer() {
    let app = TestApp::new();
    let payload = json!({"session": {"id": "s"}, "events": [{"type": "page-view"}]});
    assert_json_snapshot!("answer", app.track(payload).ok().body);
}

#[test]
fn an_answer_for_debugging_has_the_legacy_keys() {
    let app = TestApp::new();
    let payload = json!({
        "session": {"id": "s"}, "events": [{"id": "E1", "type": "page-view"}],
        "options": {"debugger": true},
    });
    assert_json_snapshot!("answer for debugging", app.track(payload).ok().body);
}

#[test]
fn no_events_no_answer() {
    let app = TestApp::new();
    for payload in [json!({"events": []}), json!({}), json!({"session": {"id": "s"}})] {
        let reply = app.track(payload).ok();
        assert_eq!(reply.text, "null");
    }
    assert_eq!(app.get("/session/count").ok().body["count"], 0);
}

#[test]
fn a_backend_may_have_nobody_behind_its_events() {
    let app = TestApp::new();
    let body = json!({"source": {"id": "shop"}, "session": {"id": "s"}, "events": [{"type": "x"}]});
    for address in ["/track?profile_less=true", "/track?profile_less=1"] {
        let reply = app.send(post(address, &body)).ok();
        assert!(reply.body["profile"]["id"].is_null());
        assert_eq!(reply.session(), "s");
    }
    assert_eq!(app.get("/profile/count").ok().body["count"], 0);
    assert_eq!(app.get("/session/s").ok().body["profile"], json!(null));
}

#[test]
fn every_status_has_cors_headers_and_a_preflight_is_remembered() {
    let app = TestApp::new();
    let from = |method: &str, body: &'static str| {
        let request = Request::builder().method(method).uri("/track");
        let request = request.header("origin", "https://shop.example");
        let request = request.header("access-control-request-method", "POST");
        let request = request.header("access-control-request-headers", "content-type,x-context");
        app.send(request.body(Body::from(body)).unwrap())
    };
    let answers = [
        (200, from("OPTIONS", "")),
        (401, from("POST", r#"{"source":{"id":"?"},"events":[{"type":"x"}]}"#)),
        (422, from("POST", "{")),
        (405, from("PATCH", "")),
    ];
    for (status, reply) in answers {
        assert_eq!(reply.status, status);
        assert_eq!(reply.header("access-control-allow-origin"), "https://shop.example");
        // Beacons of JSON ask before with cookies; what they are answered nobody reads.
        let credentials = if status == 200 { "true" } else { "" };
        assert_eq!(reply.header("access-control-allow-credentials"), credentials);
        if status == 200 {
            assert_eq!(reply.header("access-control-max-age"), "86400");
            assert!(reply.header("access-control-allow-headers").contains("x-context"));
        }
    }
}

#[test]
fn an_allowed_origin_may_send_and_another_may_not() {
    let app = TestApp::new();
    app.add_source("web", |source| {
        source.allowed_origins = vec!["https://shop.example".to_owned()];
    });
    let from = |origin: Option<&str>| {
        let body = json!({"source": {"id": "web"}, "events": [{"type": "x"}]});
        let mut request = post("/track", &body);
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", origin.parse().unwrap());
        }
        app.send(request)
    };
    let reply = from(Some("https://shop.example")).ok();
    assert_eq!(reply.header("access-control-allow-credentials"), "true", "the source names it");
    for origin in [Some("https://evil.example"), Some("https://shop.example.evil"), None] {
        let reply = from(origin);
        assert_eq!((reply.status.as_u16(), reply.code()), (401, "origin_not_allowed"));
    }
}

#[test]
fn what_somebody_who_may_hands_in_comes_from_no_page() {
    let app = TestApp::new();
    let list = vec!["https://*.shop.example".to_owned()];
    app.add_source("web", |source| source.allowed_origins = list);
    let rule = json!({"id": "v", "name": "V", "event_type": "x", "enabled": true, "on_misfit": "quarantine",
        "validation": {"json_schema": {"event@properties": {"type": "object", "required": ["id"]}}}});
    app.post("/event-validator", &rule).ok();
    let payload = json!({"source": {"id": "web"}, "events": [{"type": "x"}]});
    assert_eq!(app.post("/track", &payload).code(), "origin_not_allowed");
    app.post("/api/rules/try", &json!({"payload": payload})).ok();
    app.post("/api/identity/preview", &payload).ok();
    let mut sent = post("/track", &payload);
    sent.headers_mut().insert("origin", "https://www.shop.example".parse().unwrap());
    app.send(sent).ok();
    let held = app.get("/api/held-events").ok().body["result"][0]["key"].clone();
    let address = format!("/api/held-events/{}/release", held.as_str().unwrap());
    let let_in = app.post(&address, &json!({"properties": {"id": 1}})).ok();
    assert_eq!(let_in.body["released"], true);
}

#[test]
fn the_context_header_comes_back() {
    let app = TestApp::new();
    let mut request = post("/track", &json!({"source": {"id": "shop"}, "events": [{"type": "x"}]}));
    request.headers_mut().insert("x-context", "staging".parse().unwrap());
    let reply = app.send(request).ok();
    assert_eq!(reply.header("x-context"), "staging");
    assert!(reply.header("x-process-time").parse::<f64>().is_ok());
}
