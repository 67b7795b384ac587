//! Rules of a company's own at `/track`: what events write, in the order of the rules, whoever sends.

use serde_json::{Value, json};

use crate::support::TestApp;

fn map(app: &TestApp, id: &str, kind: &str, changes: &[(&str, &str, &str)]) {
    map_if(app, id, kind, "", changes);
}

/// Stores a mapping of these changes: place of the event, operation, place of the profile.
fn map_if(app: &TestApp, id: &str, kind: &str, condition: &str, changes: &[(&str, &str, &str)]) {
    let change = |(from, op, to): &(&str, &str, &str)| {
        let from = json!({"value": from, "ref": true});
        json!({"event": from, "op": op, "profile": {"value": to, "ref": true}})
    };
    let changes: Vec<Value> = changes.iter().map(change).collect();
    let mapping = json!({"id": id, "name": id, "event_type": kind, "enabled": true,
        "config": {"condition": condition}, "event_to_profile": changes});
    app.post("/event-to-profile", &mapping).ok();
}

/// Sends an event of the visit, and gives the profile after it.
fn send(app: &TestApp, session: &str, kind: &str, properties: &Value) -> Value {
    send_at(app, session, kind, properties, &Value::Null)
}

fn send_at(app: &TestApp, session: &str, kind: &str, properties: &Value, at: &Value) -> Value {
    let mut event = json!({"type": kind, "properties": properties});
    if !at.is_null() {
        event["time"] = json!({"insert": at});
    }
    let reply = app.track(json!({"session": {"id": session}, "events": [event]})).ok();
    app.get(&format!("/profile/{}", reply.profile())).ok().body
}

#[test]
fn events_write_into_the_profile_by_the_rules_of_now() {
    let app = TestApp::new();
    let order = json!({"plan": "pro", "value": 12.5, "color": "red"});
    assert_eq!(send(&app, "s", "order", &order)["traits"], json!({}), "there is no rule yet");
    map(
        &app,
        "orders",
        "order",
        &[
            ("event@properties.plan", "set", "profile@traits.plan"),
            ("properties.plan", "set_if_missing", "traits.first_plan"),
            ("properties.color", "append", "traits.colors"),
            ("properties.value", "increment", "traits.spent"),
            ("properties.value", "max", "traits.most"),
            ("properties.value", "min", "traits.least"),
            ("type", "set", "traits[\"last event\"]"),
            ("properties.value", "increment", "interests.shopping.online"),
        ],
    );
    send(&app, "s", "order", &order);
    let next = json!({"plan": "free", "value": 2, "color": "blue"});
    let profile = send(&app, "s", "order", &next);
    assert_eq!(
        profile["traits"],
        json!({
            "plan": "free", "first_plan": "pro", "colors": ["red", "blue"], "spent": 14.5, "most": 12.5,
            "least": 2, "last event": "order",
        })
    );
    assert_eq!(profile["interests"], json!({"shopping.online": 14.5}));
    assert!(profile["metadata"]["fields"]["traits.spent"].is_array(), "{profile}");
    let other = send(&app, "other", "page-view", &order);
    assert_eq!(other["traits"], json!({}), "another type has no rule");
    app.delete("/event-to-profile/orders").ok();
    assert_eq!(send(&app, "s", "order", &order)["traits"]["spent"], 14.5, "the rule is gone");
}

#[test]
fn amounts_are_summed_with_all_their_digits_and_no_others() {
    let app = TestApp::new();
    map(&app, "a", "order", &[("properties.value", "increment", "traits.spent")]);
    send(&app, "s", "order", &json!({"value": 249.1}));
    send(&app, "s", "order", &json!({"value": 19.9}));
    let profile = send(&app, "s", "order", &json!({"value": 0.1}));
    assert_eq!(profile["traits"]["spent"].to_string(), "269.1");
}

#[test]
fn conditions_ask_the_event_and_the_person_as_the_rule_before_has_left_them() {
    let app = TestApp::new();
    map(&app, "a", "order", &[("properties.value", "increment", "traits.spent")]);
    let rich = "profile@traits.spent >= 100 AND event@source.id = \"shop\"";
    map_if(&app, "b", "order", rich, &[("id", "set_if_missing", "traits.rich_since")]);
    let silent = "profile@traits.nothing EXISTS OR profile@metadata.time.visit.count > 1";
    map_if(&app, "c", "order", silent, &[("id", "set", "traits.never")]);
    let profile = send(&app, "s", "order", &json!({"value": 60}));
    assert_eq!(profile["traits"], json!({"spent": 60}));
    let profile = send(&app, "s", "order", &json!({"value": 40}));
    assert!(profile["traits"]["rich_since"].is_string(), "{profile}");
    assert!(profile["traits"]["never"].is_null(), "{profile}");
}

