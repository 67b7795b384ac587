//! What people have bought: each order counts once, and no currencies are added together.

use serde_json::{Value, json};

use crate::support::TestApp;

fn order(kind: &str, properties: &Value) -> Value {
    json!({"type": kind, "properties": properties})
}

fn told(app: &TestApp, session: &str, events: &[Value]) -> String {
    let person = app.track(json!({"session": {"id": session}, "events": events})).ok().profile();
    app.advance(60);
    person
}

fn metrics(app: &TestApp, person: &str) -> Value {
    app.get(&format!("/profile/{person}")).ok().body["data"]["metrics"].clone()
}

#[test]
fn orders_of_two_devices_add_up_and_one_that_both_tell_of_counts_once() {
    let app = TestApp::new();
    let email = json!({"email": {"main": "ann@example.com"}});
    let sign_in = json!({"type": "sign-in", "properties": email});
    let first = json!({"order_id": "A-1", "value": 19.9, "currency": "EUR"});
    let person = told(&app, "shop", &[sign_in.clone(), order("sale-completed", &first)]);
    assert_eq!(metrics(&app, &person)["ltv"], 19.9);
    let again = json!({"id": "A-1", "value": 19.9, "currency": "eur"});
    let other = json!({"id": "A-2", "value": 0.1, "currency": "EUR"});
    let orders = [order("order-completed", &again), order("order-completed", &other), sign_in];
    told(&app, "phone", &orders);
    let euros = json!({"count": 2, "value": 20, "average": 10,
        "first": "2026-01-05T10:00:00Z", "last": "2026-01-05T10:01:00Z"});
    let found = metrics(&app, &person);
    assert_eq!((&found["ltv"], &found["orders"]["EUR"]), (&json!(20), &euros));
    let zloty = json!({"id": "A-3", "value": 100, "currency": "PLN"});
    told(&app, "phone", &[order("order-completed", &zloty)]);
    let found = metrics(&app, &person);
    assert_eq!((&found["ltv"], &found["orders"]["EUR"]), (&json!(null), &euros));
    assert_eq!(found["orders"]["PLN"]["value"], 100);
}

#[test]
fn an_order_of_a_wrong_type_is_a_warning_and_counts_nothing() {
    let app = TestApp::new();
    let event =
        order("order-completed", &json!({"id": "A-1", "value": "19,90", "currency": "EUR"}));
    let reply = app.track(json!({"session": {"id": "one"}, "events": [event]})).ok();
    assert_eq!(reply.warnings(), ["trait_type"]);
    assert_eq!(metrics(&app, &reply.profile())["ltv"], 0);
}
