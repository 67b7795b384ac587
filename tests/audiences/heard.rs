//! What trackers hear: audiences and traits, for the sources that may, and in the answer that changed them.

use serde_json::{Value, json};

use super::{TRAITS, audience, did, standing, warm};
use crate::support::TestApp;

/// What the answer to an event tells this source of.
fn heard(app: &TestApp, source: &str, session: &str, kind: &str) -> Value {
    let mut payload = did(session, kind, &json!({"total": 20}));
    payload["source"] = json!({"id": source});
    app.track(payload).ok().body["profile"]["view"].clone()
}

fn source(id: &str, trust: &str, view: &Value) -> Value {
    json!({"id": id, "name": id, "type": "rest", "trust": trust, "profile_view": view})
}

#[test]
fn the_answer_tells_of_the_audience_that_its_own_event_brings_them_into() {
    let app = TestApp::new();
    app.post(
        TRAITS,
        &json!({"id": "spent", "function": "sum", "event_type": "order", "of": "properties.total"}),
    )
    .ok();
    audience(&app, "buyers", "DID \"order\" AT LEAST 2 TIMES WITHIN 1d");
    audience(&app, "all", "profile@id EXISTS");
    warm(&app);
    let view = json!({"audiences": ["buyers"], "traits": ["computed.spent", "traits.plan"]});
    app.post("/event-source", &source("site", "public", &view)).ok();
    assert_eq!(app.get("/event-source/site").ok().body["profile_view"], view);
    let told = |audiences: Value, traits: Value| json!({"audiences": audiences, "traits": traits});
    assert_eq!(heard(&app, "site", "ann", "order"), told(json!([]), json!({"computed.spent": 20})));
    let second = heard(&app, "site", "ann", "order");
    assert_eq!(second, told(json!(["buyers"]), json!({"computed.spent": 40})));
    app.advance(2 * 86_400);
    let later = heard(&app, "site", "ann", "page-view");
    assert_eq!(later, told(json!([]), json!({"computed.spent": 40})), "time has passed");
    assert_eq!(heard(&app, "shop", "ann", "page-view"), Value::Null, "nobody has allowed it");
}

#[test]
fn a_page_hears_of_nothing_that_was_not_named_and_a_server_may_hear_of_everything() {
    let app = TestApp::new();
    audience(&app, "buyers", "DID \"order\"");
    let all = json!({"audiences": ["*"]});
    for (trust, status) in [("public", 422), ("signed", 422), ("trusted", 200)] {
        let reply = app.post("/event-source", &source(trust, trust, &all));
        assert_eq!(reply.status.as_u16(), status, "{trust}: {}", reply.text);
    }
    assert_eq!(heard(&app, "trusted", "ann", "order")["audiences"], json!(["buyers"]));
    for (view, says) in [
        (json!({"audiences": ["nobody"]}), "must name an audience that exists"),
        (json!({"audience": ["buyers"]}), "did you mean audiences?"),
        (json!({"traits": ["ids"]}), "profile_view.traits must begin with one of"),
        (json!({"traits": "traits.plan"}), "profile_view holds lists of texts"),
    ] {
        let reply = app.post("/event-source", &source("site", "public", &view));
        assert_eq!((reply.status.as_u16(), reply.code()), (422, "source_invalid"), "{view}");
        assert!(reply.text.contains(says), "{}", reply.text);
    }
    let named = source("site", "public", &json!({"audiences": ["buyers"]}));
    app.post("/event-source", &named).ok();
    let reply = app.delete("/api/audiences/buyers");
    assert_eq!((reply.status.as_u16(), reply.code()), (409, "in_use"), "a source tells of it");
}

#[test]
fn whoever_was_only_named_and_whoever_is_not_kept_is_not_told_of() {
    let app = TestApp::new();
    audience(&app, "all", "profile@id EXISTS");
    let view = json!({"audiences": ["all"], "traits": ["data.pii.firstname"]});
    app.post("/event-source", &source("site", "public", &view)).ok();
    app.post("/event-source", &source("server", "trusted", &view)).ok();
    let says = |source: &str, session: &str, properties: Value| {
        let mut payload = did(session, "profile-update", &properties);
        payload["source"] = json!({"id": source});
        app.track(payload).ok().body["profile"].clone()
    };
    let ann = json!({"identifier": {"id": "K1"}, "pii": {"firstname": "Ann"}});
    assert_eq!(says("server", "a", ann)["view"]["traits"], json!({"data.pii.firstname": "Ann"}));
    let stranger = says("site", "b", json!({"identifier": {"id": "K1"}}));
    assert_eq!(stranger["view"], Value::Null, "{stranger}");
    let mut payload = did("c", "page-view", &json!({}));
    payload["source"] = json!({"id": "site"});
    payload["options"] = json!({"saveProfile": false});
    assert_eq!(app.track(payload).ok().body["profile"]["view"], Value::Null);
}

