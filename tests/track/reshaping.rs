//! Reshaping at `/track`: templates, renaming, splitting, and what they cannot do wrong.

use kith::http::import::{self, Fate, Past, Written};
use serde_json::{Value, json};

use crate::support::{Reply, TestApp};

fn reshape(app: &TestApp, id: &str, rules: &Value) {
    let rule =
        json!({"id": id, "name": id, "event_type": "order", "enabled": true, "reshaping": rules});
    app.post("/event-reshape-schema", &rule).ok();
}

fn send(app: &TestApp, events: &[Value]) -> Reply {
    let options = json!({"debugger": true});
    app.track(json!({"session": {"id": "s"}, "events": events, "options": options}))
}

fn order(id: &str) -> Value {
    json!({"type": "order", "id": id, "properties": {
        "nr": 7, "mail": "Ann@Shop.example", "total": 1.10, "items": [{"sku": "a", "n": 2}, {"sku": "b", "n": 1}]}})
}

fn event(app: &TestApp, id: &str) -> Value {
    app.get(&format!("/event/{id}")).body["event"].clone()
}

/// Types and properties of what the visit has, those that Kith adds left out.
fn kept(app: &TestApp) -> Vec<(String, Value)> {
    let found =
        app.post("/event/select", &json!({"where": "session.id = \"s\"", "limit": 100})).ok();
    let all = found.body["result"].as_array().unwrap().clone();
    let own = all.into_iter().filter(|one| {
        !["profile-created", "session-opened", "visit-started"]
            .contains(&one["type"].as_str().unwrap())
    });
    let mut own: Vec<_> = own
        .map(|one| (one["type"].as_str().unwrap().to_owned(), one["properties"].clone()))
        .collect();
    own.sort_by_key(|(kind, properties)| (kind.clone(), properties.to_string()));
    own
}

#[test]
fn an_event_is_what_the_templates_make_of_it() {
    let app = TestApp::new();
    reshape(
        &app,
        "orders",
        &json!({
        "rename": [{"from": "event@properties.nr", "to": "event@properties.order.id"}],
        "reshape_schema": {
            "properties": {"order": "event@properties.order.id", "total": "event@properties.total", "coupon?": "event@properties.coupon",
                "seen": "event@context.page.url", "visit": "session@id"},
            "context": {"page": {"url": "https://shop.example/order"}},
            "session": {"last_order": "event@properties.order.id"}},
        "mapping": {"event_type": "Order Placed"}}),
    );
    let mut sent = order("o");
    sent["context"] = json!({"page": {"url": "https://shop.example/basket"}});
    let reply = send(&app, &[sent]).ok();
    assert_eq!(reply.warnings(), Vec::<&str>::new());
    let kept = event(&app, "o");
    let properties =
        json!({"order": 7, "total": 1.10, "seen": "https://shop.example/basket", "visit": "s"});
    assert_eq!((&kept["type"], &kept["name"]), (&json!("order-placed"), &json!("Order placed")));
    assert_eq!(kept["properties"], properties);
    assert_eq!(kept["hit"]["url"], "https://shop.example/order");
    let session = app.get("/session/s").ok().body;
    assert_eq!(session["properties"], json!({"last_order": 7}), "{session}");
}

#[test]
fn what_is_renamed_names_and_is_mapped_by_its_new_name() {
    let app = TestApp::new();
    app.post("/event-to-profile", &json!({"id": "m", "name": "m", "event_type": "sign-in", "enabled": true,
        "event_to_profile": [{"event": {"value": "properties.plan"}, "op": "set", "profile": {"value": "traits.plan"}}]})).ok();
    reshape(
        &app,
        "old",
        &json!({
        "rename": [{"from": "properties.mail", "to": "properties.email.main"}, {"from": "properties.nr", "to": "properties.plan"}],
        "mapping": {"event_type": "sign-in"}}),
    );
    let one = send(&app, &[order("a")]).ok();
    let other = app.track(json!({"session": {"id": "other"}, "events": [order("b")]})).ok();
    assert_eq!(one.profile(), other.profile(), "they have one address");
    assert_eq!(app.get(&format!("/profile/{}", one.profile())).ok().body["traits"]["plan"], 7);
    // Without the rule, nobody reads that property.
    app.delete("/event-reshape-schema/old").ok();
    let third = app.track(json!({"session": {"id": "third"}, "events": [order("c")]})).ok();
    assert_ne!(third.profile(), one.profile());
}

fn split(app: &TestApp, keep: bool) {
    reshape(
        app,
        "items",
        &json!({"split": {"by": "event@properties.items", "event_type": "item-bought", "keep": keep,
        "properties": {"sku": "item@sku", "order": "event@properties.nr"}}}),
    );
}

