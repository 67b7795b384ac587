//! The document describes the doors there are.

use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::Value;

use crate::support::TestApp;

fn document(app: &TestApp) -> Value {
    app.send(Request::get("/openapi.json").body(Body::empty()).unwrap()).ok().body
}

#[test]
fn the_document() {
    let mut document = document(&TestApp::new());
    document["info"]["version"] = "(of this build)".into();
    insta::assert_json_snapshot!("openapi", document);
}

/// Every door of the document is there, and every other method of it is not.
#[test]
fn the_router_agrees() {
    let app = TestApp::new();
    let document = document(&app);
    for (path, methods) in document["paths"].as_object().unwrap() {
        let address = path.replace(['{', '}'], "");
        for method in [Method::GET, Method::POST, Method::DELETE, Method::PATCH] {
            let request = Request::builder().method(&method).uri(&address);
            let status = app.send(request.body(Body::empty()).unwrap()).status;
            let described = methods.get(method.as_str().to_lowercase()).is_some();
            assert_eq!(status != 405, described, "{method} {path}: {status}");
            assert!(!status.is_server_error(), "{method} {path}: {status}");
        }
    }
}

/// Every `.route(` of the router is in the document.
#[test]
fn nothing_is_left_out() {
    let document = document(&TestApp::new());
    let source = include_str!("../../src/http/mod.rs");
    let routes = source.split(".route(").skip(1).filter_map(|route| route.split('"').nth(1));
    for route in
        routes.filter(|route| !["/track/", "/healthcheck", "/tracker/", "/demo/"].contains(route))
    {
        assert!(!document["paths"][route].is_null(), "{route} is not described");
    }
}

#[test]
fn there_is_a_page_for_it() {
    let app = TestApp::new();
    let page = app.send(Request::get("/docs/").body(Body::empty()).unwrap()).ok();
    assert!(page.text.contains("swagger"), "{}", page.text);
}
