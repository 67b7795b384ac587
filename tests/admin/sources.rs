//! Sources: made, seen, changed, removed; each counts from the next payload on.

use serde_json::json;

use crate::support::TestApp;
use crate::support::app::post;

fn track(app: &TestApp, source: &str) -> u16 {
    app.track(json!({"source": {"id": source}, "events": [{"type": "x"}]})).status.as_u16()
}

#[test]
fn the_life_of_a_source() {
    let app = TestApp::new();
    let mut source = json!({"id": "web", "name": "Web", "type": ["rest"], "channel": "shop"});
    let saved = app.post("/event-source", &source).ok().body;
    assert_eq!(saved, json!({"saved": 1, "errors": [], "ids": ["web"]}));
    assert_json_snapshot!("source document", app.get("/event-source/web").ok().body);
    assert_eq!(track(&app, "web"), 200);
    source["enabled"] = json!(false);
    app.post("/event-source", &source).ok();
    assert_eq!(track(&app, "web"), 401);
    assert_eq!(app.get("/event-sources").ok().body["total"], 2);
    app.delete("/event-source/web").ok();
    assert_eq!(app.get("/event-source/web").status, 404);
    assert_eq!(app.delete("/event-source/web").status, 404);
}

#[test]
fn an_id_is_drawn_and_a_channel_is_copied_to_sessions() {
    let app = TestApp::new();
    let posted = json!({"name": "App", "type": "rest", "channel": "mobile"});
    let id = app.post("/event-source", &posted).ok().body["ids"][0].as_str().unwrap().to_owned();
    let payload = json!({"source": {"id": id}, "session": {"id": "s"}, "events": [{"type": "x"}]});
    app.track(payload).ok();
    assert_eq!(app.get("/session/s").ok().body["metadata"]["channel"], "mobile");
}

#[test]
fn what_does_not_fit_is_refused() {
    let app = TestApp::new();
    for posted in [
        json!({"name": "x"}),
        json!({"name": " ", "type": "rest"}),
        json!({"name": "x", "type": "carrier-pigeon"}),
        json!({"name": "x", "type": []}),
        json!({"name": "x", "type": "rest", "id": "@internal"}),
        json!({"name": "x", "type": "rest", "id": "x".repeat(129)}),
        json!([]),
    ] {
        let reply = app.post("/event-source", &posted);
        assert_eq!((reply.status.as_u16(), reply.code()), (422, "source_invalid"), "{posted}");
    }
    let reply =
        app.post("/event-source", &json!({"name": "x", "type": "rest", "enabled": "secret"}));
    assert_eq!(reply.code(), "source_invalid");
    assert!(!reply.text.contains("secret"), "{}", reply.text);
}

/// What is set up by a number is bounded, so that one with a digit too many is none by mistake.
#[test]
fn events_are_kept_for_a_century_at_most() {
    let app = TestApp::new();
    let of = |days: u64| json!({"id": "x", "name": "x", "type": "rest", "retention_days": days});
    app.post("/event-source", &of(36_500)).ok();
    let refused = app.post("/event-source", &of(36_501));
    assert_eq!((refused.status.as_u16(), refused.code()), (422, "source_invalid"));
    assert!(refused.text.contains("retention_days must be at most 36500"), "{}", refused.text);
    let of = |days: u64| json!({"event_type": "order", "name": "x", "retention_days": days});
    app.post("/event-type/mapping", &of(36_500)).ok();
    assert_eq!(app.post("/event-type/mapping", &of(36_501)).code(), "rule_invalid");
}

#[test]
fn a_misspelt_key_is_refused_with_the_one_that_was_meant() {
    let app = TestApp::new();
    for (wrong, meant) in [
        (json!({"allowed_origin": ["https://shop.example"]}), "did you mean allowed_origins?"),
        (json!({"config": {"sticky_sessions": true}}), "did you mean sticky_session?"),
        (json!({"zzz": 1}), "there are "),
    ] {
        let mut posted = json!({"name": "x", "type": "rest"});
        posted.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
        let reply = app.post("/event-source", &posted);
        assert_eq!((reply.status.as_u16(), reply.code()), (422, "source_invalid"), "{posted}");
        assert!(reply.text.contains(meant), "{}", reply.text);
    }
    let of_the_reference = json!({"id": "web", "name": "x", "type": ["rest"], "groups": [],
        "bridge": {"id": "b"}, "requires_consent": false, "locked": false, "manual": null});
    app.post("/event-source", &of_the_reference).ok();
    let shown = app.get("/event-source/web").ok().body;
    app.post("/event-source", &shown).ok();
}

#[test]
fn an_origin_that_no_browser_sends_is_refused_with_what_was_meant() {
    let app = TestApp::new();
    let put = |origin: &str| {
        let posted = json!({"id": "web", "name": "x", "type": "rest", "allowed_origins": [origin]});
        app.post("/event-source", &posted)
    };
    for (wrong, meant) in [
        ("shop.example", "https://shop.example"),
        ("https://shop.example/page", "https://shop.example"),
        ("https://shop*.example", "https://*.shop.example"),
    ] {
        let reply = put(wrong);
        assert_eq!((reply.status.as_u16(), reply.code()), (422, "source_invalid"), "{wrong}");
        assert!(reply.text.contains(meant), "{}", reply.text);
    }
    let sent_from = |origin: &str| {
        let payload = json!({"source": {"id": "web"}, "events": [{"type": "x"}]});
        let mut request = post("/track", &payload);
        request.headers_mut().insert("origin", origin.parse().unwrap());
        app.send(request).status.as_u16()
    };
    put("https://*.shop.example").ok();
    assert_eq!(sent_from("https://www.shop.example"), 200);
    assert_eq!(sent_from("https://a.b.shop.example"), 200);
    assert_eq!(sent_from("https://shop.example.evil"), 401);
    assert_eq!(sent_from("https://evilshop.example"), 401);
    put("*").ok();
    assert_eq!(sent_from("https://anything.example"), 200);
    assert_eq!(track(&app, "web"), 200, "and without an origin");
}

#[test]
fn a_source_that_a_link_leads_to_stays_one_for_links() {
    let app = TestApp::new();
    let source = |kinds: serde_json::Value| json!({"id": "links", "name": "Links", "type": kinds});
    app.post("/event-source", &source(json!(["redirect"]))).ok();
    let link = json!({"id": "spring", "name": "Spring", "url": "https://shop.example",
        "source": {"id": "links"}, "event_type": "link-clicked"});
    app.post("/event-redirect", &link).ok();
    let reply = app.post("/event-source", &source(json!(["rest"])));
    assert_eq!((reply.status.as_u16(), reply.code()), (422, "source_invalid"), "{}", reply.text);
    app.post("/event-source", &source(json!(["rest", "redirect"]))).ok();
    app.delete("/event-redirect/spring").ok();
    app.post("/event-source", &source(json!(["rest"]))).ok();
}
