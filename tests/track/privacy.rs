//! Rules of privacy at `/track`: without consent, a field is gone before anything is made of it.

use serde_json::{Value, json};

use crate::support::{Reply, TestApp, files_with};

const MAIL: &str = "ann.secret@shop.example";

fn protect(app: &TestApp, action: &str, field: &str) {
    let setting =
        json!({"action": action, "field": {"value": field}, "consents": [{"id": "contact"}]});
    app.post(
        "/consent/compliance/field",
        &json!({"id": "contacts", "name": "Contacts", "enabled": true,
        "settings": [setting]}),
    )
    .ok();
    app.post(
        "/event-to-profile",
        &json!({"id": "mail", "name": "Mail", "event_type": "order",
        "enabled": true, "event_to_profile": [{"event": {"value": "properties.mail"}, "op": "set",
        "profile": {"value": "traits.mail"}}]}),
    )
    .ok();
}

fn order(id: &str) -> Value {
    json!({"type": "order", "id": id, "properties": {"mail": MAIL, "value": 5}})
}

fn consents(terms: &Value) -> Value {
    json!({"type": "consent-update", "properties": {"consents": {"contact": terms}, "partial": true}})
}

fn send(app: &TestApp, events: &[Value]) -> Reply {
    app.track(json!({"session": {"id": "s"}, "events": events})).ok()
}

/// What was kept of the mail: in the event, and in the person.
fn kept(app: &TestApp, id: &str, reply: &Reply) -> [Value; 2] {
    let event = app.get(&format!("/event/{id}")).ok().body["event"]["properties"]["mail"].clone();
    let person = app.get(&format!("/profile/{}", reply.profile())).ok().body;
    [event, person["traits"]["mail"].clone()]
}

#[test]
fn a_field_is_kept_by_what_the_person_has_said_by_then() {
    let app = TestApp::new();
    protect(&app, "remove", "event@properties.mail");
    let reply = send(&app, &[order("never")]);
    assert_eq!(kept(&app, "never", &reply), [Value::Null, Value::Null], "nobody was asked");
    let reply = send(&app, &[consents(&json!(true)), order("granted")]);
    assert_eq!(kept(&app, "granted", &reply), [json!(MAIL), json!(MAIL)]);
    let reply = send(&app, &[consents(&json!(false)), order("denied")]);
    assert_eq!(kept(&app, "denied", &reply), [Value::Null, json!(MAIL)]);
    let ended = consents(&json!({"revoke": "2026-01-05T09:00:00Z"}));
    let reply = send(&app, &[ended, order("over")]);
    assert_eq!(kept(&app, "over", &reply)[0], Value::Null);
    app.delete("/consent/compliance/field/contacts").ok();
    let reply = send(&app, &[order("free")]);
    assert_eq!(kept(&app, "free", &reply)[0], json!(MAIL));
}

#[test]
fn what_may_not_be_kept_is_in_no_byte_of_the_folder() {
    let app = TestApp::new();
    protect(&app, "hash", "event@properties.mail");
    let page = json!({"page": {"url": format!("https://shop.example/?mail={MAIL}")}});
    let setting = json!({"action": "mask", "field": {"value": "event@context.page.url"},
        "consents": ["contact"]});
    app.post(
        "/consent/compliance/field",
        &json!({"name": "Pages", "enabled": true,
        "settings": [setting]}),
    )
    .ok();
    let payload =
        json!({"session": {"id": "s"}, "context": page, "events": [order("a"), order("b")]});
    let reply = app.track(payload).ok();
    let [event, person] = kept(&app, "a", &reply);
    assert!(event.as_str().is_some_and(|text| text.starts_with("h1-")), "{event}");
    assert_eq!((&event, &kept(&app, "b", &reply)[0]), (&person, &person), "one value, one hash");
    let event = app.get("/event/a").ok().body["event"].clone();
    assert_eq!(
        (&event["hit"]["url"], &event["context"]["page"]["url"]),
        (&json!("***"), &json!("***"))
    );
    let folder = app.stop();
    assert_eq!(files_with(folder.path(), MAIL), Vec::<std::path::PathBuf>::new());
}

#[test]
fn whoever_is_nobody_has_agreed_to_nothing() {
    let app = TestApp::new();
    protect(&app, "mask", "event@properties.mail");
    let payload = json!({"source": {"id": "shop"}, "events": [order("nobody")]});
    let request = crate::support::app::post("/track?profile_less=true", &payload);
    app.send(request).ok();
    let event = app.get("/event/nobody").ok().body["event"]["properties"].clone();
    assert_eq!(event, json!({"mail": "***", "value": 5}));
}

#[test]
fn what_is_kept_apart_is_kept_as_it_may_be() {
    let app = TestApp::new();
    protect(&app, "mask", "event@properties.mail");
    app.post("/event-validator", &json!({"name": "V", "event_type": "order", "enabled": true,
        "on_misfit": "quarantine", "validation": {"json_schema": {"event@properties": {"required": ["id"]}}}})).ok();
    send(&app, &[json!({"type": "page-view"}), order("held")]);
    let held = app.get("/api/held-events").ok().body["result"][0]["properties"].clone();
    assert_eq!(held, json!({"mail": "***", "value": 5}));
}

