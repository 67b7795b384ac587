//! What people keep of their work: preferences, questions and dashboards of them.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request};
use kith::storage::{By, KeyAdded, StoredKey};
use serde_json::{Value, json};

use super::access::add_user;
use crate::support::{Reply, TestApp};

const QUESTIONS: &str = "/api/saved-questions";
const DASHBOARDS: &str = "/api/dashboards";

/// With a marketer and a developer, each known by that name.
fn app() -> TestApp {
    let app = TestApp::new();
    let day = Duration::from_secs(86_400);
    ["marketer", "developer"].iter().for_each(|role| add_user(&app, role, &[role], day));
    app
}

fn as_user(app: &TestApp, who: &str, (method, address): (Method, &str), body: &Value) -> Reply {
    let request = Request::builder().method(method).uri(address);
    let request = request.header("authorization", format!("Bearer {who}"));
    app.send(request.body(Body::from(body.to_string())).unwrap())
}

fn orders() -> Value {
    let state = json!({"series": "type = order", "by": "source"});
    json!({"id": "orders", "name": "Orders by source", "view": "trends", "state": state})
}

fn monday() -> Value {
    let tiles = json!([{"question": "orders", "width": 4, "height": 2}, {"question": "orders"}]);
    json!({"id": "monday", "name": "On Monday", "tiles": tiles, "range": "30d", "refresh_seconds": 60})
}

#[test]
fn preferences_are_of_one_user_and_go_with_them() {
    let app = app();
    let address = "/api/preferences";
    let get = |who| as_user(&app, who, (Method::GET, address), &Value::Null);
    let put = |who, body: &Value| as_user(&app, who, (Method::PUT, address), body);
    assert_eq!(get("marketer").ok().body, json!({}));
    let mine = json!({"zone": "Europe/Warsaw", "columns": ["utm.source"], "size": 1.10, "ü": null});
    assert_eq!(put("marketer", &mine).ok().body, mine);
    assert_eq!(get("marketer").ok().body, mine);
    assert_eq!(get("developer").ok().body, json!({}), "nobody else's");
    for wrong in [json!([]), json!("x"), json!(null), json!({"much": "x".repeat(32_768)})] {
        let reply = put("marketer", &wrong);
        assert_eq!((reply.status.as_u16(), reply.code()), (422, "preferences_invalid"));
    }
    assert_eq!(get("marketer").ok().body, mine, "what is refused changes nothing");
    app.post("/user/marketer@example.com", &json!({"name": "Max", "enabled": true})).ok();
    assert_eq!(get("marketer").ok().body, mine, "whatever else changes");
    app.delete("/user/marketer@example.com").ok();
    add_user(&app, "marketer", &["marketer"], Duration::from_secs(60));
    assert_eq!(get("marketer").ok().body, json!({}), "they are gone with the account");
}

#[test]
fn a_question_is_saved_seen_by_all_and_changed_by_its_owner() {
    let app = app();
    let put = |who, body: &Value| as_user(&app, who, (Method::POST, QUESTIONS), body);
    let saved = put("marketer", &orders()).ok().body;
    assert_eq!(saved, json!({"saved": 1, "errors": [], "ids": ["orders"]}));
    let address = "/api/saved-questions/orders";
    let mut seen = as_user(&app, "developer", (Method::GET, address), &Value::Null).ok().body;
    let version = seen["version"].take().as_i64().unwrap();
    assert_json_snapshot!("saved question", seen);
    let mut change = orders();
    change["note"] = json!("by the developer");
    let foreign = put("developer", &change);
    assert_eq!((foreign.status.as_u16(), foreign.code()), (403, "role_missing"));
    let foreign = as_user(&app, "developer", (Method::DELETE, address), &Value::Null);
    assert_eq!(foreign.status, 403);
    app.advance(60);
    // What was read can be posted again; the owner stays whoever changes it.
    let mut read = app.get(address).ok().body;
    read["note"] = json!("by an administrator");
    app.post(QUESTIONS, &read).ok();
    let now = app.get(address).ok().body;
    assert_eq!((&now["owner"], &now["note"]), (&json!("marketer@example.com"), &read["note"]));
    assert_eq!(now["created"], read["created"]);
    assert_eq!(now["changed"], "2026-01-05T10:01:00Z");
    assert!(now["version"].as_i64().unwrap() > version);
    assert_eq!(app.get(QUESTIONS).ok().body["total"], 1);
    as_user(&app, "marketer", (Method::DELETE, address), &Value::Null).ok();
    assert_eq!(app.get(address).status, 404);
    let log = app.get("/api/audit?kind=question").ok().body;
    let who: Vec<_> = log["result"].as_array().unwrap().iter().map(|one| &one["who"]).collect();
    assert_eq!(who, ["marketer@example.com", "admin@kith.local", "marketer@example.com"]);
}

