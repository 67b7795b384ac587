//! One body at different doors: what is read of it is the same.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use kith::model::Bridge;
use serde_json::{Value, json};

use crate::support::{Reply, TestApp};

fn app() -> TestApp {
    let app = TestApp::new();
    app.add_source("hook", |source| source.bridges = vec![Bridge::Webhook]);
    app
}

fn call(app: &TestApp, method: Method, address: &str, kind: &str, body: impl Into<Body>) -> Reply {
    let request = Request::builder().method(method).uri(address).header("content-type", kind);
    app.send(request.body(body.into()).unwrap())
}

/// The properties of the newest event of a type.
fn properties(app: &TestApp, kind: &str) -> Value {
    app.advance(1);
    app.get(&format!("/api/events?type={kind}")).ok().body["result"][0]["properties"].clone()
}

#[test]
fn one_body_is_the_same_at_every_door() {
    let app = app();
    for (at, (body, expected)) in [
        (r#"{"a":"\ud83d"}"#, json!("\u{fffd}")),
        (r#"{"a":1e400}"#, json!("1e400")),
        (r#"{"a":"\ud83d\ude00"}"#, json!("\u{1f600}")),
        (
            r#"{"a":1.10,"a":{"$serde_json::private::Number":"1"}}"#,
            json!({"_serde_json::private::Number": "1"}),
        ),
    ]
    .into_iter()
    .enumerate()
    {
        // At each door, what becomes of `a`.
        let (hooked, tracked) = (format!("hooked-{at}"), format!("tracked-{at}"));
        let reply =
            call(&app, Method::POST, &format!("/collect/{hooked}/hook"), "application/json", body)
                .ok();
        assert!(reply.warnings().is_empty());
        let payload = format!(
            r#"{{"source":{{"id":"shop"}},"events":[{{"type":"{tracked}","properties":{body}}}]}}"#
        );
        call(&app, Method::POST, "/track", "application/json", payload).ok();
        assert_eq!(properties(&app, &hooked)["a"], expected, "{body}");
        assert_eq!(properties(&app, &tracked)["a"], expected, "{body}");
    }
    let visit = app.track(json!({"session": {"id": "s"}, "events": [{"type": "page-view"}]})).ok();
    let consents = format!(
        r#"{{"source":{{"id":"shop"}},"session":{{"id":"s"}},"profile":{{"id":"{}"}},
            "consents":{{"mail":true}},"version":"\ud83d"}}"#,
        visit.profile()
    );
    let reply = call(&app, Method::POST, "/customer/consent", "application/json", consents).ok();
    assert!(reply.warnings().is_empty());
    assert_eq!(properties(&app, "consent-update")["version"], "\u{fffd}");
}

#[test]
fn bodies_may_be_written_in_other_charsets() {
    let app = app();
    let text = "{\"a\":\"Zoë €\"}";
    let marked = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let latin = b"{\"a\":\"Zo\xeb \x80\"}".to_vec();
    for (at, (kind, body)) in [
        ("application/json", marked),
        ("application/json; charset=iso-8859-1", latin),
        ("application/json; charset=iso-8859-1", text.as_bytes().to_vec()),
    ]
    .into_iter()
    .enumerate()
    {
        let address = format!("/collect/written-{at}/hook");
        let reply = call(&app, Method::POST, &address, kind, body).ok();
        assert!(reply.warnings().is_empty());
        assert_eq!(properties(&app, &format!("written-{at}")), json!({"a": "Zoë €"}), "{kind}");
    }
}

#[test]
fn a_type_with_control_characters_is_refused_at_every_door() {
    let app = app();
    let reply = app.track(json!({"events": [{"type": "a\u{0}b"}]}));
    assert_eq!((reply.status, reply.code()), (StatusCode::UNPROCESSABLE_ENTITY, "payload_invalid"));
    let reply = call(&app, Method::POST, "/collect/a%00b/hook", "application/json", "{}");
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    let picture = call(&app, Method::GET, "/track.gif?source=shop&type=%00", "", "").ok();
    assert!(picture.text.starts_with("GIF89a"));
    app.advance(1);
    assert_eq!(app.get("/event/count").ok().body["count"], 0);
}
