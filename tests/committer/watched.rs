//! What whoever watches is told of a committer: as it is when they look, not as it was at the last round.

use std::sync::atomic::Ordering;
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

/// A disk that hangs fails nothing: nobody is answered, and nobody would be told.
#[test]
fn a_write_that_does_not_end_is_told_of_and_so_is_who_waits_for_it() {
    let (app, plan) = planned(|config| config.committer.round_payloads_max = 1);
    app.track(visit("first")).ok();
    plan.slow.store(true, Ordering::SeqCst);
    thread::scope(|scope| {
        let send = |session| {
            let app = &app;
            scope.spawn(move || app.track(visit(session)))
        };
        // One is written, the next may be folded already, and the others wait.
        let waiting = ["a", "b", "c", "d"].map(send);
        until("they wait", || {
            [2, 3].iter().any(|many| shows(&app, &format!("kith_queue_payloads {many}")))
        });
        assert_eq!(app.get("/health/ready").status, 200, "a moment is nothing");
        assert!(shows(&app, "kith_storage_up 1"));
        app.advance(10);
        let ready = app.get("/health/ready");
        assert_eq!(
            (ready.status.as_u16(), &ready.body["reason"]),
            (503, &json!("storage_unavailable"))
        );
        assert_eq!(app.get("/health/live").status, 200);
        assert!(shows(&app, "kith_storage_up 0"));
        plan.slow.store(false, Ordering::SeqCst);
        for one in waiting {
            one.join().unwrap().ok();
        }
    });
    assert!(shows(&app, "kith_queue_payloads 0") && shows(&app, "kith_storage_up 1"));
    assert_eq!(app.get("/health/ready").status, 200);
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