#[test]
fn one_without_an_id_gets_one() {
    let app = app();
    let saved = app.post(QUESTIONS, &json!({"name": "Any", "view": "sql"})).ok().body;
    let id = saved["ids"][0].as_str().unwrap();
    assert_eq!(app.get(&format!("{QUESTIONS}/{id}")).ok().body["state"], json!({}));
}

#[test]
fn a_dashboard_needs_its_questions() {
    let app = app();
    let early = app.post(DASHBOARDS, &monday());
    assert_eq!((early.status.as_u16(), early.code()), (422, "saved_invalid"));
    assert_eq!(early.body["message"], "tiles.question must name a question that exists");
    app.post(QUESTIONS, &orders()).ok();
    app.post(DASHBOARDS, &monday()).ok();
    let mut seen = app.get("/api/dashboards/monday").ok().body;
    seen["version"].take();
    assert_json_snapshot!("dashboard", seen);
    let needed = app.delete("/api/saved-questions/orders");
    assert_eq!((needed.status.as_u16(), needed.code()), (409, "in_use"));
    assert_eq!(needed.body["message"], "Not removed: it is needed by dashboard monday.");
    app.delete("/api/dashboards/monday").ok();
    app.delete("/api/saved-questions/orders").ok();
}

#[test]
fn what_does_not_fit_is_refused() {
    let app = app();
    app.post(QUESTIONS, &orders()).ok();
    for posted in [
        json!({}),
        json!({"name": "", "view": "trends"}),
        json!({"name": "A", "view": "../trends"}),
        json!({"id": "a b", "name": "A", "view": "trends"}),
        json!({"name": "A", "view": "trends", "state": {"by": 1}}),
        json!({"name": "A", "view": "trends", "state": {"by": "x".repeat(20_000)}}),
        json!({"name": "A", "view": "trends", "stat": {}}),
    ] {
        let reply = app.post(QUESTIONS, &posted);
        assert_eq!((reply.status.as_u16(), reply.code()), (422, "saved_invalid"), "{posted}");
    }
    let with = |key: &str, value: Value| {
        let mut posted = monday();
        posted[key] = value;
        posted
    };
    for posted in [
        with("tiles", json!([{"question": "orders", "width": 5}])),
        with("tiles", json!([{"question": "orders", "hight": 1}])),
        with("where", json!("type =")),
        with("refresh_seconds", json!(1)),
        with("rang", json!("7d")),
        with("range", json!("30x")),
        with("range", json!("yesterdays")),
        with("range", json!("2026-01-06..2026-01-05")),
    ] {
        let reply = app.post(DASHBOARDS, &posted);
        assert_eq!((reply.status.as_u16(), reply.code()), (422, "saved_invalid"), "{posted}");
    }
    let said = app.post(DASHBOARDS, &with("rang", json!("7d"))).body;
    assert!(said["message"].as_str().unwrap().contains("did you mean range?"), "{said}");
}

#[test]
fn what_a_key_of_the_command_line_has_made_is_its_own() {
    let app = app();
    let key = |name: &str| {
        let scopes = ["saved", "lists"].map(str::to_owned).to_vec();
        let key = StoredKey { name: name.to_owned(), scopes, ..StoredKey::default() };
        let (app, by) = (app.app(), By { who: "a test", address: None, at: app.clock.now() });
        let (shown, key) = kith::accounts::new_key(&app.ids, &app.hashing, by.at, key);
        assert_eq!(app.storage.add_key(&key, by).unwrap(), KeyAdded::Done);
        shown
    };
    let (one, two) = (key("one"), key("two"));
    as_user(&app, &one, (Method::POST, QUESTIONS), &orders()).ok();
    let owner =
        as_user(&app, "marketer", (Method::GET, &format!("{QUESTIONS}/orders")), &Value::Null);
    let owner = owner.ok().body["owner"].as_str().unwrap().to_owned();
    assert!(owner.starts_with("command line by key one ("), "{owner}");
    let list = as_user(&app, &one, (Method::POST, "/api/lists"), &json!({"name": "Regulars"})).ok();
    let list = format!("/api/lists/{}", list.body["id"].as_str().unwrap());
    for (who, status) in [(two.as_str(), 403), ("marketer", 403), (one.as_str(), 200)] {
        for (method, address, body) in [
            (Method::POST, QUESTIONS, orders()),
            (Method::POST, list.as_str(), json!({"name": "Others"})),
        ] {
            let reply = as_user(&app, who, (method, address), &body);
            assert_eq!(reply.status.as_u16(), status, "{who} {address}: {}", reply.text);
        }
    }
    as_user(&app, &one, (Method::DELETE, &list), &Value::Null).ok();
    app.delete(&format!("{QUESTIONS}/orders")).ok();
}
