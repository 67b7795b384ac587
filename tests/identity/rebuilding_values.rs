//! Whoever has more values than a person may have by now is left with those that were named first.

use serde_json::{Value, json};

use super::rebuilding::{cards, counts, put, said, shadow, shows_card, switch};
use crate::support::TestApp;

const PEOPLE: [&str; 3] = ["people_united", "people_more", "mergers_taken_back"];
const FIGURES: [&str; 4] =
    ["identifiers_bound", "identifiers_unbound", "payloads_mixed", "people_recognised"];

fn known_by(app: &TestApp, id: &str) -> usize {
    let identity = app.get(&format!("/api/profiles/{id}/identity")).ok().body;
    identity["identifiers"].as_array().unwrap().len()
}

/// Somebody who has shown two cards on one device, and who shows the second one then.
fn after(app: &TestApp, rules: &Value, mixed: i64) -> [String; 2] {
    put(app, rules);
    let (id, shown) = shadow(app);
    assert_eq!(counts(&shown, &FIGURES), [0, 1, mixed, 1]);
    switch(app, &id);
    let first = app.track(shows_card("tablet", "A")).ok().profile();
    assert_eq!(known_by(app, &first), 1);
    let second = app.track(shows_card("till", "B")).ok().profile();
    let (_, shown) = shadow(app);
    assert_eq!(counts(&shown, &FIGURES), [0, 0, mixed, 0], "nothing is left to do");
    [first, second]
}

#[test]
fn who_has_two_of_what_a_person_has_one_of_by_now_keeps_the_first() {
    let app = TestApp::new();
    put(&app, &cards(false));
    let phone = app.track(shows_card("phone", "A")).ok().profile();
    app.advance(1);
    assert_eq!(app.track(shows_card("phone", "B")).ok().profile(), phone);
    app.advance(1);
    let [first, second] = after(&app, &cards(true), 1);
    assert_eq!(first, phone);
    assert_ne!(second, phone, "it is somebody else's, as under these rules from the beginning");
}

#[test]
fn values_beyond_those_that_a_person_may_have_by_now_name_nobody() {
    let app = TestApp::new();
    put(&app, &cards(false));
    let card =
        |number: &str| json!({"type": "card-shown", "properties": {"card": {"number": number}}});
    let both = json!({"session": {"id": "phone"}, "events": [card("A"), card("B")]});
    let phone = app.track(both).ok().profile();
    app.advance(1);
    assert_eq!(app.track(said("phone", "page-view", &json!({}))).ok().profile(), phone);
    app.advance(1);
    let mut one = cards(false);
    one["values_max"] = json!(1);
    let [first, second] = after(&app, &one, 0);
    assert_eq!(first, phone);
    assert_ne!(second, phone);
}

/// Two who were one already become one with somebody older in the same round: the younger merger is above the other.
#[test]
fn those_whom_a_value_has_united_over_others_all_come_apart_without_it() {
    let app = TestApp::new();
    let all = ["till", "phone", "laptop", "tablet"];
    for device in all {
        app.track(said(device, "page-view", &json!({}))).ok();
        app.advance(1);
    }
    for (device, card) in [
        ("phone", "A"),
        ("laptop", "A"),
        ("tablet", "B"),
        ("laptop", "B"),
        ("till", "C"),
        ("tablet", "C"),
    ] {
        app.track(shows_card(device, card)).ok();
        app.advance(1);
    }
    let people = || app.get("/profile/count").ok().body["count"].clone();
    assert_eq!(people(), 4);
    put(&app, &cards(false));
    let (id, shown) = shadow(&app);
    assert_eq!(counts(&shown, &PEOPLE), [4, -3, 0]);
    switch(&app, &id);
    assert_eq!(people(), 1);
    app.delete("/api/identity/namespaces/card").ok();
    let (id, shown) = shadow(&app);
    assert_eq!(counts(&shown, &PEOPLE), [0, 3, 3]);
    switch(&app, &id);
    assert_eq!(people(), 4);
    let (_, shown) = shadow(&app);
    assert_eq!(counts(&shown, &PEOPLE), [0, 0, 0], "nothing is left to do");
}
