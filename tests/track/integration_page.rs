//! Every example of Tracardi's integration page, posted as it stands there.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use crate::support::TestApp;

const TEMPLATE: &str = include_str!("integration_page/template.txt");
const FULL: &str = include_str!("integration_page/full.json");
const MINIMAL: &str = include_str!("integration_page/minimal.json");

fn post(body: &'static str) -> Request<Body> {
    Request::post("/track").body(Body::from(body)).unwrap()
}

fn kinds_kept(app: &TestApp, profile: &str) -> Vec<String> {
    let mut kinds = app.events(profile);
    kinds.sort();
    kinds
}

#[test]
fn the_template_with_comments_is_no_json_and_says_where() {
    let app = TestApp::new();
    let reply = app.send(post(TEMPLATE));
    assert_eq!((reply.status.as_u16(), reply.code()), (422, "payload_invalid"));
    let problem = &reply.body["detail"][0];
    assert_eq!(problem["type"], "json_invalid");
    let offset = usize::try_from(problem["loc"][1].as_u64().unwrap()).unwrap();
    assert!(TEMPLATE[offset - 2..].trim_start().starts_with("//"), "{offset}");
}

#[test]
fn the_full_payload() {
    let app = TestApp::new();
    app.add_source("3ee63fc6-490a-4fd8-bfb3-bf0c8c8d3387", |source| source.returns_profile = true);
    let reply = app.send(post(FULL)).ok();
    assert_eq!(reply.session(), "bfb3-bf0c8c8d3387-3ee63fc6-490a-4fd8");
    assert_ne!(reply.profile(), "bf0c8c8d3387-3ee63fc6-490a-4fd8bfb3", "never adopted");
    assert_json_snapshot!("integration page, full", reply.body);
    let kept = kinds_kept(&app, &reply.profile());
    let system = ["profile-created", "session-opened", "visit-started"];
    assert_eq!(kept, ["consent-granted", "product-in-basket", system[0], system[1], system[2]]);
}

#[test]
fn a_source_that_does_not_return_profiles_gives_only_the_id() {
    let app = TestApp::new();
    app.add_source("3ee63fc6-490a-4fd8-bfb3-bf0c8c8d3387", |_| {});
    let reply = app.send(post(FULL)).ok();
    let pass = &reply.body["profile"]["pass"];
    assert_eq!(reply.body["profile"], json!({"id": reply.profile(), "pass": pass}));
}

#[test]
fn the_minimal_payload() {
    let app = TestApp::new();
    app.add_source("f14dc4b1-8dd8-4fc1-bd14-d6823ba7013e", |_| {});
    let reply = app.send(post(MINIMAL)).ok();
    assert_json_snapshot!("integration page, minimal", reply.body);
    let basket = app.get(&format!("/events/profile/{}", reply.profile())).ok().body;
    let of_kind = |event: &&Value| event["type"] == "product-in-basket";
    let basket = basket["result"].as_array().unwrap().iter().find(of_kind).unwrap().clone();
    assert_eq!(basket["properties"], json!({"product": "Adidas sneakers", "price": 34.43}));
}

#[test]
fn an_unknown_source_is_an_unauthorized_access() {
    let app = TestApp::new();
    let reply = app.send(post(MINIMAL));
    assert_eq!(reply.status, 401);
    assert_eq!(reply.body["detail"], "Unauthorized Access");
    assert!(!reply.text.contains("Adidas") && !reply.text.contains("f14dc4b1"));
}

#[test]
fn the_three_scenarios_of_a_missing_profile() {
    let app = TestApp::new();
    let visit = |session: &str, profile: Option<&str>| {
        let mut payload = json!({"session": {"id": session}, "events": [{"type": "page-view"}]});
        if let Some(profile) = profile {
            payload["profile"] = json!({"id": profile});
        }
        app.track(payload).ok().profile()
    };
    let first = visit("monday", None);
    assert_ne!(visit("stranger", Some("not-in-the-database")), "not-in-the-database");
    assert_eq!(visit("monday", None), first, "the lost profile is found by its session");
    assert_eq!(visit("tuesday", Some(&first)), first, "a new session keeps the profile");
    let document = app.get(&format!("/profile/{first}")).ok().body;
    assert_eq!(document["metadata"]["time"]["visit"]["count"], 2, "and is a new visit");
}
