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
        "first": "2026-01-05T10:00:00.000001Z", "last": "2026-01-05T10:01:00.000001Z"});
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

#[test]
fn an_order_without_an_id_of_its_own_counts_by_its_event() {
    let app = TestApp::new();
    let mut person = String::new();
    for (number, id) in ["undefined", "[object Object]", "0", "null"].into_iter().enumerate() {
        for _ in 0..2 {
            let properties = json!({"id": id, "value": 10, "currency": "EUR"});
            let event = order("order-completed", &properties);
            let reply = app.track(json!({"session": {"id": "s"}, "events": [event]})).ok();
            assert_eq!(reply.warnings(), ["identifier_meaningless"], "{id}");
            person = reply.profile();
        }
        assert_eq!(metrics(&app, &person)["orders"]["EUR"]["count"], 2 * (number + 1));
    }
}

#[test]
fn of_one_second_what_was_told_of_an_order_last_is_its_value() {
    let app = TestApp::new();
    let order = |event: &str, value: u32| {
        json!({"id": event, "type": "order-completed", "time": {"insert": "2026-01-05T09:00:00Z"},
            "properties": {"id": "A-1", "value": value, "currency": "EUR"}})
    };
    told(&app, "s", &[order("z", 10), order("y", 11)]);
    let person = told(&app, "s", &[order("a", 12)]);
    assert_eq!(metrics(&app, &person)["ltv"], 12);
}

#[test]
fn a_number_is_one_order_however_it_is_written_and_a_text_that_writes_an_amount_is_one() {
    let app = TestApp::new();
    let mut person = String::new();
    for id in [json!(72), json!(72.0), json!("72")] {
        let properties = json!({"id": id, "value": "12.50", "currency": "EUR"});
        person = told(&app, "s", &[order("order-completed", &properties)]);
    }
    let euros = &metrics(&app, &person)["orders"]["EUR"];
    assert_eq!((&euros["count"], &euros["value"]), (&json!(1), &json!(12.5)));
}
