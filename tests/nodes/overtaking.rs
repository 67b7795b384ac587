//! Rounds that another node was faster than are folded again, over what is on disk.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{node, nodes};
use crate::support::failing::{Failing, Plan};
use crate::support::{Setup, TestApp, engine, postgres};

const PATIENCE: Duration = Duration::from_secs(20);

fn visit(session: &str) -> Value {
    json!({"session": {"id": session}, "events": [{"type": "page-view"}]})
}

fn like(session: &str) -> Value {
    let properties = json!({"interest": "sport", "value": 1});
    let event = json!({"type": "increase-interest", "properties": properties});
    json!({"session": {"id": session}, "events": [event]})
}

fn sign_in(session: &str) -> Value {
    let properties = json!({"email": {"main": "ann@example.com"}});
    json!({"session": {"id": session}, "events": [{"type": "sign-in", "properties": properties}]})
}

/// A node whose storage does what is planned.
fn planned() -> (TestApp, Arc<Plan>, String) {
    let url = postgres::create_database();
    let plan = Arc::new(Plan::default());
    let shared = Arc::clone(&plan);
    let wrap = Box::new(move |inner| Arc::new(Failing { inner, plan: shared }) as Arc<_>);
    let folder = engine::folder_for(&url);
    (TestApp::with(Setup { folder, wrap, ..Setup::default() }), plan, url)
}

fn until(is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE);
        thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn a_lost_round_is_folded_over_what_is_on_disk() {
    let (app, plan, url) = planned();
    let id = app.track(like("s")).ok().profile();
    // Only the session has moved; the profile, which the lost round had changed too, has not.
    let faster = "UPDATE session SET version = version + 1".to_owned();
    *plan.meanwhile.lock().unwrap() = Some((url, faster));
    assert_eq!(app.track(like("s")).ok().profile(), id);
    assert_eq!(app.get(&format!("/profile/{id}")).ok().body["interests"]["sport"], 2.0);
    assert_eq!(app.events(&id).iter().filter(|kind| *kind == "increase-interest").count(), 2);
    assert!(app.app().telemetry.render().contains("kith_payloads_folded_again_total 1"));
}

#[test]
fn what_was_not_there_is_asked_for_again() {
    let nodes = nodes(2);
    for node in &nodes {
        node.add_source("crm", |source| source.static_profile_id = true);
    }
    let of = |session: &str| {
        json!({"session": {"id": session}, "profile": {"id": "customer-1"},
               "events": [{"type": "page-view"}]})
    };
    assert_ne!(nodes[0].track(of("a")).ok().profile(), "customer-1", "nobody knows them");
    let mut from_crm = of("b");
    from_crm["source"] = json!({"id": "crm"});
    assert_eq!(nodes[1].track(from_crm).ok().profile(), "customer-1");
    assert_eq!(nodes[0].track(of("c")).ok().profile(), "customer-1");
}

#[test]
fn who_is_remembered_is_followed_when_they_were_merged_elsewhere() {
    let nodes = nodes(2);
    let one = nodes[1].track(sign_in("phone")).ok().profile();
    nodes.iter().for_each(|node| node.advance(1));
    let other = nodes[0].track(visit("laptop")).ok().profile();
    assert_eq!(nodes[1].track(sign_in("laptop")).ok().profile(), one);
    let mut claim = visit("tablet");
    claim["profile"] = json!({"id": other});
    assert_eq!(nodes[0].track(claim).ok().profile(), one);
    assert_eq!(nodes[0].track(visit("laptop")).ok().profile(), one);
}

#[test]
fn a_round_that_is_lost_while_the_storage_is_opened_anew_stops_nobody() {
    let (app, plan, _url) = planned();
    app.track(visit("s")).ok();
    plan.slow.store(true, SeqCst);
    thread::scope(|scope| {
        let lost = scope.spawn(|| app.track(like("s")));
        until(|| app.app().telemetry.render().contains("kith_payloads_total 2"));
        thread::sleep(Duration::from_millis(50));
        plan.blind.store(true, SeqCst);
        assert_eq!(app.track(visit("other")).status, 503);
        plan.blind.store(false, SeqCst);
        until(|| app.app().committer.down().is_none());
        plan.moved.store(plan.commits.load(SeqCst) + 1, SeqCst);
        let next = scope.spawn(|| app.track(visit("next")).status);
        thread::sleep(Duration::from_millis(50));
        plan.slow.store(false, SeqCst);
        until(|| lost.is_finished() && next.is_finished());
        assert_eq!(next.join().unwrap(), 200);
        assert_eq!(lost.join().unwrap().status, 200);
    });
    assert_eq!(app.track(visit("s")).status, 200, "it goes on");
}

/// A node dies while its commit is under way, and what it was sent comes again elsewhere: where the
/// marks of events are read, the commit is there, and where the session was read, it was not.
#[test]
fn what_comes_again_while_it_is_being_committed_makes_no_other_person() {
    const TABLES: [&str; 4] = ["session", "profile", "alias", "seen"];
    let url = postgres::create_database();
    let (one, other) = (node(&url, 1), node(&url, 2));
    let sent = json!({"session": {"id": "s"}, "events": [{"id": "e", "type": "page-view"}]});
    let id = one.track(sent.clone()).ok().profile();
    for table in TABLES {
        let aside = format!("CREATE TABLE aside_{table} AS SELECT * FROM {table}");
        postgres::rows(&url, &format!("{aside}; DELETE FROM {table};"));
    }
    // Its statements are prepared: from now on they are sent in their order.
    (0..4).for_each(|n| drop(other.track(like(&format!("warm-{n}"))).ok()));
    let waits = "SELECT 1 FROM pg_locks WHERE relation = 'seen'::regclass AND NOT granted";
    let commit = TABLES.map(|table| format!("INSERT INTO {table} SELECT * FROM aside_{table};"));
    let commit = format!(
        "LOCK TABLE seen; DO $$ BEGIN WHILE NOT EXISTS ({waits}) LOOP PERFORM pg_sleep(0.01); \
         END LOOP; END $$; {}",
        commit.concat()
    );
    let locked = "SELECT 1 FROM pg_locks WHERE relation = 'seen'::regclass AND granted \
                  AND mode = 'AccessExclusiveLock'";
    thread::scope(|scope| {
        scope.spawn(|| postgres::rows(&url, &commit));
        until(|| !postgres::rows(&url, locked).is_empty());
        assert_eq!(other.track(sent).ok().profile(), id);
    });
    let people = postgres::rows(&url, "SELECT DISTINCT profile_id FROM alias");
    assert_eq!(people.len(), 5, "one more than those of the warming up");
}

