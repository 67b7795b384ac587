//! What names a hidden field, and what does not.

use serde_json::json;

use super::*;

#[test]
fn whoever_names_a_field_in_a_rule_is_found() {
    let masking = Masking::parse("properties.card.number traits.secret").unwrap();
    for named in [
        json!("event@properties.card.number"),
        json!("max of {{event@properties.card}}"),
        json!(["x", {"to": "profile@traits[\"secret\"]"}]),
        json!("event@properties[\"c\\ard\"].number"),
        json!("event@properties"),
        json!({"copy": "session@"}),
        json!("all of {{event@}}"),
        json!("return event.properties['card']['number'] + 1"),
        json!({"event@properties": {"properties": {"card": {"properties": {"number": {}}}}}}),
        json!({"traits": {"secret": "x"}}),
        json!([["event@properties", {"properties": {"card": {"properties": {"number": {}}}}}]]),
    ] {
        assert!(masking.named_in(&named).is_some(), "{named}");
    }
    for other in [
        json!("event@properties.cards"),
        json!("properties, and a secret of event, or ann@shop"),
        json!({"event@properties": {"properties": {"card": {"type": "object"}}}}),
        json!({"card": {"number": 1}, "traits": {"other": "secret"}}),
        json!([["event@properties", {"properties": {"card": {"type": "object"}}}]]),
        json!(7),
    ] {
        assert_eq!(masking.named_in(&other), None, "{other}");
    }
}

#[test]
fn a_place_in_a_list_on_the_way_is_named_with_it() {
    let masking = Masking::parse("properties.lines.price properties.pin").unwrap();
    for named in [
        json!("event@properties.lines.0.price"),
        json!("event@properties.lines.12"),
        json!("return event.properties.lines[0].price"),
        json!("DID \"order\" WHERE (event@properties.lines.3.price > 1)"),
    ] {
        assert!(masking.named_in(&named).is_some(), "{named}");
    }
    for other in [
        json!("event@properties.lines.count"),
        json!("event@properties.0.price"),
        json!("event@properties.sums.0"),
    ] {
        assert_eq!(masking.named_in(&other), None, "{other}");
    }
}

#[test]
fn a_key_is_found_whatever_letters_it_has() {
    let fields = "properties[\"card.number\"] properties[\"a/b\"].c traits[\"sø-n!\"]";
    let masking = Masking::parse(fields).unwrap();
    for named in [
        json!("event@properties[\"card.number\"]"),
        json!("return event.properties['card.number']"),
        json!("event@properties[\"a/b\"].c"),
        json!("event@properties[\"a/b\"].c.d"),
        json!("event@properties[\"a/b\"]"),
        json!("event@properties[\"a/b\"].d = event@properties[\"a\\/b\"].c"),
        json!("event@properties[\"a/b\"].0.c"),
        json!("profile@traits[\"sø-n!\"] = 1"),
        json!({"event@properties": {"properties": {"card.number": {"pattern": "^4"}}}}),
        json!({"event@properties": {"properties": {"a/b": {"properties": {"c": {"minimum": 1}}}}}}),
        json!({"event@properties": {"properties": {"x": {"$ref": "#/$defs/a"}},
            "$defs": {"a": {"properties": {"card.number": {"const": 1}}}}}}),
    ] {
        assert!(masking.named_in(&named).is_some(), "{named}");
    }
    for other in [
        json!("event@properties[\"card.holder\"]"),
        json!("event@properties[\"a/c\"].c"),
        json!("event@properties[\"a/b\"].d"),
        json!("profile@traits.sum"),
        json!({"event@properties": {"properties": {"card": {"type": "object"}}}}),
    ] {
        assert_eq!(masking.named_in(&other), None, "{other}");
    }
    let mut rule = json!({"changes": [
        {"to": "traits[\"sø-n!\"]", "value": 7}, {"to": "traits[\"other!\"]", "value": 7},
    ], "condition": "event@properties[\"card.number\"] IN [\"4111\"]"});
    masking.hide_in_rule(&mut rule, &|_| false);
    let wanted = json!({"changes": [
        {"to": "traits[\"sø-n!\"]", "value": "***"}, {"to": "traits[\"other!\"]", "value": 7},
    ], "condition": "***"});
    assert_eq!(rule, wanted);
}

#[test]
fn a_schema_names_what_it_reaches_without_saying_its_name() {
    let masking = Masking::parse("properties.card.number properties.pin").unwrap();
    let of = |schema: Value| json!([["event@properties", schema]]);
    let to_a = json!({"properties": {"card": {"$ref": "#/$defs/a"}}});
    for reaching in [
        json!({"patternProperties": {"^p.n$": {"pattern": "^1"}}}),
        json!({"allOf": [{"if": {"additionalProperties": {"const": 1}}}]}),
        json!({"unevaluatedProperties": {"maximum": 4}}),
        json!({"properties": {"card": {"additionalProperties": {"pattern": "^4"}}}}),
        json!({"allOf": [to_a], "$defs": {"a": {"properties": {"number": {"pattern": "^4"}}}}}),
        json!({"additionalProperties": {"$ref": "#/$defs/a"}, "$defs": {"a": {"pattern": "^4"}}}),
    ] {
        let mut shown = of(reaching.clone());
        assert!(masking.named_in(&shown).is_some(), "{reaching}");
        masking.hide_in_rule(&mut shown, &|_| false);
        let shown = shown.to_string();
        assert!(shown.contains("***") && !shown.contains("\"^"), "{shown}");
    }
    for other in [
        of(json!({"additionalProperties": false, "properties": {"sum": {"minimum": 1}}})),
        of(json!({"properties": {"sum": {"$ref": "#/$defs/a"}}, "$defs": {"a": {"minimum": 1}}})),
        of(json!({"properties": {"sum": {"$ref": "#/$defs/a"}}, "$defs": {"a": {"minimum": 1}},
            "additionalProperties": false})),
        of(json!({"properties": {"address": {"additionalProperties": {"type": "string"}}}})),
        json!("/** @event order, of @profile */"),
        json!([["event@context", {"additionalProperties": {"type": "string"}}]]),
        json!([["event@context", {"properties": {"x": {"additionalProperties": {"minimum": 1}}}}]]),
    ] {
        assert_eq!(masking.named_in(&other), None, "{other}");
    }
}

