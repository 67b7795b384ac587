//! Audiences where several nodes write: whoever is due leaves, whichever node goes on.

use std::time::{Duration, Instant};

use kith::jobs::Jobs;
use kith::warming::Warming;
use serde_json::{Value, json};

use super::nodes;
use crate::support::TestApp;

#[track_caller]
fn until(what: &str, nodes: &[TestApp], is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(30), "{what}");
        std::thread::sleep(Duration::from_millis(5));
        nodes.iter().for_each(|node| node.clock.advance(Duration::from_millis(200)));
    }
}

fn does(node: &TestApp, session: &str) -> String {
    node.track(json!({"session": {"id": session}, "events": [{"type": "order"}]})).ok().profile()
}

fn standing(node: &TestApp, person: &str) -> Value {
    let body = node.get(&format!("/api/profiles/{person}/audiences")).ok().body;
    body["audiences"][0].clone()
}

#[test]
fn what_happens_at_two_nodes_is_counted_once_and_whoever_is_due_leaves_when_one_is_gone() {
    let mut nodes = nodes(2);
    let mut jobs: Vec<Jobs> =
        nodes.iter().map(|node| Jobs::start(node.app(), None).unwrap()).collect();
    let condition = "DID \"order\" AT LEAST 2 TIMES WITHIN 1h";
    nodes[0]
        .post("/api/audiences", &json!({"id": "often", "name": "Often", "condition": condition}))
        .ok();
    until("it is not warmed", &nodes, || {
        nodes[1].get("/api/audiences/often").ok().body["state"] == "live"
    });
    let ann = does(&nodes[0], "ann");
    assert_eq!(does(&nodes[1], "ann"), ann);
    assert_eq!(standing(&nodes[0], &ann)["is_in"], true);
    assert_eq!(standing(&nodes[1], &ann)["why"]["did"]["found"], 2);
    drop(jobs.remove(0));
    drop(nodes.remove(0));
    nodes[0].advance(3_599);
    until("she does not leave", &nodes, || standing(&nodes[0], &ann)["is_in"] == false);
    let members = nodes[0].get("/api/audiences/often/members").ok().body;
    assert_eq!(members["result"], json!([]));
}

/// The other one goes by what was before for a moment.
#[test]
fn who_changes_under_the_rules_of_before_is_held_against_those_of_now() {
    let nodes = nodes(2);
    nodes.iter().for_each(|node| node.app().registry.sign().unwrap());
    let named = |name: &str| {
        let events =
            json!([{"type": "profile-update", "properties": {"pii": {"firstname": name}}}]);
        nodes[1].track(json!({"session": {"id": "ann"}, "events": events})).ok().profile()
    };
    let ann = named("Bea");
    let condition = "profile@data.pii.firstname = \"Ann\"";
    nodes[0]
        .post("/api/audiences", &json!({"id": "anns", "name": "Anns", "condition": condition}))
        .ok();
    let mut warming = Warming::new(nodes[0].app());
    let mut work = || while nodes[0].wait(warming.next()).unwrap() {};
    work();
    assert_eq!(named("Ann"), ann);
    nodes.iter().for_each(|node| node.advance(6));
    work();
    assert_eq!(standing(&nodes[0], &ann)["is_in"], true);
}
