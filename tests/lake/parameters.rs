//! Parameters of questions: what is not known, or not whole, is refused instead of passed over.

use axum::body::Body;
use axum::http::Request;

use crate::support::TestApp;
use crate::support::app::{TOKEN, post};

#[track_caller]
fn check(address: &str, said: &str) {
    let reply = TestApp::new().get(address);
    assert_eq!((reply.status.as_u16(), reply.code()), (422, "question_invalid"), "{address}");
    assert_eq!(reply.body["message"], said, "{address}");
}

#[test]
fn what_nobody_knows_is_refused_with_what_was_meant() {
    check("/api/events?limt=1", "there is no parameter limt; did you mean limit?");
    check(
        "/api/events/histogram?intervall=day&from=2026-01-01",
        "there is no parameter intervall; did you mean interval?",
    );
    check(
        "/api/sessions?zone=x",
        "there is no parameter zone; there are cursor, from, had, limit, profile, source, to, tz",
    );
    check(
        "/api/profiles/x/export?all=1",
        "there is no parameter all; there are from, received_from, received_to, to, tz",
    );
    let long = "x".repeat(100);
    let said = "x".repeat(64);
    check(
        &format!("/api/erasures/1?{long}=1"),
        &format!("there is no parameter {said}; this address takes none"),
    );
}

/// At each of our own addresses, whatever the method.
#[test]
fn nowhere_is_it_passed_over() {
    let app = TestApp::new();
    let document = app.send(Request::get("/openapi.json").body(Body::empty()).unwrap()).ok().body;
    let mut asked = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        let ours = path.starts_with("/api/") || path == "/sql";
        for method in methods.as_object().unwrap().keys().filter(|_| ours) {
            let address = format!("{}?nonsense=1", path.replace(['{', '}'], ""));
            let request = Request::builder().method(method.to_uppercase().as_str()).uri(&address);
            let request = request.header("authorization", format!("Bearer {TOKEN}"));
            let reply = app.send(request.body(Body::empty()).unwrap());
            assert_eq!(reply.status.as_u16(), 422, "{method} {address}: {}", reply.text);
            assert!(reply.text.contains("no parameter nonsense"), "{method} {address}");
            asked += 1;
        }
    }
    assert!(asked >= 13, "{asked}");
}

/// Consoles of the reference say more than we listen to.
#[test]
fn the_references_own_addresses_take_what_they_do_not_know() {
    let app = TestApp::new();
    app.post("/event/select?nonsense=1", &serde_json::json!({})).ok();
}

#[test]
fn a_path_and_a_value_need_each_other() {
    check("/api/profiles?path=traits.plan", "path needs a value");
    check("/api/profiles?value=pro", "value needs a path");
    TestApp::new().get("/api/profiles?path=traits.plan&value=pro").ok();
}

#[test]
fn a_funnel_needs_no_content_type() {
    let app = TestApp::new();
    let asked = serde_json::json!({"steps": ["type = a", "type = b"]});
    let send = |mut request: Request<Body>| {
        let token = format!("Bearer {TOKEN}").parse().unwrap();
        request.headers_mut().insert("authorization", token);
        request.headers_mut().remove("content-type");
        app.send(request)
    };
    let told = send(post("/api/events/funnel", &asked)).ok().body;
    assert_eq!(told, serde_json::json!({"result": [{"step_1": 0, "step_2": 0}]}));
    let wrong = serde_json::json!({"stages": []});
    let refused = send(post("/api/events/funnel", &wrong));
    assert_eq!((refused.status.as_u16(), refused.code()), (422, "question_invalid"));
}
