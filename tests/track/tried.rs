//! What is told of a payload that is only tried is what becomes of it when it is sent.

use serde_json::{Value, json};

use crate::support::TestApp;
use crate::support::app::with_source;

fn sign_in(pk: &str) -> Value {
    json!({"type": "sign-in", "properties": {"pk": pk}})
}

fn consent(ads: bool) -> Value {
    json!({"type": "consent-update", "properties": {"consents": {"ads": ads}, "partial": true}})
}

#[expect(clippy::needless_pass_by_value, reason = "the events are written in place")]
fn of(session: &str, events: Value) -> Value {
    with_source(json!({"session": {"id": session}, "events": events}))
}

fn try_with(app: &TestApp, payload: &Value, consents: &Value) -> Value {
    let mut body = json!({"payload": payload});
    if !consents.is_null() {
        body["consents"] = consents.clone();
    }
    app.post("/api/rules/try", &body).ok().body
}

/// Tries it, and then sends it: the events that the client named are the same, and so are the warnings.
fn tried_and_sent(app: &TestApp, payload: &Value, named: &[&str]) -> Value {
    let tried = try_with(app, payload, &Value::Null);
    let reply = app.track(payload.clone()).ok();
    let codes = |told: &Value| {
        told["warnings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["code"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(codes(&tried), codes(&reply.body), "{payload}");
    let turns = tried["turns"].as_array().unwrap();
    let events = || turns.iter().flat_map(|turn| turn["events"].as_array().unwrap());
    for id in named {
        let kept = app.get(&format!("/event/{id}")).body["event"]["properties"].clone();
        let would_be =
            events().find(|event| event["id"] == **id).map(|event| event["properties"].clone());
        assert_eq!(would_be.unwrap_or_default(), kept, "{id}");
    }
    tried
}

fn protect(app: &TestApp) {
    let setting = json!({"action": "remove", "field": {"value": "event@properties.x"}, "consents": [{"id": "ads"}]});
    let rule = json!({"id": "ads", "name": "Ads", "enabled": true, "event_type": "note", "settings": [setting]});
    app.post("/consent/compliance/field", &rule).ok();
}

fn note(id: &str) -> Value {
    json!({"type": "note", "id": id, "properties": {"x": "secret", "y": 1}})
}

#[test]
fn people_are_united_before_it_is_asked_what_they_have_agreed_to() {
    let app = TestApp::new();
    protect(&app);
    for (at, grants) in [("a", true), ("b", false)] {
        let [visit, home] = ["visit", "home"].map(|name| format!("{name}-{at}"));
        let holder = app.track(of(&home, json!([sign_in(at), consent(grants)]))).ok().profile();
        app.advance(10);
        let visitor = app.track(of(&visit, json!([consent(!grants)]))).ok().profile();
        app.advance(10);
        let id = format!("note-{at}");
        let payload = of(&visit, json!([sign_in(at), note(&id)]));
        let tried = try_with(&app, &payload, &Value::Null);
        let turn = &tried["turns"][0];
        assert_eq!((&turn["profile"], &turn["unites"]), (&json!(holder), &json!([visitor])));
        assert!(
            app.get(&format!("/profile/{visitor}")).ok().body["id"] == json!(visitor),
            "nothing is done"
        );
        tried_and_sent(&app, &payload, &[&id]);
    }
}

#[test]
fn what_is_kept_already_is_repeated_and_counts_nothing() {
    let app = TestApp::new();
    let change = json!({"event": {"value": "properties.v"}, "op": "increment", "profile": {"value": "traits.n"}});
    let rule = json!({"id": "n", "name": "N", "event_type": "buy", "enabled": true, "event_to_profile": [change]});
    app.post("/event-to-profile", &rule).ok();
    let buy = || json!({"type": "buy", "id": "b", "properties": {"v": 1}});
    let payload = of("s", json!([buy(), buy()]));
    let n = |tried: &Value| {
        let changes = tried["turns"][0]["changes"].as_array().unwrap();
        changes.iter().find(|one| one["place"] == "traits.n").map(|one| one["after"].clone())
    };
    let first = try_with(&app, &payload, &Value::Null);
    assert_eq!(
        (n(&first), &first["warnings"][0]["code"]),
        (Some(json!(1)), &json!("event_repeated"))
    );
    tried_and_sent(&app, &payload, &["b"]);
    let again = tried_and_sent(&app, &payload, &[]);
    assert_eq!((n(&again), again["warnings"].as_array().unwrap().len()), (None, 2));
    let events = again["turns"][0]["events"].as_array().unwrap();
    assert!(events.iter().all(|event| event["type"] != "buy"), "{again}");
}

#[test]
fn the_warnings_are_those_that_the_sender_would_hear() {
    let app = TestApp::new();
    app.track(of("s", json!([sign_in("ann")]))).ok();
    let tried = tried_and_sent(&app, &of("s", json!([sign_in("bob"), note("n")])), &["n"]);
    assert_eq!(tried["warnings"][0]["code"], "person_changed");
    let preview =
        app.post("/api/identity/preview", &of("s", json!([sign_in("ann"), note("n")]))).ok().body;
    let codes: Vec<_> =
        preview["warnings"].as_array().unwrap().iter().map(|one| &one["code"]).collect();
    assert_eq!(codes, ["event_repeated", "person_changed"]);
}

/// What somebody says in the payload comes after what they are taken to have said, also when their turn
/// comes again.
#[test]
fn what_is_assumed_was_said_before_all_of_it() {
    let app = TestApp::new();
    protect(&app);
    app.track(of("s", json!([sign_in("ann")]))).ok();
    let events = json!([
        consent(true),
        note("one"),
        sign_in("bob"),
        note("two"),
        sign_in("ann"),
        note("three")
    ]);
    let tried = try_with(&app, &of("s", events), &json!({"ads": false}));
    let turns = tried["turns"].as_array().unwrap();
    let of_turn = |at: usize| {
        let events = turns[at]["events"].as_array().unwrap();
        events.iter().find(|one| one["type"] == "note").unwrap()["properties"]["x"].clone()
    };
    assert_eq!(turns.len(), 3, "{tried}");
    assert_eq!([0, 1, 2].map(of_turn), [json!("secret"), Value::Null, json!("secret")]);
    let places = |at: usize| {
        let changes = turns[at]["changes"].as_array().unwrap();
        changes.iter().filter(|one| one["place"].as_str().unwrap().starts_with("consents")).count()
    };
    assert!(places(0) > 0 && places(2) == 0, "a change is told once: {tried}");
}
