//! Rules for events: their life, what is refused, and what they would do before they do it.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use super::access::add_user;
use crate::support::TestApp;

const TRY: &str = "/api/rules/try";

fn order_type() -> Value {
    json!({
        "event_type": "Order placed", "name": "Order", "description": "In the shop", "enabled": true,
        "tags": ["money"], "journey": "purchase",
        "index_schema": {"color": "properties.buyer.color", "data.ec.order.id": "event@properties.id"},
        "retention_days": 30,
    })
}

fn mapping() -> Value {
    json!({
        "id": "orders", "name": "Orders", "event_type": {"id": "order-placed", "name": "Order placed"},
        "enabled": true, "order": 5, "tags": ["General"],
        "config": {"condition": "event@properties.value > 10"},
        "event_to_profile": [
            {"event": {"value": "event@properties.plan", "ref": true}, "op": 0,
             "profile": {"value": "profile@traits.plan", "ref": true}},
            {"event": {"value": 1, "ref": false}, "op": "increment",
             "profile": {"value": "data.metrics.custom.orders", "ref": true}},
        ],
    })
}

#[test]
fn the_life_of_an_event_type() {
    let app = TestApp::new();
    let saved = app.post("/event-type/mapping", &order_type()).ok().body;
    assert_eq!(saved, json!({"saved": 1, "errors": [], "ids": ["order-placed"]}));
    let address = "/event-type/mapping/order-placed";
    assert_json_snapshot!("event type document", app.get(address).ok().body);
    assert_eq!(app.get("/event-type/search/mappings").ok().body["total"], 1);
    app.delete(address).ok();
    assert_eq!((app.get(address).status.as_u16(), app.delete(address).status.as_u16()), (404, 404));
    let built_in = app.get("/event-type/build-in/sign-up").ok().body;
    assert_json_snapshot!("event type that Kith knows", built_in);
    assert_eq!(app.get("/event-type/build-in/order-placed").status, 404);
}

#[test]
fn the_life_of_a_mapping() {
    let app = TestApp::new();
    let saved = app.post("/event-to-profile", &mapping()).ok().body;
    assert_eq!(saved, json!({"saved": 1, "errors": [], "ids": ["orders"]}));
    assert_json_snapshot!("mapping document", app.get("/event-to-profile/orders").ok().body);
    assert_eq!(app.get("/events-to-profiles").ok().body["total"], 1);
    let of =
        |kind: &str| app.get(&format!("/event-to-profiles/type/{kind}")).ok().body["total"].clone();
    assert_eq!((of("order-placed"), of("page-view")), (json!(1), json!(0)));
    // What was shown can be sent again.
    let shown = app.get("/event-to-profile/orders").ok().body;
    app.post("/event-to-profile", &shown).ok();
    let mut again = app.get("/event-to-profile/orders").ok().body;
    again["version"] = shown["version"].clone();
    assert_eq!(again, shown);
    app.delete("/event-to-profile/orders").ok();
    assert_eq!(app.get("/event-to-profile/orders").status, 404);
}

/// The mapping with another value at a place of JSON.
fn but(place: &str, value: Value) -> Value {
    let mut other = mapping();
    *other.pointer_mut(place).unwrap() = value;
    other
}