#[test]
fn an_event_is_split_and_what_is_sent_again_is_known() {
    let app = TestApp::new();
    split(&app, true);
    assert_eq!(send(&app, &[order("o")]).ok().warnings(), Vec::<&str>::new());
    let once = kept(&app);
    let kinds: Vec<_> = once.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["item-bought", "item-bought", "order"]);
    assert_eq!(once[0].1, json!({"sku": "a", "order": 7}));
    let again = send(&app, &[order("O ")]).ok();
    assert_eq!(again.warnings(), ["event_repeated"; 3]);
    let twice = send(&app, &[order("o"), order("p"), order("p")]).ok();
    assert_eq!(twice.warnings(), ["event_repeated"; 6]);
    assert_eq!(kept(&app).len(), 6);
}

#[test]
fn what_was_kept_before_there_was_a_rule_is_not_split_when_it_is_sent_again() {
    let app = TestApp::new();
    send(&app, &[order("o")]).ok();
    split(&app, true);
    let again = send(&app, &[order("o")]).ok();
    assert_eq!(
        again.warnings(),
        ["event_repeated"],
        "of parts that were never kept nothing is told"
    );
    assert_eq!(again.body["warnings"][0]["event_id"], "o");
    assert_eq!(kept(&app).len(), 1);
}

#[test]
fn the_first_part_is_the_event_where_it_does_not_stay_itself() {
    let app = TestApp::new();
    split(&app, false);
    send(&app, &[order("o")]).ok();
    assert_eq!(event(&app, "o")["properties"], json!({"sku": "a", "order": 7}));
    assert_eq!(kept(&app).len(), 2);
    let none = json!({"type": "order", "id": "whole", "properties": {"nr": 8}});
    send(&app, &[none]).ok();
    assert_eq!(event(&app, "whole")["properties"], json!({"nr": 8}), "it is never lost");
    assert_eq!(send(&app, &[order("o")]).ok().warnings(), ["event_repeated"; 2]);
}

#[test]
fn what_cannot_be_reshaped_is_kept_as_it_was_with_a_warning() {
    let app = TestApp::new();
    split(&app, true);
    let many = json!({"type": "order", "id": "many", "properties": {"items": vec![1; 100]}});
    let reply = send(&app, &[many, json!({"type": "page-view"})]).ok();
    assert_eq!(reply.warnings(), ["reshape_failed"]);
    let metadata = event(&app, "many")["metadata"].clone();
    assert_eq!(
        (&metadata["warnings"], &metadata["valid"]),
        (&json!(["reshape_failed"]), &json!(true))
    );
    reshape(&app, "items", &json!({"mapping": {"event_type": "event@properties.kind"}}));
    for kind in [json!(" "), json!(5), json!("x".repeat(200))] {
        let sent = json!({"type": "order", "properties": {"kind": kind}});
        assert_eq!(send(&app, &[sent]).ok().warnings(), ["reshape_failed"], "{kind}");
    }
    let sent = json!({"type": "order", "properties": {"kind": null}});
    assert_eq!(send(&app, &[sent]).ok().warnings(), Vec::<&str>::new(), "it says nothing");
    let moved = json!([{"from": "event@properties.a", "to": "event@properties.x.y"},
        {"from": "event@properties.l.0", "to": "event@properties.b"}]);
    reshape(&app, "items", &json!({"rename": moved}));
    let moves = |id: &str, x: Value| json!({"type": "order", "id": id, "properties": {"a": 1, "x": x, "l": [2, 3]}});
    let reply = send(&app, &[moves("kept", json!(5)), moves("moved", json!({}))]).ok();
    assert_eq!(reply.warnings(), ["reshape_failed"]);
    assert_eq!(event(&app, "kept")["properties"], json!({"a": 1, "x": 5, "l": [2, 3]}));
    assert_eq!(event(&app, "moved")["properties"], json!({"x": {"y": 1}, "b": 2, "l": [3]}));
    reshape(
        &app,
        "items",
        &json!({"mapping": {"session": "event@properties.visit", "profile": "event@properties.who"}}),
    );
    let sent =
        json!({"type": "order", "properties": {"visit": {"a": "secret"}, "who": "x".repeat(200)}});
    let reply = send(&app, &[sent]).ok();
    assert_eq!(reply.warnings(), ["reshape_failed"; 2]);
    assert!(!reply.text.contains("secret"));
}

