//! Bad days: what was acknowledged stays, nothing is kept twice, and it goes on by itself.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use kith::config::Config;
use serde_json::{Value, json};

use super::recovery::as_killed;
use crate::support::failing::{Failing, Plan};
use crate::support::{Reply, Setup, TestApp};

/// An app whose storage fails as the plan says.
pub(crate) fn planned(configure: fn(&mut Config)) -> (TestApp, Arc<Plan>) {
    let plan = Arc::new(Plan::default());
    let given = Arc::clone(&plan);
    let setup = Setup {
        configure,
        wrap: Box::new(move |inner| Arc::new(Failing { inner, plan: given })),
        ..Setup::default()
    };
    (TestApp::with(setup), plan)
}

fn payload(number: u64) -> Value {
    let properties = json!({"interest": "sport", "value": 1});
    let event = json!({
        "id": format!("e{number}"), "type": "increase-interest", "properties": properties,
    });
    json!({"session": {"id": format!("s{}", number % 3)}, "events": [event]})
}

/// Sends until it is taken, as a client that honours `Retry-After` does.
fn insist(app: &TestApp, payload: &Value) -> Reply {
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        let reply = app.track(payload.clone());
        if reply.status == 200 || Instant::now() > until {
            return reply.ok();
        }
        assert_eq!(reply.status, 503, "{}", reply.text);
        assert!(reply.header("retry-after").parse::<u32>().unwrap() >= 1);
        std::thread::sleep(Duration::from_millis(20));
        // Pauses are counted by the app's clock.
        app.advance(1);
    }
}

/// Twelve payloads, each insisted upon; then everything is there, once.
fn scenario(plan_it: impl Fn(&Plan)) {
    let (mut app, plan) = planned(|_| {});
    plan_it(&plan);
    app.forgotten = u64::from(plan.panics_in_load.load(Ordering::SeqCst) > 0);
    for number in 0..12 {
        insist(&app, &payload(number));
        app.advance(1);
    }
    let total: f64 = (0..3).map(|session| interest(&app, session)).sum();
    assert!((total - 12.0).abs() < f64::EPSILON, "{total}");
    let clients: Vec<String> = (0..12).map(|number| format!("/event/e{number}")).collect();
    assert!(clients.iter().all(|address| app.get(address).status == 200));
    // Three first visits of four events, nine more events.
    assert_eq!(app.get("/event/count").ok().body["count"], 21);
    assert_eq!(app.app().storage.check().unwrap(), Vec::<String>::new());
}

fn interest(app: &TestApp, session: u64) -> f64 {
    let profile = app.get(&format!("/session/s{session}")).ok().body["profile"]["id"].clone();
    let profile = app.get(&format!("/profile/{}", profile.as_str().unwrap())).ok().body;
    profile["interests"]["sport"].as_f64().unwrap()
}

#[test]
fn a_commit_that_fails_at_any_point_changes_nothing() {
    for number in 1..=8 {
        scenario(|plan| plan.before.store(number, Ordering::SeqCst));
    }
}

/// A sync that fails after the data has reached the file: the client sends again, and the event's
/// id tells that it is kept already.
#[test]
fn a_commit_that_was_done_and_reported_as_failed_is_not_done_twice() {
    for number in 1..=8 {
        scenario(|plan| plan.after.store(number, Ordering::SeqCst));
    }
}

#[test]
fn a_round_that_panics_is_one_that_failed() {
    for number in 1..=8 {
        scenario(|plan| plan.panics.store(number, Ordering::SeqCst));
        scenario(|plan| plan.panics_in_load.store(number, Ordering::SeqCst));
    }
}

#[test]
fn while_the_disk_is_gone_everything_is_refused_and_then_goes_on() {
    let (app, plan) = planned(|_| {});
    app.track(payload(0)).ok();
    plan.down.store(true, Ordering::SeqCst);
    let reply = app.track(payload(1));
    assert_eq!((reply.status.as_u16(), reply.code()), (503, "storage_unavailable"));
    let health = app.get("/health");
    assert_eq!(health.status, 503);
    assert!(app.app().telemetry.render().contains("kith_storage_up 0"));
    assert_eq!(app.get("/event/e0").ok().status, 200, "what is there can be read");
    plan.down.store(false, Ordering::SeqCst);
    insist(&app, &payload(1));
    assert_eq!(app.get("/health").ok().body["status"], "ok");
}

