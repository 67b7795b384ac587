//! Where an object belongs, a list of its values is refused: they would be read in an order that nobody sees.

use serde_json::{Value, json};

use crate::support::TestApp;

/// Bodies that are taken as they stand, and where in them an object is replaced by a list of its values, in
/// the order in which they would be read.
fn bodies() -> Vec<(&'static str, Value, &'static str, Value)> {
    let track = json!({"source": {"id": "shop"}, "session": {"id": "s"}, "profile": {"id": "p"},
        "events": [{"type": "x", "id": "e", "time": {"insert": "2026-01-05T10:00:00Z"}}]});
    let consent = json!({"source": {"id": "shop"}, "session": {"id": "s"}, "profile": {"id": "p"},
        "consents": {"news": true}});
    let validator = json!({"name": "V", "event_type": {"id": "order"}, "validation": {"json_schema": {"event@properties": {"required": ["id"]}}}});
    let maps = json!({"name": "M", "event_type": "order", "event_to_profile": [
        {"event": {"value": "properties.a"}, "op": "set", "profile": {"value": "traits.a"}}]});
    let field = json!({"name": "F", "settings": [
        {"action": "mask", "field": {"value": "properties.a"}, "consents": [{"id": "c"}]}]});
    let trends = json!({"series": [{"where": "type = x"}], "scope": {"where": "type = x"}});
    let shape = json!({"name": "R", "event_type": "order",
        "reshaping": {"rename": [{"from": "properties.a", "to": "properties.b"}]}});
    let tried = json!({"payload": track, "consents": {"news": {"purposes": ["a"]}}});
    let source = json!({"id": "shop", "name": "S", "type": ["rest"], "config": {"static_profile_id": false}});
    vec![
        ("/track", track.clone(), "/source", json!(["shop"])),
        ("/track", track.clone(), "/session", json!(["s"])),
        ("/track", track.clone(), "/profile", json!(["p"])),
        ("/track", track.clone(), "/events/0", json!(["x"])),
        ("/track", track.clone(), "/events/0/time", json!(["2026-01-05T10:00:00Z"])),
        ("/track", track, "", json!([{"id": "shop"}])),
        ("/customer/consent", consent.clone(), "/source", json!(["shop"])),
        ("/customer/consent", consent, "/session", json!(["s"])),
        ("/event-validator", validator.clone(), "/event_type", json!(["order"])),
        (
            "/event-validator",
            validator,
            "/validation",
            json!([{"event@properties": {"required": ["id"]}}]),
        ),
        ("/event-to-profile", maps.clone(), "/event_to_profile/0/event", json!(["properties.a"])),
        ("/event-to-profile", maps, "/event_to_profile/0/profile", json!(["traits.a"])),
        ("/consent/compliance/field", field.clone(), "/settings/0/field", json!(["properties.a"])),
        ("/consent/compliance/field", field, "/settings/0/consents/0", json!(["c"])),
        ("/api/questions/trends", trends.clone(), "/series/0", json!(["type = x"])),
        ("/api/questions/trends", trends, "/scope", json!(["type = x"])),
        (
            "/event-reshape-schema",
            shape,
            "/reshaping/rename/0",
            json!(["properties.a", "properties.b"]),
        ),
        ("/api/rules/try", tried.clone(), "/payload/source", json!(["shop"])),
        ("/api/rules/try", tried, "/consents/news", json!([null, ["a"]])),
        ("/event-source", source, "/config", json!([false])),
    ]
}

#[test]
fn a_list_stands_for_no_object_wherever_it_stands() {
    let app = TestApp::new();
    let mut taken = Vec::new();
    for (address, body, place, list) in bodies() {
        let said = app.post(address, &body);
        // Whose visit that is comes after its shape.
        if ![200, 403].contains(&said.status.as_u16()) {
            taken.push(format!("{address} {place} as it stands: {}", said.text));
        }
        let mut wrong = body;
        *wrong.pointer_mut(place).unwrap() = list;
        let said = app.post(address, &wrong);
        if said.status != 422 {
            taken.push(format!("{address} {place}: {}", said.status));
        }
    }
    assert_eq!(taken, Vec::<String>::new());
}
