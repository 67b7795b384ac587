//! What only one node does at a time, and when.

use std::sync::Arc;
use std::time::{Duration, Instant};

use kith::config::Config;
use kith::jobs::Jobs;
use serde_json::json;

use super::nodes;
use crate::jobs::mishaps::FILES;
use crate::jobs::runs;
use crate::support::failing::{Failing, Plan, Spoil};
use crate::support::{Setup, TestApp, engine, postgres};

fn jobs(node: &TestApp) -> Jobs {
    Jobs::start(node.app(), None).unwrap()
}

#[track_caller]
fn until(what: &str, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(20), "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_person_is_erased_when_no_node_can_be_writing_about_them_any_more() {
    let nodes = nodes(2);
    let _jobs: Vec<Jobs> = nodes.iter().map(jobs).collect();
    let visit = json!({"session": {"id": "s"}, "events": [{"type": "page-view"}]});
    let person = nodes[0].track(visit).ok().profile();
    let reply = nodes[0].delete(&format!("/api/profiles/{person}"));
    let address = format!("/api/erasures/{}", reply.body["erasure"].as_str().unwrap());
    let is_done = || nodes[1].get(&address).ok().body["status"] == "done";
    nodes.iter().for_each(|node| node.advance(55));
    // By their clocks, they have not looked before.
    let has_looked = |node: &TestApp| runs(node, "erase", "done") > 0;
    until("nobody looks", || nodes.iter().all(has_looked));
    assert!(!is_done(), "rounds of the other node may be under way");
    nodes.iter().for_each(|node| node.advance(6));
    until("nobody erases them", || {
        nodes.iter().for_each(|node| node.advance(1));
        is_done()
    });
}

/// A node whose storage fails as the plan says.
fn planned(url: &str) -> (TestApp, Arc<Plan>) {
    let plan = Arc::new(Plan::default());
    let given = Arc::clone(&plan);
    let setup = Setup {
        folder: engine::folder_for(url),
        configure: |config: &mut Config| config.events.flush_seconds = 1_000_000,
        wrap: Box::new(move |inner| Arc::new(Failing { inner, plan: given })),
        ..Setup::default()
    };
    (TestApp::with(setup), plan)
}

/// Until when the lease is somebody's, in microseconds.
fn lease(url: &str, name: &str) -> Option<i64> {
    let rows = postgres::rows(url, &format!("SELECT until FROM lease WHERE name = '{name}'"));
    rows.first().map(|row| row[0].parse().unwrap())
}

#[test]
fn a_lease_is_kept_while_its_run_goes_on_and_given_up_at_the_end() {
    let url = postgres::create_database();
    let (node, plan) = planned(&url);
    let own = node.app().committer.stream();
    let jobs = jobs(&node);
    until("it does not say that it lives", || lease(&url, &own).is_some());
    plan.spoil(Some((FILES, Spoil::Waits)));
    node.advance(30);
    until("nobody cares", || lease(&url, "lake").is_some());
    // Longer than the lease is.
    for _ in 0..15 {
        let signs = runs(&node, "leases", "done");
        node.advance(5);
        until("it does not say that it lives", || runs(&node, "leases", "done") > signs);
    }
    let now = || node.clock.now().micros();
    assert!(lease(&url, "lake").unwrap() > now() && lease(&url, &own).unwrap() > now());
    plan.spoil(None);
    jobs.stop();
    let left = [lease(&url, "lake").unwrap(), lease(&url, &own).unwrap()];
    assert!(left.iter().all(|until| *until <= now()), "others wait for {left:?}");
}

#[test]
fn whoever_waits_for_new_rules_waits_no_longer_for_a_dead_node_than_its_stream_does() {
    let url = postgres::create_database();
    let (node, _) = planned(&url);
    let rule = json!({"id": "buyers", "name": "Buyers", "condition": "DID \"order\""});
    node.post("/api/audiences", &rule).ok();
    let _jobs = jobs(&node);
    node.advance(1);
    until("nobody asks history", || lease(&url, "audiences").is_some());
    let now = node.clock.now().micros();
    assert!(lease(&url, "audiences").unwrap() <= now + 15_000_000);
}

#[test]
fn one_node_at_a_time_cares_for_the_files() {
    let nodes = nodes(2);
    let _jobs: Vec<Jobs> = nodes.iter().map(jobs).collect();
    nodes.iter().for_each(|node| node.advance(30));
    until("they do not look", || nodes.iter().all(|node| runs(node, "care", "done") > 0));
    let holds = |node: &&TestApp| {
        node.app().telemetry.render().contains("kith_job_leases{task=\"care\"} 1\n")
    };
    assert_eq!(nodes.iter().filter(holds).count(), 1);
}
