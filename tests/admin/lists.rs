//! Lists of people: whoever mergers, undoing and erasing make of them.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::{Value, json};

use super::access::add_user;
use crate::lake::erasing::erase_all;
use crate::support::TestApp;

fn known_by(app: &TestApp, session: &str, key: &str) -> String {
    let event = json!({"type": "profile-update", "properties": {"identifier": {"id": key}}});
    app.track(json!({"session": {"id": session}, "events": [event]})).ok().profile()
}

fn make(app: &TestApp, people: &[&str]) -> String {
    let made = app.post("/api/lists", &json!({"name": "Regulars", "profiles": people})).ok().body;
    made["id"].as_str().unwrap().to_owned()
}

fn members(app: &TestApp, list: &str) -> Vec<String> {
    let page = app.get(&format!("/api/lists/{list}/members")).ok().body;
    let rows = page["result"].as_array().unwrap().iter();
    rows.inspect(|row| assert_eq!(row["id"], row["profile"]["id"]))
        .map(|row| row["id"].as_str().unwrap().to_owned())
        .collect()
}

fn people(app: &TestApp, list: &str) -> Value {
    app.get(&format!("/api/lists/{list}")).ok().body["people"].clone()
}

fn sorted(ids: &[&String]) -> Vec<String> {
    let mut ids: Vec<String> = ids.iter().map(|id| (*id).clone()).collect();
    ids.sort();
    ids
}

#[test]
fn the_life_of_a_list() {
    let app = TestApp::new();
    let (ann, bob) = (known_by(&app, "one", "K1"), known_by(&app, "two", "K2"));
    let posted = json!({"name": " Regulars ", "profiles": [ann, ann, "nobody", "nor she"]});
    let made = app.post("/api/lists", &posted).ok().body;
    assert_eq!((&made["added"], &made["unknown"]), (&json!(1), &json!(2)));
    let list = made["id"].as_str().unwrap();
    let address = format!("/api/lists/{list}");
    let mut shown = app.get(&address).ok().body;
    shown["id"].take();
    assert_json_snapshot!("list of people", shown);
    app.advance(60);
    let added = app.post(&format!("{address}/members"), &json!({"profiles": [ann, bob]})).ok().body;
    assert_eq!((&added["added"], &added["unknown"]), (&json!(1), &json!(0)));
    assert_eq!(members(&app, list), sorted(&[&ann, &bob]));
    let renamed = app.post(&address, &json!({"note": "who come often"})).ok().body;
    assert_eq!(
        (&renamed["name"], &renamed["note"]),
        (&json!("Regulars"), &json!("who come often"))
    );
    assert_eq!(renamed["people"], 2);
    let of_bob = app.get(&format!("/api/lists?profile={bob}")).ok().body;
    assert_eq!((&of_bob["total"], &of_bob["result"][0]["people"]), (&json!(1), &json!(2)));
    assert_eq!(app.get("/api/lists?profile=nobody").ok().body["total"], 0);
    app.delete(&format!("{address}/members/{ann}")).ok();
    assert_eq!(app.delete(&format!("{address}/members/{ann}")).status, 404);
    assert_eq!(members(&app, list), [bob]);
    app.delete(&address).ok();
    for gone in [app.get(&address), app.delete(&address), app.get(&format!("{address}/members"))] {
        assert_eq!(gone.status, 404);
    }
    assert_eq!(app.post(&format!("{address}/members"), &json!({"profiles": []})).status, 404);
}

