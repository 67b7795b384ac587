//! The catalogue: what types and fields there are, as counted by hand.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use super::asking::{get, traffic};
use super::support::lake;
use crate::admin::access::add_user;
use crate::support::TestApp;

fn fields(app: &TestApp, query: &str) -> (Value, BTreeMap<String, Value>) {
    let answer = app.get(&format!("/api/fields{query}")).ok().body;
    let rows = answer["result"].as_array().unwrap().iter();
    let rows = rows.map(|row| (row["path"].as_str().unwrap().to_owned(), row.clone())).collect();
    (answer, rows)
}

#[test]
fn types_are_counted_with_their_people_and_times() {
    let app = TestApp::new();
    let sent = traffic(&app, 11);
    let rows = get(&app, "/api/event-types");
    let mut naive: BTreeMap<&str, (u64, BTreeSet<usize>)> = BTreeMap::new();
    for one in &sent {
        let (events, people) = naive.entry(one.kind).or_default();
        *events += 1;
        people.insert(one.person);
    }
    assert_eq!(rows.len(), naive.len());
    for row in &rows {
        let (events, people) = &naive[row["type"].as_str().unwrap()];
        assert_eq!((&row["events"], &row["people"]), (&json!(events), &json!(people.len())));
        assert_eq!(row["sources"], json!(["shop"]));
        assert!(row["first_seen"].as_str() <= row["last_seen"].as_str());
    }
    assert!(rows.is_sorted_by_key(|row| std::cmp::Reverse(row["events"].as_u64())));
    assert_eq!(get(&app, "/api/event-types?limit=1").len(), 1);
    assert_eq!(app.get("/api/event-types?form=2026").status, 422);
}

#[test]
fn a_field_tells_how_often_it_is_filled_and_when_its_type_changed() {
    let app = TestApp::new();
    let send = |properties: Value| {
        let event = json!({"type": "Order placed", "properties": properties});
        app.track(json!({"session": {"id": "one"}, "events": [event]})).ok();
        app.advance(60);
    };
    send(json!({"sum": "12,50", "first name": "Ann"}));
    lake(&app).flush().unwrap();
    send(json!({"sum": 7, "lines": [{"sku": 1}], "none": null}));
    send(json!({"sum": 8}));
    let (answer, rows) = fields(&app, "?type=order-placed");
    assert_eq!(
        (&answer["events"], &answer["read"], &answer["left_out"]),
        (&json!(3), &json!(3), &json!(0))
    );
    assert_json_snapshot!("field with two types", rows["properties.sum"]);
    assert_eq!(rows["properties.lines"]["types"][0]["type"], "list");
    assert_eq!(rows["properties[\"first name\"]"]["examples"], json!(["Ann"]));
    assert!(!rows.contains_key("properties.none"));
    // Every path is one that others take.
    for path in rows.keys() {
        let query: String = form_urlencoded::byte_serialize(path.as_bytes()).collect();
        app.get(&format!("/api/events/top?field={query}")).ok();
    }
    let (answer, _) = fields(&app, "?type=order-placed&from=2026-01-05T10:01:00Z");
    assert_eq!(answer["events"], 2);
}

#[test]
fn what_is_hidden_is_no_example() {
    let app = TestApp::new();
    add_user(&app, "marketer", &["marketer"], Duration::from_secs(60));
    let properties = json!({"passport": "XX1234567"});
    let event = json!({"type": "identification", "properties": properties});
    app.track(json!({"session": {"id": "one"}, "events": [event]})).ok();
    let asked = Request::get("/api/fields").header("authorization", "Bearer marketer");
    let told = app.send(asked.body(Body::empty()).unwrap()).ok().text;
    assert!(!told.contains("XX1234567") && told.contains("\"hidden\""), "{told}");
    assert!(app.get("/api/fields").ok().text.contains("XX1234567"), "an administrator sees it");
}