/// Both in one round: the commit before them is held up until they wait.
fn in_one_round(app: &TestApp, plan: &Plan, first: impl Fn() + Sync, second: Value) -> u16 {
    plan.slow.store(true, SeqCst);
    thread::scope(|scope| {
        // One is being committed, the next is folded and waits for it; the third gathers.
        for session in ["x", "y"] {
            scope.spawn(move || app.track(visit(session)).ok());
            thread::sleep(Duration::from_millis(50));
        }
        let first = scope.spawn(&first);
        thread::sleep(Duration::from_millis(50));
        let second = scope.spawn(|| app.track(second).status);
        thread::sleep(Duration::from_millis(50));
        plan.slow.store(false, SeqCst);
        first.join().unwrap();
        second.join().unwrap().as_u16()
    })
}

#[test]
fn a_session_may_be_removed_and_come_again_in_one_round() {
    let (app, plan, _url) = planned();
    app.track(visit("s")).ok();
    let remove = || drop(app.delete("/session/s").ok());
    assert_eq!(in_one_round(&app, &plan, remove, visit("s")), 200);
    assert_eq!(app.get("/session/s").status, 200);
}

#[test]
fn a_customer_may_be_removed_and_come_again_in_one_round() {
    let (app, plan, _url) = planned();
    app.add_source("crm", |source| source.static_profile_id = true);
    let mut customer = visit("s");
    (customer["source"], customer["profile"]) = (json!({"id": "crm"}), json!({"id": "customer-1"}));
    app.track(customer.clone()).ok();
    let remove = || drop(app.delete("/profile/customer-1").ok());
    assert_eq!(in_one_round(&app, &plan, remove, customer), 200);
    assert_eq!(app.get("/profile/customer-1").status, 200);
    assert_eq!(app.app().storage.check().unwrap(), Vec::<String>::new());
}

#[test]
fn no_character_of_an_id_stops_a_node() {
    let url = postgres::create_database();
    let app = node(&url, 1);
    for payload in [
        visit("a\0b"),
        json!({"session": {"id": "s"}, "profile": {"id": "p\0"}, "events": [{"type": "x"}]}),
        json!({"session": {"id": "s"}, "events": [{"id": "e\0", "type": "x\0",
               "properties": {"email": {"main": "a\0@example.com"}, "a\0": "\0"}}]}),
    ] {
        let status = app.track(payload).status.as_u16();
        assert!(status == 200 || status == 422, "{status}");
        assert!(app.app().committer.down().is_none());
    }
    for address in ["/profile/a%00", "/session/a%00", "/events/profile/a%00"] {
        let status = app.get(address).status.as_u16();
        assert!(status == 404 || status == 422 || status == 200, "{address}: {status}");
    }
    for address in ["/profile/a%00", "/session/a%00"] {
        assert_ne!(app.delete(address).status.as_u16(), 503, "{address}");
        assert!(app.app().committer.down().is_none());
    }
}

#[test]
fn who_is_changed_while_they_are_removed_is_removed_as_they_are_then() {
    let (app, _plan, url) = planned();
    let id = app.track(visit("s")).ok().profile();
    thread::scope(|scope| {
        let change = "BEGIN; UPDATE profile SET version = version + 1; SELECT pg_sleep(1); COMMIT";
        let other = scope.spawn(|| postgres::ask(&url, change).unwrap());
        let sleeps = "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep' \
                      AND datname = current_database()";
        until(|| !postgres::rows(&url, sleeps).is_empty());
        assert_eq!(app.delete(&format!("/profile/{id}")).ok().status, 200);
        other.join().unwrap();
    });
    assert_eq!(postgres::rows(&url, "SELECT id FROM profile").len(), 0);
    let metrics = app.app().telemetry.render();
    let again = metrics.lines().find(|line| line.starts_with("kith_payloads_folded_again_total"));
    assert_eq!(again, Some("kith_payloads_folded_again_total 1"));
}

#[test]
fn readers_who_wait_keep_nobody_from_writing() {
    let (app, _plan, url) = planned();
    app.track(visit("s")).ok();
    thread::scope(|scope| {
        let hold = "BEGIN; LOCK TABLE \"user\"; SELECT pg_sleep(7); COMMIT";
        let holder = scope.spawn(|| postgres::ask(&url, hold).unwrap());
        let sleeps = "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep' \
                      AND datname = current_database()";
        until(|| !postgres::rows(&url, sleeps).is_empty());
        for _ in 0..30 {
            scope.spawn(|| app.app().storage.users().is_ok());
        }
        thread::sleep(Duration::from_millis(300));
        let begun = Instant::now();
        assert_eq!(app.track(like("s")).status, 200);
        assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
        holder.join().unwrap();
    });
}
