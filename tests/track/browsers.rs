//! What browsers are told about every address: who may use it, and what may be done with the answer.

use axum::body::Body;
use axum::http::{Method, Request};
use kith::config::Config;
use serde_json::Value;

use crate::support::{Reply, Setup, TestApp};

const PAGE: &str = "https://page.example";
/// One address of each that is for any page.
const FOR_ANY_PAGE: [(&str, &str); 9] = [
    ("post", "/track"),
    ("put", "/track"),
    ("get", "/track.gif"),
    ("get", "/collect/{event_type}/{source}"),
    ("get", "/redirect/{id}"),
    ("post", "/customer/consent"),
    ("get", "/tracker"),
    ("get", "/tracker/{file}"),
    ("get", "/collect/{event_type}/{source}/{session}"),
];

fn ask(app: &TestApp, method: &str, address: &str, origin: &str) -> Reply {
    let address: String = address.split(['{', '}']).collect();
    let request = Request::builder().method(method.to_uppercase().as_str()).uri(address);
    let request = request.header("origin", origin).header("content-type", "application/json");
    app.send_signed_in(request.body(Body::empty()).unwrap())
}

/// Every operation of the document.
fn operations(document: &Value) -> Vec<(String, String)> {
    let paths = document["paths"].as_object().unwrap().iter();
    let all = paths.flat_map(|(path, methods)| {
        let methods = methods.as_object().unwrap().keys();
        methods.map(|method| (method.clone(), path.clone())).collect::<Vec<_>>()
    });
    all.filter(|(method, _)| Method::from_bytes(method.to_uppercase().as_bytes()).is_ok()).collect()
}

#[test]
fn only_those_who_send_are_answered_on_any_page() {
    let app = TestApp::new();
    // Whoever looks at what happens is answered at once, for there is nothing to wait for.
    app.app().live.end();
    let document = app.document();
    let mut mirrored = 0;
    for (method, path) in operations(&document) {
        let is_for_any = path.starts_with("/redirect/")
            || path.starts_with("/collect/")
            || FOR_ANY_PAGE.contains(&(method.as_str(), path.as_str()));
        let reply = ask(&app, &method, &path, PAGE);
        let allowed = if is_for_any { PAGE } else { "" };
        assert_eq!(reply.header("access-control-allow-origin"), allowed, "{method} {path}");
        assert_eq!(reply.header("access-control-allow-credentials"), "", "{method} {path}");
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{method} {path}");
        let policy = if is_for_any { "cross-origin" } else { "same-origin" };
        assert_eq!(reply.header("cross-origin-resource-policy"), policy, "{method} {path}");
        let secured = !document["paths"][&path][&method]["security"].is_null();
        assert!(!(secured && is_for_any), "{method} {path} takes a token");
        if !is_for_any {
            is_no_frame(&reply, &path);
        }
        if secured || path == "/user/token" || path == "/track" {
            assert_eq!(reply.header("cache-control"), "no-store", "{method} {path}");
        }
        mirrored += usize::from(is_for_any);
    }
    assert!(mirrored > FOR_ANY_PAGE.len(), "{mirrored}");
}

fn is_no_frame(reply: &Reply, path: &str) {
    let policy = reply.header("content-security-policy");
    assert!(policy.contains("default-src 'none'"), "{path}: {policy}");
    assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
    assert_eq!(reply.header("x-frame-options"), "DENY", "{path}");
    assert_eq!(reply.header("referrer-policy"), "no-referrer", "{path}");
}

#[test]
fn no_page_stands_in_a_frame() {
    let app = TestApp::new();
    for path in ["/docs/", "/docs/index.html", "/docs/swagger-ui.css", "/openapi.json", "/demo"] {
        is_no_frame(&app.get(path).ok(), path);
    }
    for path in ["/", "/nowhere", "/docs/nowhere"] {
        is_no_frame(&app.get(path), path);
    }
}

#[test]
fn consoles_that_the_operator_names_may_use_a_token() {
    let configure = |config: &mut Config| {
        config.http.console_origins = "http://localhost:5173 https://console.example/".to_owned();
    };
    let app = TestApp::with(Setup { configure, ..Setup::default() });
    for (origin, allowed) in [
        ("https://console.example", "https://console.example"),
        ("http://localhost:5173", "http://localhost:5173"),
        (PAGE, ""),
        ("https://console.example.evil", ""),
        ("null", ""),
    ] {
        for (method, address) in [("get", "/profile/count"), ("post", "/user/token")] {
            let reply = ask(&app, method, address, origin);
            assert_eq!(reply.header("access-control-allow-origin"), allowed, "{origin}");
            assert_eq!(reply.header("access-control-allow-credentials"), "", "{origin}");
        }
        let asked = Request::options("/profile/count").header("origin", origin);
        let asked = asked.header("access-control-request-method", "GET");
        let asked = asked.header("access-control-request-headers", "authorization");
        let reply = app.send(asked.body(Body::empty()).unwrap());
        assert_eq!(reply.header("access-control-allow-origin"), allowed, "{origin}");
    }
}

#[test]
fn the_servers_own_address_leads_on() {
    let app = TestApp::new();
    let get = |path: &str| app.send(Request::get(path).body(Body::empty()).unwrap());
    let home = get("/").ok();
    assert!(home.header("content-type").starts_with("text/html"));
    assert_eq!(home.header("x-frame-options"), "DENY");
    for place in ["/docs/", "/demo", "/health"] {
        assert!(home.text.contains(&format!("href=\"{place}\"")), "{place}");
        get(place).ok();
    }
    assert_eq!(get("/nothing").code(), "no_such_address");
}