#[test]
fn a_consent_that_ends_by_itself_ends() {
    let app = TestApp::new();
    protect(&app, "remove", "event@properties.mail");
    app.post("/consent/type", &json!({"name": "Contact", "auto_revoke": "1h"})).ok();
    let reply = send(&app, &[consents(&json!(true)), order("now")]);
    assert_eq!(kept(&app, "now", &reply)[0], json!(MAIL));
    app.advance(3601);
    let reply = send(&app, &[order("later")]);
    assert_eq!(kept(&app, "later", &reply)[0], Value::Null);
}

#[test]
fn what_may_not_be_kept_is_in_nothing_that_is_added_and_in_no_place_of_the_person() {
    let app = TestApp::new();
    let settings = ["event@context.q", "event@context.location"].map(
        |field| json!({"action": "remove", "field": {"value": field}, "consents": ["contact"]}),
    );
    app.post(
        "/consent/compliance/field",
        &json!({"name": "Places", "enabled": true, "event_type": "order", "settings": settings}),
    )
    .ok();
    let context = json!({"q": MAIL, "location": {"city": MAIL, "country": {"name": MAIL}}});
    let payload = json!({"session": {"id": "s"}, "context": context,
        "events": [order("a"), consents(&json!(true))]});
    app.track(payload).ok();
    let said = |address: &str| app.get(address).ok().text;
    assert!(!said("/session/s").contains(MAIL));
    for row in app
        .post("/sql?format=json", &json!({"query": "SELECT * FROM events"}))
        .ok()
        .body
        .as_array()
        .into_iter()
        .flatten()
    {
        let is_own = row["type"] == "order" || row["type"] == "consent-update";
        assert!(is_own || !row.to_string().contains(MAIL), "{row}");
    }
    let profile =
        app.track(json!({"session": {"id": "s"}, "events": [{"type": "x"}]})).ok().profile();
    assert!(!said(&format!("/profile/{profile}")).contains(MAIL));
}

#[test]
fn what_may_not_be_kept_of_a_type_may_not_be_kept_where_the_type_is_made_another() {
    let app = TestApp::new();
    let setting = json!({"action": "hash", "field": {"value": "event@properties.mail"},
        "consents": ["contact"]});
    app.post(
        "/consent/compliance/field",
        &json!({"name": "Mail", "enabled": true, "event_type": "order", "settings": [setting]}),
    )
    .ok();
    app.post(
        "/event-reshape-schema",
        &json!({"name": "Other", "event_type": "order", "enabled": true,
            "reshaping": {"mapping": {"event_type": "bought"}}}),
    )
    .ok();
    send(&app, &[order("a")]);
    let event = app.get("/event/a").ok().body["event"].clone();
    assert_eq!(event["type"], "bought");
    assert!(!event.to_string().contains(MAIL), "{event}");
}

#[test]
fn stars_are_nothing_that_a_person_has() {
    let app = TestApp::new();
    let hide = |action: &str| {
        let settings = ["pk", "email", "interest", "value"].map(|name| {
            let field = json!({"value": format!("event@properties.{name}")});
            json!({"action": action, "field": field, "consents": ["contact"]})
        });
        let rule =
            json!({"id": "all", "name": "All", "enabled": true, "settings": settings.as_slice()});
        app.post("/consent/compliance/field", &rule).ok();
    };
    let change = json!({"event": {"value": "properties.value"}, "op": "append",
        "profile": {"value": "traits.all"}});
    app.post(
        "/event-to-profile",
        &json!({"name": "All", "event_type": "order", "enabled": true, "event_to_profile": [change]}),
    )
    .ok();
    let events = |mail: &str| {
        let own = |kind: &str, properties: Value| json!({"type": kind, "properties": properties});
        [
            own("sign-in", json!({"pk": "k-1", "email": {"main": mail}})),
            own("increase-interest", json!({"interest": "cars"})),
            own("order-completed", json!({"id": "o", "value": 7})),
            own("order", json!({"value": 7})),
        ]
    };
    let person = |reply: &Reply| app.get(&format!("/profile/{}", reply.profile())).ok().body;
    hide("mask");
    let reply = send(&app, &events(MAIL));
    assert_eq!(reply.warnings(), Vec::<&str>::new());
    let found = person(&reply);
    assert!(!found.to_string().contains("***"), "{found}");
    assert_eq!((&found["primary_id"], &found["data"]["anonymous"]), (&Value::Null, &json!(true)));
    hide("hash");
    let found = person(&send(&app, &events(MAIL)));
    assert!(found["primary_id"].as_str().unwrap().starts_with("h1-"), "{found}");
    send(&app, &[consents(&json!(true))]);
    let found = person(&send(&app, &events(MAIL)));
    assert_eq!((&found["primary_id"], &found["data"]["anonymous"]), (&json!("k-1"), &json!(false)));
}