#[test]
fn a_full_database_refuses_and_goes_on_when_there_is_room() {
    embedded_only!("PostgreSQL has no bound of ours");
    const BYTES_MAX: u64 = 1 << 20;
    let configure = |config: &mut Config| config.storage.bytes_max = BYTES_MAX;
    let app = TestApp::with(Setup { configure, ..Setup::default() });
    let big = |number: u64| {
        // Noise, so that it does not compress.
        let noise: Vec<String> =
            (0..900).map(|_| app.app().ids.uuid(app.clock.now()).to_string()).collect();
        let event =
            json!({"id": format!("e{number}"), "type": "x", "properties": {"noise": noise}});
        json!({"session": {"id": format!("s{number}")}, "events": [event]})
    };
    let replies: Vec<Reply> = (0..80).map(|number| app.track(big(number))).collect();
    let kept = replies.iter().filter(|reply| reply.status == 200).count();
    let full: Vec<_> = replies.iter().filter(|reply| reply.code() == "storage_full").collect();
    assert!(kept > 10 && !full.is_empty(), "{kept} kept");
    assert!(full.iter().all(|reply| reply.status == 503 && reply.header("retry-after") == "5"));
    // Whoever watches is told for as long as it is so, also when nobody sends.
    for _ in 0..20 {
        app.advance(6);
        std::thread::sleep(Duration::from_millis(5));
        let health = app.get("/health");
        assert_eq!((health.status.as_u16(), &health.body["reason"]), (503, &json!("storage_full")));
    }
    assert_eq!(app.get("/session/count").ok().body["count"], kept);
    let folder = app.stop();
    let app = TestApp::with(Setup { folder, seed: 2, ..Setup::default() });
    assert_eq!(app.get("/session/count").ok().body["count"], kept);
    app.track(payload(1)).ok();
    assert_eq!(app.app().storage.check().unwrap(), Vec::<String>::new());
}

/// What goes into a file that has no name any more is gone with the process.
#[test]
fn nothing_is_acknowledged_into_a_database_that_is_not_there() {
    embedded_only!("where PostgreSQL has its files is its own");
    let app = TestApp::new();
    app.track(payload(0)).ok();
    let (path, aside) = (app.folder().join("kith.db"), app.folder().join("aside"));
    let refused = |number| {
        let reply = app.track(payload(number));
        assert_eq!((reply.status.as_u16(), reply.code()), (503, "storage_unavailable"));
    };
    std::fs::rename(&path, &aside).unwrap();
    (1..4).for_each(refused);
    assert_eq!(app.get("/health").status, 503);
    assert!(!path.exists(), "and none is made in its place");
    std::fs::copy(&aside, &path).unwrap();
    (1..4).for_each(refused);
    std::fs::rename(&aside, &path).unwrap();
    (1..4).for_each(|number| drop(insist(&app, &payload(number))));
    let sent = (0..4).map(|number| format!("/event/e{number}"));
    sent.for_each(|address| drop(app.get(&address).ok()));
    assert_eq!(app.app().storage.check().unwrap(), Vec::<String>::new());
}

/// Whoever asks is not sent there, though nobody has tried.
#[test]
fn a_database_that_is_not_there_is_told_of_before_anybody_sends() {
    embedded_only!("where PostgreSQL has its files is its own");
    let app = TestApp::new();
    app.track(payload(0)).ok();
    let (path, aside) = (app.folder().join("kith.db"), app.folder().join("aside"));
    let _running = app.clock_runs();
    let until = |status: u16| {
        let is_so = || ["/health", "/health/ready"].iter().all(|of| app.get(of).status == status);
        while !is_so() {
            app.advance(1);
            std::thread::yield_now();
        }
    };
    until(200);
    std::fs::rename(&path, &aside).unwrap();
    until(503);
    std::fs::rename(&aside, &path).unwrap();
    until(200);
    app.track(payload(1)).ok();
}

#[test]
fn a_log_that_somebody_removes_takes_nothing_with_it() {
    embedded_only!("the log is PostgreSQL's own");
    for names in [&["kith.db-wal"][..], &["kith.db-shm"], &["kith.db-wal", "kith.db-shm"]] {
        let app = TestApp::new();
        (0..3).for_each(|number| drop(app.track(payload(number)).ok()));
        for name in names {
            std::fs::remove_file(app.folder().join(name)).unwrap();
        }
        // Refused once, unless it was noticed before.
        insist(&app, &payload(3));
        assert!(names.iter().all(|name| app.folder().join(name).exists()));
        let folder = as_killed(app.folder());
        let again = TestApp::with(Setup { folder, seed: 2, ..Setup::default() });
        for number in 0..4 {
            again.get(&format!("/event/e{number}")).ok();
        }
        assert_eq!(again.app().storage.check().unwrap(), Vec::<String>::new(), "{names:?}");
    }
}

#[test]
fn a_second_owner_stops_the_first() {
    embedded_only!("nobody owns a database that nodes share");
    let app = TestApp::new();
    app.track(payload(0)).ok();
    app.app().storage.claim("another life", app.clock.now()).unwrap();
    let reply = app.track(payload(1));
    assert_eq!((reply.status.as_u16(), reply.code()), (503, "stopping"));
    assert_eq!(app.get("/event/e1").status, 404);
}
