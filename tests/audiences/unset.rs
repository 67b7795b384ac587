//! What nobody has said of a person: conditions and traits see it as the document of the person shows it.

use serde_json::{Value, json};

use super::{TRAITS, audience, did, does, is_in, warm};
use crate::support::TestApp;

fn holds_of(app: &TestApp, condition: &str) -> u64 {
    let posted = json!({"condition": condition});
    app.post("/api/audiences/preview", &posted).ok().body["members"].as_u64().unwrap()
}

#[test]
fn what_is_not_known_is_nothing_or_null() {
    let app = TestApp::new();
    audience(&app, "left", "profile@data.metrics.ltcosc = 1 AND profile@data.metrics.ltcocc = 0");
    let ann = app.track(did("ann", "checkout-started", &json!({"value": 5}))).ok().profile();
    assert!(is_in(&app, &ann, "left"));
    for (condition, members) in [
        ("profile@data.metrics.ltcosc = 1 AND profile@data.metrics.ltcocc = 0", 1),
        ("profile@data.metrics.ltv < 100", 1),
        ("profile@data.metrics.ltv = 0", 1),
        ("profile@data.metrics.ltv != 0", 0),
        ("profile@data.loyalty.card.points = 0", 1),
        ("profile@data.contact.email.main IS NULL", 1),
        ("profile@data.contact.email.main IS NOT NULL", 0),
        ("profile@data.contact.email.main EMPTY", 1),
        ("profile@data.contact.email.main EXISTS", 0),
        ("profile@data.metrics.ltv EXISTS", 0),
        ("profile@data.metrics.ltcosc EXISTS", 1),
        ("profile@data.preferences.colors EMPTY", 1),
        ("profile@primary_id IS NULL", 1),
        ("profile@primary_id EXISTS", 0),
        ("profile@data.metrics.custom.a IS NULL", 0),
        ("profile@traits.plan IS NULL", 0),
        ("profile@traits.plan EXISTS", 0),
    ] {
        assert_eq!(holds_of(&app, condition), members, "{condition}");
    }
    does(&app, "ann", "checkout-completed");
    assert!(!is_in(&app, &ann, "left"));
}

#[test]
fn rules_formulas_and_whoever_asks_for_one_place_see_it_too() {
    let app = TestApp::new();
    let mapping = json!({"id": "m", "name": "m", "event_type": "order", "enabled": true,
        "config": {"condition": "profile@data.metrics.ltcocc = 0 AND profile@primary_id IS NULL"},
        "event_to_profile": [{"event": {"value": "new", "ref": false}, "op": "set",
            "profile": {"value": "traits.kind"}}]});
    app.post("/event-to-profile", &mapping).ok();
    for (id, formula) in
        [("next", "data.metrics.ltv + 1"), ("first", "coalesce(data.metrics.ltcosc, 5)")]
    {
        app.post(TRAITS, &json!({"id": id, "function": "formula", "formula": formula})).ok();
    }
    warm(&app);
    let places = ["data.metrics.ltv", "data.contact.email.main", "data.metrics.custom.a"];
    let source = json!({"id": "site", "name": "site", "type": "rest", "trust": "public",
        "profile_view": {"traits": places}});
    app.post("/event-source", &source).ok();
    let mut payload = did("ann", "order", &json!({}));
    payload["source"] = json!({"id": "site"});
    let told = app.track(payload).ok();
    assert_eq!(told.body["profile"]["view"]["traits"], json!({"data.metrics.ltv": 0}));
    let ann = told.profile();
    let document = app.get(&format!("/profile/{ann}")).ok().body;
    assert_eq!(document["traits"], json!({"kind": "new"}));
    assert_eq!(document["computed"], json!({"next": 1, "first": 0}));
    let found = |path: &str, value: &str| -> Vec<Value> {
        let address = format!("/api/profiles?path={path}&value={value}");
        app.get(&address).ok().body["result"].as_array().unwrap().clone()
    };
    assert_eq!(found("data.metrics.ltv", "0")[0]["id"], json!(ann));
    assert_eq!(found("data.metrics.ltv", "0.0").len(), 1);
    for (path, value) in [
        ("data.metrics.ltv", "1"),
        ("data.contact.email.main", "0"),
        ("data.metrics.custom.a", "0"),
    ] {
        assert_eq!(found(path, value), Vec::<Value>::new(), "{path} {value}");
    }
}
