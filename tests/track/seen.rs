//! What conditions of mappings see of the person and of the visit while a payload is worked on.

use axum::body::Body;
use axum::http::Request;
use serde_json::json;

use crate::support::TestApp;
use crate::support::app::{post, with_source};

/// Mappings of `probe`, each of which counts how often its condition held.
fn count(app: &TestApp, conditions: &[(&str, &str)]) {
    for (id, condition) in conditions {
        let place = format!("traits.{id}");
        app.post(
            "/event-to-profile",
            &json!({"id": id, "name": id, "event_type": "probe", "enabled": true,
            "config": {"condition": condition},
            "event_to_profile": [{"op": "increment", "profile": {"value": place}}]}),
        )
        .ok();
    }
}

/// As somebody sends it who reads Polish.
fn in_polish(mut request: Request<Body>) -> Request<Body> {
    request.headers_mut().insert("accept-language", "pl".parse().unwrap());
    request
}

#[test]
fn conditions_see_of_somebody_what_follows_from_the_events_before() {
    let app = TestApp::new();
    let (anonymous, speaks) = ("profile@data.anonymous", "profile@data.pii.language.spoken");
    count(
        &app,
        &[
            ("anonymous", &format!("{anonymous} = TRUE")),
            ("known", &format!("{anonymous} = FALSE")),
            ("polish", &format!("{speaks} CONTAINS \"pl\"")),
            ("german", &format!("{speaks} CONTAINS \"de\"")),
        ],
    );
    let probe = json!({"type": "probe"});
    let mail = json!({"type": "sign-up", "properties": {"email": {"main": "ann@shop.example"}}});
    let german =
        json!({"type": "profile-update", "properties": {"pii": {"language": {"spoken": ["de"]}}}});
    let events = json!([probe, mail, probe, german, probe]);
    let payload = with_source(json!({"session": {"id": "s"}, "events": events}));
    let tried = in_polish(post("/api/rules/try", &json!({"payload": payload})));
    let tried = app.send_signed_in(tried).ok().body["turns"][0]["changes"].clone();
    let reply = app.send(in_polish(post("/track", &payload))).ok();
    let of = |app: &TestApp| app.get(&format!("/profile/{}", reply.profile())).ok().body;
    let told = json!({"anonymous": 1, "known": 2, "polish": 2, "german": 1});
    assert_eq!(of(&app)["traits"], told);
    for (place, value) in told.as_object().unwrap() {
        let place = format!("traits.{place}");
        let change = tried.as_array().unwrap().iter().find(|one| one["place"] == place).unwrap();
        assert_eq!(&change["after"], value, "{place}: what was tried is what was done");
    }
    let next = with_source(json!({"session": {"id": "s"}, "events": [probe]}));
    app.send(in_polish(post("/track", &next))).ok();
    let told = json!({"anonymous": 1, "known": 3, "polish": 2, "german": 2});
    assert_eq!(of(&app)["traits"], told);
    assert_eq!(of(&app)["data"]["pii"]["language"]["spoken"], json!(["de"]));
}

/// What an event says comes before what a header does, which is written last.
#[test]
fn a_header_speaks_only_where_no_event_does() {
    let app = TestApp::new();
    count(&app, &[("polish", "profile@data.pii.language.spoken CONTAINS \"pl\"")]);
    let change = json!({"event": {"value": "properties.of"}, "op": "append",
        "profile": {"value": "data.pii.language.spoken"}});
    let mapping = json!({"id": "a", "name": "A", "event_type": "probe", "enabled": true,
        "event_to_profile": [change]});
    app.post("/event-to-profile", &mapping).ok();
    let probe = json!({"type": "probe", "properties": {"of": "de"}});
    let payload = with_source(json!({"session": {"id": "s"}, "events": [probe]}));
    let reply = app.send(in_polish(post("/track", &payload))).ok();
    let profile = app.get(&format!("/profile/{}", reply.profile())).ok().body;
    assert_eq!(profile["data"]["pii"]["language"]["spoken"], json!(["de"]));
    assert_eq!(profile["traits"], json!({}), "by then it was said");
}

#[test]
fn conditions_see_a_visit_as_its_document_shows_it() {
    let app = TestApp::new();
    count(
        &app,
        &[
            ("codes", "session@context.language_codes CONTAINS \"pl\""),
            ("sent", "session@context.x = 1"),
            ("said", "session@context.language_codes EXISTS"),
            ("unset", "session@context.language EMPTY AND session@context.language NOT EXISTS"),
            ("address", "session@context.ip IS NULL"),
        ],
    );
    let send = |session: &str, headers: &dyn Fn(Request<Body>) -> Request<Body>| {
        let payload = with_source(json!({"session": {"id": session}, "context": {"x": 1},
            "events": [{"type": "probe"}]}));
        let reply = app.send(headers(post("/track", &payload))).ok();
        app.get(&format!("/profile/{}", reply.profile())).ok().body["traits"].clone()
    };
    let polish = json!({"codes": 1, "sent": 1, "said": 1, "unset": 1, "address": 1});
    assert_eq!(send("one", &in_polish), polish);
    assert_eq!(send("two", &|request| request), json!({"sent": 1, "unset": 1, "address": 1}));
}
