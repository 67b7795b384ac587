//! Rows that somebody else holds locked: whoever needs them waits by themselves, and everybody else goes on.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::node;
use crate::support::{TestApp, postgres};

/// What waits for nobody is done long before.
const PATIENCE: Duration = Duration::from_secs(20);

fn visit(session: &str) -> Value {
    json!({"session": {"id": session}, "events": [{"type": "page-view"}]})
}

fn sign_in(session: &str, name: &str) -> Value {
    let properties = json!({"email": {"main": format!("{name}@example.com")}});
    json!({"session": {"id": session}, "events": [{"type": "sign-in", "properties": properties}]})
}

fn until(is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE);
        thread::sleep(Duration::from_millis(2));
    }
}

/// Changes the person as well as the session.
fn like(session: &str) -> Value {
    let properties = json!({"interest": "sport", "value": 1});
    let event = json!({"type": "increase-interest", "properties": properties});
    json!({"session": {"id": session}, "events": [event]})
}

/// Holds rows until `released` has one, half a minute at most: a test that fails must end.
fn hold(url: &str, rows: &str) {
    let wait = "DO $$ BEGIN FOR tick IN 1..3000 LOOP EXIT WHEN EXISTS (SELECT 1 FROM released); \
                PERFORM pg_sleep(0.01); END LOOP; END $$";
    postgres::rows(url, &format!("BEGIN; {rows} FOR UPDATE; {wait}; COMMIT"));
}

/// While somebody holds `row`, `late` waits and twenty others do not; afterwards it is kept, once.
#[track_caller]
fn check(row: &str, late: &Value) {
    let url = postgres::create_database();
    let app: TestApp = node(&url, 1);
    app.track(sign_in("ann", "ann")).ok();
    app.track(sign_in("bob", "bob")).ok();
    postgres::rows(&url, "CREATE TABLE released ()");
    thread::scope(|scope| {
        scope.spawn(|| hold(&url, row));
        until(|| postgres::rows(&url, &format!("{row} FOR UPDATE SKIP LOCKED")).is_empty());
        let waits = scope.spawn(|| app.track(late.clone()));
        // It was tried, and stands aside.
        until(|| app.app().telemetry.render().contains("kith_payloads_folded_again_total 1"));
        for number in 0..20 {
            assert_eq!(app.track(visit(&format!("other-{number}"))).status, 200);
            assert_eq!(app.track(visit("bob")).status, 200);
        }
        assert!(!waits.is_finished(), "the row is held");
        postgres::rows(&url, "INSERT INTO released DEFAULT VALUES");
        assert_eq!(waits.join().unwrap().status, 200);
    });
    let person = app.track(visit("ann")).ok().profile();
    // A first visit adds three.
    assert_eq!(app.events(&person).len(), 6, "what waited is there, once");
}

#[test]
fn a_persons_row() {
    let id = "(SELECT profile_id FROM session WHERE id = 'ann')";
    check(&format!("SELECT 1 FROM profile WHERE id = {id}"), &like("ann"));
}

#[test]
fn a_sessions_row() {
    check("SELECT 1 FROM session WHERE id = 'ann'", &visit("ann"));
}

/// Its sender is told before nobody listens any more, and then it is not kept.
#[test]
fn whoever_waits_for_too_long_is_told_to_come_back() {
    let url = postgres::create_database();
    let app: TestApp = node(&url, 1);
    app.track(visit("ann")).ok();
    postgres::rows(&url, "CREATE TABLE released ()");
    let row = "SELECT 1 FROM session WHERE id = 'ann'";
    let longest = app.app().config.limits.request_seconds_max;
    thread::scope(|scope| {
        scope.spawn(|| hold(&url, row));
        until(|| postgres::rows(&url, &format!("{row} FOR UPDATE SKIP LOCKED")).is_empty());
        let waits = scope.spawn(|| app.track(visit("ann")));
        until(|| app.app().telemetry.render().contains("kith_payloads_folded_again_total 1"));
        // Whether it stands aside already is seen nowhere.
        thread::sleep(Duration::from_millis(500));
        app.advance(longest / 2);
        let told = waits.join().unwrap();
        postgres::rows(&url, "INSERT INTO released DEFAULT VALUES");
        assert_eq!((told.status.as_u16(), told.code()), (503, "contended"));
    });
    let person = app.track(visit("ann")).ok().profile();
    assert_eq!(app.events(&person).iter().filter(|kind| *kind == "page-view").count(), 2);
}

/// Whoever signs in waits for somebody's row; what comes after it in the session may be theirs.
#[test]
fn what_follows_in_a_session_overtakes_nothing() {
    let url = postgres::create_database();
    let app: TestApp = node(&url, 1);
    app.track(visit("ann")).ok();
    app.track(sign_in("bob", "bob")).ok();
    postgres::rows(&url, "CREATE TABLE released ()");
    let id = "(SELECT profile_id FROM session WHERE id = 'bob')";
    let row = format!("SELECT 1 FROM profile WHERE id = {id}");
    thread::scope(|scope| {
        scope.spawn(|| hold(&url, &row));
        until(|| postgres::rows(&url, &format!("{row} FOR UPDATE SKIP LOCKED")).is_empty());
        let signs_in = scope.spawn(|| app.track(sign_in("ann", "bob")));
        until(|| app.app().telemetry.render().contains("kith_payloads_folded_again_total 1"));
        let follows = scope.spawn(|| app.track(visit("ann")));
        app.track(visit("other")).ok();
        thread::sleep(Duration::from_millis(200));
        assert!(!signs_in.is_finished() && !follows.is_finished());
        postgres::rows(&url, "INSERT INTO released DEFAULT VALUES");
        let person = signs_in.join().unwrap().ok().profile();
        assert_eq!(follows.join().unwrap().ok().profile(), person);
    });
}

/// Nobody can be told apart by a table: those who came are asked to come again.
#[test]
fn a_table_that_is_locked_for_a_moment_loses_nothing() {
    let url = postgres::create_database();
    let app: TestApp = node(&url, 1);
    app.track(visit("ann")).ok();
    let lock = "BEGIN; LOCK TABLE session; SELECT pg_sleep(1); COMMIT";
    let locked = "SELECT 1 FROM pg_locks WHERE relation = 'session'::regclass AND granted \
                  AND mode = 'AccessExclusiveLock'";
    thread::scope(|scope| {
        scope.spawn(|| postgres::rows(&url, lock));
        until(|| !postgres::rows(&url, locked).is_empty());
        assert_eq!(app.track(visit("ann")).status, 200);
    });
    assert!(app.app().committer.down().is_none());
}