#[test]
fn what_does_not_fit_is_refused() {
    let app = TestApp::new();
    let mut odd = order_type();
    odd["indexschema"] = json!({});
    for posted in [
        json!({"name": "Order"}),
        json!({"event_type": " ", "name": "Order"}),
        json!({"event_type": "order", "name": ""}),
        json!({"event_type": "order", "name": "Order", "retention_days": 99_999}),
        json!({"event_type": "order", "name": "Order", "index_schema": {"data": "x"}}),
        json!({"event_type": "order", "name": "Order", "index_schema": {"traits.x": "a..b"}}),
        json!({"event_type": "order", "name": "Order", "index_schema": {"x": "a", "traits.x": "b"}}),
        json!({"event_type": "order", "name": "Order", "index_schema": {"x": "a", "x.y": "b"}}),
        json!({"event_type": "order", "name": "Order", "index_schema": {"traits.x": "event@context.y"}}),
        odd,
    ] {
        let reply = app.post("/event-type/mapping", &posted);
        assert_eq!((reply.status.as_u16(), reply.code()), (422, "rule_invalid"), "{posted}");
    }
    for posted in [
        but("/id", json!("a b")),
        but("/event_type/id", json!("")),
        but("/config/condition", json!("event@properties.value >")),
        but("/event_to_profile", json!([])),
        but("/event_to_profile/0/op", json!(7)),
        but("/event_to_profile/0/op", json!("multiply")),
        but("/event_to_profile/0/profile/value", json!("profile@ids")),
        but("/event_to_profile/0/profile/value", json!("consents.ads")),
        but("/event_to_profile/0/event/value", json!("profile@data.x")),
        but("/event_to_profile/0/event", Value::Null),
    ] {
        let reply = app.post("/event-to-profile", &posted);
        assert_eq!((reply.status.as_u16(), reply.code()), (422, "rule_invalid"), "{posted}");
    }
    let wrong =
        app.post("/event-to-profile", &but("/event_to_profile/1/profile/value", json!("ids")));
    let wanted = "event_to_profile.1.profile.value must be a place below data, traits, interests or aux: \
                  traits.plan";
    assert_eq!(wrong.body["message"], wanted);
}

#[test]
fn rules_are_tried_before_they_are_stored_and_nothing_is_kept() {
    let app = TestApp::new();
    let order = json!({"type": "order placed", "id": "e", "properties":
        {"value": 12, "plan": "pro", "id": "o-1", "buyer": {"color": "red"}}});
    let payload = json!({"source": {"id": "shop"}, "session": {"id": "s"}, "events": [order]});
    let mut off = mapping();
    off["enabled"] = json!(false);
    let rules = json!({"event_types": [order_type()], "event_to_profile": [off]});
    let tried = app.post(TRY, &json!({"payload": payload, "rules": rules})).ok().body;
    let turn = &tried["turns"][0];
    assert_eq!((&turn["person"], tried["turns"].as_array().unwrap().len()), (&json!("new"), 1));
    let event = &turn["events"][0];
    assert_eq!(event["traits"], json!({"color": "red"}));
    assert_eq!(
        (&event["tags"]["values"], &event["journey"]["state"]),
        (&json!(["money"]), &json!("purchase"))
    );
    let change = |place: &str| {
        let all = turn["changes"].as_array().unwrap();
        all.iter().find(|one| one["place"] == place).map(|one| one["after"].clone())
    };
    assert_eq!(change("traits.plan"), Some(json!("pro")));
    assert_eq!(change("data.metrics.custom.orders"), Some(json!(1)));
    assert_eq!(app.get("/profile/count").ok().body["count"], 0);
    assert_eq!(app.get("/event-to-profile/orders").status, 404);
    // Without drafts it is as the rules are.
    let tried = app.post(TRY, &json!({"payload": payload})).ok().body;
    assert_eq!(tried["turns"][0]["events"][0]["traits"], json!({}));
    for (posted, status, code) in [
        (json!({"payload": payload, "rules": {"event_to_profiles": []}}), 422, "rule_invalid"),
        (
            json!({"payload": payload, "rules": {"event_to_profile": [but("/event_to_profile/0/op", json!(9))]}}),
            422,
            "rule_invalid",
        ),
        (json!({"rules": {}}), 422, "rule_invalid"),
        (json!({"payload": {"source": {"id": "nobody"}}}), 401, "source_unknown"),
    ] {
        let reply = app.post(TRY, &posted);
        assert_eq!((reply.status.as_u16(), reply.code()), (status, code), "{posted}");
    }
}
#[test]
fn the_life_of_a_validator_and_of_a_tracking_plan() {
    let app = TestApp::new();
    let schema = json!({"event@properties": {"type": "object", "required": ["id"]}});
    let validator = json!({"id": "orders", "name": "Orders", "event_type": {"id": "Order placed"},
        "event_source": {"id": "Shop"}, "enabled": true, "on_misfit": "refuse",
        "validation": {"json_schema": schema, "condition": "event@properties.kind = \"card\""}});
    app.post("/event-validator", &validator).ok();
    assert_json_snapshot!("validator document", app.get("/event-validator/orders").ok().body);
    let shown = app.get("/event-validator/orders").ok().body;
    app.post("/event-validator", &shown).ok();
    assert_eq!(app.get("/event-validators").ok().body["total"], 1);
    app.delete("/event-validator/orders").ok();
    assert_eq!(app.get("/event-validator/orders").status, 404);
    let plan = json!({"id": "shop", "name": "Shop", "event_types": ["Order placed"]});
    app.post("/api/tracking-plans", &plan).ok();
    assert_json_snapshot!("tracking plan document", app.get("/api/tracking-plans/shop").ok().body);
    assert_eq!(app.get("/api/tracking-plans").ok().body["total"], 1);
}

