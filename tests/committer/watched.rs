//! What whoever watches is told of a committer: as it is when they look, not as it was at the last round.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::failures::planned;
use crate::support::TestApp;

fn visit(session: &str) -> Value {
    json!({"session": {"id": session}, "events": [{"type": "page-view"}]})
}

#[track_caller]
fn until(what: &str, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(30), "{what}");
        thread::sleep(Duration::from_millis(1));
    }
}

fn shows(app: &TestApp, line: &str) -> bool {
    app.app().metrics().contains(&format!("{line}\n"))
}

#[test]
fn what_is_held_back_no_more_is_not_shown_any_more() {
    let (app, _plan) = planned(|_| {});
    app.track(visit("ann")).ok();
    app.track(visit("ann")).ok();
    let is_held = app.app().storage.is_shared() || shows(&app, "kith_held_back_sessions 1");
    assert!(is_held);
    app.advance(60);
    until("it is written", || shows(&app, "kith_held_back_sessions 0"));
}

/// What was full is asked so whether it has room.
#[test]
fn room_is_tried_and_nothing_is_left_of_it() {
    let app = TestApp::new();
    app.track(visit("ann")).ok();
    for _ in 0..2 {
        app.app().storage.try_room().unwrap();
    }
    assert_eq!(app.app().storage.check().unwrap(), Vec::<String>::new());
    app.track(visit("ann")).ok();
}