#[test]
fn what_is_hidden_from_strangers_is_hidden_from_trackers_too() {
    let app = TestApp::with(crate::support::app::Setup {
        configure: |config| config.masking.fields.push_str(" data.pii properties.total"),
        ..Default::default()
    });
    app.post(
        TRAITS,
        &json!({"id": "spent", "function": "sum", "event_type": "order", "of": "properties.total"}),
    )
    .ok();
    warm(&app);
    let view =
        json!({"traits": ["computed.spent", "data.pii.firstname", "data.contact.email.main"]});
    app.post("/event-source", &source("server", "trusted", &view)).ok();
    let properties = json!({"pii": {"firstname": "Ann"}});
    let mut payload = did("ann", "profile-update", &properties);
    payload["source"] = json!({"id": "server"});
    app.track(payload).ok();
    let told = heard(&app, "server", "ann", "order");
    let hidden = json!({"computed.spent": "***", "data.pii.firstname": "***"});
    assert_eq!(told["traits"], hidden);
}

#[test]
fn why_does_not_tell_of_what_is_hidden_from_whoever_asks() {
    let app = TestApp::with(crate::support::app::Setup {
        configure: |config| config.masking.fields.push_str(" traits.secret properties.card"),
        ..Default::default()
    });
    crate::admin::access::add_user(
        &app,
        "marketer",
        &["marketer"],
        std::time::Duration::from_secs(86_400),
    );
    let paid = "DID \"pay\" WHERE (event@properties.card = \"4711\")";
    let condition = format!("(profile@traits.secret = 4 OR {paid}) AND DID \"view\"");
    audience(&app, "some", &condition);
    app.track(did("ann", "pay", &json!({"card": "4711"}))).ok();
    let ann = super::does(&app, "ann", "view");
    let why = |who: &str| {
        let request = axum::http::Request::get(format!("/api/profiles/{ann}/audiences"));
        let request = request.header("authorization", format!("Bearer {who}"));
        let reply = app.send(request.body(axum::body::Body::empty()).unwrap()).ok();
        reply.body["audiences"][0].clone()
    };
    let told = why("marketer");
    assert_eq!((&told["is_in"], &told["why"]["holds"]), (&json!(true), &Value::Null), "{told:#}");
    assert!(!told.to_string().contains("4711") && !told.to_string().contains("secret"), "{told:#}");
    let parts = told["why"]["parts"].as_array().unwrap();
    let told: Vec<_> = parts.iter().map(|part| (&part["text"], &part["holds"])).collect();
    assert_eq!(told, [(&json!("***"), &Value::Null), (&json!("DID \"view\""), &json!(true))]);
    let told = standing(&app, &ann, "some");
    assert_eq!(told["why"]["holds"], true);
    assert_eq!(told["why"]["parts"][0]["parts"][1]["did"]["found"], 1, "{told:#}");
}

#[test]
fn what_is_named_within_something_is_heard_alone() {
    let app = TestApp::new();
    let likes = json!({"id": "likes", "function": "interests", "event_type": "view", "of": "properties.total",
        "half_life": "1h"});
    app.post(TRAITS, &likes).ok();
    warm(&app);
    let named =
        ["computed.likes.20", "computed.likes.30", "computed.likes[\"20\"]", "interests.v1.5"];
    app.post("/event-source", &source("site", "public", &json!({"traits": named}))).ok();
    let interest = json!({"interest": "v1.5", "value": 2});
    app.track(did("ann", "increase-interest", &interest)).ok();
    let told = heard(&app, "site", "ann", "view")["traits"].clone();
    assert_eq!(
        told,
        json!({"computed.likes.20": 1, "computed.likes[\"20\"]": 1, "interests.v1.5": 2})
    );
}