#[test]
fn what_does_not_fit_is_a_warning_and_the_rest_is_done() {
    let app = TestApp::new();
    map(
        &app,
        "a",
        "order",
        &[
            ("properties.many", "increment", "traits.count"),
            ("properties.email", "set", "data.contact.email.main"),
            ("properties.many", "set", "interests.sport"),
            ("properties.fine", "set", "traits.fine"),
            ("properties.fine", "set", "traits.fine.below"),
            ("properties.missing", "set", "traits.missing"),
        ],
    );
    let order = json!({"many": "a lot", "email": {"x": 1}, "fine": "yes"});
    let event = json!({"type": "order", "properties": order});
    let reply = app.track(json!({"session": {"id": "s"}, "events": [event]})).ok();
    assert_eq!(reply.warnings(), ["trait_type"; 4]);
    let profile = app.get(&format!("/profile/{}", reply.profile())).ok().body;
    assert_eq!(profile["traits"], json!({"fine": "yes"}));
}

#[test]
fn no_rule_writes_over_a_branch_or_what_kith_reckons() {
    let app = TestApp::new();
    for (to, op, said) in [
        ("data.contact", "set", "other places lie below it"),
        ("data.metrics", "set", "other places lie below it"),
        ("data.metrics.custom", "set", "other places lie below it"),
        ("data.devices", "remove", "other places lie below it"),
        ("aux.geo", "set", "other places lie below it"),
        ("data.metrics.ltv", "increment", "Kith reckons it itself"),
        ("data.metrics.orders.EUR.count", "set", "Kith reckons it itself"),
        ("data.anonymous", "set", "Kith reckons it itself"),
        ("data.identifier.pk.x", "set", "it lies below a single value"),
        ("data.contact.email.main", "append", "it takes a single value"),
        ("data.contact.email.main", "increment", "it takes no number"),
        ("data.preferences.colors", "min", "it takes a list"),
        ("interests.shoes", "append", "an interest is a number"),
        ("data.contact.emial.main", "set", "did you mean data.contact.email.main?"),
        ("data.foo", "set", "there is no data.foo"),
    ] {
        let change =
            json!({"event": {"value": "properties.x"}, "op": op, "profile": {"value": to}});
        let rule = json!({"name": "a", "event_type": "order", "event_to_profile": [change]});
        let reply = app.post("/event-to-profile", &rule);
        assert_eq!((reply.status.as_u16(), reply.code()), (422, "rule_invalid"), "{to}");
        let detail = reply.body.to_string();
        assert!(
            detail.contains("event_to_profile.0.profile.value") && detail.contains(said),
            "{detail}"
        );
    }
}

#[test]
fn first_and_last_go_by_the_time_of_the_event_whenever_it_comes() {
    let app = TestApp::new();
    map(
        &app,
        "a",
        "visit",
        &[
            ("properties.from", "first", "traits.first"),
            ("properties.from", "last", "traits.last"),
            ("metadata.time.insert", "max", "traits.seen"),
        ],
    );
    let mut traits = Value::Null;
    for (at, from) in [("02", "b"), ("03", "b"), ("01", "a"), ("02", "x"), ("04", "b"), ("03", "y")]
    {
        let at = json!(format!("2026-01-{at}T10:00:00Z"));
        traits = send_at(&app, "s", "visit", &json!({"from": from}), &at)["traits"].clone();
    }
    assert_eq!(traits, json!({"first": "a", "last": "b", "seen": "2026-01-04T10:00:00Z"}));
}

