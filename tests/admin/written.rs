//! Rules that are off, and rules whose ids are written otherwise.

use serde_json::{Value, json};

use crate::support::TestApp;

#[test]
fn a_consent_type_that_is_off_ends_no_consents_and_none_ends_at_once() {
    let app = TestApp::new();
    let mut ads = json!({"id": "ads", "name": "Ads", "auto_revoke": "15m", "enabled": false});
    let ends = |app: &TestApp, session: &str| {
        let granted = json!({"type": "consent-update", "properties": {"consents": {"ads": true}}});
        let payload = json!({"session": {"id": session}, "events": [granted]});
        let person = app.track(payload).ok().profile();
        app.get(&format!("/profile/{person}")).ok().body["consents"]["ads"]["revoke"].clone()
    };
    app.post("/consent/type", &ads).ok();
    assert_eq!(ends(&app, "off"), Value::Null);
    ads["enabled"] = json!(true);
    app.post("/consent/type", &ads).ok();
    assert_ne!(ends(&app, "on"), Value::Null);
    ads["auto_revoke"] = json!("0m");
    assert_eq!(app.post("/consent/type", &ads).code(), "rule_invalid");
}

#[test]
fn types_and_plans_are_found_however_they_are_written() {
    let app = TestApp::new();
    app.post("/event-type/mapping", &json!({"event_type": "Big Type", "name": "Big"})).ok();
    app.post(
        "/api/tracking-plans",
        &json!({"id": "SHOP", "name": "Shop", "event_types": ["order"]}),
    )
    .ok();
    for address in [
        "/event-type/mapping/Big%20Type",
        "/event-type/build-in/Page%20View",
        "/api/tracking-plans/Shop",
    ] {
        app.get(address).ok();
    }
    for address in ["/api/versions/event_type/Big%20Type", "/api/versions/tracking_plan/Shop"] {
        assert_eq!(app.get(address).ok().body["result"].as_array().unwrap().len(), 1, "{address}");
    }
    app.delete("/event-type/mapping/BIG%20type").ok();
    app.delete("/api/tracking-plans/Shop").ok();
}
