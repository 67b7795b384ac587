//! What clients send under the names of what only the server says.

use kith::http::import::{self, Fate, Past, Written};
use serde_json::{Value, json};

use super::{AUDIENCES, audience, did, does, told};
use crate::support::TestApp;

fn says(audience: &str) -> Value {
    json!({"audience": audience, "version": 1, "reason": "event"})
}

/// Members, and how many have entered and left, on the last day there is.
fn growth(app: &TestApp, audience: &str) -> [i64; 3] {
    app.advance(1);
    let body = app.get(&format!("{AUDIENCES}/{audience}/growth")).ok().body;
    let last = body["result"].as_array().unwrap().last().cloned().unwrap();
    ["members", "entered", "left"].map(|key| last[key].as_i64().unwrap())
}

fn kinds(app: &TestApp, profile: &str) -> Vec<String> {
    let events = app.get(&format!("/events/profile/{profile}?limit=100")).ok().body;
    let events = events["result"].as_array().unwrap().iter();
    let mut kinds: Vec<_> =
        events.map(|event| event["type"].as_str().unwrap().to_owned()).collect();
    kinds.retain(|kind| kind.contains("audience"));
    kinds.sort_unstable();
    kinds
}

#[test]
fn nobody_but_the_server_says_who_enters_an_audience() {
    let app = TestApp::new();
    audience(&app, "often", "DID \"order\"");
    let ann = does(&app, "ann", "order");
    assert_eq!(growth(&app, "often"), [1, 1, 0]);
    let mut payload = did("bob", "Audience Entered", &says("often"));
    payload["options"] = json!({"debugger": true});
    let reply = app.track(payload).ok();
    assert_eq!(reply.warnings(), ["type_reserved"]);
    let bob = reply.profile();
    app.track(did("ann", "audience-left", &says("often"))).ok();
    assert_eq!(growth(&app, "often"), [1, 1, 0]);
    assert_eq!(kinds(&app, &bob), ["sent-audience-entered"], "nothing that was sent is lost");
    assert_eq!(kinds(&app, &ann), ["audience-entered", "sent-audience-left"]);
    assert_eq!(told(&app, &ann).len(), 1);
}

#[test]
fn neither_does_a_rule_or_a_function() {
    let app = TestApp::new();
    audience(&app, "often", "DID \"order\"");
    let rule = json!({"id": "r", "name": "r", "event_type": "a", "enabled": true,
        "reshaping": {"mapping": {"event_type": "audience-entered"}}});
    app.post("/event-reshape-schema", &rule).ok();
    let function = json!({"id": "f", "name": "f", "event_type": "b", "enabled": true,
        "code": "function transform(event) { return { type: 'Audience Left' } }"});
    app.post("/api/functions", &function).ok();
    app.track(did("ann", "a", &says("often"))).ok();
    let ann = app.track(did("ann", "b", &says("often"))).ok().profile();
    assert_eq!(kinds(&app, &ann), ["sent-audience-entered", "sent-audience-left"]);
    assert_eq!(growth(&app, "often"), [0, 0, 0]);
}

/// What was kept before stays what it was, and only whoever brings history may bring that.
#[test]
fn what_was_history_is_imported_as_it_was() {
    let app = TestApp::new();
    audience(&app, "often", "DID \"order\"");
    let import = |session: &str, is_history: bool| {
        let mut payload = did(session, "audience-entered", &says("often"));
        payload["source"] = json!({"id": "shop"});
        payload["profile"] = json!({"id": session});
        let payload = payload.to_string().into_bytes();
        let name = || session.to_owned();
        let past = is_history.then(Past::default);
        let past = past.as_ref();
        let written = Written { payload: &payload, name: &name, past, is_vouched: false };
        let read = import::read(app.app(), &written);
        let sent = import::send(app.app(), read).unwrap();
        assert_eq!(sent.fate(), Fate::Kept);
    };
    import("kept", true);
    assert_eq!(kinds(&app, "kept"), ["audience-entered"]);
    import("new", false);
    assert_eq!(growth(&app, "often"), [1, 1, 0], "as its history says");
    super::time(&app);
    assert_eq!(growth(&app, "often"), [0, 1, 1], "and then as rules do");
    let reasons: Vec<_> =
        told(&app, "kept").into_iter().map(|[kind, .., why]| [kind, why]).collect();
    let says = json!(["audience-left", "import"]);
    assert_eq!(json!(reasons[1]), says);
}
