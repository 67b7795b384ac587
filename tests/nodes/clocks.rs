//! Nodes on machines whose clocks are wrong: all of them go by the database's.

use std::time::{Duration, Instant};

use kith::clock::Clock;
use kith::config::Config;
use kith::jobs::Jobs;
use serde_json::{Value, json};

use crate::support::{Setup, TestApp, engine, postgres};

const MINUTE: i64 = 60_000_000;
/// The database's clock, in microseconds.
const NOW: &str = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint";

/// Nodes on a new database, each with how far its machine's clock is ahead.
fn nodes<const MANY: usize>(ahead: [i64; MANY]) -> (String, [TestApp; MANY]) {
    let url = postgres::create_database();
    let mut seed = 0;
    let nodes = ahead.map(|ahead| {
        seed += 1;
        let clock = Some(Clock::wrong_by(ahead));
        let configure = |config: &mut Config| config.events.flush_seconds = 1_000_000;
        let folder = engine::folder_for(&url);
        TestApp::with(Setup { folder, seed, configure, clock, ..Setup::default() })
    });
    (url, nodes)
}

fn tick(node: &TestApp, session: &str) -> crate::support::Reply {
    node.track(json!({"session": {"id": session}, "events": [{"type": "tick"}]}))
}

#[test]
fn a_node_goes_by_the_databases_clock_and_shows_how_far_its_own_is_off() {
    let (url, nodes) = nodes([MINUTE, -MINUTE, 0]);
    for (node, added) in nodes.iter().zip([-60.0, 60.0, 0.0]) {
        let now: i64 = postgres::rows(&url, NOW)[0][0].parse().unwrap();
        assert!((node.clock.now().micros() - now).abs() < MINUTE / 4);
        let metrics = node.app().metrics();
        let name = "kith_clock_correction_seconds ";
        let shown = metrics.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        assert!((shown.parse::<f64>().unwrap() - added).abs() < 15.0, "{shown}");
    }
}

#[test]
fn what_a_dead_node_held_is_taken_over_when_its_time_is_over() {
    let (_, [ahead, right]) = nodes([MINUTE, 0]);
    let take = |node: &TestApp, holder| {
        let now = node.clock.now();
        node.app().storage.lease("care", holder, now, Duration::from_secs(2)).unwrap()
    };
    assert!(take(&ahead, "dead"));
    let begun = Instant::now();
    while !take(&right, "other") {
        assert!(begun.elapsed() < Duration::from_secs(20), "it waits for the other's clock");
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(!take(&ahead, "dead"), "nor is it taken away from whoever has it");
}

/// Whoever is ahead would take the others for dead, and whoever is behind be taken for it.
#[test]
fn what_is_changed_at_one_node_holds_at_all_of_them() {
    let (_, nodes) = nodes([MINUTE, 0, -MINUTE]);
    let _jobs = nodes.each_ref().map(|node| Jobs::start(node.app(), None).unwrap());
    for (at, enabled) in [false, true, false, true, false, true].into_iter().enumerate() {
        nodes[at % 3].add_source("shop", |source| source.enabled = enabled);
        let wanted = if enabled { 200 } else { 401 };
        assert_eq!(nodes.each_ref().map(|node| tick(node, "s").status.as_u16()), [wanted; 3]);
    }
}

#[test]
fn whoever_is_in_an_audience_leaves_it_when_their_time_is_over() {
    let (_, nodes) = nodes([MINUTE, -MINUTE]);
    let _jobs = nodes.each_ref().map(|node| Jobs::start(node.app(), None).unwrap());
    let rule = json!({"id": "active", "name": "Active", "condition": "DID \"tick\" WITHIN 6s"});
    nodes[0].post("/api/audiences", &rule).ok();
    let until = |what: &str, is_so: &dyn Fn() -> bool| {
        let begun = Instant::now();
        while !is_so() {
            assert!(begun.elapsed() < Duration::from_secs(30), "{what}");
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    // A node that is busy takes it over later than the one that has brought it to life.
    let is_live = |node: &TestApp| {
        let told = node.get("/api/audiences/active").ok().body;
        told["state"] == "live" && told["progress"].is_null()
    };
    until("it is not warmed", &|| nodes.iter().all(is_live));
    for (at, session) in ["ann", "bob"].into_iter().enumerate() {
        // Their time begins with the payload, whenever the answer to it comes.
        let begun = Instant::now();
        let person = tick(&nodes[at], session).ok().profile();
        let is_in = |node: &TestApp| -> Value {
            let told = node.get(&format!("/api/profiles/{person}/audiences")).ok().body;
            told["audiences"][0]["is_in"].clone()
        };
        until("nobody leaves", &|| is_in(&nodes[1 - at]) == false);
        let left = begun.elapsed();
        assert!(left > Duration::from_secs(5), "after {left:?}");
    }
}
