//! One payload names more people than it may unite.

use serde_json::{Value, json};

use crate::support::TestApp;

fn email(number: usize) -> String {
    format!("{number}@example.com")
}

fn sign_in(email: &str) -> Value {
    json!({"type": "sign-in", "properties": {"email": {"main": email}}})
}

fn visit(session: &str, events: &[Value]) -> Value {
    json!({"session": {"id": session}, "events": events})
}

/// So many people, each with an address and a session of their number, the oldest first.
fn crowd(app: &TestApp, people: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for number in 0..people {
        let payload = visit(&number.to_string(), &[sign_in(&email(number))]);
        ids.push(app.track(payload).ok().profile());
        app.advance(1);
    }
    ids
}

fn living(app: &TestApp, id: &str) -> String {
    app.get(&format!("/profile/{id}")).ok().body["id"].as_str().unwrap().to_owned()
}

fn count(app: &TestApp) -> Value {
    app.get("/profile/count").ok().body["count"].clone()
}

#[test]
fn a_payload_unites_sixteen_and_leaves_the_rest_until_it_comes_again() {
    let app = TestApp::new();
    let ids = crowd(&app, 20);
    let all: Vec<Value> = (0..20).map(|number| sign_in(&email(number))).collect();
    let reply = app.track(visit("18", &all)).ok();
    assert_eq!((reply.profile(), reply.warnings()), (ids[0].clone(), vec!["people_too_many"]));
    assert_eq!(count(&app), 5);
    let united = [&ids[..15], &ids[18..19]].concat();
    assert!(united.iter().all(|id| living(&app, id) == ids[0]));
    for number in [15, 16, 17, 19] {
        let session = format!("another of {number}");
        let payload = visit(&session, &[sign_in(&email(number))]);
        assert_eq!(app.track(payload).ok().profile(), ids[number], "known by their own address");
    }
    let reply = app.track(visit("18", &all)).ok();
    assert_eq!((reply.profile(), reply.warnings()), (ids[0].clone(), vec![]));
    assert_eq!(count(&app), 1);
    assert!(ids.iter().all(|id| living(&app, id) == ids[0]));
    assert_eq!(app.app().storage.check().unwrap(), Vec::<String>::new());
}