#[test]
fn the_life_of_a_rule_of_privacy_and_of_a_consent_type() {
    let app = TestApp::new();
    let setting = json!({"action": "hash", "field": {"value": "event@properties.mail", "ref": true},
        "consents": [{"id": "ads", "name": "Ads"}], "purposes": ["marketing"]});
    let rule = json!({"id": "mail", "name": "Mail", "event_type": "order", "settings": [setting]});
    app.post("/consent/compliance/field", &rule).ok();
    let shown = app.get("/consent/compliance/field/mail").ok().body;
    assert_json_snapshot!("privacy document", shown);
    app.post("/consent/compliance/field", &shown).ok();
    assert_eq!(app.get("/consent/compliance/fields").ok().body["total"], 1);
    app.delete("/consent/compliance/field/mail").ok();
    let consent = json!({"name": "Ads and more", "default_value": "grant", "auto_revoke": "90m"});
    assert_eq!(app.post("/consent/type", &consent).ok().body["ids"], json!(["ads-and-more"]));
    assert_json_snapshot!("consent type document", app.get("/consent/type/ads-and-more").ok().body);
    assert_eq!(app.get("/consents/type/enabled").ok().body["total"], 1);
    assert_eq!(app.get("/consents/type").ok().body["total"], 1);
    app.delete("/consent/type/ads-and-more").ok();
}

#[test]
fn validators_and_rules_of_privacy_that_do_not_fit_are_refused() {
    let app = TestApp::new();
    let validator = |more: &[(&str, Value)]| {
        let schema = json!({"json_schema": {"event@properties": {}}});
        let mut one = json!({"name": "V", "event_type": "order", "validation": schema});
        more.iter().for_each(|(key, value)| one[*key] = value.clone());
        one
    };
    let schema = |place: &str, schema: Value| json!({"json_schema": {place: schema}});
    for posted in [
        validator(&[("on_misfit", json!("drop"))]),
        validator(&[("event_source", json!("nobody"))]),
        validator(&[("validation", json!({"json_schema": {}}))]),
        validator(&[("validation", schema("event@properties", json!({"$ref": "#"})))]),
        validator(&[(
            "validation",
            json!({"json_schema": {"event@properties": {}}, "condition": "event@properties.a BETWEEN 5 AND 1"}),
        )]),
        validator(&[("validation", schema("profile@traits", json!({})))]),
        validator(&[("validation", schema("event@properties", json!({"requird": []})))]),
        validator(&[(
            "validation",
            schema("event@properties", json!({"$ref": "https://example.com"})),
        )]),
        validator(&[(
            "validation",
            json!({"json_schema": {"event@properties": {}}, "condition": "profile@id EXISTS"}),
        )]),
    ] {
        let reply = app.post("/event-validator", &posted);
        assert_eq!((reply.status.as_u16(), reply.code()), (422, "rule_invalid"), "{posted}");
    }
    let misspelt = validator(&[("validation", schema("event@properties", json!({"requird": []})))]);
    let said = app.post("/event-validator", &misspelt).body["message"].clone();
    assert!(
        said.as_str().unwrap().ends_with("there is not: requird; did you mean required?"),
        "{said}"
    );
    for (address, posted) in [
        ("/api/tracking-plans", json!({"id": "nobody", "name": "P", "event_types": []})),
        ("/api/tracking-plans", json!({"id": "shop", "name": "P", "event_types": [""]})),
        ("/consent/compliance/field", json!({"name": "C", "settings": []})),
        (
            "/consent/compliance/field",
            json!({"name": "C", "settings": [{"action": "drop", "field": {"value": "properties.x"}, "consents": ["a"]}]}),
        ),
        (
            "/consent/compliance/field",
            json!({"name": "C", "settings": [{"action": "mask", "field": {"value": "profile@data.x"}, "consents": ["a"]}]}),
        ),
        (
            "/consent/compliance/field",
            json!({"name": "C", "settings": [{"action": "mask", "field": {"value": "properties.x"}}]}),
        ),
        ("/consent/type", json!({"name": "C", "auto_revoke": "1y"})),
        ("/consent/type", json!({"name": "C", "default_value": "perhaps"})),
    ] {
        let reply = app.post(address, &posted);
        assert_eq!((reply.status.as_u16(), reply.code()), (422, "rule_invalid"), "{posted}");
    }
}

