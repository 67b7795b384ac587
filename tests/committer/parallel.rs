//! Whatever races: one person, one profile, exact counters.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use super::failures::planned;
use crate::support::TestApp;

fn first(session: &str) -> Value {
    json!({"session": {"id": session}, "events": [{"type": "page-view"}]})
}

#[test]
fn two_hundred_first_requests_of_one_session_make_one_profile() {
    let app = TestApp::new();
    let replies = app.track_all(vec![first("s"); 200]);
    let ids: BTreeSet<String> = replies.into_iter().map(|reply| reply.ok().profile()).collect();
    assert_eq!(ids.len(), 1);
    let id = ids.into_iter().next().unwrap();
    assert_eq!(app.get("/profile/count").ok().body["count"], 1);
    let profile = app.get(&format!("/profile/{id}")).ok().body;
    assert_eq!(profile["metadata"]["time"]["visit"]["count"], 1);
    assert_eq!(app.get("/event/count").ok().body["count"], 203);
    assert_eq!(app.get("/session/s").ok().body["metadata"]["events"], 203);
}

#[test]
fn two_hundred_visits_count_two_hundred() {
    let app = TestApp::new();
    let id = app.track(first("s")).ok().profile();
    let visit = |number: u32| {
        let mut payload = first(&format!("visit {number}"));
        payload["profile"] = json!({"id": id});
        payload
    };
    for reply in app.track_all((1..200).map(visit).collect()) {
        assert_eq!(reply.ok().profile(), id);
    }
    let profile = app.get(&format!("/profile/{id}")).ok().body;
    assert_eq!(profile["metadata"]["time"]["visit"]["count"], 200);
}

#[test]
fn counters_are_exact() {
    let app = TestApp::new();
    let properties = json!({"interest": "sport", "value": 1});
    let event = json!({"type": "increase-interest", "properties": properties});
    let payload = json!({"session": {"id": "s"}, "events": [event]});
    let id = app.track(payload.clone()).ok().profile();
    app.track_all(vec![payload; 99]).into_iter().for_each(|reply| drop(reply.ok()));
    assert_eq!(app.get(&format!("/profile/{id}")).ok().body["interests"]["sport"], 100);
}

#[test]
fn all_who_name_one_address_at_once_are_one() {
    let app = TestApp::new();
    let sign_in = |number: u32| {
        let properties = json!({"email": {"main": "ann@example.com"}});
        let events = json!([{"type": "sign-in", "properties": properties}]);
        json!({"session": {"id": format!("device {number}")}, "events": events})
    };
    let replies = app.track_all((0..50).map(sign_in).collect());
    let ids: BTreeSet<String> = replies.into_iter().map(|reply| reply.ok().profile()).collect();
    assert_eq!(ids.len(), 1);
    assert_eq!(app.get("/profile/count").ok().body["count"], 1);
}

#[test]
fn a_full_queue_refuses_before_it_accepts() {
    let (app, plan) = planned(|config| config.committer.queue_payloads_max = 4);
    plan.slow.store(true, Ordering::SeqCst);
    let release = std::sync::Arc::clone(&plan);
    let later = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(300));
        release.slow.store(false, Ordering::SeqCst);
    });
    let replies = app.track_all((0..64).map(|number| first(&format!("s{number}"))).collect());
    later.join().unwrap();
    let refused: Vec<_> = replies.iter().filter(|reply| reply.status == 503).collect();
    assert!(!refused.is_empty());
    for reply in refused {
        assert_eq!((reply.code(), reply.header("retry-after")), ("overloaded", "1"));
    }
    let kept = replies.iter().filter(|reply| reply.status == 200).count();
    assert!(kept >= 4);
    assert_eq!(app.get("/session/count").ok().body["count"], kept);
}
