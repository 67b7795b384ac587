//! Where somebody was last: the place of a session, and what events say after it.

use serde_json::{Value, json};

use crate::support::TestApp;

fn visit(session: &str, place: &Value, events: &Value) -> Value {
    json!({"session": {"id": session}, "context": {"location": place}, "events": events})
}

fn warsaw() -> Value {
    json!({"country": {"name": "Poland"}, "city": "Warsaw", "latitude": 52.2, "longitude": 21.0})
}

fn last_place(app: &TestApp, person: &str) -> Value {
    let profile = app.get(&format!("/profile/{person}")).ok().body;
    profile["data"]["devices"]["last"]["geo"].clone()
}

#[test]
fn an_event_that_tells_the_place_has_the_last_word() {
    let app = TestApp::new();
    let moved = json!([{"type": "location", "properties": {"location": [18.5, 54.5]}}]);
    let ann = app.track(visit("a", &warsaw(), &moved)).ok().profile();
    assert_eq!(last_place(&app, &ann)["location"], json!([18.5, 54.5]), "of the same payload");
    let moved = json!([{"type": "location", "properties": {"location": [19.5, 50.5]}}]);
    app.track(visit("a", &warsaw(), &moved)).ok();
    assert_eq!(last_place(&app, &ann)["location"], json!([19.5, 50.5]), "of a later one");
}

#[test]
fn an_old_session_does_not_put_an_old_place_back() {
    let app = TestApp::new();
    let view = json!([{"type": "page-view"}]);
    let ann = app.track(visit("a", &warsaw(), &view)).ok().profile();
    let moved = json!([{"type": "location", "properties": {"location": [18.5, 54.5]}}]);
    app.track(visit("a", &warsaw(), &moved)).ok();
    let liked = json!([{"type": "increase-interest", "properties": {"interest": "sport"}}]);
    app.track(visit("a", &warsaw(), &liked)).ok();
    assert_eq!(last_place(&app, &ann)["location"], json!([18.5, 54.5]));
    let (session, id) = (json!({"id": "b"}), json!({"id": ann}));
    let there = json!({"location": warsaw()});
    app.track(json!({"session": session, "profile": id, "context": there, "events": view})).ok();
    assert_eq!(last_place(&app, &ann)["location"], json!([21.0, 52.2]), "a new one brings its own");
    let profile = app.get(&format!("/profile/{ann}")).ok().body;
    let fields = profile["metadata"]["fields"].as_object().unwrap();
    assert!(!fields.contains_key("data.devices.last.geo.location"), "no event has set this one");
}

#[test]
fn a_place_that_a_session_tells_late_is_kept() {
    let app = TestApp::new();
    let view = json!([{"type": "page-view"}]);
    let ann = app.track(visit("a", &Value::Null, &view)).ok().profile();
    app.track(visit("a", &warsaw(), &view)).ok();
    assert_eq!(last_place(&app, &ann)["city"], "Warsaw");
}

#[test]
fn nor_does_one_of_a_profile_that_was_merged() {
    let app = TestApp::new();
    let (view, nowhere) = (json!([{"type": "page-view"}]), Value::Null);
    let sign_in =
        json!([{"type": "sign-in", "properties": {"email": {"main": "ann@example.com"}}}]);
    let ann = app.track(visit("phone", &nowhere, &sign_in)).ok().profile();
    app.advance(60);
    let other = app.track(visit("tablet", &warsaw(), &view)).ok().profile();
    let mut laptop = visit("laptop", &nowhere, &sign_in);
    laptop["profile"] = json!({"id": other});
    assert_eq!(app.track(laptop).ok().profile(), ann);
    let moved = json!([{"type": "location", "properties": {"location": [18.5, 54.5]}}]);
    app.track(visit("phone", &nowhere, &moved)).ok();
    let liked = json!([{"type": "increase-interest", "properties": {"interest": "sport"}}]);
    app.track(visit("tablet", &warsaw(), &liked)).ok();
    assert_eq!(last_place(&app, &ann)["location"], json!([18.5, 54.5]));
}

#[test]
fn degrees_are_numbers_of_this_earth_also_in_texts() {
    for (latitude, longitude, told) in [
        (json!("52.5"), json!(" -21 "), json!([52.5, -21.0])),
        (json!(-90), json!(180), json!([-90.0, 180.0])),
        (json!(91), json!(-181), json!([null, null])),
        (json!("north"), json!("NaN"), json!([null, null])),
        (json!(["52.5"]), json!(true), json!([null, null])),
    ] {
        let app = TestApp::new();
        let place = json!({"city": "Warsaw", "latitude": latitude, "longitude": longitude});
        app.track(visit("a", &place, &json!([{"type": "page-view"}]))).ok();
        let geo = app.get("/session/a").ok().body["device"]["geo"].clone();
        assert_eq!(json!([geo["latitude"], geo["longitude"]]), told, "{place}");
    }
}
