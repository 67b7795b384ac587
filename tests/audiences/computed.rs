//! Computed traits: what they come to, when they change, and that they show where they should.

use serde_json::{Value, json};

use super::{AUDIENCES, TRAITS, audience, did, is_in, time, warm};
use crate::support::TestApp;

fn order(app: &TestApp, total: f64, brand: &str) -> String {
    let properties = json!({"total": total, "brand": brand});
    app.track(did("ann", "order", &properties)).ok().profile()
}

fn computed(app: &TestApp, id: &str) -> Value {
    app.get(&format!("/profile/{id}")).ok().body["computed"].clone()
}

fn add(app: &TestApp, id: &str, rest: &Value) {
    let mut posted = json!({"id": id, "event_type": "order"});
    posted.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    app.post(TRAITS, &posted).ok();
}

#[test]
fn every_function_is_worked_out_from_history_and_from_what_comes() {
    let app = TestApp::new();
    let ann = order(&app, 10.0, "b");
    app.advance(60);
    let of_total = |function: &str| json!({"function": function, "of": "properties.total"});
    let of_brand = |function: &str| json!({"function": function, "of": "properties.brand"});
    for function in ["sum", "average", "min", "max", "first", "last"] {
        add(&app, function, &of_total(function));
    }
    for function in ["most_frequent", "distinct"] {
        add(&app, function, &of_brand(function));
    }
    add(&app, "orders", &json!({"function": "count"}));
    add(&app, "large", &json!({"function": "count", "where": "event@properties.total > 10"}));
    add(&app, "first_at", &json!({"function": "first_at"}));
    assert_eq!(computed(&app, &ann), Value::Null, "nothing is shown before all of it is known");
    order(&app, 2.5, "a");
    warm(&app);
    order(&app, 20.0, "a");
    let wanted = json!({
        "sum": 32.5, "average": 10.833_333, "min": 2.5, "max": 20, "first": 10, "last": 20,
        "most_frequent": "a", "distinct": 2, "orders": 3, "large": 1,
        "first_at": "2026-01-05T10:00:00Z",
    });
    let found = computed(&app, &ann);
    for (name, value) in wanted.as_object().unwrap() {
        assert_eq!(&found[name], value, "{name} of {found:#}");
    }
}

#[test]
fn a_window_slides_without_anything_happening() {
    let app = TestApp::new();
    add(&app, "lately", &json!({"function": "sum", "of": "properties.total", "within": "1h"}));
    warm(&app);
    audience(&app, "spenders", "profile@computed.lately >= 15");
    let ann = order(&app, 10.0, "a");
    app.advance(1_800);
    order(&app, 10.0, "a");
    assert_eq!(computed(&app, &ann)["lately"], 20);
    assert!(is_in(&app, &ann, "spenders"));
    app.advance(1_800);
    assert_eq!(computed(&app, &ann)["lately"], 10, "as it is when it is read");
    time(&app);
    assert!(!is_in(&app, &ann, "spenders"));
}

#[test]
fn what_is_too_much_to_know_one_by_one_is_said_to_be_a_guess() {
    let app = TestApp::new();
    add(&app, "orders", &json!({"function": "count"}));
    warm(&app);
    let events: Vec<Value> = (0..18).map(|_| json!({"type": "order"})).collect();
    let mut ann = String::new();
    for _ in 0..35 {
        ann = app.track(json!({"session": {"id": "ann"}, "events": events})).ok().profile();
        app.advance(1);
    }
    let standing = app.get(&format!("/api/profiles/{ann}/audiences")).ok().body;
    assert_eq!(standing["computed"]["orders"], 630);
    assert_eq!(standing["approximate"], json!(["orders"]));
    warm(&app);
    app.post(TRAITS, &json!({"id": "orders", "event_type": "order", "function": "count", "where": "event@type = \"order\""})).ok();
    warm(&app);
    let standing = app.get(&format!("/api/profiles/{ann}/audiences")).ok().body;
    assert_eq!(standing["computed"]["orders"], 630, "as history has it");
}

#[test]
fn what_an_audience_looks_at_cannot_be_removed() {
    let app = TestApp::new();
    add(&app, "orders", &json!({"function": "count"}));
    app.post(
        AUDIENCES,
        &json!({"id": "a", "name": "A", "condition": "profile@computed.orders > 1"}),
    )
    .ok();
    let refused = app.delete(&format!("{TRAITS}/orders"));
    assert_eq!((refused.status.as_u16(), refused.code()), (409, "in_use"));
    assert!(refused.text.contains("audience a"), "{}", refused.text);
    app.delete(&format!("{AUDIENCES}/a")).ok();
    app.delete(&format!("{TRAITS}/orders")).ok();
}
