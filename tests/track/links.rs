//! Links in visits whose person is nobody, gone, or another by now (docs/wire.md §6.2).

use kith::model::Bridge;
use serde_json::{Value, json};

use crate::support::TestApp;
use crate::support::app::{post, with_source};

/// An app with a link that tells whose visit it is.
fn app() -> TestApp {
    let app = TestApp::new();
    app.add_source("link", |source| source.bridges = vec![Bridge::Redirect]);
    let link = json!({"id": "spring", "name": "Spring", "source": {"id": "link"},
        "url": "https://shop.example/", "event_type": "link-clicked",
        "props": {"of": "session@profile.id"}});
    app.post("/event-redirect", &link).ok();
    app
}

fn visit(session: &str, kind: &str, properties: &Value) -> Value {
    json!({"session": {"id": session}, "events": [{"type": kind, "properties": properties}]})
}

/// Clicks twice in a visit: whose the clicks are, and whose the template says that the visit is.
fn clicked(app: &TestApp, session: &str) -> Vec<(Value, Value)> {
    for _ in 0..2 {
        assert_eq!(app.get(&format!("/redirect/spring/{session}")).status, 307);
        app.advance(1);
    }
    let clicks = app.get("/api/events?type=link-clicked").ok().body;
    let clicks = clicks["result"].as_array().unwrap().iter();
    clicks.map(|one| (one["profile"]["id"].clone(), one["properties"]["of"].clone())).collect()
}

fn people(app: &TestApp) -> Value {
    app.get("/profile/count").ok().body["count"].clone()
}

#[test]
fn clicks_in_a_visit_of_nobody_are_nobodys() {
    let app = app();
    let payload = with_source(visit("s", "page-view", &json!({})));
    app.send(post("/track?profile_less=true", &payload)).ok();
    assert_eq!(clicked(&app, "s"), vec![(Value::Null, Value::Null); 2]);
    assert_eq!(people(&app), json!(0));
}

#[test]
fn clicks_in_a_visit_of_whoever_is_gone_are_nobodys_and_tell_no_id() {
    let app = app();
    let gone = app.track(visit("s", "page-view", &json!({}))).ok().profile();
    app.delete(&format!("/profile/{gone}")).ok();
    assert_eq!(clicked(&app, "s"), vec![(Value::Null, Value::Null); 2]);
    assert_eq!(people(&app), json!(0));
}

#[test]
fn a_link_tells_the_id_that_somebody_has_now() {
    let app = app();
    let key = json!({"pk": "p"});
    let ann = app.track(visit("phone", "sign-in", &key)).ok().profile();
    app.advance(1);
    app.track(visit("laptop", "page-view", &json!({}))).ok();
    app.track(visit("laptop", "sign-in", &key)).ok();
    assert_eq!(clicked(&app, "laptop"), vec![(json!(ann), json!(ann)); 2]);
}
