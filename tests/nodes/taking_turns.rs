//! What only one node does at a time, and when.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use kith::lake::Keeper;
use serde_json::json;

use super::nodes;
use crate::support::TestApp;

fn keeper(node: &TestApp) -> Keeper {
    let app = node.app();
    let (lake, committer) = (Arc::clone(&app.lake), app.committer.clone());
    Keeper::start(lake, committer, Arc::clone(&app.registry), app.hashing.clone()).unwrap()
}

#[test]
fn a_person_is_erased_when_no_node_can_be_writing_about_them_any_more() {
    let nodes = nodes(2);
    let keepers: Vec<Keeper> = nodes.iter().map(keeper).collect();
    let visit = json!({"session": {"id": "s"}, "events": [{"type": "page-view"}]});
    let person = nodes[0].track(visit).ok().profile();
    let reply = nodes[0].delete(&format!("/api/profiles/{person}"));
    let address = format!("/api/erasures/{}", reply.body["erasure"].as_str().unwrap());
    let is_done = || nodes[1].get(&address).ok().body["status"] == "done";
    nodes.iter().for_each(|node| node.advance(55));
    thread::sleep(Duration::from_millis(1500));
    assert!(!is_done(), "rounds of the other node may be under way");
    nodes.iter().for_each(|node| node.advance(6));
    let begun = Instant::now();
    while !is_done() {
        assert!(begun.elapsed() < Duration::from_secs(20), "nobody erases them");
        thread::sleep(Duration::from_millis(50));
    }
    keepers.into_iter().for_each(Keeper::stop);
}