#[test]
fn consents_are_tried_before_anybody_has_given_them() {
    let app = TestApp::new();
    let setting = json!({"action": "remove", "field": {"value": "event@properties.mail"},
        "consents": ["contact"]});
    let for_a_purpose = json!({"action": "mask", "field": {"value": "event@properties.phone"},
        "purposes": ["marketing"]});
    let draft = json!({"name": "Contacts", "settings": [setting, for_a_purpose]});
    let order = json!({"type": "order", "id": "e", "properties": {"mail": "ann@shop.example", "phone": "1"}});
    let payload = json!({"source": {"id": "shop"}, "session": {"id": "s"}, "events": [order]});
    let try_with = |consents: Value| {
        let posted =
            json!({"payload": payload, "rules": {"compliance": [draft]}, "consents": consents});
        let tried = app.post(TRY, &posted).ok().body;
        let turn = tried["turns"][0].clone();
        let properties = turn["events"][0]["properties"].clone();
        (properties, turn["changes"].clone())
    };
    let masked = json!({"phone": "***"});
    assert_eq!(try_with(json!({})).0, masked);
    assert_eq!(try_with(json!({"contact": false})).0, masked);
    assert_eq!(
        try_with(json!({"contact": true})).0,
        json!({"mail": "ann@shop.example", "phone": "***"})
    );
    let both = json!({"contact": true, "news": {"purposes": ["marketing"]}});
    assert_eq!(try_with(both).0, json!({"mail": "ann@shop.example", "phone": "1"}));
    let over = json!({"contact": {"revoke": "2025-01-01T00:00:00Z"}});
    assert_eq!(try_with(over).0, masked);
    for odd in [
        json!({"contact": "yes"}),
        json!({"contact": {"till": 1}}),
        json!({"contact": {"revoke": "30d"}}),
        json!({"": true}),
        json!([]),
    ] {
        let reply = app.post(TRY, &json!({"payload": payload, "consents": odd}));
        assert_eq!((reply.status.as_u16(), reply.code()), (422, "rule_invalid"), "{odd}");
    }
}

#[test]
fn consents_that_are_assumed_stand_in_place_of_those_there_are_and_are_no_change() {
    let app = TestApp::new();
    let consents = json!({"type": "consent-update", "properties": {"consents": {"contact": true}, "partial": true}});
    let person = app.track(json!({"session": {"id": "s"}, "events": [consents]})).ok().profile();
    let draft = json!({"name": "Contacts", "settings": [{"action": "remove",
        "field": {"value": "event@properties.mail"}, "consents": ["contact"]}]});
    let order = json!({"type": "order", "id": "e", "properties": {"mail": "ann@shop.example"}});
    let payload = json!({"source": {"id": "shop"}, "session": {"id": "s"}, "profile": {"id": person},
        "events": [order]});
    let kept = |more: Value| {
        let mut posted = json!({"payload": payload, "rules": {"compliance": [draft]}});
        posted.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let turn = app.post(TRY, &posted).ok().body["turns"][0].clone();
        assert_eq!(turn["person"], "known");
        let changes = turn["changes"].as_array().unwrap().clone();
        let of_consents = |one: &&Value| one["place"].as_str().unwrap().starts_with("consents");
        assert_eq!(changes.iter().find(of_consents), None);
        turn["events"][0]["properties"].clone()
    };
    assert_eq!(kept(json!({})), json!({"mail": "ann@shop.example"}));
    assert_eq!(kept(json!({"consents": {}})), json!({}));
    assert_eq!(
        app.get(&format!("/profile/{person}")).ok().body["consents"],
        json!({"contact": {"revoke": null}})
    );
}

