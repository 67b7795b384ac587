//! The rules of identity: seen, changed, refused; each counts from the next payload on.

use serde_json::{Value, json};

use crate::support::TestApp;

const NAMESPACES: &str = "/api/identity/namespaces";
const SETTINGS: &str = "/api/identity/settings";

/// Whether this property of an order tells one person in two sessions.
fn recognises(app: &TestApp, card: [&str; 2]) -> bool {
    let send = |session: &str, card: &str| {
        let event = json!({"type": "Order placed", "properties": {"buyer": {"card": card}}});
        app.track(json!({"session": {"id": session}, "events": [event]})).ok().profile()
    };
    send(&format!("{} one", card[0]), card[0]) == send(&format!("{} other", card[1]), card[1])
}

#[test]
fn the_life_of_a_namespace() {
    let app = TestApp::new();
    assert!(!recognises(&app, ["L-1", "L-1"]), "nobody has said that it names somebody");
    let read_from = json!([{"event_type": "Order placed", "property": "buyer.card"}]);
    let mut card = json!({"id": "card", "read_from": read_from, "pattern": "l-[0-9]+"});
    let saved = app.post(NAMESPACES, &card).ok().body;
    assert_eq!(saved, json!({"saved": 1, "errors": [], "ids": ["card"]}));
    let address = format!("{NAMESPACES}/card");
    assert_json_snapshot!("namespace document", app.get(&address).ok().body);
    assert!(recognises(&app, ["L-2", "l-2 "]));
    assert!(!recognises(&app, ["x-3", "x-3"]), "it does not look like one");
    card["normalise"] = json!("exact");
    card["pattern"] = Value::Null;
    app.post(NAMESPACES, &card).ok();
    assert!(!recognises(&app, ["L-4", "l-4"]));
    assert_eq!(app.get(NAMESPACES).ok().body["total"], 5);
    app.delete(&address).ok();
    assert_eq!(app.get(&address).status, 404);
    assert!(!recognises(&app, ["L-5", "L-5"]));
}

#[test]
fn a_place_that_names_nobody_is_refused_however_it_is_written() {
    let app = TestApp::new();
    let post = |property: &str| {
        let read_from = json!([{"event_type": "Order placed", "property": property}]);
        app.post(NAMESPACES, &json!({"id": "card", "read_from": read_from, "pattern": ""}))
    };
    for property in [
        "items[0].card",
        "items.0.card",
        "items.*.card",
        "*",
        "buyer.\"card\"",
        "[\"a.b\"]",
        "a..b",
        "event@context.card",
        "event@properties",
        "profile@traits.card",
        "",
    ] {
        let reply = post(property);
        assert_eq!((reply.status.as_u16(), reply.code()), (422, "identity_invalid"), "{property}");
    }
    for (at, property) in
        ["buyer[\"card\"]", " event@properties.buyer.card ", "properties[\"buyer\"].card"]
            .into_iter()
            .enumerate()
    {
        post(property).ok();
        let shown = app.get(&format!("{NAMESPACES}/card")).ok().body;
        assert_eq!(shown["read_from"][0]["property"], "buyer.card");
        assert_eq!(shown["pattern"], Value::Null);
        let card = format!("L-{at}");
        assert!(recognises(&app, [&card, &card]), "{property}");
    }
}

#[test]
fn what_kith_knows_of_itself_can_be_changed_and_is_as_it_was_when_that_is_removed() {
    let app = TestApp::new();
    let address = format!("{NAMESPACES}/phone");
    assert_json_snapshot!("namespace phone", app.get(&address).ok().body);
    assert_eq!(app.delete(&address).status, 404, "nothing is stored");
    app.post(NAMESPACES, &json!({"id": "phone", "country": "PL"})).ok();
    let send = |session: &str, phone: &str| {
        let event = json!({"type": "sign-in", "properties": {"phone": {"main": phone}}});
        app.track(json!({"session": {"id": session}, "events": [event]})).ok().profile()
    };
    assert_eq!(send("one", "600 100 200"), send("other", "+48 600-100-200"));
    app.delete(&address).ok();
    assert_eq!(app.get(&address).ok().body["country"], Value::Null);
}

#[test]
fn the_settings_are_at_their_defaults_until_somebody_changes_them() {
    let app = TestApp::new();
    assert_json_snapshot!("identity settings", app.get(SETTINGS).ok().body);
    let guards = json!({"merges_a_day_max": 3});
    app.post(SETTINGS, &json!({"public": "ask", "links": "any", "guards": guards})).ok();
    let body = app.get(SETTINGS).ok().body;
    assert_eq!((&body["public"], &body["links"]), (&json!("ask"), &json!("any")));
    assert_eq!(body["guards"], json!({"ids_max": 500, "merges_a_day_max": 3}));
}

#[test]
fn what_does_not_fit_is_refused() {
    let app = TestApp::new();
    for posted in [
        json!({}),
        json!({"id": "Card No"}),
        json!({"id": "card", "normalise": "soundex"}),
        json!({"id": "phone", "country": "Poland"}),
        json!({"id": "card", "country": "PL"}),
        json!({"id": "card", "pattern": "("}),
        json!({"id": "card", "pattern": "((a{100}){100}){100}"}),
        json!({"id": "card", "meaningless": ["*"]}),
        json!({"id": "card", "values_max": 0}),
        json!({"id": "card", "believed": "everybody"}),
        json!({"id": "card", "public": "perhaps"}),
        json!({"id": "card", "uniqe": true}),
    ] {
        let reply = app.post(NAMESPACES, &posted);
        assert_eq!((reply.status.as_u16(), reply.code()), (422, "identity_invalid"), "{posted}");
    }
    for posted in [
        json!({"public": "everything"}),
        json!({"links": "none"}),
        json!({"guards": {"ids_max": 0}}),
        json!({"guards": {"merges_a_day_max": 1_000_000}}),
        json!({"guard": {}}),
    ] {
        let reply = app.post(SETTINGS, &posted);
        assert_eq!((reply.status.as_u16(), reply.code()), (422, "identity_invalid"), "{posted}");
    }
}