#[test]
fn what_is_made_of_a_field_is_named_only_as_a_place_of_a_document() {
    let masking = Masking::parse("context.location.city context.page.url").unwrap();
    for named in [
        json!("event@city = x"),
        json!("session@device.geo.city"),
        json!("return event.hit.url"),
        json!({"event@page_url": {"pattern": "^h"}}),
        json!("profile@data.devices.last.geo.city"),
    ] {
        assert!(masking.named_in(&named).is_some(), "{named}");
    }
    for other in [
        json!("event@properties.city"),
        json!("properties.hit.url, and a city.name"),
        json!({"event@properties": {"properties": {"city": {"type": "string"}}}}),
        json!("event@device.type"),
    ] {
        assert_eq!(masking.named_in(&other), None, "{other}");
    }
}

#[test]
fn a_rule_is_shown_without_what_it_tells_of_fields_that_are_hidden() {
    let masking = Masking::parse("properties.card traits.secret context.page.url").unwrap();
    let mut rule = json!({
        "id": "x", "description": "of properties.card = 4111", "of": "properties.card",
        "condition": "event@properties.card = \"4111\"", "other": "event@properties.sum > 5",
        "live": "DID \"vip\"", "code": "return event.hit.url",
        "schemas": [["event@properties", {"properties": {"card": {"const": 4111}, "sum": {"minimum": 1}}}]],
        "map": {"event@properties": {"properties": {"card": {"pattern": "^4"}}}},
        "changes": [
            {"event": {"value": "gold", "ref": false}, "op": "set", "profile": {"value": "traits.secret", "ref": true}},
            {"to": "traits.secret", "value": 7}, {"to": "traits.plan", "value": 7},
        ],
    });
    masking.hide_in_rule(&mut rule, &|text| text.contains("vip"));
    let wanted = json!({
        "id": "x", "description": "of properties.card = 4111", "of": "properties.card",
        "condition": "***", "other": "event@properties.sum > 5",
        "live": "***", "code": "***",
        "schemas": [["event@properties", {"properties": {"card": "***", "sum": {"minimum": 1}}}]],
        "map": {"event@properties": {"properties": {"card": "***"}}},
        "changes": [
            {"event": {"value": "***", "ref": false}, "op": "set", "profile": {"value": "traits.secret", "ref": true}},
            {"to": "traits.secret", "value": "***"}, {"to": "traits.plan", "value": 7},
        ],
    });
    assert_eq!(rule, wanted);
}

#[test]
fn where_something_hidden_stands_only_a_place_is_shown() {
    let masking = Masking::parse("properties.card context.ip").unwrap();
    let shown = |text: &str| {
        let event = json!({"properties": {"card": text}, "context": {"ip": text}});
        let mut rule = json!({"tests": [{"name": "t", "event": event}]});
        masking.hide_in_rule(&mut rule, &|_| false);
        let event = &rule["tests"][0]["event"];
        assert_eq!(event["properties"]["card"], event["context"]["ip"], "{text}");
        event["properties"]["card"] == text
    };
    for told in [
        "4111111111111111",
        "4111-1111-1111-1111",
        "ann@shop.example",
        "data.ann@shop.example",
        "context@shop.example",
        "192.168.0.1",
        "properties",
        "Ann",
        "",
    ] {
        assert!(!shown(told), "{told}");
    }
    for place in ["event@properties.card", "properties[\"card\"]", "profile@traits.card"] {
        assert!(shown(place), "{place}");
    }
}

#[test]
fn a_field_that_is_called_as_what_a_rule_says_to_people_is_hidden_too() {
    let masking = Masking::parse("properties.name").unwrap();
    let mut rules = json!([
        {"name": "Ann Smith", "event@properties": {"properties": {"name": {"const": "Ann Smith"}}}},
        {"name": "Ann Smith", "template": {"properties": {"name": "Ann Smith", "note": "of properties.name"}}},
        {"description": {"condition": "event@properties.name = \"Ann Smith\""}},
    ]);
    masking.hide_in_rule(&mut rules, &|_| false);
    let wanted = json!([
        {"name": "Ann Smith", "event@properties": {"properties": {"name": "***"}}},
        {"name": "Ann Smith", "template": {"properties": {"name": "***", "note": "of properties.name"}}},
        {"description": {"condition": "***"}},
    ]);
    assert_eq!(rules, wanted);
}
