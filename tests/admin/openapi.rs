//! The document describes the doors there are.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};

use crate::support::TestApp;
use crate::support::app::post;
use crate::support::contract::Asked;

#[test]
fn the_document() {
    let mut document = TestApp::new().document();
    document["info"]["version"] = "(of this build)".into();
    assert_json_snapshot!("openapi", document);
}

/// Every door of the document is there, and every other method of it is not.
#[test]
fn the_router_agrees() {
    let app = TestApp::new();
    app.app().live.end();
    let document = app.document();
    for (path, methods) in document["paths"].as_object().unwrap() {
        let address = path.replace(['{', '}'], "");
        for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
            let request = Request::builder().method(&method).uri(&address);
            let status = app.send(request.body(Body::empty()).unwrap()).status;
            let described = methods.get(method.as_str().to_lowercase()).is_some();
            assert_eq!(status != 405, described, "{method} {path}: {status}");
            assert!(!status.is_server_error(), "{method} {path}: {status}");
        }
    }
}

/// Clients that are generated would want something of whoever only looks, or send it where nobody reads it.
#[test]
fn whoever_gets_sends_nothing() {
    let document = TestApp::new().document();
    let doors = document["paths"].as_object().unwrap();
    let with_body = doors.iter().filter(|(_, methods)| !methods["get"]["requestBody"].is_null());
    assert_eq!(with_body.map(|(path, _)| path).collect::<Vec<_>>(), Vec::<&String>::new());
    let door = &document["paths"]["/collect/{event_type}/{source}"];
    assert!(!door["post"]["requestBody"].is_null());
    assert!(["401", "422", "429"].iter().all(|status| !door["get"]["responses"][status].is_null()));
}

/// What the document leaves out is said in one place, and is the same as what it has.
#[test]
fn only_other_spellings_are_left_out() {
    let document = TestApp::new().document();
    let source = include_str!("../../src/http/mod.rs");
    let routes = source.split(".route(\"").skip(1).filter_map(|route| route.split('"').next());
    let routes: Vec<_> = routes.collect();
    assert_eq!(routes, ["/track/", "/tracker/", "/demo/", "/healthcheck"]);
    for route in routes {
        let spelt = route.trim_end_matches('/').replace("healthcheck", "health");
        assert!(!document["paths"][&spelt].is_null(), "{spelt} is not described");
    }
}

/// Whoever opens the page tries what stands there.
#[test]
fn the_examples_work_as_they_stand() {
    let app = TestApp::new();
    app.add_source("a-second", |_| {});
    let document = app.document();
    let mut tried = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, door) in methods.as_object().unwrap() {
            let bodies = door["requestBody"]["content"].as_object().into_iter().flatten();
            for (_, body) in bodies.filter(|(kind, _)| *kind == "application/json") {
                // Of somebody who is not there, and of what must be typed.
                let is_whole = !body["example"].is_null() && path != "/customer/consent";
                if !is_whole {
                    continue;
                }
                let mut request = post(&path.replace("{page}", "0"), &body["example"]);
                *request.method_mut() = method.to_uppercase().parse().unwrap();
                app.send_signed_in(request).ok();
                tried.push(path.as_str());
            }
        }
    }
    for door in ["/track", "/sql", "/event/select", "/event-source", "/user", "/api/keys"] {
        assert!(tried.contains(&door), "{door} of {tried:?}");
    }
    let example = &document["paths"]["/track"]["post"]["requestBody"]["content"];
    assert_eq!(example["application/json"]["example"]["source"]["id"], "a-second", "of this one");
    assert_eq!(document["tags"][0]["name"], "collect", "sending comes first");
    let notes = document.to_string();
    assert!(!notes.contains("# Errors") && !notes.contains("[`"), "notes for programmers");
}

/// What is declared is used, and what is used is declared.
#[test]
fn nothing_is_named_that_is_not_there_and_nothing_is_there_for_nobody() {
    let document = TestApp::new().document();
    let tags: Vec<_> =
        document["tags"].as_array().unwrap().iter().map(|tag| &tag["name"]).collect();
    let doors = document["paths"].as_object().unwrap().values();
    for door in doors.flat_map(|methods| methods.as_object().unwrap().values()) {
        let undeclared = door["tags"].as_array().unwrap().iter().find(|tag| !tags.contains(tag));
        assert_eq!(undeclared, None);
    }
    let text = document.to_string();
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        assert!(text.contains(&format!("\"#/components/schemas/{name}\"")), "{name} is for nobody");
    }
}

/// Clients name their functions after operations.
#[test]
fn each_operation_has_a_name_of_its_own() {
    let document = TestApp::new().document();
    let methods = document["paths"].as_object().unwrap().values();
    let doors = methods.flat_map(|methods| methods.as_object().unwrap().values());
    let mut names: Vec<_> = doors.map(|door| door["operationId"].as_str().unwrap()).collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
}

/// Every answer of every test is held against the document; this is what holding finds.
#[test]
fn an_answer_that_it_does_not_describe_is_found() {
    let asked = Asked::of(&Request::get("/event-source/shop").body(()).unwrap());
    let mut reply = TestApp::new().get("/event-source/shop").ok();
    assert_eq!(asked.misfit(&reply), None);
    reply.text = reply.text.replace("\"channel\":", "\"chanel\":");
    let misfit = asked.misfit(&reply).expect("a key of another name");
    assert!(misfit.starts_with("GET /event-source/{id}: 200 OK: "), "{misfit}");
    assert!(misfit.contains("'chanel' not allowed") && misfit.contains("'channel'"), "{misfit}");
    reply.headers.insert("content-type", "text/html".parse().unwrap());
    assert!(asked.misfit(&reply).expect("another type").contains("\"text/html\""));
    reply.status = StatusCode::IM_A_TEAPOT;
    assert!(asked.misfit(&reply).expect("another status").contains("418"));
}

/// Clients that are generated have one type for what several lists are lists of.
#[test]
fn a_list_refers_to_what_it_is_a_list_of() {
    let document = TestApp::new().document();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let mut seen = 0;
    for (name, schema) in schemas.iter().filter(|(name, _)| name.contains('_')) {
        let of = name.split_once('_').unwrap().1.trim_start_matches("Vec_");
        assert!(schemas.contains_key(of), "{of}, of which {name} is made");
        let text = schema["properties"].to_string();
        assert!(text.contains(&format!("#/components/schemas/{of}\"")), "{name}: {text}");
        assert!(!text.contains("\"properties\""), "{name} says again what {of} is: {text}");
        seen += 1;
    }
    assert!(seen > 30, "{seen}");
}

#[test]
fn there_is_a_page_for_it() {
    let app = TestApp::new();
    let page = app.send(Request::get("/docs/").body(Body::empty()).unwrap()).ok();
    assert!(page.text.contains("swagger"), "{}", page.text);
}