/// A rule that somebody has written never costs an event that somebody has sent.
#[test]
fn what_a_rule_lays_to_the_visit_too_deep_or_too_large_is_not_laid_and_the_event_stays() {
    let app = TestApp::new();
    let template = json!({"reshape_schema": {"session": {"a": {"b": {"c": "event@properties"}}}}});
    reshape(&app, "deep", &template);
    let deep = (0..62).fold(json!(1), |inner, _| json!({ "x": inner }));
    let sent = json!({"type": "order", "id": "deep", "properties": deep});
    let reply = send(&app, &[sent, json!({"type": "page-view", "id": "other"})]).ok();
    assert_eq!(reply.warnings(), ["reshape_failed"]);
    assert_eq!(event(&app, "deep")["metadata"]["warnings"], json!(["reshape_failed"]));
    assert_eq!(event(&app, "other")["type"], "page-view");
    assert_eq!(app.get("/session/s").ok().body["properties"], json!({}));
    // As deep as it may be.
    let fits = (0..60).fold(json!(1), |inner, _| json!({ "x": inner }));
    let sent = json!({"type": "order", "id": "fits", "properties": fits});
    assert_eq!(send(&app, &[sent]).ok().warnings(), Vec::<&str>::new());
    assert_eq!(app.get("/session/s").ok().body["properties"]["a"]["b"]["c"], fits);
}

#[test]
fn the_visit_and_the_profile_may_stand_in_the_event() {
    let app = TestApp::new();
    app.add_source("till", |source| source.static_profile_id = true);
    reshape(
        &app,
        "till",
        &json!({"mapping": {"session": "event@properties.visit", "profile": "event@properties.who"}}),
    );
    let sent = json!({"source": {"id": "till"}, "profile": {"id": "nobody"}, "session": {"id": "none"},
        "events": [{"type": "order", "properties": {"visit": "v-1", "who": 42}}]});
    let reply = app.track(sent).ok();
    assert_eq!((reply.session(), reply.profile()), ("v-1".to_owned(), "42".to_owned()));
}

#[test]
fn only_events_that_are_as_they_must_be_are_reshaped_and_those_let_in_later_once() {
    let app = TestApp::new();
    let schema = json!({"type": "object", "required": ["nr"]});
    app.post("/event-validator", &json!({"id": "v", "name": "v", "event_type": "order", "enabled": true, "on_misfit": "quarantine",
        "validation": {"json_schema": {"event@properties": schema}}})).ok();
    reshape(&app, "orders", &json!({"rename": [{"from": "properties.nr", "to": "properties.id"}]}));
    send(&app, &[order("good"), json!({"type": "order", "id": "bad", "properties": {"x": 1}})])
        .ok();
    assert_eq!(event(&app, "good")["properties"]["id"], 7, "it is asked as it was sent");
    let held = app.get("/api/held-events").ok().body["result"][0].clone();
    assert_eq!(held["properties"], json!({"x": 1}));
    let address = format!("/api/held-events/{}/release", held["key"].as_str().unwrap());
    assert_eq!(app.post(&address, &json!({"properties": {"nr": 9}})).ok().body["released"], true);
    assert_eq!(event(&app, "bad")["properties"], json!({"id": 9}));
}

#[test]
fn it_is_tried_before_it_is_stored() {
    let app = TestApp::new();
    let rules = json!({"reshapings": [{"name": "r", "event_type": "order", "reshaping": {"split": {"by": "properties.items"}}}]});
    let payload = json!({"source": {"id": "shop"}, "session": {"id": "s"}, "events": [order("o")]});
    let tried = app.post("/api/rules/try", &json!({"payload": payload, "rules": rules})).ok().body;
    let events = tried["turns"][0]["events"].as_array().unwrap().clone();
    let skus: Vec<_> = events
        .iter()
        .filter(|one| one["type"] == "order")
        .map(|one| one["properties"]["sku"].clone())
        .collect();
    assert_eq!(skus, [Value::Null, json!("a"), json!("b")]);
    assert_eq!(app.get("/event-reshape-schemas").ok().body["total"], 0);
}

/// What was kept has gone through the rules of its time.
#[test]
fn what_was_history_before_is_imported_as_it_was_kept() {
    let app = TestApp::new();
    split(&app, true);
    let import = |id: &str, is_history: bool| {
        let payload =
            json!({"source": {"id": "shop"}, "session": {"id": "s"}, "events": [order(id)]});
        let payload = payload.to_string().into_bytes();
        let name = || id.to_owned();
        let past = is_history.then(Past::default);
        let past = past.as_ref();
        let written = Written { payload: &payload, name: &name, past, is_vouched: true };
        let sent =
            import::send(app.app(), import::read(app.app(), &written)).expect("there is room");
        assert_eq!(sent.fate(), Fate::Kept);
    };
    import("history", true);
    assert_eq!(kept(&app).len(), 1);
    import("new", false);
    assert_eq!(kept(&app).len(), 4);
}