#[test]
fn members_come_in_pages() {
    let app = TestApp::new();
    let ids: Vec<String> =
        (0..5).map(|at| known_by(&app, &format!("s{at}"), &format!("K{at}"))).collect();
    let list = make(&app, &ids.iter().map(String::as_str).collect::<Vec<_>>());
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = app.get(&format!("/api/lists/{list}/members?limit=2{cursor}")).ok().body;
        let rows = page["result"].as_array().unwrap().iter();
        seen.extend(rows.map(|row| row["id"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, sorted(&ids.iter().collect::<Vec<_>>()));
}

#[test]
fn who_became_one_is_one_member_and_two_again_once_that_is_undone() {
    let app = TestApp::new();
    let phone = known_by(&app, "phone", "K1");
    app.advance(60);
    let view = json!({"session": {"id": "laptop"}, "events": [{"type": "page-view"}]});
    let laptop = app.track(view).ok().profile();
    let (both, one) = (make(&app, &[&phone, &laptop]), make(&app, &[&laptop]));
    app.advance(60);
    assert_eq!(known_by(&app, "laptop", "K1"), phone);
    assert_eq!((members(&app, &both), people(&app, &both)), (vec![phone.clone()], json!(1)));
    assert_eq!(members(&app, &one), std::slice::from_ref(&phone), "who she is now");
    let added = app.post(&format!("/api/lists/{one}/members"), &json!({"profiles": [phone]}));
    assert_eq!(added.ok().body["added"], 1, "under this id she is new");
    assert_eq!(people(&app, &one), 1);
    app.delete(&format!("/api/lists/{one}/members/{laptop}")).ok();
    assert!(members(&app, &one).is_empty(), "under whichever id she came");
    app.post(&format!("/api/lists/{one}/members"), &json!({"profiles": [laptop]})).ok();
    let identity = app.get(&format!("/api/profiles/{phone}/identity")).ok().body;
    let merge = identity["merges"][0]["id"].as_str().unwrap();
    app.post(&format!("/api/merges/{merge}/undo"), &json!({})).ok();
    assert_eq!(members(&app, &both), sorted(&[&phone, &laptop]));
    assert_eq!(members(&app, &one), [laptop], "who was put there");
}

#[test]
fn whoever_is_erased_or_removed_leaves_every_list() {
    let app = TestApp::new();
    let [ann, bob, eve] = ["K1", "K2", "K3"].map(|key| known_by(&app, key, key));
    let list = make(&app, &[&ann, &bob, &eve]);
    assert_eq!(app.delete(&format!("/api/profiles/{ann}")).status, 202);
    assert_eq!(members(&app, &list), sorted(&[&bob, &eve]), "at once");
    erase_all(&app);
    app.delete(&format!("/profile/{eve}")).ok();
    assert_eq!((members(&app, &list), people(&app, &list)), (vec![bob], json!(1)));
    assert!(app.app().storage.check().unwrap().is_empty());
}

#[test]
fn a_list_belongs_to_whoever_made_it_and_looking_at_it_is_remembered() {
    let app = TestApp::new();
    add_user(&app, "marketer", &["marketer"], Duration::from_secs(60));
    let ann = known_by(&app, "one", "K1");
    let list = make(&app, &[&ann]);
    let by = |method: Method, address: &str, body: &Value| {
        let request = Request::builder().method(method).uri(address);
        let request = request.header("authorization", "Bearer marketer");
        app.send(request.body(Body::from(body.to_string())).unwrap())
    };
    let (address, members) = (format!("/api/lists/{list}"), format!("/api/lists/{list}/members"));
    by(Method::GET, &members, &Value::Null).ok();
    for refused in [
        by(Method::POST, &address, &json!({"name": "Mine"})),
        by(Method::POST, &members, &json!({"profiles": [ann]})),
        by(Method::DELETE, &format!("{members}/{ann}"), &Value::Null),
        by(Method::DELETE, &address, &Value::Null),
    ] {
        assert_eq!((refused.status.as_u16(), refused.code()), (403, "role_missing"));
    }
    let log = app.get("/api/audit?who=marketer@example.com").ok().body;
    let log = log["result"].as_array().unwrap().iter().rev();
    let done: Vec<_> = log.map(|one| [&one["action"], &one["kind"], &one["status"]]).collect();
    let of = |action: &str, kind: &str, status: u16| [json!(action), json!(kind), json!(status)];
    let wanted = [
        of("look", "profile", 200),
        of("put", "list", 403),
        of("put", "list", 403),
        of("remove", "list", 403),
        of("remove", "list", 403),
    ];
    assert_eq!(done, wanted.each_ref().map(|row| row.each_ref()));
}

#[test]
fn what_does_not_fit_is_refused() {
    let app = TestApp::new();
    let many = vec!["1"; 10_001];
    for posted in [
        json!({}),
        json!({"name": " "}),
        json!({"name": "x".repeat(201)}),
        json!({"name": "A", "note": "x".repeat(5000)}),
        json!({"name": "A", "profile": []}),
        json!({"name": "A", "profiles": many}),
    ] {
        let reply = app.post("/api/lists", &posted);
        let said = (reply.status.as_u16(), reply.code());
        assert_eq!(said, (422, "list_invalid"), "{}", reply.text);
    }
    assert_eq!(app.get("/api/lists").ok().body["total"], 0);
}