#[test]
fn whoever_configures_sees_what_each_version_has_changed() {
    let app = TestApp::new();
    let address = "/api/versions/event_to_profile/orders";
    app.post("/event-to-profile", &mapping()).ok();
    let mut other = mapping();
    other["order"] = json!(7);
    app.post("/event-to-profile", &other).ok();
    app.delete("/event-to-profile/orders").ok();
    let as_user = |who: &str, address: &str| {
        add_user(&app, who, &[who], Duration::from_secs(86_400));
        let request = Request::get(address).header("authorization", format!("Bearer {who}"));
        app.send(request.body(Body::empty()).unwrap())
    };
    let told = as_user("developer", address).ok().body["result"].clone();
    let orders = |side: &str| [0, 1, 2].map(|at| told[at][side]["order"].clone());
    assert_eq!(orders("before"), [json!(7), json!(5), Value::Null]);
    assert_eq!(orders("after"), [Value::Null, json!(7), json!(5)]);
    assert!(told[0]["version"].as_i64() > told[1]["version"].as_i64());
    assert_eq!(app.get("/api/versions/event_to_profile/nothing").ok().body["result"], json!([]));
    // Those kinds may hold secrets: only the audit log has them.
    assert_eq!(app.get("/api/versions/source/shop").status, 404);
    assert_eq!(as_user("marketer", address).status, 403);
}

#[test]
fn rules_are_found_by_their_tags_and_types_and_need_no_refreshing() {
    let app = TestApp::new();
    app.post("/event-to-profile", &mapping()).ok();
    app.post("/event-type/mapping", &order_type()).ok();
    for (id, tags) in [("ads", json!(["web", "mail"])), ("news", json!([]))] {
        app.post("/consent/type", &json!({"id": id, "name": id, "tags": tags})).ok();
    }
    let grouped = |address: &str| {
        let body = app.get(address).ok().body;
        let groups = body["grouped"].as_object().unwrap().clone();
        let ids = groups.into_iter().map(|(group, all)| {
            let ids: Vec<Value> =
                all.as_array().unwrap().iter().map(|one| one["id"].clone()).collect();
            (group, Value::from(ids))
        });
        (body["total"].clone(), Value::from(ids.collect::<serde_json::Map<_, _>>()))
    };
    let expected = json!({"General": ["news"], "mail": ["ads"], "web": ["ads"]});
    assert_eq!(grouped("/consents/type/by_tag"), (json!(2), expected));
    assert_eq!(grouped("/events-to-profiles/by_tag"), (json!(1), json!({"General": ["orders"]})));
    let (total, built_in) = grouped("/event-types/build-in/by_type");
    assert_eq!((total, &built_in["page-view"]), (json!(65), &json!(["page-view"])));
    assert_eq!(app.get("/consents/type/ids").ok().body["result"], json!(["ads", "news"]));
    assert_eq!(app.get("/consents/types").ok().body, app.get("/consents/type").ok().body);
    let of_type =
        |kind: &str| app.get(&format!("/event-type/mappings/{kind}")).ok().body["total"].clone();
    assert_eq!([of_type("Order%20placed"), of_type("other")], [1, 0]);
    for address in
        ["/consents/type/refresh", "/event-type/mapping/refresh", "/event-to-profile/refresh"]
    {
        let request = Request::put(address).body(Body::empty()).unwrap();
        assert_eq!(app.send_signed_in(request).ok().body, Value::Null);
    }
}
