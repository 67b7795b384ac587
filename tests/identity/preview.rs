//! What a payload would do to people, without doing it.

use serde_json::{Value, json};

use crate::support::TestApp;
use crate::support::app::with_source;

fn sign_in(properties: &Value) -> Value {
    json!({"type": "sign-in", "properties": properties})
}

fn ann() -> Value {
    sign_in(&json!({"email": {"main": "ann@example.com"}}))
}

#[expect(clippy::needless_pass_by_value, reason = "the events are written in place")]
fn of(session: &str, events: Value) -> Value {
    with_source(json!({"session": {"id": session}, "events": events}))
}

fn preview(app: &TestApp, payload: &Value) -> Value {
    app.post("/api/identity/preview", payload).ok().body
}

#[test]
fn whom_it_would_unite_is_said_and_nobody_is() {
    let app = TestApp::new();
    let ann_is = app.track(of("phone", json!([ann()]))).ok().profile();
    app.advance(1);
    let visitor = app.track(of("laptop", json!([{"type": "x"}]))).ok().profile();
    let payload =
        of("laptop", json!([ann(), sign_in(&json!({"phone": {"main": "+48600100200"}}))]));
    let turn = json!({"person": "known", "profile": ann_is, "unites": [visitor],
        "binds": ["email", "phone"], "asks": []});
    let events = || app.get("/event/count").ok().body;
    let before = events();
    assert_eq!(preview(&app, &payload), json!({"turns": [turn], "warnings": []}));
    assert_eq!(events(), before);
    assert_eq!(app.get(&format!("/profile/{visitor}")).ok().body["id"], json!(visitor));
    assert_eq!(app.track(payload).ok().profile(), ann_is, "and this is what it does");
}

#[test]
fn each_who_follows_another_has_a_turn() {
    let app = TestApp::new();
    let by = |pk: &str| sign_in(&json!({"pk": pk}));
    let body = preview(&app, &of("shared", json!([by("a"), by("undefined"), by("b")])));
    let new = json!({"person": "new", "profile": null, "unites": [], "binds": ["pk"], "asks": []});
    assert_eq!(body["turns"], json!([new, new]));
    assert_eq!(body["warnings"][0]["code"], "identifier_meaningless");
    assert_eq!(app.get("/profile/count").ok().body["count"], 0);
}

#[test]
fn who_would_wait_is_said_and_does_not() {
    let app = TestApp::new();
    app.post("/api/identity/settings", &json!({"guards": {"merges_a_day_max": 0}})).ok();
    let ann_is = app.track(of("phone", json!([ann()]))).ok().profile();
    app.track(of("laptop", json!([{"type": "x"}]))).ok();
    let turn = &preview(&app, &of("laptop", json!([ann()])))["turns"][0];
    let asked = json!({"namespace": "email", "holder": ann_is, "reason": "merges_a_day_max"});
    assert_eq!(turn["asks"], json!([asked]));
    assert_eq!(app.get("/api/identity/quarantine").ok().body["total"], 0);
}

#[test]
fn nothing_of_nothing() {
    let app = TestApp::new();
    assert_eq!(preview(&app, &of("s", json!([]))), json!({"turns": [], "warnings": []}));
    let unknown = json!({"source": {"id": "nobody"}, "events": [ann()]});
    assert_eq!(app.post("/api/identity/preview", &unknown).code(), "source_unknown");
}

#[test]
fn what_comes_before_somebody_elses_sign_in_would_be_whose_the_visit_is() {
    let app = TestApp::new();
    let signs_in = |pk: &str| sign_in(&json!({"pk": pk}));
    let ann_is = app.track(of("shared", json!([signs_in("ann")]))).ok().profile();
    let turns = preview(&app, &of("shared", json!([{"type": "x"}, signs_in("bob")])));
    let turns = turns["turns"].as_array().unwrap();
    assert_eq!((&turns[0]["profile"], &turns[1]["person"]), (&json!(ann_is), &json!("new")));
}