#[test]
fn what_is_said_of_a_type_lies_over_what_kith_knows_of_it() {
    let app = TestApp::new();
    let event = |app: &TestApp, kind: &str| {
        let options = json!({"debugger": true});
        let sent = json!({"type": kind, "properties": {"id": "p", "sku": "s"}, "tags": ["mine"], "options": options});
        let reply =
            app.track(json!({"session": {"id": kind}, "events": [sent], "options": options}));
        let id = reply.ok().body["events"][0].as_str().unwrap().to_owned();
        app.get(&format!("/event/{id}")).ok().body["event"].clone()
    };
    app.post("/event-type/mapping", &json!({"event_type": "product-clicked", "name": "Click",
        "enabled": true, "tags": ["shop"], "index_schema": {"data.ec.product.sku": "sku", "sku": "sku"}})).ok();
    let clicked = event(&app, "product-clicked");
    assert_eq!(clicked["tags"]["values"], json!(["shop"]));
    assert_eq!(clicked["data"]["ec"]["product"], json!({"id": "p", "sku": "s"}));
    assert_eq!(
        (&clicked["traits"], &clicked["journey"]["state"]),
        (&json!({"sku": "s"}), &json!("awareness"))
    );
    assert_eq!(clicked["properties"], json!({"id": "p", "sku": "s"}), "it is copied, not moved");
    app.post(
        "/event-type/mapping",
        &json!({"event_type": "product-clicked", "name": "Click",
        "enabled": true, "built_in": false, "journey": "own stage"}),
    )
    .ok();
    let plain = event(&app, "product-clicked");
    assert_eq!((&plain["tags"]["values"], &plain["data"]), (&json!(["mine"]), &json!({})));
    assert_eq!(plain["journey"]["state"], "own stage");
}

#[test]
fn those_who_become_one_have_what_was_counted_of_both_once() {
    let app = TestApp::new();
    map(
        &app,
        "a",
        "order",
        &[
            ("properties.value", "increment", "traits.spent"),
            ("properties.value", "increment", "data.metrics.custom.spent"),
            ("properties.value", "min", "traits.least"),
            ("properties.from", "first", "traits.first"),
        ],
    );
    send(&app, "one", "order", &json!({"value": 5, "from": "phone"}));
    app.advance(1);
    send(&app, "two", "order", &json!({"value": 3, "from": "laptop"}));
    let sign_in = json!({"email": {"main": "ann@shop.example"}});
    send(&app, "one", "sign-in", &sign_in);
    let whole = send(&app, "two", "sign-in", &sign_in);
    assert_eq!(whole["traits"], json!({"spent": 8, "least": 3, "first": "phone"}));
    assert_eq!(whole["data"]["metrics"]["custom"]["spent"], 8);
    // Taken back, each has what is theirs, and events since count by the rules of now.
    send(&app, "two", "order", &json!({"value": 1, "from": "laptop"}));
    app.post(
        "/event-to-profile",
        &json!({"id": "b", "name": "b", "event_type": "order", "enabled": true,
        "event_to_profile": [{"op": "increment", "profile": {"value": "traits.orders"}}]}),
    )
    .ok();
    let id = whole["id"].as_str().unwrap();
    let merges = app.get(&format!("/api/profiles/{id}/identity")).ok().body;
    let merge = merges["merges"][0]["id"].as_str().unwrap_or_else(|| panic!("{merges}")).to_owned();
    app.post(&format!("/api/merges/{merge}/undo"), &json!({})).ok();
    let of = |session: &str| {
        let session = app.get(&format!("/session/{session}")).ok().body;
        let id = session["profile"]["id"].as_str().unwrap().to_owned();
        app.get(&format!("/profile/{id}")).ok().body["traits"].clone()
    };
    assert_eq!(of("one"), json!({"spent": 5, "least": 5, "first": "phone"}));
    assert_eq!(of("two"), json!({"spent": 4, "least": 1, "first": "laptop", "orders": 1}));
}

