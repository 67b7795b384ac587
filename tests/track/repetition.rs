//! What was sent before is not kept again, and the answer says so.

use serde_json::{Value, json};

use crate::support::TestApp;

fn event(session: &str, ids: &[&str]) -> Value {
    let one = |id: &&str| {
        let properties = json!({"interest": "sport", "value": 1});
        json!({"id": id, "type": "increase-interest", "properties": properties})
    };
    let events: Vec<Value> = ids.iter().map(one).collect();
    json!({"session": {"id": session}, "events": events})
}

fn interest(app: &TestApp, id: &str) -> Value {
    app.get(&format!("/profile/{id}")).ok().body["interests"]["sport"].clone()
}

#[test]
fn a_payload_sent_again_changes_nothing() {
    let app = TestApp::new();
    let first = app.track(event("s", &["a", "b"])).ok();
    app.advance(10);
    let before = app.get("/session/s").ok().body;
    let again = app.track(event("s", &["a", "B"])).ok();
    assert_eq!(again.warnings(), ["event_repeated", "event_repeated"]);
    assert_eq!(again.profile(), first.profile());
    assert_eq!(app.get("/event/count").ok().body["count"], 5);
    assert_eq!(interest(&app, &first.profile()), 2);
    assert_eq!(app.get("/session/s").ok().body, before);
}

#[test]
fn what_is_new_beside_it_is_kept() {
    let app = TestApp::new();
    let first = app.track(event("s", &["a"])).ok();
    let again = app.track(event("s", &["a", "b"])).ok();
    assert_eq!(again.warnings(), ["event_repeated"]);
    assert_eq!(again.body["warnings"][0]["event_id"], "a");
    assert_eq!(interest(&app, &first.profile()), 2);
}

#[test]
fn twice_in_one_payload_is_once() {
    let app = TestApp::new();
    let reply = app.track(event("s", &["a", "a"])).ok();
    assert_eq!(reply.warnings(), ["event_repeated"]);
    assert_eq!(interest(&app, &reply.profile()), 1);
}

#[test]
fn at_the_same_time_is_once() {
    let app = TestApp::new();
    let replies = app.track_all(vec![event("s", &["a"]); 50]);
    let told = replies.into_iter().map(|reply| reply.ok().warnings().len()).sum::<usize>();
    assert_eq!(told, 49);
    assert_eq!(app.get("/event/count").ok().body["count"], 4);
}

#[test]
fn another_source_may_use_the_same_id() {
    let app = TestApp::new();
    app.add_source("other", |_| {});
    app.track(event("s", &["a"])).ok();
    let mut payload = event("s", &["a"]);
    payload["source"] = json!({"id": "other"});
    assert_eq!(app.track(payload).ok().warnings(), [""; 0]);
}

#[test]
fn an_event_that_was_not_kept_may_come_again() {
    let app = TestApp::new();
    let mut payload = event("s", &["a"]);
    payload["events"][0]["options"] = json!({"saveEvent": false});
    app.track(payload).ok();
    assert_eq!(app.track(event("s", &["a"])).ok().warnings(), [""; 0]);
}

#[test]
fn it_is_known_after_a_restart() {
    let app = TestApp::new();
    app.track(event("s", &["a"])).ok();
    let folder = app.stop();
    let app = TestApp::with(crate::support::Setup { folder, seed: 2, ..Default::default() });
    assert_eq!(app.track(event("s", &["a"])).ok().warnings(), ["event_repeated"]);
}

#[test]
fn an_id_that_says_nothing_is_none() {
    let app = TestApp::new();
    let mut person = String::new();
    for id in ["undefined", "null", "[object Object]", "NaN", "0", "{{event.id}}"] {
        for _ in 0..2 {
            let reply = app.track(event("s", &[id])).ok();
            assert_eq!(reply.warnings(), ["identifier_meaningless"], "{id}");
            let told = &reply.body["warnings"][0];
            assert_eq!(told["message"], "the event's id says nothing; it counts as missing");
            let drawn = told["event_id"].as_str().unwrap();
            assert_eq!(app.get(&format!("/event/{drawn}")).ok().body["event"]["id"], *drawn);
            person = reply.profile();
        }
    }
    assert_eq!(interest(&app, &person), 12);
}
