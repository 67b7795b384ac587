//! Configuration of any kind: versions, lost races, what others need, and who changed what.

use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::{Value, json};

use crate::support::{Reply, TestApp};

fn source(name: &str) -> Value {
    json!({"id": "web", "name": name, "type": ["rest", "redirect"]})
}

fn redirect() -> Value {
    json!({
        "id": "sale", "name": "Sale", "source": {"id": "web"}, "url": "https://shop.example/sale",
        "event_type": "sale-clicked",
    })
}

/// A request that says which version it is based on.
fn based_on(app: &TestApp, method: Method, address: &str, tag: &str, body: &Value) -> Reply {
    let request = Request::builder().method(method).uri(address).header("if-match", tag);
    app.send_signed_in(request.body(Body::from(body.to_string())).unwrap())
}

fn tag(reply: &Reply) -> String {
    assert!(!reply.header("etag").is_empty(), "an entity has a version");
    reply.header("etag").to_owned()
}

#[test]
fn whoever_was_slower_does_not_overwrite() {
    let app = TestApp::new();
    let first = tag(&app.post("/event-source", &source("One")).ok());
    assert_eq!(tag(&app.get("/event-source/web").ok()), first);
    let put =
        |tag: &str, name: &str| based_on(&app, Method::POST, "/event-source", tag, &source(name));
    // As a proxy that compresses answers makes it.
    let second = tag(&put(&format!("W/{first}"), "Two").ok());
    assert_ne!(second, first);
    let late = put(&first, "Three");
    assert_eq!((late.status.as_u16(), late.code()), (412, "version_conflict"));
    assert_eq!(app.get("/event-source/web").ok().body["name"], "Two");
    // A tag that was never given, and none at all.
    assert_eq!(put("W/\"x\"", "Three").status, 412);
    put("*", "Three").ok();
    let gone = based_on(&app, Method::DELETE, "/event-source/web", &second, &Value::Null);
    assert_eq!(gone.status, 412);
    let now = tag(&app.get("/event-source/web").ok());
    based_on(&app, Method::DELETE, "/event-source/web", &now, &Value::Null).ok();
    assert_eq!(put(&now, "Four").status, 412, "it is not there any more");
    put("\"0\"", "Five").ok();
    assert_eq!(put("\"0\"", "Six").status, 412, "it is there already");
}

#[test]
fn what_others_need_stays_and_what_is_needed_must_be_there() {
    let app = TestApp::new();
    let early = app.post("/event-redirect", &redirect());
    assert_eq!((early.status.as_u16(), early.code()), (422, "redirect_invalid"));
    assert_eq!(early.body["message"], "source.id must name a source that exists");
    app.post("/event-source", &json!({"id": "web", "name": "Web", "type": "rest"})).ok();
    let wrong = app.post("/event-redirect", &redirect());
    assert_eq!(wrong.body["message"], "source.id must be of a source of type redirect");
    app.post("/event-source", &source("Web")).ok();
    app.post("/event-redirect", &redirect()).ok();
    let needed = app.delete("/event-source/web");
    assert_eq!((needed.status.as_u16(), needed.code()), (409, "in_use"));
    assert_eq!(needed.body["message"], "Not removed: it is needed by redirect sale.");
    app.delete("/event-redirect/sale").ok();
    app.delete("/event-source/web").ok();
}

#[test]
fn every_change_is_remembered() {
    let app = TestApp::new();
    let made = tag(&app.post("/event-source", &source("One")).ok());
    app.advance(60);
    app.post("/event-source", &source("Two")).ok();
    app.delete("/event-source/web").ok();
    // What is refused changes nothing.
    app.post("/event-source", &json!({"id": "web", "name": "", "type": "rest"}));
    let log = app.get("/api/audit?kind=source&id=web").ok().body;
    let told: Vec<_> = log["result"].as_array().unwrap().iter().collect();
    let of = |key: &str| told.iter().map(|one| one[key].clone()).collect::<Vec<_>>();
    assert_eq!(of("action"), ["remove", "put", "put"]);
    assert!(of("who").iter().all(|who| who == "admin@kith.local"), "{log}");
    assert_eq!(of("at")[1..], ["2026-01-05T10:01:00Z", "2026-01-05T10:00:00Z"]);
    assert_eq!(format!("\"{}\"", told[2]["version"]), made);
    let names = |key: &str| told.iter().map(|one| one[key]["name"].clone()).collect::<Vec<_>>();
    assert_eq!(names("before"), [json!("Two"), json!("One"), Value::Null]);
    assert_eq!(names("after"), [Value::Null, json!("Two"), json!("One")]);
    assert!(told[0]["after"].is_null() && told[2]["before"].is_null());
}

#[test]
fn the_log_is_read_in_pages_and_by_what_is_asked() {
    let app = TestApp::new();
    for name in ["One", "Two", "Three"] {
        app.post("/event-source", &source(name)).ok();
    }
    app.post("/event-redirect", &redirect()).ok();
    let mut seen = Vec::new();
    let mut address = "/api/audit?limit=2".to_owned();
    loop {
        let page = app.get(&address).ok().body;
        let some = page["result"].as_array().unwrap();
        assert!((1..=2).contains(&some.len()));
        seen.extend(some.iter().map(|one| one["number"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        address = format!("/api/audit?limit=2&cursor={next}");
    }
    // Those four, and the source and the user that every test has.
    assert_eq!(seen.len(), 6);
    assert!(seen.is_sorted_by(|one, next| one > next), "{seen:?}");
    let count = |query: &str| {
        app.get(&format!("/api/audit?{query}")).ok().body["result"].as_array().unwrap().len()
    };
    assert_eq!(count("kind=redirect"), 1);
    assert_eq!(count("who=the%20tests"), 2);
    assert_eq!(count("to=2026-01-05T10:00:00Z"), 0);
    assert_eq!(count("from=2026-01-05T10:00:00Z&kind=source"), 4);
    assert_eq!(app.get("/api/audit?form=2026").status, 422);
}

#[test]
fn what_is_old_is_forgotten() {
    let app = TestApp::new();
    app.post("/event-source", &source("One")).ok();
    app.advance(86_400 * 3);
    app.post("/event-source", &source("Two")).ok();
    let registry = &app.app().registry;
    let kept = || app.get("/api/audit").ok().body["result"].as_array().unwrap().len();
    registry.forget_audit(0).unwrap();
    assert_eq!(kept(), 4);
    registry.forget_audit(2).unwrap();
    assert_eq!(kept(), 1);
}