/// Of a place that rules write the rule says which value is right, wherever it lies.
#[test]
fn those_who_become_one_have_in_each_place_what_its_rule_says() {
    let app = TestApp::new();
    let ops =
        ["set", "set_if_missing", "last", "first", "min", "max", "increment", "append", "remove"];
    let parts = ["traits", "aux", "data.metrics.custom", "interests"];
    for (part, op) in parts.iter().flat_map(|part| ops.map(|op| (*part, op))) {
        let to = format!("{part}.{op}");
        match op {
            "append" if part == "interests" => {}
            "remove" => {
                map(&app, &to, "order", &[("properties.value", "set", &to)]);
                map(&app, &format!("{to}.later"), "gone", &[("properties.value", "remove", &to)]);
            }
            _ => map(&app, &to, "order", &[("properties.value", op, &to)]),
        }
    }
    send(&app, "one", "order", &json!({"value": 5}));
    app.advance(1);
    send(&app, "two", "order", &json!({"value": 3}));
    app.advance(1);
    send(&app, "two", "gone", &json!({"value": 3}));
    let sign_in = json!({"email": {"main": "ann@shop.example"}});
    send(&app, "two", "sign-in", &sign_in);
    let whole = send(&app, "one", "sign-in", &sign_in);
    let expected = json!({"set": 3, "set_if_missing": 3, "last": 3, "first": 5, "min": 3,
        "max": 5, "increment": 8, "append": [5, 3], "remove": null});
    for (name, part) in [
        ("traits", &whole["traits"]),
        ("aux", &whole["aux"]),
        ("custom", &whole["data"]["metrics"]["custom"]),
    ] {
        for op in ops {
            assert_eq!(part[op], expected[op], "{op} in {name}");
        }
    }
    for op in ["first", "min", "max", "increment"] {
        assert_eq!(whole["interests"][op], expected[op], "{op} of interests");
    }
}

/// What an event of a known type has removed does not come back with somebody who had it before.
#[test]
fn what_was_removed_later_is_gone_from_those_who_become_one() {
    for holder in ["one", "two"] {
        let app = TestApp::new();
        let card = json!({"id": "7", "name": "Gold"});
        for session in ["one", "two"] {
            send(&app, session, "loyalty-card-added", &card);
        }
        app.advance(1);
        let other = if holder == "one" { "two" } else { "one" };
        send(&app, other, "loyalty-card-removed", &card);
        let sign_in = json!({"email": {"main": "ann@shop.example"}});
        send(&app, "one", "sign-in", &sign_in);
        let whole = send(&app, "two", "sign-in", &sign_in);
        assert_eq!(whole["data"]["loyalty"]["card"]["id"], Value::Null, "{holder}");
        let again = send(&app, "two", "loyalty-card-added", &json!({"id": "8"}));
        assert_eq!(again["data"]["loyalty"]["card"]["id"], "8");
    }
}

#[test]
fn a_type_may_be_kept_for_less_than_its_source_keeps_it() {
    let app = TestApp::new();
    for (kind, days, enabled) in [("heartbeat", 1, true), ("order", 1, false)] {
        app.post(
            "/event-type/mapping",
            &json!({"event_type": kind, "name": kind, "enabled": enabled,
            "retention_days": days}),
        )
        .ok();
        send(&app, "s", kind, &json!({}));
    }
    let lake = &app.app().lake;
    lake.flush().unwrap();
    app.advance(3 * 86_400);
    assert_eq!(lake.expire(&app.app().registry.now()).unwrap().events, 1);
    let left =
        app.post("/event/select", &json!({"where": "type IN [\"heartbeat\", \"order\"]"})).ok();
    assert_eq!(left.body["result"][0]["type"], "order");
    assert_eq!(left.body["total"], 1);
}

#[test]
fn a_condition_that_can_never_hold_is_refused_where_it_is_stored() {
    let app = TestApp::new();
    let change = json!({"event": {"value": "event@type", "ref": true}, "op": "set",
        "profile": {"value": "profile@traits.x", "ref": true}});
    for (condition, said) in [
        ("event@propertis.a = 1", "did you mean event@properties.a?"),
        ("session@contxt.a = 1", "did you mean session@context.a?"),
        ("session@device.typ = \"x\"", "there is no session@device.typ"),
        ("profile@computed.spent > 1", "there is no profile@computed.spent"),
    ] {
        let mapping = json!({"id": "m", "name": "M", "event_type": "x",
            "config": {"condition": condition}, "event_to_profile": [change]});
        let reply = app.post("/event-to-profile", &mapping);
        assert_eq!((reply.status.as_u16(), reply.code()), (422, "rule_invalid"), "{condition}");
        assert!(reply.text.contains(said), "{condition}: {}", reply.text);
        let payload = json!({"source": {"id": "shop"}, "events": [{"type": "x"}]});
        let tried = json!({"payload": payload, "rules": {"event_to_profile": [mapping]}});
        assert_eq!(app.post("/api/rules/try", &tried).code(), "rule_invalid", "{condition}");
    }
    let validator = json!({"id": "v", "name": "V", "event_type": "x", "validation": {
        "condition": "event@propertis.a = 1", "json_schema": {"event@properties": {}}}});
    assert!(
        app.post("/event-validator", &validator).text.contains("did you mean event@properties.a?")
    );
}
